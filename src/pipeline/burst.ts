import { dropWaits } from '../db/executions/waiting.js'
import { isoTime, momentText, nextUtcMidnight } from '../core/clock.js'
import { countReady } from '../db/executions/ready.js'
import type { LimitDay } from './limits/may-send.js'
import { tightest } from './limits/may-send.js'
import { limitDays } from './limits/limit-days.js'
import type { PhaseMachine } from './prepare-phase.js'
import { preparePhase } from './prepare-phase.js'
import { PHASES } from '../core/phases.js'
import type { Resources } from './resources/resources.js'
import { emptyResult } from './result.js'
import type { PhaseResult } from './result.js'
import type { PhaseOptions } from './run-phase.js'
import { runPrepared } from './run-phase.js'
import { isInWindow, windowOpensAt } from './limits/day-window.js'

export interface BurstSituation {
  now: number
  /** Length of the window before the end of the UTC day, milliseconds. */
  windowMs: number
  /** Requests of the day that are used, and that there are; null: no limit. */
  used: number
  limit: number | null
  /** Requests that are left alone. */
  reserve: number
  /** Papers that could be prepped. */
  pending: number
  requestsPerPrep: number
}

export interface BurstDecision {
  act: boolean
  /** Papers that may be prepped. */
  papers: number
  /** For people, one line. */
  reason: string
  /** Requests of the day that are left, the reserve included; null: no limit. */
  remaining: number | null
}

/** What `prep --burst` prints beside the result of the phase. */
export interface BurstReport {
  acted: boolean
  reason: string
  window_opens_at: string
  window_closes_at: string
  remaining: number | null
  reserve: number
  /** Papers that were allowed. */
  papers: number
}

export interface BurstOptions extends PhaseOptions {
  windowMs: number
  reserve: number
}

/** Returns whether what is left of the day's requests is to be spent on prep now, on how many papers, and why. */
export function decideBurst(situation: BurstSituation): BurstDecision {
  const { now, windowMs, used, limit, reserve, pending, requestsPerPrep } = situation
  const remaining = limit === null ? null : Math.max(0, limit - used)
  const no = (reason: string): BurstDecision => ({ act: false, papers: 0, reason, remaining })
  if (!isInWindow(now, windowMs)) {
    return no(`too early: the window opens at ${momentText(windowOpensAt(now, windowMs))}`)
  }
  if (remaining === null) return no('no daily limit: nothing is lost at the end of the day')
  const free = remaining - reserve
  const left = `${remaining} of ${limit} requests are left`
  const kept = reserve > 0 ? `, ${reserve} of them are kept` : ''
  if (free < requestsPerPrep) return no(`nothing to spend: ${left}${kept}`)
  if (pending === 0) return no(`no pending paper: ${left}`)
  const papers = requestsPerPrep === 0 ? pending : Math.min(pending, Math.floor(free / requestsPerPrep))
  const reason = `${left}${kept}: enough for ${papers} of ${pending} pending ${pending === 1 ? 'paper' : 'papers'}`
  return { act: true, papers, reason, remaining }
}

/**
 * Spends on prep what is left of the day's requests above a reserve, if it is the end of the day; else does nothing.
 * However many do so at once, the reserve is kept: to each of them the limits are lower by it.
 *
 * @returns what happened; that the requests above the reserve are spent, or the day is over, is no early stop.
 */
export async function burst(
  resources: Resources,
  options: BurstOptions,
): Promise<PhaseResult & { burst: BurstReport }> {
  const { clock, settings } = resources
  const { windowMs, reserve } = options
  const now = clock.now()
  // Out of the window neither configuration nor endpoint is asked: it is the wrong time in most runs from cron.
  const prepared = isInWindow(now, windowMs) ? await preparePhase(resources, PHASES.prep) : null
  if (prepared !== null && options.now === true && !options.dryRun) {
    await dropWaits(resources.db, [PHASES.prep.from], [])
  }
  const limits = await limitsOf(resources, prepared)
  const day = tightest(limits)
  const decision = decideBurst({
    now,
    windowMs,
    used: day?.used ?? 0,
    limit: day?.limit ?? null,
    reserve,
    pending: prepared === null ? 0 : await countReady(resources.db, PHASES.prep, now),
    requestsPerPrep: Math.max(
      0,
      ...(prepared?.pipelines ?? []).map((name) => PHASES.prep.pipelines[name].requests),
    ),
  })
  const report: BurstReport = {
    acted: decision.act && !options.dryRun,
    reason: decision.reason,
    window_opens_at: isoTime(windowOpensAt(now, windowMs)),
    window_closes_at: isoTime(nextUtcMidnight(now)),
    remaining: decision.remaining,
    reserve,
    papers: Math.min(decision.papers, options.limit ?? Infinity),
  }
  if (!decision.act || prepared === null) return { ...emptyResult('prep'), burst: report }
  const { budget } = settings
  const lowered = { ...resources, settings: { ...settings, budget: budget > 0 ? budget - reserve : 0 } }
  // To look at the day may have taken seconds of it.
  const untilMidnight = nextUtcMidnight(now) - clock.now()
  const result = await runPrepared(lowered, withReserve(prepared, limits, reserve), {
    ...options,
    limit: report.papers,
    noReserve: true,
    maxTimeMs: Math.min(options.maxTimeMs ?? Infinity, untilMidnight),
  })
  return { ...asPlanned(result, options.maxTimeMs ?? Infinity, untilMidnight), burst: report }
}

async function limitsOf(resources: Resources, prepared: PhaseMachine | null): Promise<LimitDay[]> {
  if (prepared === null) return limitDays(resources, undefined)
  return prepared.billable ? limitDays(resources, { ...prepared, patienceMs: 0 }) : []
}

/** The same phase, with the days of its limit groups lower by the reserve. */
function withReserve(prepared: PhaseMachine, limits: readonly LimitDay[], reserve: number): PhaseMachine {
  const { limitGroup } = prepared
  return {
    ...prepared,
    limitGroup: (profile) => {
      const group = limitGroup(profile)
      const day = limits.find((one) => one.group !== null && one.group === group?.name)
      return group === null || day === undefined ? group : { ...group, requestsPerDay: day.limit - reserve }
    },
  }
}

function asPlanned(result: PhaseResult, maxTimeMs: number, untilMidnight: number): PhaseResult {
  const planned = result.stopped === 'budget' || (result.stopped === 'time' && untilMidnight <= maxTimeMs)
  if (!planned) return result
  const ended: PhaseResult = { ...result, stopped: null }
  delete ended.retry_at
  delete ended.reason
  return ended
}
