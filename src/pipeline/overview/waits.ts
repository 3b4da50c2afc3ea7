import type { Settings } from '../../core/settings.js'
import type { MinuteState } from '../../db/calls/limit-states.js'
import type { Db } from '../../db/engine/prepared.js'
import { waitingExecutions } from '../../db/executions/ready.js'
import type { PhaseName, Status } from '../../db/engine/schema.js'
import type { Circuit } from '../../db/calls/usage.js'
import type { LimitGroup } from '../../llm/limits.js'
import type { ModelProfile } from '../../llm/provider.js'
import type { BudgetReport } from './budget-report.js'
import { limitGroups } from './budget-report.js'
import { circuitNames } from '../limits/circuit-names.js'
import type { ProfileChain } from '../config/phase-profiles.js'
import { chainsInForce } from '../config/phase-profiles.js'
import { PHASES } from '../phases.js'
import { limitGroupFor } from '../limits/reconcile.js'

/** Why the papers of a phase do not move. */
export interface Wait {
  phase: PhaseName
  papers: number
  /**
   * - `budget`: the day's requests are spent;
   * - `circuit`: the model, its limit group or its account is closed to us;
   * - `time`: after a failure each of these papers waits for its own moment;
   * - `minute`: the minute's requests are used;
   * - `nobody`: nothing keeps them, but no process works on this phase.
   */
  reason: 'budget' | 'circuit' | 'time' | 'minute' | 'nobody'
  /** Name of the circuit or limit group. */
  name: string | null
  /** When it is over, or may be tried again. */
  until: string | null
  message: string
}

interface Known {
  executions: Record<Status, number>
  budget: BudgetReport
  working: readonly { status: Status }[]
}

/** Returns, for each phase that has papers, what keeps them; phases that are at work and unhindered are left out. */
export async function waitsOf(db: Db, settings: Settings, known: Known, now: number): Promise<Wait[]> {
  const groups = limitGroups(settings)
  // The machines' files are read only where there is something to find out.
  const chains = isHindered(known.budget, now) ? chainsInForce(settings) : null
  const waits: Wait[] = []
  for (const phase of Object.values(PHASES)) {
    const papers = known.executions[phase.from] + known.executions[phase.busy]
    if (papers === 0) continue
    const later = await waitingExecutions(db, phase.from, now)
    const wait =
      (chains === null ? null : providerWait(chains[phase.name], groups, known.budget, now)) ??
      ownWait(phase.name, known, papers, later)
    if (wait !== null) waits.push({ phase: phase.name, papers, ...wait })
  }
  return waits
}

function isHindered({ circuits, remaining, minute }: BudgetReport, now: number): boolean {
  return remaining === 0 || circuits.some((circuit) => isShut(circuit, now)) || minute.some(isFull)
}

function isFull({ next_at, used, booked, limit }: MinuteState): boolean {
  return next_at !== null && used + booked >= limit
}

type Found = Omit<Wait, 'phase' | 'papers'>

function providerWait(
  chains: readonly ProfileChain[],
  groups: readonly LimitGroup[],
  budget: BudgetReport,
  now: number,
): Found | null {
  const asking = chains.filter((chain) => chain.every(({ provider }) => provider !== 'offline'))
  if (asking.length === 0) return null
  const open = budget.circuits.filter((circuit) => isShut(circuit, now))
  for (const chain of asking) {
    const blocking = chain.map((profile) => lastToOpen(profile, groups, open))
    // With a fallback that is open the agent is not kept.
    const [circuit] = blocking.every((one) => one !== null) ? blocking : []
    if (circuit != null) {
      const { name, retry_at: until, reason, state } = circuit
      const what = state === 'half_open' ? 'is being probed' : 'is open'
      return { reason: 'circuit', name, until, message: `${name} ${what}: ${reason ?? 'no reason noted'}` }
    }
  }
  if (budget.remaining === 0) {
    const message = 'the requests of this day are spent'
    return { reason: 'budget', name: null, until: budget.resets_at, message }
  }
  const names = new Set(asking.flat().map((profile) => limitGroupFor(groups, profile, true)?.name))
  const full = budget.minute.find((minute) => names.has(minute.group) && isFull(minute))
  if (full === undefined) return null
  const message = `${full.group} has its ${full.limit} requests for this minute`
  return { reason: 'minute', name: full.group, until: full.next_at, message }
}

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
  const message = `${papers} ${papers === 1 ? 'is' : 'are'} ready, and no process works on it: rpa ${phase}`
  return { reason: 'nobody', name: null, until: null, message }
}

/** Nothing but one probe gets through; after `retry_at` the next request is that probe. */
function isShut({ state, retry_at }: Circuit, now: number): boolean {
  return state !== 'closed' && Date.parse(retry_at ?? '') > now
}

/** The circuit of a profile that stays shut longest, or null. */
function lastToOpen(
  profile: ModelProfile,
  groups: readonly LimitGroup[],
  shut: readonly Circuit[],
): Circuit | null {
  // Behind a proxy the group is OpenRouter's, by what the endpoint said; here nobody is asked, so both are looked at.
  const names = [null, limitGroupFor(groups, profile, true)].flatMap((group) => {
    const { account, group: shared, model } = circuitNames(profile, group)
    return [account, shared, model]
  })
  const mine = shut.filter(({ name }) => names.includes(name))
  return mine.sort((a, b) => Date.parse(b.retry_at ?? '') - Date.parse(a.retry_at ?? ''))[0] ?? null
}
