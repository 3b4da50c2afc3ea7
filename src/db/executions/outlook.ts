import { sql } from 'kysely'
import { isoTime } from '../../core/clock.js'
import { PHASE_NAMES, PHASES, forPhases } from '../../core/phases.js'
import type { Db } from '../engine/prepared.js'
import { prepared } from '../engine/prepared.js'
import type { PhaseName, Status } from '../engine/schema.js'

/** What there is to do in one phase. Moments in epoch milliseconds. */
export interface PhaseWork {
  /** Papers that are in the status which the phase takes, counted up to {@link COUNTED}. */
  papers: number
  /** Some paper may be begun now. */
  ready: boolean
  /** Some paper that was put back in the middle of its work may be continued now. */
  interrupted: boolean
  /** When the next paper that waits for its time may be taken; null: none waits. */
  readyAt: number | null
  /** The same of those that were put back. */
  interruptedAt: number | null
}

/** A paper that is in work, or was left in the middle of it. */
export interface BusyPaper {
  execution_id: string
  status: Status
  owner_id: string
  /** Epoch seconds. */
  lease_until: number
}

export interface Outlook {
  work: Record<PhaseName, PhaseWork>
  busy: BusyPaper[]
}

/** No decision needs more. */
export const COUNTED = 1000

const FROM = forPhases((phase) => PHASES[phase].from)

type Row = Record<`${PhaseName}_${'ready' | 'back' | 'count'}`, number> &
  Record<`${PhaseName}_${'ready_at' | 'back_at'}`, string | null>

/**
 * One row, each member found in an index. A status that stands in the SQL as a literal makes SQLite take that status's own
 * index, in claim order; as a parameter it leaves the indexes of interrupted and of waiting papers, which are short.
 */
const readWork = prepared<Record<'now' | PhaseName, string>, Row>((db, p) => {
  const one = sql.lit(1)
  const of = (phase: PhaseName) => {
    const papers = db.selectFrom('executions as e')
    const inStatus = papers.where('e.status', '=', sql.lit(FROM[phase]))
    const few = papers.where('e.status', '=', p[phase] as Status)
    const mayGo = (query: typeof papers) =>
      query.where((eb) => eb.or([eb('e.not_before', 'is', null), eb('e.not_before', '<=', p.now)]))
    // The order is of no account but to SQLite's choice of the index.
    const inClaimOrder = (query: typeof papers) => query.orderBy('e.priority', 'desc').orderBy('e.created_at')
    const count = (query: typeof papers, most: number) =>
      db
        .selectFrom(query.select(one.as('x')).limit(sql.lit(most)).as('some'))
        .select((eb) => eb.fn.countAll<number>().as('n'))
    const soonest = (query: typeof papers) =>
      query.where('e.not_before', '>', p.now).select('e.not_before').orderBy('e.not_before').limit(one)
    return [
      count(mayGo(inStatus), 1).as(`${phase}_ready`),
      count(inClaimOrder(mayGo(few.where('e.interrupted_at', 'is not', null))), 1).as(`${phase}_back`),
      count(inStatus, COUNTED).as(`${phase}_count`),
      soonest(few).as(`${phase}_ready_at`),
      soonest(few.where('e.interrupted_at', 'is not', null)).as(`${phase}_back_at`),
    ]
  }
  return db.selectNoFrom(() => PHASE_NAMES.flatMap(of))
})

/**
 * Returns what there is to do: two queries whose cost does not grow with the number of papers; those that wait for their
 * time are gone through, as by a claim.
 */
export async function readOutlook(db: Db, now: number): Promise<Outlook> {
  const [row] = await readWork(db, { now: isoTime(now), ...FROM })
  const work = (phase: PhaseName): PhaseWork => ({
    papers: Number(row?.[`${phase}_count`] ?? 0),
    ready: Number(row?.[`${phase}_ready`] ?? 0) > 0,
    interrupted: Number(row?.[`${phase}_back`] ?? 0) > 0,
    readyAt: moment(row?.[`${phase}_ready_at`]),
    interruptedAt: moment(row?.[`${phase}_back_at`]),
  })
  return {
    work: forPhases(work),
    busy: await busyPapers(db),
  }
}

/** The same for these executions alone. */
export async function readOutlookOf(db: Db, ids: readonly string[], now: number): Promise<Outlook> {
  const rows = await db
    .selectFrom('executions')
    .select(['execution_id', 'status', 'not_before', 'interrupted_at'])
    .where('execution_id', 'in', ids)
    .execute()
  const wanted = new Set(ids)
  const work = (phase: PhaseName): PhaseWork => {
    const papers = rows
      .filter(({ status }) => status === FROM[phase])
      .map((row) => ({ at: moment(row.not_before), back: row.interrupted_at !== null }))
    const now_ = papers.filter(({ at }) => at === null || at <= now)
    const later = papers.filter(({ at }) => at !== null && at > now)
    return {
      papers: papers.length,
      ready: now_.length > 0,
      interrupted: now_.some(({ back }) => back),
      readyAt: soonest(later),
      interruptedAt: soonest(later.filter(({ back }) => back)),
    }
  }
  return {
    work: forPhases(work),
    busy: (await busyPapers(db)).filter(({ execution_id }) => wanted.has(execution_id)),
  }
}

async function busyPapers(db: Db): Promise<BusyPaper[]> {
  return leased(db, {})
}

/** Those that hold a lease are few: as many as there are workers. */
const leased = prepared<Record<never, never>, BusyPaper>((db) =>
  db
    .selectFrom('execution_leases as l')
    .innerJoin('executions as e', 'e.execution_id', 'l.execution_id')
    .select(['e.execution_id', 'e.status', 'l.owner_id', 'l.lease_until'])
    .where('l.lease_until', '>', sql.lit(0)),
)

function moment(iso: string | null | undefined): number | null {
  return iso == null ? null : Date.parse(iso) || null
}

function soonest(papers: readonly { at: number | null }[]): number | null {
  const moments = papers.flatMap(({ at }) => (at === null ? [] : [at]))
  return moments.length === 0 ? null : Math.min(...moments)
}
