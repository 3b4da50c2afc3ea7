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
  retracted: boolean | null
}

/** A row to seed: a paper and its place in the queue. */
export interface SeedCandidate extends CorpusPaper {
  priority: number
}

export interface Neighbor {
  paper_id: number
  arxiv_id: string
  title: string
  abstract: string
  /** bm25() of FTS5: the lower, the nearer. */
  bm25: number
  fmr_score: number | null
  cited_by_count: number | null
  max_h_index: number | null
  published_at: string | null
  /** As OpenAlex says; null where it was not asked, or does not know. */
  retracted: boolean | null
}

/** Why there are neighbours, or none. */
export type NeighborStatus = 'ok' | 'no_index' | 'broken_index' | 'no_terms' | 'no_match' | 'nothing_near'

/** Numbers about the neighbourhood of one paper, for prompts and the report; null where the corpus knows none. */
export interface CorpusSignals {
  status: NeighborStatus
  neighbors_considered: number
  neighbors_used: number
  query_terms: string[]
  avg_fmr_score: number | null
  avg_cited_by_count: number | null
  max_h_index: number | null
  /** The rest under the names of the earlier tool: the query as FTS5 gets it … */
  neighbor_query: string
  avg_neighbor_fmr: number | null
  max_neighbor_fmr: number | null
  avg_neighbor_citations: number | null
  max_neighbor_citations: number | null
  max_neighbor_author_h_index: number | null
  neighbor_titles: string[]
  /** … and one sentence. */
  summary: string
}

export interface Neighborhood {
  signals: CorpusSignals
  neighbors: Neighbor[]
  /** Why there are no neighbours; absent when there are some. */
  note?: string
}
