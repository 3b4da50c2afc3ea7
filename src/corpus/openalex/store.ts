import BetterSqlite3 from 'better-sqlite3'
import { isoTime, type Clock } from '../../core/clock.js'
import { ConfigError } from '../../core/errors.js'
import { corpusErrorOf, corpusForeign, onCorpus } from '../errors.js'
import { IS_NEWEST } from '../papers.js'
import { isOwnCorpus, missingForCorpus } from '../features.js'
import type { Author, Work } from './client.js'

/** Name of the source in `paper_citations`, as the crawler writes it. */
const SOURCE = 'openalex'

/** The crawler's tables, without what it alone needs, and one of ours that says what was asked for and when. */
const TABLES = `
  CREATE TABLE IF NOT EXISTS paper_citations (
    paper_id INTEGER NOT NULL REFERENCES papers(id), source TEXT NOT NULL, cited_by_count INTEGER NOT NULL DEFAULT 0,
    retrieved_at TEXT NOT NULL, raw_json TEXT, PRIMARY KEY (paper_id, source)
  );
  CREATE TABLE IF NOT EXISTS authors (
    openalex_id TEXT PRIMARY KEY, display_name TEXT NOT NULL, orcid TEXT, h_index INTEGER, i10_index INTEGER,
    cited_by_count INTEGER, works_count INTEGER, affiliation_name TEXT, affiliation_ror TEXT,
    retrieved_at TEXT NOT NULL, raw_json TEXT
  );
  CREATE TABLE IF NOT EXISTS paper_authors (
    paper_id INTEGER NOT NULL REFERENCES papers(id), author_openalex_id TEXT NOT NULL REFERENCES authors(openalex_id),
    author_position INTEGER NOT NULL, is_corresponding BOOLEAN DEFAULT FALSE,
    PRIMARY KEY (paper_id, author_openalex_id)
  );
  CREATE TABLE IF NOT EXISTS openalex_lookups (
    paper_id INTEGER PRIMARY KEY REFERENCES papers(id), asked_at TEXT NOT NULL, works INTEGER NOT NULL,
    retracted INTEGER NOT NULL DEFAULT 0
  );
`

/** A row of `papers` to ask about. */
export interface AskedPaper {
  paper_id: number
  arxiv_id: string
  doi: string | null
}

/** What was found of a paper; no works: OpenAlex does not know it. */
export interface FoundPaper {
  paper_id: number
  works: Work[]
}

/** A corpus open for what OpenAlex says. */
export interface CitationStore {
  /** Returns the next newest versions of papers, by their rows, that were not asked about since `before` (ISO time). */
  next(after: number, before: string, most: number): AskedPaper[]
  /** The same of one paper; null where the corpus does not hold it, or it was asked about since. */
  named(arxivId: string, before: string): AskedPaper | null
  holds(arxivId: string): boolean
  /** Returns which authors were not asked about since `before`. */
  staleAuthors(ids: readonly string[], before: string): string[]
  /** Stores all that was found, in one transaction. */
  write(papers: readonly FoundPaper[], authors: readonly Author[]): void
  close(): void
}

const BUSY_TIMEOUT_MS = 30_000

/**
 * Opens a corpus of ours, and gives it the tables where they lack.
 *
 * @throws ConfigError `corpus_not_ours` for a crawler's file; `corpus_foreign`, `corpus_unreadable`.
 */
export function openCitationStore(path: string, clock: Clock): CitationStore {
  try {
    const db = new BetterSqlite3(path, { timeout: BUSY_TIMEOUT_MS, fileMustExist: true })
    try {
      const missing = missingForCorpus(db)
      if (missing !== null) throw corpusForeign(path, missing)
      if (!isOwnCorpus(db)) throw notOurs(path)
      db.transaction(() => db.exec(TABLES)).immediate()
      return storeOn(path, db, clock)
    } catch (error) {
      db.close()
      throw error
    }
  } catch (error) {
    throw corpusErrorOf(path, error, true)
  }
}

function notOurs(path: string): ConfigError {
  return new ConfigError('corpus_not_ours', `${path} is a crawler's file, which is only read.`, {
    hint: 'Let its crawler fill citations, or name a file of your own with --corpus.',
  })
}

