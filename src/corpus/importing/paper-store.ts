import BetterSqlite3 from 'better-sqlite3'
import { resolve } from 'node:path'
import { random } from '../../core/chance.js'
import type { Clock } from '../../core/clock.js'
import { systemCode } from '../../core/errors.js'
import { makeFolderOf } from '../../core/files/make-folders.js'
import { completeSchema, deferIndex, finishIndex, isIndexBehind } from './create.js'
import { corpusErrorOf, corpusForeign, onCorpus, isLocked } from '../errors.js'
import type { MetadataRecord } from '../formats/types.js'
import { isEmptyDatabase, isOwnCorpus, missingForCorpus } from '../features.js'
import type { MetRows } from './met-rows.js'
import { rowStorer, type StoreOutcome } from './stored-rows.js'

/** A corpus open for import. */
export interface PaperStore {
  /**
   * Stores records in one transaction, with what is to be remembered then, and returns what became of each; with `met`,
   * of two that say different things of one version the one that was changed later stands.
   */
  write(
    records: readonly MetadataRecord[],
    options?: { state?: { key: string; value: unknown }; met?: MetRows },
  ): StoreOutcome[]
  /** Returns what `write` remembered last under a key, null for nothing. */
  state<T>(key: string): T | null
  /** Returns whether the corpus holds some version of a paper. */
  has(arxivId: string): boolean
  noteRun(run: CrawlRun): void
  /** Indexes what `write` left for the end; before that, which takes a while, it calls `onIndexing`. */
  finish(onIndexing?: () => void): void
  /** How many papers (not versions) the corpus holds. */
  count(): number
  close(): void
}

/** A row of the crawler's table of runs. */
export interface CrawlRun {
  started_at: string
  finished_at: string
  status: 'success' | 'failed'
  query: string
  fetched_count: number
  new_count: number
  updated_count: number
  error: string | null
}

const BUSY_TIMEOUT_MS = 30_000
/** From so many new rows on, and half as many as there were, the whole index is made faster than the rest row by row. */
const MANY_ROWS = 10_000

/**
 * Opens a corpus for import, making it (and its folder) if there is none. Throws ConfigError `corpus_foreign` for a
 * file that is anything else, `corpus_unwritable` when it cannot be opened for that.
 */
export function openPaperStore(path: string, clock: Clock): PaperStore {
  const file = resolve(path)
  makeFolderOf(file, 'choose another place with --corpus')
  try {
    const db = new BetterSqlite3(file, { timeout: BUSY_TIMEOUT_MS })
    try {
      return prepareStore(path, db, clock)
    } catch (error) {
      db.close()
      throw error
    }
  } catch (error) {
    throw corpusErrorOf(path, error, true)
  }
}

/** Switching a new file to WAL does not use the busy timeout, so that two processes that make it together must try again. */
function writeAhead(db: BetterSqlite3.Database): void {
  const deadline = performance.now() + BUSY_TIMEOUT_MS
  for (;;) {
    try {
      db.pragma('journal_mode = WAL')
      return
    } catch (error) {
      if (!isLocked(systemCode(error) ?? '') || performance.now() > deadline) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2 + random() * 20)
    }
  }
}

function prepareStore(path: string, db: BetterSqlite3.Database, clock: Clock): PaperStore {
  if (isEmptyDatabase(db)) writeAhead(db)
  else {
    const missing = missingForCorpus(db)
    if (missing !== null) throw corpusForeign(path, missing)
  }
  db.pragma('synchronous = NORMAL')
  db.pragma('cache_size = -65536')
  completeSchema(db)
  const store = rowStorer(db, clock)
  const remember = db.prepare('INSERT OR REPLACE INTO crawler_state (key, value) VALUES (?, ?)')
  const writeAll = db.transaction<PaperStore['write']>((records, { state, met } = {}) => {
    const outcomes = records.map((record) => store(record, met))
    if (state !== undefined) remember.run(state.key, JSON.stringify(state.value))
    return outcomes
  })
  const remembered = db.prepare<[string], { value: string }>('SELECT value FROM crawler_state WHERE key = ?')
  const known = db.prepare('SELECT 1 FROM papers WHERE arxiv_id = ?')
  const counter = db.prepare<[], { papers: number }>('SELECT count(DISTINCT arxiv_id) AS papers FROM papers')
  const before = Number(db.prepare('SELECT count(*) FROM papers').pluck().get())
  // A crawler's index is its own business.
  let mayDefer = isOwnCorpus(db)
  let inserted = 0
  const guarded = <T>(use: () => T): T => onCorpus(path, use)
  return {
    write: (records, options) =>
      guarded(() => {
        const outcomes = writeAll.immediate(records, options)
        inserted += outcomes.filter((outcome) => outcome === 'inserted').length
        if (mayDefer && inserted >= MANY_ROWS && inserted * 2 >= before) {
          deferIndex(db)
          mayDefer = false
        }
        return outcomes
      }),
    state: <T>(key: string) => {
      const row = guarded(() => remembered.get(key))
      return row === undefined ? null : (JSON.parse(row.value) as T)
    },
    has: (arxivId) => guarded(() => known.get(arxivId)) !== undefined,
    noteRun: (run) => guarded(() => noteRun(db, run)),
    finish: (onIndexing) =>
      guarded(() => {
        if (!isIndexBehind(db)) return
        onIndexing?.()
        finishIndex(db)
      }),
    count: () => counter.get()?.papers ?? 0,
    close: () => db.close(),
  }
}

function noteRun(db: BetterSqlite3.Database, run: CrawlRun): void {
  db.prepare(
    `INSERT INTO crawl_runs (source_id, started_at, finished_at, status, query, fetched_count, new_count, updated_count, error)
     SELECT id, @started_at, @finished_at, @status, @query, @fetched_count, @new_count, @updated_count, @error
     FROM sources WHERE name = 'arxiv'`,
  ).run(run)
}
