import { isoTime } from '../../core/clock.js'
import type { PhaseName, StatusCounts } from '../../core/phases.js'
import type { Settings } from '../../core/settings/settings.js'
import type { MinuteState } from '../../db/calls/limit-states.js'
import type { Db } from '../../db/engine/prepared.js'
import type { Status } from '../../db/engine/schema.js'
import { waitingExecutions } from '../../db/executions/ready.js'
import type { DayKeeper } from '../limits/day-keeper.js'
import { phaseRest } from '../limits/phase-rest.js'
import { costsOfNow } from '../limits/day-keeper.js'
import { PHASES } from '../../core/phases.js'
import type { BudgetReport } from './budget-report.js'
import { keeperInForce } from './keeper-in-force.js'

/** Why the papers of a phase do not move. */
export interface Wait {
  phase: PhaseName
  papers: number
  /**
   * - `budget`: the day's requests are spent;
   * - `circuit`: that of the model, its limit group or its account is open, or papers failed alike (then without a name);
   * - `reserved`: what is left of the day is kept for papers further on, or too little for one more;
   * - `time`: after a failure each of these papers waits for its own moment;
   * - `minute`: the minute's requests are used;
   * - `nobody`: nothing keeps them, but no process works on this phase.
   */
  reason: 'budget' | 'circuit' | 'reserved' | 'time' | 'minute' | 'nobody'
  /** Name of the circuit or limit group. */
  name: string | null
  /** When it is over, or may be tried again. */
  until: string | null
  message: string
}

interface Known {
  executions: StatusCounts
  budget: BudgetReport
  working: readonly { status: Status }[]
}

/** Returns, for each phase that has papers, what keeps them; phases that are at work and unhindered are left out. */
export async function waitsOf(db: Db, settings: Settings, known: Known, now: number): Promise<Wait[]> {
  const { budget } = known
  // The machines' files are read only where there is something to find out.
  const keeper = isHindered(budget, now) ? keeperInForce(db, settings, now, await costsOfNow(db)) : null
  const waits: Wait[] = []
  for (const phase of Object.values(PHASES)) {
    const papers = known.executions[phase.from] + known.executions[phase.busy]
    if (papers === 0) continue
    const later = await waitingExecutions(db, phase.from, now)
    const wait =
      (await restOf(db, phase.name, now)) ??
      (keeper === null ? null : await hindrance(keeper, phase.name, known)) ??
      ownWait(phase.name, known, papers, later)
    if (wait !== null) waits.push({ phase: phase.name, papers, ...wait })
  }
  return waits
}

function isHindered(budget: BudgetReport, now: number): boolean {
  const { circuits, reserved, minute } = budget
  const open = circuits.some(({ state, retry_at }) => state !== 'closed' && Date.parse(retry_at ?? '') > now)
  return isShort(budget) || reserved > 0 || open || minute.some(isFull)
}

/** Whether there is less left than one paper may need. */
function isShort({ remaining, forecast }: BudgetReport): boolean {
  if (remaining === null) return false
  const each = Object.values(forecast?.pipelines ?? {}).map(({ requests_per_phase: phases }) =>
    Object.values(phases).reduce((sum, one) => sum + one, 0),
  )
  return remaining === 0 || remaining < Math.max(...each)
}

function isFull({ next_at, used, booked, limit }: MinuteState): boolean {
  return next_at !== null && used + booked >= limit
}

type Found = Omit<Wait, 'phase' | 'papers'>

async function restOf(db: Db, phase: PhaseName, now: number): Promise<Found | null> {
  const rest = await phaseRest(db, phase, now)
  return rest && { reason: 'circuit', name: null, until: isoTime(rest.until), message: rest.message }
}

/** What keeps a phase's requests, or its papers from being begun. */
async function hindrance(keeper: DayKeeper, phase: PhaseName, known: Known): Promise<Found | null> {
  const { budget, executions } = known
  const found = await keeper.availability(phase)
  if (found.state === 'closed' && !found.kept) {
    const { name, until, message } = found
    if (found.errorClass !== null) return { reason: 'circuit', name, until: isoTime(until), message }
    return { reason: 'budget', name: null, until: budget.resets_at, message: SPENT }
  }
  if (!keeper.asks(phase)) return null
  if (budget.remaining === 0) return { reason: 'budget', name: null, until: budget.resets_at, message: SPENT }
  const names = keeper.groups(phase)
  const full = budget.minute.find((minute) => names.has(minute.group) && isFull(minute))
  if (full !== undefined) {
    const message = `${full.group} has its ${full.limit} requests for this minute`
    return { reason: 'minute', name: full.group, until: full.next_at, message }
  }
  const kept = executions[PHASES[phase].from] === 0 ? null : await keeper.whyNotBegin(phase)
  return kept === null ? null : { reason: 'reserved', name: null, until: budget.resets_at, message: kept }
}

const SPENT = 'the requests of this day are spent'

function ownWait(
  phase: PhaseName,
  { executions, working }: Known,
  papers: number,
  later: { papers: number; until: string } | null,
): Found | null {
  const { from, busy } = PHASES[phase]
  if (working.some(({ status }) => status === busy)) return null
  if (later !== null && executions[busy] === 0 && later.papers >= executions[from]) {
    const message = `${later.papers} ${later.papers === 1 ? 'waits' : 'wait'} after a failure`
    return { reason: 'time', name: null, until: later.until, message }
  }
  const ready = Math.max(1, papers - (later?.papers ?? 0))
  const message = `${ready} ${ready === 1 ? 'is' : 'are'} ready, and no process works on it: rpa ${phase}`
  return { reason: 'nobody', name: null, until: null, message }
}
