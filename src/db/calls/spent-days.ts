import { nextUtcMidnight, utcDay } from '../../core/clock.js'
import type { Steps } from '../engine/steps.js'
import type { GroupDay } from './day-counts.js'
import { BudgetSpentError, groupDayAhead, groupDaySteps, usedAhead, usedSteps } from './day-counts.js'
import type { Need } from './kept-requests.js'
import { keptSteps } from './kept-requests.js'
import type { CallWindow } from './slots.js'

/** What a day may be used for. */
export interface DayRules {
  /** Requests a UTC day; 0 = no limit. */
  budget: number
  /** What papers further on still need of the budget, and of the group's day: it is left to them. */
  keep?: { budget: readonly Need[]; group: readonly Need[] } | undefined
  /** Null: neither paced nor counted for a group. */
  window: CallWindow | null
}

/** What was asked of a UTC day: the budget is everything this DB may spend in it; a group's is what the account may. */
export interface Day {
  date: string
  used: (() => number) | null
  ofGroup: (() => GroupDay) | null
}

/** Asks ahead for what is used of a day. */
export function* dayAhead({ budget, window }: DayRules, date: string): Steps<Day> {
  return {
    date,
    used: budget > 0 ? yield* usedAhead(date) : null,
    ofGroup: window === null ? null : yield* groupDayAhead(window.group, window.perDay, date),
  }
}

function* lookAt({ budget, window }: DayRules, date: string): Steps<Day> {
  const used = budget > 0 ? yield* usedSteps(date) : null
  const ofGroup = window === null ? null : yield* groupDaySteps(window.group, window.perDay, date)
  return {
    date,
    used: used === null ? null : () => used,
    ofGroup: ofGroup === null ? null : () => ofGroup,
  }
}

/**
 * Returns null where one more request may be sent at a moment (epoch milliseconds), as far as its day goes; else why not.
 *
 * @param known of a day: of another one, or null, it is looked at anew.
 */
export function* spentSteps(
  request: DayRules,
  sendAt: number,
  known: Day | null,
): Steps<BudgetSpentError | null> {
  const { budget, window, keep } = request
  const [date, resetsAt] = [utcDay(sendAt), nextUtcMidnight(sendAt)]
  const day = known?.date === date ? known : yield* lookAt(request, date)
  if (day.used !== null) {
    const kept = yield* keptFrom(budget, day.used(), keep?.budget)
    if (kept !== null) return new BudgetSpentError(budget, resetsAt, null, kept)
  }
  if (window === null || day.ofGroup === null) return null
  const { used, limit } = day.ofGroup()
  if (limit === null) return null
  const kept = yield* keptFrom(limit, used, keep?.group)
  return kept === null ? null : new BudgetSpentError(limit, resetsAt, window.group, kept)
}

/** Returns null where one more request may be sent; else how many are left, and kept for others. */
function* keptFrom(limit: number, used: number, needs: readonly Need[] = []): Steps<number | null> {
  const left = Math.max(0, limit - used)
  return left < 1 || left - (yield* keptSteps(needs, left)) < 1 ? left : null
}
