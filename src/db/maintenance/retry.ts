import { isoTime } from '../../core/clock.js'
import { OUTPUT_COLUMNS, PHASES } from '../../core/phases.js'
import type { Execution } from '../executions/executions.js'
import { countFailures } from '../executions/executions.js'
import type { NamedExecution } from '../executions/named.js'
import { requireExecutions } from '../executions/named.js'
import { readResults, statusByResults } from '../executions/results.js'
import type { Db } from '../engine/prepared.js'
import type { Status } from '../engine/schema.js'
import { inTransaction } from '../engine/steps.js'

export interface RetryFilter {
  /** arXiv or execution ids; empty: any. */
  ids: readonly string[]
  /** Null: any. */
  errorClass: string | null
}

export interface RetryOptions {
  /** Tries after which a paper is left alone. */
  maxAttempts: number
  now: number
  dryRun: boolean
}

export interface RetryResult {
  considered: number
  retried: number
  /** Failed too often. */
  exhausted: number
  /** Papers that were named and have not failed. */
  not_failed?: NamedExecution[]
  /** The classes of all failed papers, where the filter fits none of them. */
  classes?: { error_class: string; count: number }[]
  executions: {
    arxiv_id: string
    execution_id: string
    status: Status
    attempts: number
    error_class: string | null
  }[]
}

const BATCH = 500

/**
 * Puts failed executions back to the status from which their stored results let them go on.
 *
 * @throws UsageError `unknown_paper` for an id that names none; RpaError `db_corrupt` if the results of one are damaged: it must not be paid for again for that.
 */
export async function retryFailed(db: Db, filter: RetryFilter, options: RetryOptions): Promise<RetryResult> {
  const result: RetryResult = { considered: 0, retried: 0, exhausted: 0, executions: [] }
  let failed: string[] | null = null
  if (filter.ids.length > 0) {
    const rows = await requireExecutions(db, filter.ids)
    failed = rows.filter(({ status }) => status === 'failed').map((row) => row.execution_id)
    result.not_failed = rows.filter(({ status }) => status !== 'failed')
    if (failed.length === 0) return result
  }
  let after = ''
  for (;;) {
    const rows = await failedExecutions(db, failed, filter.errorClass, after)
    for (const row of rows) {
      result.considered += 1
      const named = filter.ids.length > 0
      if (row.attempts >= options.maxAttempts && !named) {
        result.exhausted += 1
        continue
      }
      const status = await statusOf(db, row.execution_id)
      if (!options.dryRun && !(await putBack(db, row.execution_id, status, named, options.now))) continue
      result.retried += 1
      const { arxiv_id, execution_id, attempts, error_class } = row
      result.executions.push({ arxiv_id, execution_id, status, attempts, error_class })
    }
    const last = rows.at(-1)
    if (last === undefined)
      return result.considered > 0 ? result : { ...result, classes: await countFailures(db) }
    after = last.execution_id
  }
}

type Failed = Pick<Execution, 'execution_id' | 'arxiv_id' | 'attempts' | 'error_class'>

async function failedExecutions(
  db: Db,
  among: readonly string[] | null,
  errorClass: string | null,
  after: string,
): Promise<Failed[]> {
  return db
    .selectFrom('executions')
    .select(['execution_id', 'arxiv_id', 'attempts', 'error_class'])
    .where('status', '=', 'failed')
    .where('execution_id', '>', after)
    .$if(errorClass !== null, (query) => query.where('error_class', '=', errorClass))
    .$if(among !== null, (query) => query.where('execution_id', 'in', among ?? []))
    .orderBy('execution_id')
    .limit(BATCH)
    .execute()
}

async function statusOf(db: Db, executionId: string): Promise<Status> {
  const row = await db
    .selectFrom('executions')
    .select(['execution_id', ...OUTPUT_COLUMNS])
    .where('execution_id', '=', executionId)
    .executeTakeFirst()
  return row === undefined ? PHASES.prep.from : statusByResults(await readResults(db, row))
}

/** A paper that somebody names gets all its tries back. */
async function putBack(
  db: Db,
  executionId: string,
  status: Status,
  named: boolean,
  now: number,
): Promise<boolean> {
  const result = await inTransaction(db, (trx) =>
    trx
      .updateTable('executions')
      .set({ status, updated_at: isoTime(now), error: null, error_class: null, not_before: null })
      .$if(named, (query) => query.set({ attempts: 0 }))
      .where('execution_id', '=', executionId)
      .where('status', '=', 'failed')
      .executeTakeFirst(),
  )
  return Number(result.numUpdatedRows) === 1
}
