import BetterSqlite3 from 'better-sqlite3'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { openCorpus, type Corpus } from '../../src/corpus/open.js'

/** A row of `papers` as a crawler writes it, with what belongs to it in other tables. */
export interface CrawledPaper {
  arxiv_id: string
  version?: number
  title?: string
  abstract?: string
  authors?: string
  categories?: string
  published_at?: string | null
  updated_at?: string | null
  pdf_url?: string | null
  disable_summary?: number
  /** Row of `paper_queue`; default pending with priority 0, null: none. */
  queue?: { status?: string; priority?: number; enqueued_at?: string } | null
  fmr_score?: number
  /** `cited_by_count` by source. */
  citations?: Record<string, number>
  /** h-index of each author. */
  h_index?: readonly (number | null)[]
}

export interface CrawlerCorpusOptions {
  /** Journal mode the crawler left; default `wal`, as crawlers do. */
  journal?: 'wal' | 'delete'
  /** `papers_fts` and its triggers; default true. */
  fullText?: boolean
  /** `paper_queue`; default true. */
  queue?: boolean
  /** Tables with scores, citations and authors; default true. */
  enriched?: boolean
}

const PAPERS = `
  CREATE TABLE sources (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, base_url TEXT NOT NULL);
  INSERT INTO sources VALUES (1, 'arxiv', 'https://export.arxiv.org/api/query');
  CREATE TABLE papers (id INTEGER PRIMARY KEY, arxiv_id TEXT NOT NULL, version INTEGER NOT NULL,
    title TEXT NOT NULL, abstract TEXT NOT NULL, authors TEXT NOT NULL, categories TEXT NOT NULL,
    primary_category TEXT, published_at TEXT, updated_at TEXT, pdf_url TEXT, entry_url TEXT,
    abstract_url TEXT, doi TEXT, journal_ref TEXT, comment TEXT, llm_relevant INTEGER NOT NULL DEFAULT 0,
    disable_summary INTEGER NOT NULL DEFAULT 0, ingested_at TEXT NOT NULL, last_seen_at TEXT NOT NULL,
    source_id INTEGER NOT NULL REFERENCES sources(id), crawl_run_id INTEGER, UNIQUE (arxiv_id, version));
`
const QUEUE = `
  CREATE TABLE paper_queue (id INTEGER PRIMARY KEY, paper_id INTEGER NOT NULL UNIQUE REFERENCES papers(id),
    status TEXT NOT NULL DEFAULT 'pending', priority INTEGER NOT NULL DEFAULT 0, enqueued_at TEXT NOT NULL,
    started_at TEXT, finished_at TEXT, worker TEXT, summary_path TEXT, error TEXT);
`
const ENRICHED = `
  CREATE TABLE paper_relevance (paper_id INTEGER PRIMARY KEY REFERENCES papers(id), fmr_score REAL NOT NULL,
    priority_score REAL, scored_at TEXT NOT NULL, fmr_2024 REAL);
  CREATE TABLE paper_citations (paper_id INTEGER NOT NULL REFERENCES papers(id), source TEXT NOT NULL,
    cited_by_count INTEGER NOT NULL DEFAULT 0, retrieved_at TEXT NOT NULL, PRIMARY KEY (paper_id, source));
  CREATE TABLE authors (openalex_id TEXT PRIMARY KEY, display_name TEXT NOT NULL, h_index INTEGER);
  CREATE TABLE paper_authors (paper_id INTEGER NOT NULL REFERENCES papers(id),
    author_openalex_id TEXT NOT NULL REFERENCES authors(openalex_id), author_position INTEGER NOT NULL,
    PRIMARY KEY (paper_id, author_openalex_id));
`
const FULL_TEXT = `
  CREATE VIRTUAL TABLE papers_fts USING fts5(title, abstract, content='papers', content_rowid='id');
  CREATE TRIGGER papers_fts_ai AFTER INSERT ON papers BEGIN
    INSERT INTO papers_fts(rowid, title, abstract) VALUES (new.id, new.title, new.abstract);
  END;
  CREATE TRIGGER papers_fts_au AFTER UPDATE ON papers BEGIN
    INSERT INTO papers_fts(papers_fts, rowid, title, abstract) VALUES ('delete', old.id, old.title, old.abstract);
    INSERT INTO papers_fts(rowid, title, abstract) VALUES (new.id, new.title, new.abstract);
  END;
`
const CRAWLED_AT = '2025-06-01T06:00:00+00:00'

