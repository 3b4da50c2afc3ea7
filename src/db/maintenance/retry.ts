import { isoTime } from '../../core/clock.js'
import type { PipelineName } from '../../core/phases.js'
import { OUTPUT_COLUMNS, PHASES } from '../../core/phases.js'
import type { Execution } from '../executions/executions.js'
import { countFailures } from '../executions/executions.js'
import type { NamedExecution } from '../executions/named.js'
import { requireExecutions } from '../executions/named.js'
import { MOVABLE } from '../executions/pipelines.js'
import type { StoredResults } from '../executions/results.js'
import { missingOf, readResults, statusByResults } from '../executions/results.js'
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
  /** Which machines are run for them from now on; undefined: those that were. */
  pipeline?: PipelineName | undefined
}

export interface RetryResult {
  considered: number
  retried: number
  /** Failed too often. */
  exhausted: number
  /** The first five of them. */
  exhausted_first?: string[]
  /** Papers that were named, have not failed, and go on as they did. */
  not_failed?: NamedExecution[]
  /** The classes of all failed papers, where the filter fits none of them. */
  classes?: { error_class: string; count: number }[]
  executions: {
    arxiv_id: string
    execution_id: string
    status: Status
    pipeline: PipelineName
    attempts: number
    error_class: string | null
  }[]
}

const BATCH = 500
const SHOWN = 5

/**
 * Puts failed executions back to the status from which their stored results let them go on. With a pipeline they go on through
 * that one, and papers that are named do so whether they failed or not: what was paid for is kept, and only what it lacks is asked.
 * Where the full one has begun to ask, nothing would be saved by the lean one: such papers stay in theirs.
 *
 * @throws UsageError `unknown_paper` for an id that names none; RpaError `db_corrupt` if the results of one are damaged: it must not be paid for again for that.
 */
export async function retryFailed(db: Db, filter: RetryFilter, options: RetryOptions): Promise<RetryResult> {
  const result: RetryResult = { considered: 0, retried: 0, exhausted: 0, executions: [] }
  let failed: string[] | null = null
  if (filter.ids.length > 0) {
    const rows = await requireExecutions(db, filter.ids)
    const others = rows.filter(({ status }) => status !== 'failed')
    const moved = await movePipeline(db, others, options)
    const ids = new Set(moved.map((row) => row.execution_id))
    result.considered = result.retried = moved.length
    result.executions.push(...moved)
    result.not_failed = others.filter((row) => !ids.has(row.execution_id))
    failed = rows.filter(({ status }) => status === 'failed').map((row) => row.execution_id)
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
        if (result.exhausted <= SHOWN) (result.exhausted_first ??= []).push(row.arxiv_id)
        continue
      }
      const { status, pipeline } = await nextOf(db, row, options.pipeline)
      const change = { from: 'failed', status, pipeline, named } as const
      if (!options.dryRun && !(await putBack(db, row.execution_id, change, options.now))) continue
      result.retried += 1
      const { arxiv_id, execution_id, attempts, error_class } = row
      result.executions.push({ arxiv_id, execution_id, status, pipeline, attempts, error_class })
    }
    const last = rows.at(-1)
    if (last === undefined)
      return result.considered > 0 ? result : { ...result, classes: await countFailures(db) }
    after = last.execution_id
  }
}

const COLUMNS = ['execution_id', 'arxiv_id', 'status', 'pipeline', 'attempts', 'error_class'] as const

type Failed = Pick<Execution, (typeof COLUMNS)[number]>

async function failedExecutions(
  db: Db,
  among: readonly string[] | null,
  errorClass: string | null,
  after: string,
): Promise<Failed[]> {
  return db
    .selectFrom('executions')
    .select(COLUMNS)
    .where('status', '=', 'failed')
    .where('execution_id', '>', after)
    .$if(errorClass !== null, (query) => query.where('error_class', '=', errorClass))
    .$if(among !== null, (query) => query.where('execution_id', 'in', among ?? []))
    .orderBy('execution_id')
    .limit(BATCH)
    .execute()
}

/** Gives papers that have not failed another pipeline; returns those that it changed. */
async function movePipeline(
  db: Db,
  named: readonly NamedExecution[],
  { pipeline, dryRun, now }: RetryOptions,
): Promise<RetryResult['executions']> {
  const moved: RetryResult['executions'] = []
  if (pipeline === undefined) return moved
  for (const { execution_id: id } of named) {
    const row = await db
      .selectFrom('executions')
      .select(COLUMNS)
      .where('execution_id', '=', id)
      .executeTakeFirst()
    if (row === undefined || !MOVABLE.includes(row.status) || row.pipeline === pipeline) continue
    const next = await nextOf(db, row, pipeline)
    if (next.pipeline !== pipeline) continue
    const change = { ...next, from: row.status, named: true }
    if (!dryRun && !(await putBack(db, id, change, now))) continue
    moved.push({ ...row, ...next, attempts: Number(row.attempts) })
  }
  return moved
}

interface Next {
  status: Status
  pipeline: PipelineName
}

/** Returns where a paper goes on, and through which pipeline, if it is to be this one. */
async function nextOf(db: Db, paper: Failed, wanted: PipelineName | undefined): Promise<Next> {
  const row = await db
    .selectFrom('executions')
    .select(['execution_id', 'redone_at', ...OUTPUT_COLUMNS])
    .where('execution_id', '=', paper.execution_id)
    .executeTakeFirst()
  if (row === undefined) return { status: PHASES.prep.from, pipeline: paper.pipeline }
  const results = await readResults(db, row)
  const stays = wanted === undefined || (wanted === 'lean' && (await costsMoreLean(db, row, results)))
  const pipeline = stays ? paper.pipeline : wanted
  return { status: statusByResults(results, pipeline), pipeline }
}

/** The lean request would be one more where questions of the full analysis are answered, all of them or some. */
async function costsMoreLean(
  db: Db,
  { execution_id: id, redone_at: since }: Pick<Execution, 'execution_id' | 'redone_at'>,
  { analyze }: StoredResults,
): Promise<boolean> {
  if (missingOf('analyze', analyze, 'full').length === 0) return true
  if (missingOf('analyze', analyze, 'lean').length === 0) return false
  const answered = await db
    .selectFrom('llm_calls')
    .select('call_id')
    .where('execution_id', '=', id)
    .where('phase', '=', 'analyze')
    .where('outcome', '=', 'ok')
    .$if(since !== null, (query) => query.where('started_at', '>=', since))
    .limit(1)
    .executeTakeFirst()
  return answered !== undefined
}

interface Change extends Next {
  from: Status
  named: boolean
}

/** A paper that somebody names gets all its tries back. */
async function putBack(db: Db, executionId: string, change: Change, now: number): Promise<boolean> {
  const { from, status, pipeline, named } = change
  const result = await inTransaction(db, (trx) =>
    trx
      .updateTable('executions')
      .set({ status, pipeline, updated_at: isoTime(now), error: null, error_class: null, not_before: null })
      .$if(named, (query) => query.set({ attempts: 0 }))
      .$if(from !== 'failed', (query) => query.set({ interrupted_at: null }))
      .where('execution_id', '=', executionId)
      .where('status', '=', from)
      .executeTakeFirst(),
  )
  return Number(result.numUpdatedRows) === 1
}
