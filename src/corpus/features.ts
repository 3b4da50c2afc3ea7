import type BetterSqlite3 from 'better-sqlite3'

/** What a corpus file offers; features that are missing are done without. */
export interface CorpusFeatures {
  /** Made by an import of ours; any other file belongs to a crawler. */
  own: boolean
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
  /** `openalex_lookups`, which marks what was retracted. */
  retractions: boolean
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
    own: isOwnCorpus(db),
    paperColumns: columnsOf(db, 'papers'),
    queueColumns: queue.has('paper_id') && queue.has('status') ? queue : null,
    fts: hasFullText(db),
    scoreColumns: relevance.has('paper_id') ? SCORES.filter((name) => relevance.has(name)) : [],
    citations: has('paper_citations', 'paper_id', 'cited_by_count'),
    retractions: has('openalex_lookups', 'paper_id', 'retracted'),
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

/** `rpac`: marks files that an import made (https://sqlite.org/pragma.html#pragma_application_id). */
export const OWN_APPLICATION_ID = 0x72706163

/** The table as imports made it before they marked their files. */
const UNMARKED_PAPERS = `CREATE TABLE papers (
    id INTEGER PRIMARY KEY, arxiv_id TEXT NOT NULL, version INTEGER NOT NULL, title TEXT NOT NULL,
    abstract TEXT NOT NULL, authors TEXT NOT NULL, categories TEXT NOT NULL, primary_category TEXT,
    published_at TEXT, updated_at TEXT, pdf_url TEXT, entry_url TEXT, abstract_url TEXT, doi TEXT,
    journal_ref TEXT, comment TEXT, llm_relevant INTEGER NOT NULL DEFAULT 0,
    disable_summary INTEGER NOT NULL DEFAULT 0, ingested_at TEXT NOT NULL, last_seen_at TEXT NOT NULL,
    source_id INTEGER NOT NULL REFERENCES sources(id), crawl_run_id INTEGER REFERENCES crawl_runs(id),
    UNIQUE (arxiv_id, version)
  )`

/** Returns whether a corpus was made by an import of ours, and not by a crawler. */
export function isOwnCorpus(db: BetterSqlite3.Database): boolean {
  if (db.pragma('application_id', { simple: true }) === OWN_APPLICATION_ID) return true
  const row = db
    .prepare<[], { sql: string | null }>(
      "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'papers'",
    )
    .get()
  return row?.sql === UNMARKED_PAPERS
}
