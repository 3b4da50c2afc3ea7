import type { ConfigTree } from '../../core/files/config-tree.js'
import { utcDay } from '../../core/clock.js'
import { ConfigError } from '../../core/errors.js'
import type { Settings } from '../../core/settings/settings.js'
import { readYamlFile } from '../../core/files/yaml-file.js'
import type { PipelineCounts } from '../../db/executions/pipelines.js'
import { countByPipeline, countsTogether, pipelinesInUse } from '../../db/executions/pipelines.js'
import type { MinuteState, ProviderCount } from '../../db/calls/limit-states.js'
import { minuteState, providerCounts } from '../../db/calls/limit-states.js'
import { groupDay } from '../../db/calls/day-counts.js'
import type { Db } from '../../db/engine/prepared.js'
import type { PaperCosts } from '../../db/usage/requests-per-paper.js'
import { costPerPaper } from '../../db/usage/requests-per-paper.js'
import { forPhases, PIPELINE_NAMES } from '../../core/phases.js'
import type { Budget } from '../../db/usage/usage.js'
import type { Circuit } from '../../db/calls/circuit-list.js'
import { budgetOf } from '../../db/usage/usage.js'
import type { LimitGroup } from '../../llm/limits.js'
import { parseLimits } from '../../llm/limits.js'
import { callWindow } from '../limits/call-window.js'
import { configFolders } from '../config/config-folders.js'
import type { Forecast } from './forecast.js'
import { forecast } from './forecast.js'
import { limitGroupFor } from '../limits/limit-groups.js'
import { ruleOfClass } from '../failures/rules.js'
import { furtherOn, mixedCosts } from '../limits/needs-further-on.js'

/** What the ledger counts of an account's day, with what was sent elsewhere as far as the provider told. */
export interface GroupDay {
  group: string
  used: number
  limit: number
}

export interface BudgetReport extends Budget {
  /**
   * Requests that can still be sent: what is left of the budget, or of the account's day where that is less; 0 where the
   * provider refused more for today. Null where there is no limit.
   */
  remaining: number | null
  /** Of what remains, requests that `prep` leaves to papers further on. */
  reserved: number
  /** Measured over finished papers; null before the first one. */
  requests_per_paper: number | null
  /** Accounts whose day is known, with what was sent elsewhere. */
  groups: GroupDay[]
  minute: MinuteState[]
  /** The provider's own counts of the day. */
  provider: ProviderCount[]
  /** Null for another day than today. */
  forecast: Forecast | null
}

/**
 * Returns what a day's requests are and mean.
 *
 * @param date UTC day; what is said of minutes, papers and the queue is left out for another day than today.
 */
export async function budgetReport(
  db: Db,
  settings: Settings,
  date: string,
  now: number,
): Promise<BudgetReport> {
  const { days, minute, provider, remaining, budget } = await dayOf(db, settings, date, now)
  const costs = await costPerPaper(db)
  const papers = date === utcDay(now) ? await countByPipeline(db) : null
  const free = papers !== null && (await asksNobody(settings))
  const perDay = leastOf([settings.budget === 0 ? null : settings.budget, ...days.map(({ limit }) => limit)])
  return {
    ...budget,
    remaining,
    reserved: papers === null ? 0 : await reservedOf(db, settings, { papers, costs, remaining }, now),
    requests_per_paper: costs.all?.requests ?? null,
    groups: days,
    minute,
    provider,
    forecast:
      papers === null
        ? null
        : forecast(papers, free ? FREE : costs, free ? UNLIMITED : { left: remaining, perDay }, now),
  }
}

const NOTHING = { requests: 0, byPhase: forPhases(() => 0), papers: 0 }
const FREE: PaperCosts = { all: NOTHING, byPipeline: { full: NOTHING, lean: NOTHING } }
const UNLIMITED = { left: null, perDay: null }

/** Whether the profile that is set for all agents sends no request; the agents' own are not looked through for what is only shown. */
async function asksNobody(settings: Settings): Promise<boolean> {
  if (settings.profile === null) return false
  const { chainsInForce } = await import('../config/phase-profiles.js')
  const profiles = Object.values(chainsInForce(settings, PIPELINE_NAMES) ?? {}).flat(2)
  return profiles.length > 0 && profiles.every(({ provider }) => provider === 'offline')
}

