import type { PipelineName, StatusCounts } from '../../core/phases.js'
import {
  BUSY_STATUSES,
  LIFE_STATUSES,
  PIPELINE_NAMES,
  READY_STATUSES,
  isPipelineName,
} from '../../core/phases.js'
import type { Db } from '../engine/prepared.js'
import type { Status } from '../engine/schema.js'

/** Executions in each status, by the pipeline they go through. */
export type PipelineCounts = Readonly<Record<PipelineName, StatusCounts>>

/** Returns the number of executions in each status, by pipeline: one look at an index. */
export async function countByPipeline(db: Db): Promise<PipelineCounts> {
  const rows = await db
    .selectFrom('executions')
    .select(['status', 'pipeline', (eb) => eb.fn.countAll<number>().as('n')])
    .groupBy(['status', 'pipeline'])
    .execute()
  const none = () => Object.fromEntries(LIFE_STATUSES.map((status) => [status, 0])) as StatusCounts
  const counts = Object.fromEntries(PIPELINE_NAMES.map((name) => [name, none()])) as Record<
    PipelineName,
    StatusCounts
  >
  for (const { status, pipeline, n } of rows) {
    // Of a damaged row, which is named where it is claimed.
    if (isPipelineName(pipeline)) counts[pipeline][status] = Number(n)
  }
  return counts
}

/** Returns the pipelines that some paper has still to go through; before there is one, the full one. */
export function pipelinesInUse(counts: PipelineCounts): readonly PipelineName[] {
  const open = [...READY_STATUSES, ...BUSY_STATUSES]
  const used = PIPELINE_NAMES.filter((name) => open.some((status) => counts[name][status] > 0))
  return used.length === 0 ? ['full'] : used
}

/** Returns the executions of all pipelines together in each status. */
export function countsTogether(counts: PipelineCounts): StatusCounts {
  const all = {} as StatusCounts
  for (const name of PIPELINE_NAMES) {
    for (const [status, n] of Object.entries(counts[name]) as [keyof StatusCounts, number][])
      all[status] = (all[status] ?? 0) + n
  }
  return all
}

/** Where a paper may be given another pipeline: who is at work on it, or has put it aside, is not disturbed. */
export const MOVABLE: readonly Status[] = [...READY_STATUSES, 'done']

const PAGE = 500

/** Yields the papers that could go on through a pipeline and do not, page by page, by execution id. */
export async function* movableTo(
  db: Db,
  pipeline: PipelineName,
): AsyncGenerator<{ execution_id: string; arxiv_id: string }[]> {
  for (let after = ''; ;) {
    const page = await db
      .selectFrom('executions')
      .select(['execution_id', 'arxiv_id'])
      .where('status', 'in', [...MOVABLE])
      .where('pipeline', '!=', pipeline)
      .where('execution_id', '>', after)
      .orderBy('execution_id')
      .limit(PAGE)
      .execute()
    if (page.length > 0) yield page
    const last = page.at(-1)
    if (last === undefined || page.length < PAGE) return
    after = last.execution_id
  }
}
