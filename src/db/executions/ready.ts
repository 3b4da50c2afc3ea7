import { isoTime } from '../../core/clock.js'
import { abandonedAt } from '../leases/leases.js'
import type { Db } from '../engine/prepared.js'
import type { PhaseName, Status } from '../engine/schema.js'

interface PhaseStatuses {
  name: PhaseName
  from: Status
  busy: Status
}

/** Returns how many executions a phase could take now: ready ones and interrupted ones. */
export async function countReady(db: Db, phase: PhaseStatuses, now: number): Promise<number> {
  const row = await candidates(db, phase, now, await abandoned(db, phase, now))
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .executeTakeFirst()
  return Number(row?.n ?? 0)
}

/** Returns how many executions wait for their time in a status, and when the first of them may be taken; null: none. */
export async function waitingExecutions(
  db: Db,
  from: Status,
  now: number,
): Promise<{ papers: number; until: string } | null> {
  const row = await db
    .selectFrom('executions')
    .select((eb) => [eb.fn.countAll<number>().as('papers'), eb.fn.min('not_before').as('until')])
    .where('status', '=', from)
    .where('not_before', '>', isoTime(now))
    .executeTakeFirst()
  return row?.until == null ? null : { papers: Number(row.papers), until: row.until }
}

/** Returns the executions a phase would take, in the order in which it would take them. */
export async function readyExecutions(
  db: Db,
  phase: PhaseStatuses,
  options: {
    ids: readonly string[]
    limit: number
    now: number
    /** Those that wait for their time too. */
    waitingToo?: boolean
    interruptedOnly: boolean
  },
): Promise<{ execution_id: string; arxiv_id: string; status: Status }[]> {
  return candidates(db, phase, options.now, await abandoned(db, phase, options.now), options.waitingToo)
    .select(['e.execution_id', 'e.arxiv_id', 'e.status'])
    .$if(options.ids.length > 0, (query) => query.where('e.execution_id', 'in', options.ids))
    .$if(options.interruptedOnly, (query) =>
      query.where((eb) => eb.or([eb('e.status', '=', phase.busy), eb('e.interrupted_at', 'is not', null)])),
    )
    .orderBy((eb) => eb.case().when('e.status', '=', phase.busy).then(0).else(1).end())
    .orderBy('e.priority', 'desc')
    .orderBy('e.created_at')
    .orderBy('e.execution_id')
    .limit(options.limit)
    .execute()
}

function candidates(
  db: Db,
  phase: PhaseStatuses,
  now: number,
  abandonedIds: readonly string[],
  waitingToo = false,
) {
  const due = waitingToo ? '9999' : isoTime(now)
  return db
    .selectFrom('executions as e')
    .where((eb) =>
      eb.or([
        eb.and([
          eb('e.status', '=', phase.from),
          eb.or([eb('e.not_before', 'is', null), eb('e.not_before', '<=', due)]),
        ]),
        ...(abandonedIds.length === 0 ? [] : [eb('e.execution_id', 'in', abandonedIds)]),
      ]),
    )
}

/** The executions of a phase that somebody left behind, as a claim sees it. */
async function abandoned(db: Db, { busy }: PhaseStatuses, now: number): Promise<string[]> {
  const rows = await db
    .selectFrom('execution_leases as l')
    .innerJoin('executions as e', 'e.execution_id', 'l.execution_id')
    .select(['e.execution_id', 'l.owner_id', 'l.lease_until'])
    .where('l.lease_until', '>', 0)
    .where('e.status', '=', busy)
    .execute()
  const isFree = abandonedAt(now)
  return rows.filter(isFree).map(({ execution_id }) => execution_id)
}
