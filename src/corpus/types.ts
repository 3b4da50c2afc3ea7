/** A paper as the corpus knows it (newest version of its arXiv id). */
export interface CorpusPaper {
  paper_id: number
  arxiv_id: string
  version: number
  title: string
  abstract: string
  authors: string
  categories: string
  published_at: string | null
  pdf_url: string | null
}

/** What metadata say of a paper beside its text; null where a corpus does not hold it. */
export interface PaperRecord {
  doi: string | null
  journal_ref: string | null
  comment: string | null
  license: string | null
}

/** A row to seed: a paper and its place in the queue. */
export interface SeedCandidate extends CorpusPaper {
  priority: number
}

export interface Neighbor {
  arxiv_id: string
  title: string
  /** bm25() of FTS5: the lower, the nearer. */
  bm25: number
  fmr_score: number | null
  cited_by_count: number | null
  max_h_index: number | null
  published_at: string | null
}

/** Numbers about the neighbourhood of one paper, for prompts and the report. */
export interface CorpusSignals {
  neighbors_considered: number
  neighbors_used: number
  query_terms: string[]
  avg_fmr_score: number | null
  avg_cited_by_count: number | null
  max_h_index: number | null
}

export interface Neighborhood {
  signals: CorpusSignals
  neighbors: Neighbor[]
  /** Why there are no neighbours; absent when there are some. */
  note?: string
}
