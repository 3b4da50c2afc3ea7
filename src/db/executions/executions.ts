import type { Selectable } from 'kysely'
import { isoTime } from '../../core/clock.js'
import type { PipelineName, StatusCounts } from '../../core/phases.js'
import { LIFE_STATUSES, OUTPUT_COLUMNS, isPipelineName } from '../../core/phases.js'
import { storable } from '../../core/storable.js'
import { DamageError, damagedPaper } from '../checkpoints/damage.js'
import { checksum } from '../checkpoints/seal.js'
import { orderedUuid } from './ids.js'
import type { Db } from '../engine/prepared.js'
import { prepared } from '../engine/prepared.js'
import type { ExecutionsTable, Status } from '../engine/schema.js'
import { takeLocks, transact, type Steps } from '../engine/steps.js'

export type Execution = Selectable<ExecutionsTable>

/** What whoever works on a paper is told of it: every column takes time, and an earlier report is long. */
export const WORK_COLUMNS = [
  'execution_id',
  'arxiv_id',
  'paper_id',
  'title',
  'authors',
  'abstract',
  'paper_checksum',
  'status',
  'pipeline',
  'priority',
  'attempts',
  'source_text',
  ...OUTPUT_COLUMNS,
] as const

export type PaperInWork = Pick<Execution, (typeof WORK_COLUMNS)[number]>

/** Returns what whoever works on a paper is told of it. Throws where there is no such execution. */
export function paperInWork(db: Db, executionId: string): Promise<PaperInWork> {
  return db
    .selectFrom('executions')
    .select(WORK_COLUMNS)
    .where('execution_id', '=', executionId)
    .executeTakeFirstOrThrow()
}

export interface NewExecution {
  arxiv_id: string
  paper_id: number
  title: string
  authors: string
  abstract: string
  priority: number
  /** Default: full. */
  pipeline?: PipelineName | undefined
}

const insertExecution = prepared<
  Omit<NewExecution, 'pipeline'> & {
    pipeline: PipelineName
    execution_id: string
    checksum: string
    now: string
  },
  { execution_id: string }
>((db, p) =>
  db
    .insertInto('executions')
    .values({
      execution_id: p.execution_id,
      arxiv_id: p.arxiv_id,
      paper_id: p.paper_id,
      title: p.title,
      authors: p.authors,
      abstract: p.abstract,
      paper_checksum: p.checksum,
      status: 'pending',
      priority: p.priority,
      pipeline: p.pipeline,
      created_at: p.now,
      updated_at: p.now,
    })
    .onConflict((conflict) => conflict.column('arxiv_id').doNothing())
    .returning('execution_id'),
)

/**
 * Adds pending executions; papers that have one already are left as they are. Among equals of priority they are claimed
 * in the order in which they were given.
 *
 * @returns how many were new.
 */
export async function insertExecutions(
  db: Db,
  papers: readonly NewExecution[],
  now: number,
): Promise<number> {
  return transact(db, () => insertSteps(papers, now))
}

/** Steps of `insertExecutions`. */
export function* insertSteps(papers: readonly NewExecution[], now: number): Steps<number> {
  // Two that seed the same papers in another order would wait for one another.
  yield* takeLocks({ name: 'seed' })
  let inserted = 0
  for (const [place, given] of papers.entries()) {
    const paper = storablePaper(given)
    const row = { ...paper, execution_id: orderedUuid(now, place) }
    const rows = yield* insertExecution.step({
      ...row,
      priority: wholePriority(row.priority),
      pipeline: row.pipeline ?? 'full',
      checksum: rowChecksum(row),
      now: isoTime(now),
    })
    inserted += rows.length
  }
  return inserted
}

/** Returns the columns of a paper's metadata, with their checksum. */
export function metadataColumns(
  executionId: string,
  given: Metadata,
): Metadata & Pick<Execution, 'paper_checksum'> {
  const metadata = storablePaper(given)
  return { ...metadata, paper_checksum: rowChecksum({ ...metadata, execution_id: executionId }) }
}

const MOST_PRIORITY = 1e9

/** A crawler's queue may hold fractions, words, and numbers that no column of integers takes. */
function wholePriority(priority: unknown): number {
  const number = Math.round(Number(priority))
  return Number.isNaN(number) ? 0 : Math.max(-MOST_PRIORITY, Math.min(MOST_PRIORITY, number))
}

function storablePaper<T extends Metadata>(paper: T): T {
  const { title, authors, abstract } = paper
  return { ...paper, title: storable(title), authors: storable(authors), abstract: storable(abstract) }
}

/** What a corpus says of a paper. */
export type Metadata = Pick<Execution, 'arxiv_id' | 'paper_id' | 'title' | 'authors' | 'abstract'>

/** Marks a checksum that holds for the execution's id too: under another one its checkpoints would not be found. */
const WITH_ID = 'id:'

function rowChecksum(row: Metadata & Pick<Execution, 'execution_id'>): string {
  return `${WITH_ID}${checksum(`${row.execution_id}\0${metadataChecksum(row)}`)}`
}

function metadataChecksum({ arxiv_id, paper_id, title, authors, abstract }: Metadata): string {
  return checksum([arxiv_id, paper_id, title, authors, abstract].join('\0'))
}

/** @throws RpaError `db_corrupt` if a paper's metadata are not those that were stored, or its pipeline is none. */
export async function requireSoundRow(db: Db, execution: PaperInWork): Promise<void> {
  const fault = faultOf(execution)
  if (fault !== null) throw await damagedPaper(db, execution.execution_id, new DamageError(fault))
}

function faultOf(execution: PaperInWork): string | null {
  const { paper_checksum: stored, pipeline } = execution
  if (!isPipelineName(pipeline)) return `there is no pipeline ${JSON.stringify(pipeline)}`
  if (stored === null || stored === rowChecksum(execution) || stored === metadataChecksum(execution))
    return null
  return 'its metadata do not match their checksum'
}

/** Returns the number of executions in each status. */
export async function countByStatus(db: Db): Promise<StatusCounts> {
  return countsOf(await statusCounts(db).execute())
}

/** Returns the same of these executions alone. */
export async function countByStatusOf(db: Db, ids: readonly string[]): Promise<StatusCounts> {
  return countsOf(await statusCounts(db).where('execution_id', 'in', ids).execute())
}

function statusCounts(db: Db) {
  return db
    .selectFrom('executions')
    .select(['status', (eb) => eb.fn.countAll<number>().as('n')])
    .groupBy('status')
}

function countsOf(rows: readonly { status: Status; n: number }[]): StatusCounts {
  const counts = Object.fromEntries(LIFE_STATUSES.map((status) => [status, 0])) as StatusCounts
  for (const row of rows) counts[row.status] = Number(row.n)
  return counts
}

/** Returns the number of failed executions by error class, most frequent first. */
export async function countFailures(db: Db): Promise<{ error_class: string; count: number }[]> {
  const rows = await db
    .selectFrom('executions')
    .select(['error_class', (eb) => eb.fn.countAll<number>().as('n')])
    .where('status', '=', 'failed')
    .groupBy('error_class')
    .orderBy('n', 'desc')
    .execute()
  return rows.map((row) => ({ error_class: row.error_class ?? 'unknown', count: Number(row.n) }))
}
