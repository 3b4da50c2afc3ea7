import type BetterSqlite3 from 'better-sqlite3'
import { isoTime, type Clock } from '../../core/clock.js'
import type { ImportedPaper, MetadataRecord } from '../formats/types.js'
import { dayNumber, type MetRows } from './met-rows.js'
import { categoryList, oneLine } from '../papers.js'
import { columnsOf } from '../features.js'

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

type Amendable = (typeof AMENDABLE)[number]
type Value = string | number | null
type StoredRow = {
  id: number
  version: number
  updated_at: string | null
  changed_at: string | null
} & Partial<Record<Amendable, Value>>

/** Returns a function that stores one record in an open corpus, as `PaperStore.write` does many. */
export function rowStorer(
  db: BetterSqlite3.Database,
  clock: Clock,
): (record: MetadataRecord, met?: MetRows) => StoreOutcome {
  const columns = columnsOf(db, 'papers')
  const amendable = AMENDABLE.filter((name) => columns.has(name))
  const times = ['updated_at', 'changed_at'].map((name) => (columns.has(name) ? name : `NULL AS ${name}`))
  const newest = db.prepare<[string], StoredRow>(
    `SELECT id, version, ${times.join(', ')}, ${amendable.join(', ')} FROM papers WHERE arxiv_id = ? ORDER BY version DESC LIMIT 1`,
  )
  const amend = db.prepare(
    `UPDATE papers SET ${[...amendable, ...(columns.has('changed_at') ? ['changed_at'] : [])]
      .map((name) => `${name} = @${name}`)
      .join(', ')} WHERE id = @id`,
  )
  const insert = insertion(db, columns, clock)
  const remove = columns.has('withdrawn')
    ? db.prepare('UPDATE papers SET withdrawn = 1 WHERE id = ? AND withdrawn = 0')
    : null
  return (record, met) => {
    if ('removed' in record) {
      const stored = newest.get(record.removed)
      return stored !== undefined && remove !== null && remove.run(stored.id).changes > 0
        ? 'removed'
        : 'unchanged'
    }
    const stored = newest.get(record.arxiv_id)
    const version = record.version ?? guessedVersion(stored, record)
    if (stored === undefined || stored.version < version) {
      const id = insert(record, version)
      met?.meet(id, record.changed_at)
      return stored === undefined ? 'inserted' : 'updated'
    }
    if (stored.version > version) return 'unchanged'
    const names = met === undefined ? amendable : amendableBy(stored, record, amendable, met)
    const amended = amendment(stored, record, names)
    if (amended === null) return 'unchanged'
    amend.run({ ...stored, ...amended, changed_at: later(record.changed_at, stored.changed_at) })
    return 'updated'
  }
}

/**
 * The fields that a record may amend: only what lacks where it was changed before what is stored, or where this import has
 * met the version and this was not changed later.
 */
function amendableBy(
  stored: StoredRow,
  record: ImportedPaper,
  names: readonly Amendable[],
  met: MetRows,
): readonly Amendable[] {
  const lately = met.dayOf(stored.id)
  const before = lately ?? dayNumber(stored.changed_at)
  const day = dayNumber(record.changed_at)
  const days = before === null || day === null ? 0 : day - before
  const lacking = names.filter((name) => !isKnown(stored[name]))
  if (days < 0) return lacking
  if (days > 0 || lately === undefined) {
    met.meet(stored.id, record.changed_at)
    return names
  }
  const conflicting = names.filter(
    (name) =>
      name !== 'withdrawn' && isKnown(stored[name]) && differs(name, stored[name] ?? null, record[name]),
  )
  // The primary one is the first of them.
  const told = conflicting.filter(
    (name) => name !== 'primary_category' || !conflicting.includes('categories'),
  )
  if (told.length > 0) met.onConflict(record, told)
  return names.filter((name) => name === 'withdrawn' || lacking.includes(name))
}

/** The later of two ISO texts. */
function later(one: string | null, other: string | null): string | null {
  return (one ?? '') > (other ?? '') ? one : other
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
): (paper: ImportedPaper, version: number) => number {
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
    const id = Number(statement.run(values).lastInsertRowid)
    enqueue.run(id, now)
    return id
  }
}

/**
 * Returns the amended fields of a stored version, null when nothing differs. Line breaks and the form in which
 * categories are written make no difference, so a crawler's rows stay as they are; nothing known is taken away.
 */
function amendment(
  stored: StoredRow,
  paper: ImportedPaper,
  amendable: readonly Amendable[],
): Record<string, Value> | null {
  const fields: Record<string, Value> = {}
  for (const name of amendable) {
    const before = stored[name] ?? null
    const after = name === 'withdrawn' ? Math.max(Number(before), Number(paper.withdrawn)) : paper[name]
    if (!differs(name, before, after)) continue
    const isList = name === 'categories' && typeof before === 'string' && before.startsWith('[')
    fields[name] = isList ? JSON.stringify(categoryList(String(after))) : after
  }
  return Object.keys(fields).length === 0 ? null : fields
}

/** Whether metadata say something else than what is stored; what says nothing does not. */
function differs(name: Amendable, before: Value, after: Value | boolean): boolean {
  if (after === null || after === '' || before === after) return false
  return typeof after !== 'string' || comparable(name, before) !== comparable(name, after)
}

function isKnown(value: Value | undefined): boolean {
  return value !== undefined && value !== null && value !== ''
}

function comparable(name: string, value: Value): string {
  const text = value === null ? null : String(value)
  return name === 'categories' ? categoryList(text).join(' ') : oneLine(text)
}
