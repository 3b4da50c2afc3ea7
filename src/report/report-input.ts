import type { Computed } from './facts/computed.js'
import type { FactChecker } from './facts/fact-check.js'
import type { Grounding } from './facts/grounding.js'
import type { PaperKind } from './paper/kind.js'
import type { Tag } from './terms/tags.js'

/** What is known of the paper. Text may come from anywhere and is escaped on the way into the report. */
export interface ReportPaper {
  arxiv_id: string
  version?: number | null | undefined
  title: string
  authors?: string | null | undefined
  categories?: string | null | undefined
  published_at?: string | null | undefined
  /** Default: the paper's page on arxiv.org. */
  source_url?: string | null | undefined
  abstract?: string | null | undefined
  /** As the metadata say: where it was printed, under what it may be used, what the authors remark. */
  doi?: string | null | undefined
  /** Id and version on arXiv's stamp, of a PDF that was seeded itself. */
  arxiv_stamp?: string | null | undefined
  journal_ref?: string | null | undefined
  license?: string | null | undefined
  comment?: string | null | undefined
  retracted?: boolean | undefined
  /** As the paper prints them; of one that is in no corpus. */
  affiliations?: readonly string[] | undefined
  keywords?: readonly string[] | undefined
  pages?: number | null | undefined
  reference_count?: number | null | undefined
}

/** A near paper of the corpus. */
export interface ReportNeighbor {
  arxiv_id: string
  title: string
  /** What it is about, a sentence of its abstract. */
  line?: string | null | undefined
  retracted?: boolean | null | undefined
}

/** Numbers about the paper's neighbourhood in the corpus. */
export interface ReportSignals {
  neighbors_considered?: number | null | undefined
  neighbors_used?: number | null | undefined
  avg_fmr_score?: number | null | undefined
  avg_cited_by_count?: number | null | undefined
  max_h_index?: number | null | undefined
}

/** How the report came about. */
export interface Provenance {
  /** Version of rpa. */
  rpa_version: string
  /** Phase → fingerprint of the machine, agents and prompts it ran with. */
  config_versions?: Readonly<Record<string, string>> | undefined
  /** `lean`: written in one request; `full`: by a writer for each part. */
  pipeline?: string | null | undefined
  /** Counts the reports of this paper, from 1. */
  report_version?: number | null | undefined
  /** Where the report of the version before lies, from the folder of reports. */
  earlier_report?: string | null | undefined
  /** Writer (or `repair`) → the model that really answered, as the provider says. */
  models: Readonly<Record<string, string | null | undefined>>
  /** Writers whose answers were extracted, no model asked; default: those whose model name begins with `offline`. */
  offline_writers?: readonly string[] | undefined
  requests: { cheap: number; expensive: number }
  /** Time spent in all phases, milliseconds. */
  duration_ms?: number | null | undefined
  /** ISO-8601; becomes `created_at`. */
  finished_at: string
  extractor?: string | null | undefined
  /** Hex digest of the paper's text as it was read. */
  text_sha256?: string | null | undefined
  pdf_sha256?: string | null | undefined
  pdf_source?: string | null | undefined
  /** Writer (or `repair`) → titles of the paper's sections that its model was not given whole, the paper being too long. */
  text_cut?: Readonly<Record<string, readonly string[]>> | undefined
  /** Characters nobody could see in the PDF, left out. */
  hidden_characters?: number | null | undefined
  /** Phrases in the paper that address a model. */
  injection?: readonly string[] | null | undefined
  repaired?: boolean | undefined
}

/** What became known of a paper beside what was read. */
export interface KnownChanges {
  /** The newest version that is known of; null: none later than the one that was read. */
  newer_version: number | null
  /** ISO-8601 UTC text. */
  withdrawn_at: string | null
}

export interface ReportInput {
  paper: ReportPaper
  /** Heading → body; with the core contribution. */
  sections: ReadonlyMap<string, string>
  /** Heading → writer or `repair`, where a section does not come from the writer that owes it. */
  sources?: ReadonlyMap<string, string> | undefined
  signals?: ReportSignals | null | undefined
  neighbors?: readonly ReportNeighbor[] | null | undefined
  tags: readonly string[]
  /** What speaks for each tag. */
  tag_scores?: readonly Tag[] | undefined
  provenance: Provenance
  /** What is known of the paper beside what was read. */
  changes?: KnownChanges | null | undefined
  /** What the paper mainly gives. */
  kind?: PaperKind | undefined
  /** The text the models were given; without it the report's grounding is not checked. */
  paper_text?: string | null | undefined
  /** Looks facts up in that text, where that was begun already. */
  checker?: FactChecker | undefined
}

/** What a machine can say about a report without asking a model. */
export interface ReportQuality {
  complete: boolean
  /** Headings without a real body. */
  incomplete: string[]
  repaired: boolean
  words: number
  grounding: Grounding | null
  /** What writers have worked out, checked. */
  computed: Computed
  /** What the report says more often than once is enough: so many numbers and caveats. */
  repeats: { numbers: number; caveats: number }
  injection: string[]
}

export interface AssembledReport {
  markdown: string
  /** What stands between the `---` lines, as data. */
  frontmatter: Record<string, unknown>
  quality: ReportQuality
}