/** Returns `remaining` of the report alone, without a look at papers. */
export async function remainingRequests(
  db: Db,
  settings: Settings,
  date: string,
  now: number,
): Promise<number | null> {
  return (await dayOf(db, settings, date, now)).remaining
}

interface Day extends Pick<BudgetReport, 'minute' | 'provider' | 'remaining'> {
  budget: Budget
  days: GroupDay[]
}

async function dayOf(db: Db, settings: Settings, date: string, now: number): Promise<Day> {
  const today = date === utcDay(now)
  const groups = limitGroups(settings)
  const budget = await budgetOf(db, date, settings.budget, now)
  const days: GroupDay[] = []
  const minute: MinuteState[] = []
  const provider = (await providerCounts(db)).filter((count) => count.date === date)
  for (const group of groups) {
    const state = await minuteState(db, callWindow(group), now)
    const { used, limit } = await groupDay(db, group.name, group.requestsPerDay, date)
    const known = used > 0 || provider.some((count) => count.group === group.name)
    // A group nobody sends to says nothing about what is left.
    if (limit !== null && (known || (today && (await isUsed(group, groups, budget, settings)))))
      days.push({ group: group.name, used, limit })
    if (today && (state.used > 0 || state.booked > 0)) minute.push(state)
  }
  const refused = today && budget.circuits.some((circuit) => isDayRefused(circuit, now))
  return { budget, days, minute, provider, remaining: refused ? 0 : leftOf(budget.remaining, days) }
}

/** Returns the limit groups of limits.yml; none where the configuration cannot be read: the phases will say so. */
export function limitGroups(settings: Settings): readonly LimitGroup[] {
  try {
    return loadLimitGroups(configFolders(settings))
  } catch (error) {
    if (error instanceof ConfigError) return []
    throw error
  }
}

/**
 * Returns the limit groups of limits.yml.
 *
 * @throws ConfigError where the file is wrong.
 */
export function loadLimitGroups(config: ConfigTree): readonly LimitGroup[] {
  const file = config.find('limits.yml')
  return file === null ? [] : parseLimits(readYamlFile(file), file).groups
}

/** Whether requests will be sent to a group that none was sent to so far; asked only where it would matter. */
async function isUsed(
  group: LimitGroup,
  groups: readonly LimitGroup[],
  { remaining }: Budget,
  settings: Settings,
): Promise<boolean> {
  if (remaining !== null && (group.requestsPerDay ?? Infinity) >= remaining) return false
  const { chainsInForce } = await import('../config/phase-profiles.js')
  const profiles = Object.values(chainsInForce(settings, PIPELINE_NAMES) ?? {}).flat(2)
  return profiles.some((profile) => limitGroupFor(groups, profile, false) === group)
}

/** Whom the phases ask is read only where papers are further on, and there is something to be kept. */
async function reservedOf(
  db: Db,
  settings: Settings,
  known: { papers: PipelineCounts; costs: PaperCosts; remaining: number | null },
  now: number,
): Promise<number> {
  const { remaining } = known
  const papers = countsTogether(known.papers)
  const costs = mixedCosts(pipelinesInUse(known.papers), known.costs)
  const needs = furtherOn('prep', costs, new Set())
  if (remaining === null || remaining === 0 || !needs.some(({ status }) => (papers[status] ?? 0) > 0))
    return 0
  const { keeperInForce } = await import('./keeper-in-force.js')
  const days = (await keeperInForce(db, settings, now, costs)?.days('prep')) ?? []
  const kept = days.map(({ kept: some, limit, used }) => Math.min(some, Math.max(0, limit - used)))
  return Math.min(remaining, Math.ceil(Math.max(0, ...kept)))
}

/** The provider itself said that this day is over, whatever we counted. */
function isDayRefused({ state, error_class, retry_at }: Circuit, now: number): boolean {
  const { circuit } = ruleOfClass(error_class ?? '')
  const forTheDay = circuit?.when === 'pause' && circuit.window === 'day'
  return state !== 'closed' && forTheDay && Date.parse(retry_at ?? '') > now
}

function leftOf(remaining: number | null, days: readonly GroupDay[]): number | null {
  return leastOf([remaining, ...days.map(({ used, limit }) => Math.max(0, limit - used))])
}

function leastOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : Math.min(...known)
}