function storeOn(path: string, db: BetterSqlite3.Database, clock: Clock): CitationStore {
  const columns = 'p.id AS paper_id, p.arxiv_id, p.doi'
  const isDue = 'NOT EXISTS (SELECT 1 FROM openalex_lookups l WHERE l.paper_id = p.id AND l.asked_at >= ?)'
  const next = db.prepare<[number, string, number], AskedPaper>(
    `SELECT ${columns} FROM papers p WHERE p.id > ? AND ${IS_NEWEST} AND ${isDue} ORDER BY p.id LIMIT ?`,
  )
  const named = db.prepare<[string, string], AskedPaper>(
    `SELECT ${columns} FROM papers p WHERE p.arxiv_id = ? AND ${IS_NEWEST} AND ${isDue}`,
  )
  const known = db.prepare('SELECT 1 FROM papers WHERE arxiv_id = ?')
  const fresh = db.prepare('SELECT 1 FROM authors WHERE openalex_id = ? AND retrieved_at >= ?')
  const writeAll = writer(db, clock)
  const guarded = <T>(use: () => T): T => onCorpus(path, use)
  return {
    next: (after, before, most) => guarded(() => next.all(after, before, most)),
    named: (arxivId, before) => guarded(() => named.get(arxivId, before) ?? null),
    holds: (arxivId) => guarded(() => known.get(arxivId)) !== undefined,
    staleAuthors: (ids, before) => guarded(() => ids.filter((id) => fresh.get(id, before) === undefined)),
    write: (papers, authors) => guarded(() => writeAll(papers, authors)),
    close: () => db.close(),
  }
}

function writer(db: BetterSqlite3.Database, clock: Clock): CitationStore['write'] {
  const author = db.prepare(`
    INSERT INTO authors (openalex_id, display_name, orcid, h_index, i10_index, cited_by_count, works_count, retrieved_at)
    VALUES (@id, @name, @orcid, @h_index, @i10_index, @cited_by_count, @works_count, @now)
    ON CONFLICT (openalex_id) DO UPDATE SET display_name = excluded.display_name, orcid = excluded.orcid,
      h_index = excluded.h_index, i10_index = excluded.i10_index, cited_by_count = excluded.cited_by_count,
      works_count = excluded.works_count, retrieved_at = excluded.retrieved_at`)
  // An author that the list of authors lacks: the next time it is asked for again.
  const named = db.prepare(
    "INSERT INTO authors (openalex_id, display_name, retrieved_at) VALUES (?, ?, '') ON CONFLICT DO NOTHING",
  )
  const cited = db.prepare(`
    INSERT INTO paper_citations (paper_id, source, cited_by_count, retrieved_at) VALUES (?, '${SOURCE}', ?, ?)
    ON CONFLICT (paper_id, source) DO UPDATE SET cited_by_count = excluded.cited_by_count, retrieved_at = excluded.retrieved_at`)
  const unlink = db.prepare('DELETE FROM paper_authors WHERE paper_id = ?')
  const link = db.prepare('INSERT INTO paper_authors VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING')
  const asked = db.prepare('INSERT OR REPLACE INTO openalex_lookups VALUES (?, ?, ?, ?)')
  const write = db.transaction<CitationStore['write']>((papers, authors) => {
    const now = isoTime(clock.now())
    for (const one of authors) author.run({ ...one, now })
    for (const { paper_id, works } of papers) {
      const retracted = works.some(({ is_retracted }) => is_retracted)
      asked.run(paper_id, now, works.length, retracted ? 1 : 0)
      if (works.length === 0) continue
      // A preprint and its printed version may be two works, whose citations overlap.
      cited.run(paper_id, Math.max(...works.map((work) => work.cited_by_count)), now)
      unlink.run(paper_id)
      for (const [at, one] of authorsOf(works).entries()) {
        named.run(one.id, one.name)
        link.run(paper_id, one.id, at + 1, one.corresponding ? 1 : 0)
      }
    }
  })
  return (papers, authors) => write.immediate(papers, authors)
}

/** Returns the authors of the work that names most of them. */
export function authorsOf(works: readonly Work[]): Work['authors'] {
  return works.reduce<Work['authors']>(
    (most, { authors }) => (authors.length > most.length ? authors : most),
    [],
  )
}
