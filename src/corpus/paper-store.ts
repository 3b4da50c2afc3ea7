import BetterSqlite3 from 'better-sqlite3'
import { resolve } from 'node:path'
import { isoTime, type Clock } from '../core/clock.js'
import { makeFolderOf } from '../core/make-folders.js'
import { completeSchema } from './create.js'
import { corpusErrorOf, corpusForeign } from './errors.js'
import type { ImportedPaper } from './import-types.js'
import { categoryList, oneLine } from './papers.js'
import { columnsOf, isEmptyDatabase, missingForCorpus } from './schema-check.js'

export type StoreOutcome = 'inserted' | 'updated' | 'unchanged'

/** A corpus open for import. */
export interface PaperStore {
  /** Stores papers in one transaction and returns what became of each. */
  write(papers: readonly ImportedPaper[]): StoreOutcome[]
  /** How many papers (not versions) the corpus holds. */
  count(): number
  close(): void
}

const BUSY_TIMEOUT_MS = 30_000
/** The fields that may change without a new version. */
const AMENDABLE = [
  'title',
  'abstract',
  'categories',
  'primary_category',
  'doi',
  'journal_ref',
  'comment',
] as const

type StoredRow = Pick<ImportedPaper, 'version'> & { id: number } & Record<
    (typeof AMENDABLE)[number],
    string | null
  >

/**
 * Opens a corpus for import, making it (and its folder) if there is none. Throws ConfigError `corpus_foreign` for a
 * file that is anything else, `corpus_unreadable` when it cannot be opened.
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
    throw corpusErrorOf(path, error)
  }
}

function prepareStore(path: string, db: BetterSqlite3.Database, clock: Clock): PaperStore {
  if (isEmptyDatabase(db)) db.pragma('journal_mode = WAL')
  else {
    const missing = missingForCorpus(db)
    if (missing !== null) throw corpusForeign(path, missing)
  }
  db.pragma('synchronous = NORMAL')
  db.pragma('cache_size = -65536')
  completeSchema(db)
  const store = storer(db, clock)
  const writeAll = db.transaction((papers: readonly ImportedPaper[]) => papers.map(store))
  const counter = db.prepare<[], { papers: number }>('SELECT count(DISTINCT arxiv_id) AS papers FROM papers')
  return {
    write: (papers) => {
      try {
        return writeAll.immediate(papers)
      } catch (error) {
        throw corpusErrorOf(path, error)
      }
    },
    count: () => counter.get()?.papers ?? 0,
    close: () => db.close(),
  }
}

function storer(db: BetterSqlite3.Database, clock: Clock): (paper: ImportedPaper) => StoreOutcome {
  const columns = columnsOf(db, 'papers')
  const amendable = AMENDABLE.filter((name) => columns.has(name))
  const newest = db.prepare<[string], StoredRow>(
    `SELECT id, version, ${amendable.join(', ')} FROM papers WHERE arxiv_id = ? ORDER BY version DESC LIMIT 1`,
  )
  const amend = db.prepare(
    `UPDATE papers SET ${amendable.map((name) => `${name} = @${name}`).join(', ')} WHERE id = @id`,
  )
  const insert = insertion(db, columns, clock)
  return (paper) => {
    const stored = newest.get(paper.arxiv_id)
    if (stored === undefined || stored.version < paper.version) {
      insert(paper)
      return stored === undefined ? 'inserted' : 'updated'
    }
    const amended = stored.version === paper.version ? amendment(stored, paper) : null
    if (amended === null) return 'unchanged'
    amend.run({ ...amended, id: stored.id })
    return 'updated'
  }
}

function insertion(
  db: BetterSqlite3.Database,
  columns: ReadonlySet<string>,
  clock: Clock,
): (paper: ImportedPaper) => void {
  const source = db.prepare<[], { id: number }>("SELECT id FROM sources WHERE name = 'arxiv'").get()?.id ?? 1
  const row = (paper: ImportedPaper, now: string): Record<string, string | number | null> => {
    const page = `https://export.arxiv.org/abs/${paper.arxiv_id}v${paper.version}`
    const urls = { entry_url: page, abstract_url: page }
    return { ...paper, ...urls, ingested_at: now, last_seen_at: now, source_id: source }
  }
  let statement: BetterSqlite3.Statement<unknown[]> | undefined
  const enqueue = db.prepare(
    "INSERT OR IGNORE INTO paper_queue (paper_id, status, priority, enqueued_at) VALUES (?, 'pending', 0, ?)",
  )
  return (paper) => {
    const now = isoTime(clock.now())
    const values = row(paper, now)
    const names = Object.keys(values).filter((name) => columns.has(name))
    statement ??= db.prepare(
      `INSERT INTO papers (${names.join(', ')}) VALUES (${names.map((name) => `@${name}`).join(', ')})`,
    )
    enqueue.run(statement.run(values).lastInsertRowid, now)
  }
}

/**
 * Returns the amended fields of a stored version, null when nothing differs. Line breaks and the form in which
 * categories are written make no difference, so a crawler's rows stay as they are; nothing known is taken away.
 */
function amendment(stored: StoredRow, paper: ImportedPaper): Record<string, string | null> | null {
  const fields: Record<string, string | null> = {}
  let differs = false
  for (const name of AMENDABLE) {
    const before = stored[name] ?? null
    const after = paper[name]
    const same =
      after === null ||
      after === '' ||
      before === after ||
      comparable(name, before) === comparable(name, after)
    fields[name] = same ? before : after
    if (!same) differs = true
    if (!same && name === 'categories' && before?.startsWith('[') === true) {
      fields[name] = JSON.stringify(categoryList(after))
    }
  }
  return differs ? fields : null
}

function comparable(name: string, value: string | null): string {
  return name === 'categories' ? categoryList(value).join(' ') : oneLine(value)
}
