import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { EXIT, RpaError } from '../../core/errors.js'
import { dialectOf } from '../engine/dialect.js'
import type { OpenDatabase } from '../engine/open-database.js'
import type { Db } from '../engine/prepared.js'
import { inTransaction } from '../engine/steps.js'
import { leasedExecutions } from '../executions/working.js'
import type { CopiedTable, StoredRow } from './copy-tables.js'
import { copiedTables, storableRow } from './copy-tables.js'

/** Rows of one transaction: some megabytes at most, and fewer parameters than either engine takes. */
const PAGE = 200

export interface CopyOptions {
  stop: AbortSignal
  /** Is told what is being done to which table, and how many of its rows are. */
  onProgress: (doing: 'copying' | 'comparing', table: string, rows: number, of: number) => void
}

export interface CopyResult {
  source: string
  target: string
  /** Rows of each table in the target. */
  rows: Record<string, number>
  /** Rows that this run has copied; the others were there from one before. */
  copied: number
  /** Whether every row was read back and found to be the source's. False: stopped before. */
  verified: boolean
}

/**
 * Copies a whole project into an empty DB, or goes on with a copy that was broken off, and compares every row.
 *
 * Rows go in the order of their keys, a page a transaction, so what an earlier run has copied is the beginning of each
 * table: where it is anything else, the target is somebody's.
 *
 * @throws RpaError `db_in_use` if papers are being worked on in the source; `db_not_empty` for a target with rows of its
 * own; `copy_differs` if the source was changed meanwhile.
 */
export async function copyDatabase(
  source: OpenDatabase,
  target: OpenDatabase,
  { stop, onProgress }: CopyOptions,
): Promise<CopyResult> {
  await requireIdle(source)
  const tables = copiedTables()
  const begun = new Map<string, Progress>()
  for (const table of tables) begun.set(table.name, await progressOf(source, target, table))
  const result: CopyResult = {
    source: source.place,
    target: target.place,
    rows: {},
    copied: 0,
    verified: false,
  }
  const all = new Map<string, number>()
  for (const table of tables) {
    const of = (await upTo(source.db, table, null)).rows
    all.set(table.name, of)
    const { after, rows } = begun.get(table.name) ?? { after: null, rows: 0 }
    result.rows[table.name] = rows
    for await (const page of pages(source.db, table, after)) {
      if (stop.aborted) return result
      await inTransaction(target.db, async (trx) => insert(trx, table, page))
      result.rows[table.name] = (result.rows[table.name] ?? 0) + page.length
      result.copied += page.length
      onProgress('copying', table.name, result.rows[table.name] ?? 0, of)
    }
    const numbered = table.columns.get(table.key)?.startsWith('integer') === true ? table.key : null
    for (const statement of dialectOf(target.db).afterCopy(table.name, numbered))
      await statement.execute(target.db)
  }
  for (const table of tables) {
    const tell = (rows: number): void =>
      onProgress('comparing', table.name, rows, all.get(table.name) ?? rows)
    if (!(await isSame(source, target, table, stop, tell))) return result
  }
  return { ...result, verified: true }
}

async function requireIdle({ db, clock, place }: OpenDatabase): Promise<void> {
  const live = (await leasedExecutions(db, clock.now())).filter((row) => row.live)
  const [first] = live
  if (first === undefined) return
  throw new RpaError(
    'db_in_use',
    `${live.length} papers of ${place} are being worked on, ${first.arxiv_id} for one.`,
    {
      hint: 'Stop what works with it (rpa status shows what does), then copy.',
      exitCode: EXIT.tempfail,
    },
  )
}

interface Progress {
  /** The last key that is there; null: none. */
  after: string | number | null
  rows: number
}

async function progressOf(source: OpenDatabase, target: OpenDatabase, table: CopiedTable): Promise<Progress> {
  const there = await upTo(target.db, table, null)
  if (there.after === null) return there
  if ((await upTo(source.db, table, there.after)).rows === there.rows) return there
  throw new RpaError(
    'db_not_empty',
    `${target.place} is not empty: its table ${table.name} has rows that are not from ${source.place}.`,
    {
      hint: 'Copy into a new database.',
      exitCode: EXIT.config,
    },
  )
}

/** Returns the last key up to a limit, and how many rows there are. */
async function upTo(db: Db, { name, key }: CopiedTable, limit: string | number | null): Promise<Progress> {
  const bounded = limit === null ? sql`` : sql` where ${sql.ref(key)} <= ${limit}`
  const { rows } = await sql<Progress>`
    select max(${sql.ref(key)}) as after, count(*) as rows from ${sql.table(name)}${bounded}`.execute(db)
  const [found] = rows
  return { after: found?.after ?? null, rows: Number(found?.rows ?? 0) }
}

async function* pages(db: Db, table: CopiedTable, from: string | number | null): AsyncGenerator<StoredRow[]> {
  const { name, key, columns } = table
  const list = sql.join([...columns.keys()].map((column) => sql.ref(column)))
  for (let after = from; ;) {
    const beyond = after === null ? sql`` : sql` where ${sql.ref(key)} > ${after}`
    const { rows } = await sql<StoredRow>`
      select ${list} from ${sql.table(name)}${beyond} order by ${sql.ref(key)} limit ${sql.lit(PAGE)}`.execute(
      db,
    )
    const last = rows.at(-1)?.[key]
    if (typeof last !== 'string' && typeof last !== 'number') return
    yield rows.map((row) => storableRow(table, row))
    after = last
  }
}

async function insert(trx: Db, { name, columns }: CopiedTable, rows: readonly StoredRow[]): Promise<void> {
  const list = sql.join([...columns.keys()].map((column) => sql.ref(column)))
  const values = rows.map(
    (row) => sql`(${sql.join([...columns.keys()].map((column) => row[column] ?? null))})`,
  )
  await sql`insert into ${sql.table(name)} (${list}) values ${sql.join(values)}`.execute(trx)
}

/** Returns false if it was stopped before the end. */
async function isSame(
  source: OpenDatabase,
  target: OpenDatabase,
  table: CopiedTable,
  stop: AbortSignal,
  onProgress: (rows: number) => void,
): Promise<boolean> {
  const copies = pages(target.db, table, null)
  let compared = 0
  for await (const page of pages(source.db, table, null)) {
    if (stop.aborted) return false
    const copy = await copies.next()
    const rows = copy.done === true ? [] : copy.value
    if (digest(rows) !== digest(page)) throw differs(source, target, table, page, rows)
    onProgress((compared += page.length))
  }
  const more = await copies.next()
  if (more.done !== true) throw differs(source, target, table, [], more.value)
  return true
}

function digest(rows: readonly StoredRow[]): string {
  const hash = createHash('sha256')
  for (const row of rows) {
    for (const value of Object.values(row)) {
      if (typeof value === 'object' && value !== null) hash.update(`b${value.length}:`).update(value)
      else hash.update(JSON.stringify(value)).update(',')
    }
  }
  return hash.digest('hex')
}

function differs(
  source: OpenDatabase,
  target: OpenDatabase,
  { name, key }: CopiedTable,
  page: readonly StoredRow[],
  copy: readonly StoredRow[],
): RpaError {
  const place = page.findIndex((row, index) => digest([row]) !== digest(copy.slice(index, index + 1)))
  const row = page[Math.max(0, place)] ?? copy[0]
  return new RpaError(
    'copy_differs',
    `The copy in ${target.place} differs from ${source.place}: table ${name}, ${key} ${String(row?.[key])}.`,
    { hint: 'The source was changed meanwhile, or the target was: copy once more, into a new database.' },
  )
}
