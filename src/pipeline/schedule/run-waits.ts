import { nextUtcMidnight } from '../../core/clock.js'
import { BEGUN, PHASES } from '../../core/phases.js'
import type { PhaseName, Status } from '../../db/engine/schema.js'
import type { Outlook } from '../../db/executions/outlook.js'
import type { DayKeeper } from '../limits/day-keeper.js'
import { hasWork } from './work-ahead.js'
import type { RunRests } from './phase-rests.js'
import type { Wait } from './run-end.js'
import type { RunScope } from './run-scope.js'
import type { Stop } from './task-source.js'

/** What comes back by itself, where nothing can be taken now. */
export interface RunWaits {
  waits: Wait[]
  /** Statuses of papers that wait for their time. */
  later: Status[]
  /** The day's requests are spent; null: they are not what is lacking. */
  spent: Stop | null
}

export interface WaitsAsked {
  scope: RunScope
  rests: RunRests
  keeper: Pick<DayKeeper, 'whyNotBegin'>
  /** Only papers that were interrupted count. */
  resumeOnly: boolean
  /** After this time what other processes did is looked at, milliseconds. */
  pollMs: number
  /** Epoch milliseconds. */
  now: number
}

/** Whatever ends a request without a reason that can be seen is no reason to do so without a pause. */
export const PAUSE_MS = 1000

/** Returns what a run that can take nothing waits for, phase by phase. */
export async function waitsOf(outlook: Outlook, asked: WaitsAsked): Promise<RunWaits> {
  const { scope, rests, resumeOnly, pollMs, now } = asked
  const found: RunWaits = { waits: [], later: [], spent: null }
  for (const phase of BEGUN) {
    if (!scope.hasRoom(phase)) continue
    const { readyAt, interruptedAt } = outlook.work[phase]
    const comesAt = resumeOnly ? interruptedAt : readyAt
    if (comesAt !== null) found.later.push(PHASES[phase].from)
    const has = hasWork(outlook, phase, resumeOnly, now)
    if (!has && comesAt === null) continue
    const standing = await rests.of(phase)
    const stop =
      standing.state === 'closed' ? standing.stop : has && !resumeOnly ? await keptFrom(phase, asked) : null
    if (stop?.kept === true && phase === 'prep' && !(await scope.wantsPrep(outlook))) continue
    if (stop?.reason === 'budget') {
      found.spent ??= { ...stop, kept: false }
      continue
    }
    const opensAt = stop === null ? now : (stop.retryAt ?? now + pollMs)
    if (has && stop !== null) found.waits.push({ phase, at: opensAt, stop })
    else if (has && standing.state === 'probe') found.waits.push({ phase, at: now + PAUSE_MS, stop: null })
    if (comesAt !== null) found.waits.push({ phase, at: Math.max(comesAt, opensAt), stop })
  }
  return found
}

/** What is left of the day may be needed for papers further on, which others have or which wait for their time. */
async function keptFrom(phase: PhaseName, { keeper, now }: WaitsAsked): Promise<Stop | null> {
  const message = await keeper.whyNotBegin(phase)
  return message === null ? null : { reason: 'budget', retryAt: nextUtcMidnight(now), message, kept: true }
}