/** Makes a corpus as a crawler leaves it, closed, with nothing beside the file; returns the path. */
export function makeCrawlerCorpus(
  path: string,
  papers: readonly CrawledPaper[],
  options: CrawlerCorpusOptions = {},
): string {
  const db = new BetterSqlite3(path)
  try {
    db.pragma(`journal_mode = ${options.journal ?? 'wal'}`)
    const enriched = options.enriched ?? true
    const queue = options.queue ?? true
    db.exec(PAPERS)
    if (options.fullText ?? true) db.exec(FULL_TEXT)
    if (queue) db.exec(QUEUE)
    if (enriched) db.exec(ENRICHED)
    db.transaction(() => {
      for (const paper of papers) addCrawledPaper(db, paper, { queue, enriched })
    })()
  } finally {
    db.close()
  }
  return path
}

/** Adds a paper to an open crawler corpus; returns the id of its row. */
export function addCrawledPaper(
  db: BetterSqlite3.Database,
  paper: CrawledPaper,
  tables: { queue: boolean; enriched: boolean } = { queue: true, enriched: true },
): number {
  const version = paper.version ?? 1
  const row = {
    arxiv_id: paper.arxiv_id,
    version,
    title: paper.title ?? `A Study Numbered ${paper.arxiv_id}`,
    abstract: paper.abstract ?? '',
    authors: paper.authors ?? 'Ada Example; Ben Muster',
    categories: paper.categories ?? 'cs.CL cs.LG',
    published_at: paper.published_at === undefined ? '2025-01-02T10:00:00Z' : paper.published_at,
    updated_at: paper.updated_at ?? null,
    pdf_url:
      paper.pdf_url === undefined
        ? `https://export.arxiv.org/pdf/${paper.arxiv_id}v${version}`
        : paper.pdf_url,
    disable_summary: paper.disable_summary ?? 0,
  }
  const { lastInsertRowid } = db
    .prepare(
      `INSERT INTO papers (arxiv_id, version, title, abstract, authors, categories, published_at, updated_at, pdf_url,
         disable_summary, ingested_at, last_seen_at, source_id)
       VALUES (@arxiv_id, @version, @title, @abstract, @authors, @categories, @published_at, @updated_at, @pdf_url,
         @disable_summary, '${CRAWLED_AT}', '${CRAWLED_AT}', 1)`,
    )
    .run(row)
  const id = Number(lastInsertRowid)
  if (tables.queue && paper.queue !== null) {
    db.prepare('INSERT INTO paper_queue (paper_id, status, priority, enqueued_at) VALUES (?, ?, ?, ?)').run(
      id,
      paper.queue?.status ?? 'pending',
      paper.queue?.priority ?? 0,
      paper.queue?.enqueued_at ?? CRAWLED_AT,
    )
  }
  if (tables.enriched) addEnrichment(db, id, paper)
  return id
}

function addEnrichment(db: BetterSqlite3.Database, id: number, paper: CrawledPaper): void {
  if (paper.fmr_score !== undefined) {
    db.prepare(
      `INSERT INTO paper_relevance (paper_id, fmr_score, scored_at) VALUES (?, ?, '${CRAWLED_AT}')`,
    ).run(id, paper.fmr_score)
  }
  for (const [source, count] of Object.entries(paper.citations ?? {})) {
    db.prepare(`INSERT INTO paper_citations VALUES (?, ?, ?, '${CRAWLED_AT}')`).run(id, source, count)
  }
  for (const [position, hIndex] of (paper.h_index ?? []).entries()) {
    const author = `https://openalex.org/A${id}${position}`
    db.prepare('INSERT INTO authors VALUES (?, ?, ?)').run(author, `Author ${position}`, hIndex)
    db.prepare('INSERT INTO paper_authors VALUES (?, ?, ?)').run(id, author, position)
  }
}

/** Returns a temp folder that is removed when the current test is done. */
export function corpusFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rpa-test-corpus-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Returns the names and checksums of a file and everything beside it that belongs to it. */
export function fingerprint(path: string): Record<string, string> {
  const folder = dirname(path)
  const names = readdirSync(folder).filter((name) => name.startsWith(basename(path)))
  return Object.fromEntries(
    names.sort().map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex'),
    ]),
  )
}

/** Returns a crawler's corpus of these papers, open for reading until the running test ends. */
export function corpusOf(papers: readonly CrawledPaper[], options: CrawlerCorpusOptions = {}): Corpus {
  const corpus = openCorpus(makeCrawlerCorpus(join(corpusFolder(), 'arxiv.sqlite'), papers, options))
  onTestFinished(() => corpus.close())
  return corpus
}
