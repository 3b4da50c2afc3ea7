import type BetterSqlite3 from 'better-sqlite3'
import { isoTime, type Clock } from '../core/clock.js'
import type { ImportedPaper, MetadataRecord } from './formats/types.js'
import { categoryList, oneLine } from './papers.js'
import { columnsOf } from './schema-check.js'

/** `inserted`: a paper the corpus did not know; `updated`: a newer version or amended metadata. */
export type StoreOutcome = 'inserted' | 'updated' | 'unchanged' | 'removed'

/** The fields that may change without a new version. */
const AMENDABLE = [
  'title',
  'abstract',
  'categories',
  'primary_category',
  'doi',
  'journal_ref',
  'comment',
  'license',
  'withdrawn',
] as const

type Value = string | number | null
type StoredRow = { id: number; version: number; updated_at: string | null } & Partial<
  Record<(typeof AMENDABLE)[number], Value>
>

/** Returns a function that stores one record in an open corpus. */
export function rowStorer(
  db: BetterSqlite3.Database,
  clock: Clock,
): (record: MetadataRecord) => StoreOutcome {
  const columns = columnsOf(db, 'papers')
  const amendable = AMENDABLE.filter((name) => columns.has(name))
  const updated = columns.has('updated_at') ? 'updated_at' : 'NULL AS updated_at'
  const newest = db.prepare<[string], StoredRow>(
    `SELECT id, version, ${updated}, ${amendable.join(', ')} FROM papers WHERE arxiv_id = ? ORDER BY version DESC LIMIT 1`,
  )
  const amend = db.prepare(
    `UPDATE papers SET ${amendable.map((name) => `${name} = @${name}`).join(', ')} WHERE id = @id`,
  )
  const insert = insertion(db, columns, clock)
  const remove = columns.has('withdrawn')
    ? db.prepare('UPDATE papers SET withdrawn = 1 WHERE id = ? AND withdrawn = 0')
    : null
  return (record) => {
    if ('removed' in record) {
      const stored = newest.get(record.removed)
      return stored !== undefined && remove !== null && remove.run(stored.id).changes > 0
        ? 'removed'
        : 'unchanged'
    }
    const stored = newest.get(record.arxiv_id)
    const version = record.version ?? guessedVersion(stored, record)
    if (stored === undefined || stored.version < version) {
      insert(record, version)
      return stored === undefined ? 'inserted' : 'updated'
    }
    const amended = stored.version === version ? amendment(stored, record, amendable) : null
    if (amended === null) return 'unchanged'
    amend.run({ ...amended, id: stored.id })
    return 'updated'
  }
}

/** Two clocks may put one moment on two days. */
const SAME_VERSION_MS = 2 * 86_400_000

/** The version that metadata without one describe: the stored one, or the next where they are of a later day. */
function guessedVersion(stored: StoredRow | undefined, { updated_at }: ImportedPaper): number {
  if (stored === undefined) return 1
  const later = Date.parse(updated_at ?? '') - Date.parse(stored.updated_at ?? '')
  return later >= SAME_VERSION_MS ? stored.version + 1 : stored.version
}

function insertion(
  db: BetterSqlite3.Database,
  columns: ReadonlySet<string>,
  clock: Clock,
): (paper: ImportedPaper, version: number) => void {
  const source = db.prepare<[], { id: number }>("SELECT id FROM sources WHERE name = 'arxiv'").get()?.id ?? 1
  const row = (paper: ImportedPaper, version: number, now: string): Record<string, Value> => {
    const page = `https://export.arxiv.org/abs/${paper.arxiv_id}v${version}`
    return {
      ...paper,
      version,
      withdrawn: paper.withdrawn ? 1 : 0,
      pdf_url: `https://export.arxiv.org/pdf/${paper.arxiv_id}${paper.version === null ? '' : `v${version}`}`,
      entry_url: page,
      abstract_url: page,
      ingested_at: now,
      last_seen_at: now,
      source_id: source,
    }
  }
  let statement: BetterSqlite3.Statement<unknown[]> | undefined
  const enqueue = db.prepare(
    "INSERT OR IGNORE INTO paper_queue (paper_id, status, priority, enqueued_at) VALUES (?, 'pending', 0, ?)",
  )
  return (paper, version) => {
    const now = isoTime(clock.now())
    const values = row(paper, version, now)
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
function amendment(
  stored: StoredRow,
  paper: ImportedPaper,
  amendable: readonly (typeof AMENDABLE)[number][],
): Record<string, Value> | null {
  const fields: Record<string, Value> = {}
  let differs = false
  for (const name of amendable) {
    const before = stored[name] ?? null
    const after = name === 'withdrawn' ? Math.max(Number(before), Number(paper.withdrawn)) : paper[name]
    const same =
      after === null ||
      after === '' ||
      before === after ||
      (typeof after === 'string' && comparable(name, before) === comparable(name, after))
    fields[name] = same ? before : after
    if (!same) differs = true
    if (!same && name === 'categories' && typeof before === 'string' && before.startsWith('[')) {
      fields[name] = JSON.stringify(categoryList(String(after)))
    }
  }
  return differs ? fields : null
}

function comparable(name: string, value: Value): string {
  const text = value === null ? null : String(value)
  return name === 'categories' ? categoryList(text).join(' ') : oneLine(text)
}
