import { sql } from 'kysely'
import { isoTime } from '../core/clock.js'
import type { Db } from './prepared.js'
import { prepared } from './prepared.js'
import type { PhaseName, Status } from './schema.js'

/** What there is to do in one phase. Moments in epoch milliseconds. */
export interface PhaseWork {
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
  /** Papers in a status, counted up to {@link COUNTED}. */
  pending: number
  prepped: number
  analyzed: number
  busy: BusyPaper[]
}

/** No decision needs more. */
export const COUNTED = 1000

const FROM = { prep: 'pending', analyze: 'prepped', wrap: 'analyzed' } as const satisfies Record<
  PhaseName,
  Status
>

type Row = Record<`${PhaseName}_${'ready' | 'back' | 'count'}`, number> &
  Record<`${PhaseName}_${'ready_at' | 'back_at'}`, string | null>

/** One row, each member from an index and in constant time, however many papers there are. */
const readWork = prepared<{ now: string }, Row>((db, p) => {
  const papers = (status: Status, alias: string) =>
    db.selectFrom(`executions as ${alias}` as 'executions as e').where('e.status', '=', sql.lit(status))
  const of = (phase: PhaseName) => {
    const all = () => papers(FROM[phase], 'e')
    const now = () =>
      all().where((eb) => eb.or([eb('e.not_before', 'is', null), eb('e.not_before', '<=', p.now)]))
    const later = () => all().where('e.not_before', '>', p.now)
    const one = (query: ReturnType<typeof all>) =>
      db
        .selectFrom(query.select(sql.lit(1).as('x')).limit(sql.lit(1)).as('one'))
        .select((eb) => eb.fn.countAll<number>().as('n'))
    const counted = db
      .selectFrom(all().select(sql.lit(1).as('x')).limit(sql.lit(COUNTED)).as('some'))
      .select((eb) => eb.fn.countAll<number>().as('n'))
    const soonest = (query: ReturnType<typeof all>) =>
      query.select((eb) => eb.fn.min('e.not_before').as('at'))
    return [
      one(now()).as(`${phase}_ready`),
      one(now().where('e.interrupted_at', 'is not', null)).as(`${phase}_back`),
      counted.as(`${phase}_count`),
      soonest(later()).as(`${phase}_ready_at`),
      soonest(later().where('e.interrupted_at', 'is not', null)).as(`${phase}_back_at`),
    ]
  }
  return db.selectNoFrom(() => [...of('prep'), ...of('analyze'), ...of('wrap')])
})

/** Returns what there is to do: two queries whose cost does not grow with the number of papers. */
export async function readOutlook(db: Db, now: number): Promise<Outlook> {
  const [row] = await readWork(db, { now: isoTime(now) })
  const work = (phase: PhaseName): PhaseWork => ({
    ready: Number(row?.[`${phase}_ready`] ?? 0) > 0,
    interrupted: Number(row?.[`${phase}_back`] ?? 0) > 0,
    readyAt: moment(row?.[`${phase}_ready_at`]),
    interruptedAt: moment(row?.[`${phase}_back_at`]),
  })
  return {
    work: { prep: work('prep'), analyze: work('analyze'), wrap: work('wrap') },
    pending: Number(row?.prep_count ?? 0),
    prepped: Number(row?.analyze_count ?? 0),
    analyzed: Number(row?.wrap_count ?? 0),
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
  const of = (phase: PhaseName) => rows.filter(({ status }) => status === FROM[phase])
  const work = (phase: PhaseName): PhaseWork => {
    const papers = of(phase).map((row) => ({ at: moment(row.not_before), back: row.interrupted_at !== null }))
    const now_ = papers.filter(({ at }) => at === null || at <= now)
    const later = papers.filter(({ at }) => at !== null && at > now)
    return {
      ready: now_.length > 0,
      interrupted: now_.some(({ back }) => back),
      readyAt: soonest(later),
      interruptedAt: soonest(later.filter(({ back }) => back)),
    }
  }
  return {
    work: { prep: work('prep'), analyze: work('analyze'), wrap: work('wrap') },
    pending: of('prep').length,
    prepped: of('analyze').length,
    analyzed: of('wrap').length,
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
