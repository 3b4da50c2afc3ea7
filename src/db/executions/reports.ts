import { isObject } from '../../core/json.js'
import { loadJson, storeJson, storeJsonSteps } from '../checkpoints/blobs.js'
import { DamageError, damagedPaper } from '../checkpoints/damage.js'
import type { Db } from '../engine/prepared.js'
import type { ExecutionsTable } from '../engine/schema.js'
import type { Steps } from '../engine/steps.js'
import { inTransaction } from '../engine/steps.js'

/** A paper that has a report. */
export type ReportRow = Pick<
  ExecutionsTable,
  | 'execution_id'
  | 'status'
  | 'arxiv_id'
  | 'title'
  | 'updated_at'
  | 'result_path'
  | 'report'
  | 'newer_version'
  | 'withdrawn_at'
  | 'redone_version'
  | 'redone_at'
>

const COLUMNS = [
  'execution_id',
  'status',
  'arxiv_id',
  'title',
  'updated_at',
  'result_path',
  'report',
  'newer_version',
  'withdrawn_at',
  'redone_version',
  'redone_at',
] as const

const PAGE = 200

/** Returns what to store of a report, in the transaction that also stores the returned text. */
export async function storeReport(trx: Db, markdown: string): Promise<string> {
  return storeJson(trx, { markdown })
}

/** The same as steps of a transaction. */
export function storeReportSteps(markdown: string): Steps<string> {
  return storeJsonSteps({ markdown })
}

/**
 * Puts another text in the place of a report that is stored, where it is still that of `row` and nobody works on the paper.
 *
 * @returns whether it did.
 */
export async function replaceReport(
  db: Db,
  row: Pick<ReportRow, 'execution_id' | 'report'>,
  markdown: string,
): Promise<boolean> {
  return inTransaction(db, async (trx) => {
    const { numUpdatedRows } = await trx
      .updateTable('executions')
      .set({ report: await storeReport(trx, markdown) })
      .where('execution_id', '=', row.execution_id)
      .where('status', '=', 'done')
      .where('report', '=', row.report)
      .executeTakeFirst()
    return Number(numUpdatedRows) === 1
  })
}

/**
 * Returns the Markdown of a report, or null where the DB does not hold it.
 *
 * @throws RpaError `db_corrupt`, naming the paper, if it is not what was stored.
 */
export async function readReport(
  db: Db,
  { report, execution_id: id }: Pick<ReportRow, 'execution_id' | 'report'>,
): Promise<string | null> {
  if (report === null) return null
  const value = await loadJson(db, report, id).catch(async (error: unknown) => {
    throw error instanceof SyntaxError
      ? await damagedPaper(db, id, new DamageError('the report is no JSON', error))
      : error
  })
  if (isObject(value) && typeof value['markdown'] === 'string') return value['markdown']
  throw await damagedPaper(db, id, new DamageError('the report is no text'))
}

/**
 * Yields the papers with a report, by arXiv id, in pages: nobody's transaction has to last as long as the reading. A paper that is
 * redone, or goes through another pipeline, has its report until there is a new one.
 */
export async function* reportRows(db: Db): AsyncGenerator<ReportRow> {
  for (let after = ''; ;) {
    const rows = await db
      .selectFrom('executions')
      .select(COLUMNS)
      .where((eb) =>
        eb.or([
          eb('status', '=', 'done'),
          eb('redone_version', 'is not', null),
          eb('report', 'is not', null),
        ]),
      )
      .where('arxiv_id', '>', after)
      .orderBy('arxiv_id')
      .limit(PAGE)
      .execute()
    yield* rows
    const last = rows.at(-1)
    if (last === undefined) return
    after = last.arxiv_id
  }
}

/** Returns the rows of some executions, with or without a report, in the order given. */
export async function reportRowsOf(db: Db, executionIds: readonly string[]): Promise<ReportRow[]> {
  const rows: ReportRow[] = []
  for (const id of executionIds) {
    const row = await db
      .selectFrom('executions')
      .select(COLUMNS)
      .where('execution_id', '=', id)
      .executeTakeFirst()
    if (row !== undefined) rows.push(row)
  }
  return rows
}
