import type BetterSqlite3 from 'better-sqlite3'

/** What a corpus file offers; features that are missing are done without. */
export interface CorpusFeatures {
  /** Columns of `papers`. */
  paperColumns: ReadonlySet<string>
  /** Columns of `paper_queue`; null: no queue. */
  queueColumns: ReadonlySet<string> | null
  /** `papers_fts` over title and abstract. */
  fts: boolean
  /** Score columns of `paper_relevance`, the preferred first; empty: no scores. */
  scoreColumns: readonly string[]
  citations: boolean
  /** `authors` with `h_index`, joined by `paper_authors`. */
  authors: boolean
}

/** Columns without which a `papers` table cannot be used. */
const REQUIRED = ['id', 'arxiv_id', 'version', 'title', 'abstract'] as const
const SCORES = ['fmr_score', 'fmr_2024', 'fmr_2023'] as const

/** Returns the column names of a table or view, in lower case; empty when there is no such table. */
export function columnsOf(db: BetterSqlite3.Database, table: string): ReadonlySet<string> {
  const rows = db.prepare<[string], { name: string }>('SELECT name FROM pragma_table_info(?)').all(table)
  return new Set(rows.map((row) => row.name.toLowerCase()))
}

/** Returns what a database lacks to be a corpus, as a phrase for a message; null: it is one. */
export function missingForCorpus(db: BetterSqlite3.Database): string | null {
  const columns = columnsOf(db, 'papers')
  if (columns.size === 0) return 'it has no table `papers`'
  const missing = REQUIRED.filter((name) => !columns.has(name))
  return missing.length === 0 ? null : `its table \`papers\` has no ${missing.join(', ')}`
}

/** Returns whether a database holds no table of anybody. */
export function isEmptyDatabase(db: BetterSqlite3.Database): boolean {
  return db.prepare('SELECT 1 FROM sqlite_master LIMIT 1').get() === undefined
}

/** Returns which optional tables and columns a corpus has. */
export function detectFeatures(db: BetterSqlite3.Database): CorpusFeatures {
  const queue = columnsOf(db, 'paper_queue')
  const relevance = columnsOf(db, 'paper_relevance')
  const has = (table: string, ...names: string[]): boolean => {
    const columns = columnsOf(db, table)
    return names.every((name) => columns.has(name))
  }
  return {
    paperColumns: columnsOf(db, 'papers'),
    queueColumns: queue.has('paper_id') && queue.has('status') ? queue : null,
    fts: hasFullText(db),
    scoreColumns: relevance.has('paper_id') ? SCORES.filter((name) => relevance.has(name)) : [],
    citations: has('paper_citations', 'paper_id', 'cited_by_count'),
    authors:
      has('authors', 'openalex_id', 'h_index') && has('paper_authors', 'paper_id', 'author_openalex_id'),
  }
}

/** Returns whether `papers_fts` is an FTS5 table. */
export function hasFullText(db: BetterSqlite3.Database): boolean {
  const row = db
    .prepare<[], { sql: string | null }>(
      "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'papers_fts'",
    )
    .get()
  return row?.sql != null && /using\s+fts5/i.test(row.sql)
}
