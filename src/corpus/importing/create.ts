import type BetterSqlite3 from 'better-sqlite3'
import { columnsOf, hasFullText, isOwnCorpus, OWN_APPLICATION_ID } from '../features.js'

/** The part of the crawler's schema an import fills, under its names, so that a crawler can go on with the file. */
const TABLES = `
  CREATE TABLE IF NOT EXISTS sources (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, base_url TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS crawl_runs (
    id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL REFERENCES sources(id), started_at TEXT NOT NULL,
    finished_at TEXT, status TEXT NOT NULL, query TEXT, categories TEXT, since TEXT,
    fetched_count INTEGER NOT NULL DEFAULT 0, new_count INTEGER NOT NULL DEFAULT 0,
    updated_count INTEGER NOT NULL DEFAULT 0, error TEXT
  );
  CREATE TABLE IF NOT EXISTS papers (
    id INTEGER PRIMARY KEY, arxiv_id TEXT NOT NULL, version INTEGER NOT NULL, title TEXT NOT NULL,
    abstract TEXT NOT NULL, authors TEXT NOT NULL, categories TEXT NOT NULL, primary_category TEXT,
    published_at TEXT, updated_at TEXT, pdf_url TEXT, entry_url TEXT, abstract_url TEXT, doi TEXT,
    journal_ref TEXT, comment TEXT, llm_relevant INTEGER NOT NULL DEFAULT 0,
    disable_summary INTEGER NOT NULL DEFAULT 0, ingested_at TEXT NOT NULL, last_seen_at TEXT NOT NULL,
    source_id INTEGER NOT NULL REFERENCES sources(id), crawl_run_id INTEGER REFERENCES crawl_runs(id),
    UNIQUE (arxiv_id, version)
  );
  CREATE TABLE IF NOT EXISTS paper_queue (
    id INTEGER PRIMARY KEY, paper_id INTEGER NOT NULL UNIQUE REFERENCES papers(id),
    status TEXT NOT NULL DEFAULT 'pending', priority INTEGER NOT NULL DEFAULT 0, enqueued_at TEXT NOT NULL,
    started_at TEXT, finished_at TEXT, worker TEXT, summary_path TEXT, error TEXT, claimed_by TEXT,
    claimed_at TEXT, attempts INTEGER DEFAULT 0, max_retries INTEGER DEFAULT 3
  );
  CREATE TABLE IF NOT EXISTS crawler_state (key TEXT PRIMARY KEY, value TEXT NOT NULL);
  INSERT OR IGNORE INTO sources (name, base_url) VALUES ('arxiv', 'https://export.arxiv.org/api/query');
`

const INDEXES = `
  CREATE INDEX idx_papers_updated_at ON papers(updated_at);
  CREATE INDEX idx_papers_published_at ON papers(published_at);
  CREATE INDEX idx_papers_disable_summary ON papers(disable_summary);
  CREATE INDEX idx_papers_llm_relevant ON papers(llm_relevant);
`

/** What the crawler's schema has no place for; only in files that an import made. */
const OWN_COLUMNS = `
  ALTER TABLE papers ADD COLUMN license TEXT;
  ALTER TABLE papers ADD COLUMN withdrawn INTEGER NOT NULL DEFAULT 0;
  PRAGMA application_id = ${OWN_APPLICATION_ID};
`

/** Files that were made before it lack it. */
const CHANGED = 'ALTER TABLE papers ADD COLUMN changed_at TEXT'

const FULL_TEXT = `
  CREATE VIRTUAL TABLE papers_fts USING fts5(title, abstract, content='papers', content_rowid='id');
  CREATE VIRTUAL TABLE IF NOT EXISTS papers_fts_vocab USING fts5vocab('papers_fts', 'row');
`
const INDEX_ALL = "INSERT INTO papers_fts(papers_fts) VALUES ('rebuild');"
const TRIGGERS = `
  CREATE TRIGGER IF NOT EXISTS papers_fts_ai AFTER INSERT ON papers BEGIN
    INSERT INTO papers_fts(rowid, title, abstract) VALUES (new.id, new.title, new.abstract);
  END;
  CREATE TRIGGER IF NOT EXISTS papers_fts_ad AFTER DELETE ON papers BEGIN
    INSERT INTO papers_fts(papers_fts, rowid, title, abstract) VALUES ('delete', old.id, old.title, old.abstract);
  END;
  CREATE TRIGGER IF NOT EXISTS papers_fts_au AFTER UPDATE ON papers BEGIN
    INSERT INTO papers_fts(papers_fts, rowid, title, abstract) VALUES ('delete', old.id, old.title, old.abstract);
    INSERT INTO papers_fts(rowid, title, abstract) VALUES (new.id, new.title, new.abstract);
  END;
`
const NO_TRIGGERS =
  'DROP TRIGGER IF EXISTS papers_fts_ai; DROP TRIGGER IF EXISTS papers_fts_ad; DROP TRIGGER IF EXISTS papers_fts_au;'

/**
 * Makes an empty database a corpus, and adds to an existing corpus the tables an import needs and the full-text index
 * if it has none (indexing what is there). Finishes an index that an import left behind. All or nothing; on a complete
 * corpus it writes nothing.
 */
export function completeSchema(db: BetterSqlite3.Database): void {
  db.transaction(() => {
    const fresh = !hasTable(db, 'papers')
    const complete = ['sources', 'crawl_runs', 'paper_queue', 'crawler_state'].every((name) =>
      hasTable(db, name),
    )
    if (fresh || !complete) db.exec(TABLES)
    if (fresh) db.exec(INDEXES)
    if (fresh || (isOwnCorpus(db) && !isMarked(db))) db.exec(OWN_COLUMNS)
    if (isOwnCorpus(db) && !columnsOf(db, 'papers').has('changed_at')) db.exec(CHANGED)
    if (!hasFullText(db)) db.exec(FULL_TEXT + TRIGGERS + INDEX_ALL)
    else if (isIndexBehind(db)) catchUp(db)
  }).immediate()
}

/** What the state table says while rows come in without being indexed. */
const BEHIND = 'rpa full text behind'

/**
 * Stops indexing row by row: many rows are indexed faster at once. Until `finishIndex` the index lacks what was added
 * since; should the process end before, the next one that opens the corpus for writing finishes it.
 */
export function deferIndex(db: BetterSqlite3.Database): void {
  db.transaction(() => {
    db.exec(NO_TRIGGERS)
    db.prepare('INSERT OR REPLACE INTO crawler_state (key, value) VALUES (?, ?)').run(BEHIND, '1')
  }).immediate()
}

/** Indexes what was added since `deferIndex`, if it was called and nobody else has done so. */
export function finishIndex(db: BetterSqlite3.Database): void {
  db.transaction(() => {
    if (isIndexBehind(db)) catchUp(db)
  }).immediate()
}

function catchUp(db: BetterSqlite3.Database): void {
  db.exec(INDEX_ALL + TRIGGERS)
  db.prepare('DELETE FROM crawler_state WHERE key = ?').run(BEHIND)
}

/** Returns whether rows came in that are not indexed yet. */
export function isIndexBehind(db: BetterSqlite3.Database): boolean {
  return db.prepare('SELECT 1 FROM crawler_state WHERE key = ?').get(BEHIND) !== undefined
}

function isMarked(db: BetterSqlite3.Database): boolean {
  return db.pragma('application_id', { simple: true }) === OWN_APPLICATION_ID
}

function hasTable(db: BetterSqlite3.Database, name: string): boolean {
  return db.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?").get(name) !== undefined
}
