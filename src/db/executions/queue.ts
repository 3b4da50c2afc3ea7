import type { Selectable, SelectQueryBuilder } from 'kysely'
import { sql } from 'kysely'
import { isoTime } from '../../core/clock.js'
import type { ReadyStatus } from '../../core/phases.js'
import { ASIDE_STATUSES } from '../../core/phases.js'
import type { QueueChange, QueueStatus } from '../../core/queue.js'
import { CHANGEABLE } from '../../core/queue.js'
import type { Db } from '../engine/prepared.js'
import type { Database, ExecutionsTable, Status } from '../engine/schema.js'
import { inTransaction } from '../engine/steps.js'

/** A paper that nobody works on and that is not at its end. */
export type QueuedPaper = Pick<
  Selectable<ExecutionsTable>,
  'execution_id' | 'arxiv_id' | 'title' | 'pipeline' | 'priority' | 'not_before' | 'release_to' | 'created_at'
> & { status: QueueStatus }

const COLUMNS = [
  'execution_id',
  'arxiv_id',
  'title',
  'status',
  'pipeline',
  'priority',
  'not_before',
  'release_to',
  'created_at',
] as const

/**
 * Yields the papers of a status in the order in which they are claimed, page by page. A page is found in the index
 * where the one before ended, however many there are.
 */
export async function* queueInOrder(
  db: Db,
  status: QueueStatus,
  size: number,
): AsyncGenerator<QueuedPaper[]> {
  let after: QueuedPaper | undefined
  for (;;) {
    const page =
      after === undefined ? await ofStatus(db, status, size).execute() : await pageAfter(db, after, size)
    if (page.length > 0) yield page as QueuedPaper[]
    after = page.at(-1) as QueuedPaper | undefined
    if (page.length < size) return
  }
}

async function pageAfter(db: Db, after: QueuedPaper, size: number) {
  const { status, priority, created_at, execution_id } = after
  const same = await ofStatus(db, status, size)
    .where('priority', '=', priority)
    .where(sql<boolean>`(created_at, execution_id) > (${created_at}, ${execution_id})`)
    .execute()
  if (same.length === size) return same
  const lower = await ofStatus(db, status, size - same.length)
    .where('priority', '<', priority)
    .execute()
  return [...same, ...lower]
}

/** The status stands in the SQL as a literal: only then can SQLite use the partial index of that status. */
function ofStatus(
  db: Db,
  status: QueueStatus,
  limit: number,
): SelectQueryBuilder<Database, 'executions', Pick<Selectable<ExecutionsTable>, (typeof COLUMNS)[number]>> {
  return db
    .selectFrom('executions')
    .select(COLUMNS)
    .where('status', '=', sql.lit(status))
    .$if(isAside(status), (query) => query.where('release_to', 'is not', null))
    .orderBy('priority', 'desc')
    .orderBy('created_at')
    .orderBy('execution_id')
    .limit(limit)
}

function isAside(status: QueueStatus): boolean {
  return (ASIDE_STATUSES as readonly QueueStatus[]).includes(status)
}

/** Yields the papers of some statuses by their ids, page by page: what is changed on the way is met once. */
export async function* queueById(
  db: Db,
  statuses: readonly QueueStatus[],
  size: number,
): AsyncGenerator<QueuedPaper[]> {
  for (let after = ''; ;) {
    const page = await db
      .selectFrom('executions')
      .select(COLUMNS)
      .where('execution_id', '>', after)
      // As an expression, or SQLite takes the index of statuses and sorts all that is left for each page.
      .where(sql`coalesce(status, '')`, 'in', statuses)
      .orderBy('execution_id')
      .limit(size)
      .execute()
    if (page.length > 0) yield page as QueuedPaper[]
    const last = page.at(-1)
    if (last === undefined || page.length < size) return
    after = last.execution_id
  }
}

/** Returns the given executions, in any status and order. */
export async function executionsById(db: Db, ids: readonly string[]) {
  return ids.length === 0
    ? []
    : db.selectFrom('executions').select(COLUMNS).where('execution_id', 'in', ids).execute()
}

/** Returns those of some executions that have answers of a model, whoever paid for them. */
export async function withAnswers(db: Db, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set()
  const rows = await db
    .selectFrom('executions as e')
    .select('e.execution_id')
    .where('e.execution_id', 'in', ids)
    .where((eb) =>
      eb.or([
        eb('e.prep_output', 'is not', null),
        eb.exists(
          eb
            .selectFrom('llm_calls as c')
            .select(sql.lit(1).as('x'))
            .whereRef('c.execution_id', '=', 'e.execution_id')
            .where('c.outcome', '=', 'ok'),
        ),
      ]),
    )
    .execute()
  return new Set(rows.map(({ execution_id }) => execution_id))
}

/**
 * Changes papers, all of them or none; those that somebody has taken meanwhile are left alone.
 *
 * @returns how many were changed.
 */
export async function changeQueue(
  db: Db,
  ids: readonly string[],
  change: QueueChange,
  now: number,
): Promise<number> {
  if (ids.length === 0) return 0
  const updated_at = isoTime(now)
  return inTransaction(db, async (trx) => {
    const update = trx
      .updateTable('executions')
      .where('execution_id', 'in', ids)
      .where('status', 'in', CHANGEABLE[change.kind])
    const result = await (
      change.kind === 'move'
        ? update.set({ priority: change.priority, updated_at })
        : change.kind === 'release'
          ? update.set((eb) => ({
              status: sql<Status>`coalesce(${eb.ref('release_to')}, 'pending')`,
              release_to: null,
              updated_at,
            }))
          : update.set((eb) => ({
              release_to: sql<ReadyStatus>`coalesce(${eb.ref('release_to')}, ${eb.ref('status')})`,
              status: change.kind === 'hold' ? ('held' as const) : ('dropped' as const),
              updated_at,
            }))
    ).executeTakeFirst()
    return Number(result.numUpdatedRows)
  })
}
