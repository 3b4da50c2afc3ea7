import { utcDay } from '../../core/clock.js'
import { ConfigError } from '../../core/errors.js'
import type { ProviderCount } from '../../db/calls/limit-states.js'
import { recordProviderCount } from '../../db/calls/limit-states.js'
import type { AccountState } from '../../llm/account.js'
import { ModelError } from '../../llm/errors.js'
import { keyLooks } from '../../llm/key-looks.js'
import type { LimitGroup } from '../../llm/limits.js'
import type { ModelProfile } from '../../llm/provider.js'
import type { IsFree } from './is-free.js'
import { freeModels } from './is-free.js'
import type { GroupOf } from './limit-groups.js'
import { explicitGroup, limitGroupFor } from './limit-groups.js'
import type { Resources } from '../resources/resources.js'

/** One endpoint with one key, and what it says of the account; null: it does not say. */
export interface Endpoint {
  baseUrl: string
  apiKeyEnv: string | null
  account: AccountState | null
}

export interface Reconciliation {
  endpoints: readonly Endpoint[]
  /** The counts that were recorded. */
  counts: readonly ProviderCount[]
  groupOf: GroupOf
}

type Needs = Pick<Resources, 'db' | 'clock' | 'env' | 'log' | 'pdfSources'> &
  Partial<Pick<Resources, 'closing'>>

/**
 * Asks each endpoint of the profiles once for its own count, records it beside the ledger's, and tells where the two
 * differ. Endpoints that keep no such count, or do not answer within seconds, delay nothing and fail nothing.
 *
 * @returns how profiles come to their limit group.
 * @throws ConfigError `key_rejected` if an endpoint refuses the key, `limit_group_unknown`.
 */
export async function reconcile(
  resources: Needs,
  profiles: readonly ModelProfile[],
  groups: readonly LimitGroup[],
): Promise<GroupOf> {
  const { counts, groupOf } = await askProviders(resources, profiles, groups)
  for (const count of counts) {
    const line = differenceLine(count)
    // Its count lags by about a minute, so it is mostly behind ours; `rpa budget` shows either.
    if (line !== null) resources.log[count.elsewhere > 0 ? 'info' : 'debug'](line)
  }
  return groupOf
}

/** The same without a word, with all that was learned. */
export async function askProviders(
  resources: Needs,
  profiles: readonly ModelProfile[],
  groups: readonly LimitGroup[],
): Promise<Reconciliation> {
  for (const profile of profiles) explicitGroup(profile, groups)
  const answers = await Promise.all(endpointsOf(profiles).map((endpoint) => askOnce(resources, endpoint)))
  const speaking = answers.filter(({ account }) => account !== null)
  const speaks = (profile: ModelProfile): boolean => speaking.some((answer) => isSame(answer, profile))
  const isFree = await freeModels(
    resources,
    profiles.filter((profile) => profile.provider !== 'offline' && (profile.openRouter || speaks(profile))),
  )
  const groupOf: GroupOf = (profile) => {
    return limitGroupFor(groups, profile, speaks(profile), isFree(profile))
  }
  const counts: ProviderCount[] = []
  for (const { group, answer } of newCounts(speaking, profiles, groupOf, isFree)) {
    const { clock, db } = resources
    const now = clock.now()
    const { freeUsed: providerUsed, freeLimit: perDay } = answer.account ?? {}
    if (providerUsed == null || !isOneDay(answer.askedAt, now)) continue
    const day = { date: utcDay(now), perDay: perDay ?? null, providerUsed }
    counts.push(await recordProviderCount(db, group, day, now))
    for (const { recorded } of speaking) recorded.add(group)
  }
  return { endpoints: answers, counts, groupOf }
}

/** Returns one line on how provider and ledger differ, or null if they agree. */
export function differenceLine(count: ProviderCount): string | null {
  const { group, used, limit, ledger_used: ours, elsewhere } = count
  if (elsewhere === 0) return null
  const of = limit === null ? '' : ` of ${limit}`
  const meaning =
    elsewhere > 0
      ? `${elsewhere} ${elsewhere === 1 ? 'was' : 'were'} sent elsewhere`
      : `${-elsewhere} ${elsewhere === -1 ? 'is' : 'are'} not counted there, or not yet`
  return `${group}: the provider counts ${used}${of} requests today, this ledger ${ours}: ${meaning}`
}

type Address = Omit<Endpoint, 'account'>

function endpointsOf(profiles: readonly ModelProfile[]): Address[] {
  const found: Address[] = []
  for (const profile of profiles) {
    const { provider, baseUrl, apiKeyEnv } = profile
    if (provider === 'offline' || baseUrl === null) continue
    if (!found.some((endpoint) => isSame(endpoint, profile))) found.push({ baseUrl, apiKeyEnv })
  }
  return found
}

function isSame(endpoint: Address, profile: ModelProfile): boolean {
  return endpoint.baseUrl === profile.baseUrl && endpoint.apiKeyEnv === profile.apiKeyEnv
}

interface Answer extends Endpoint {
  /** Epoch milliseconds. */
  askedAt: number
  /** Groups whose count was recorded when this answer was new: later it would be too old. */
  recorded: Set<string>
}

/** The phases of one command begin at the same moment: they share an answer. */
const FRESH_MS = 60_000
const answersOf = new WeakMap<object, Map<string, Promise<Answer>>>()

async function askOnce(resources: Needs, endpoint: Address): Promise<Answer> {
  const answers = answersOf.get(resources.db) ?? new Map<string, Promise<Answer>>()
  answersOf.set(resources.db, answers)
  const name = JSON.stringify([endpoint.baseUrl, endpoint.apiKeyEnv])
  const known = await answers.get(name)
  if (known !== undefined && resources.clock.now() - known.askedAt < FRESH_MS) return known
  const askedAt = resources.clock.now()
  const answer = accountOf(resources, endpoint).then((account) => ({
    ...endpoint,
    account,
    askedAt,
    recorded: new Set<string>(),
  }))
  answers.set(name, answer)
  return answer
}

/** A valid key has been refused once at random: only a second refusal is believed. */
async function accountOf(resources: Needs, { baseUrl, apiKeyEnv }: Address): Promise<AccountState | null> {
  const key = apiKeyEnv === null ? null : (resources.env[apiKeyEnv]?.trim() ?? '')
  // One that can be none is shown to nobody.
  const host = URL.canParse(baseUrl) ? new URL(baseUrl).hostname : null
  if (key === '' || (key !== null && keyLooks(key, host) !== null)) return null
  const { readAccount } = await import('../../llm/account.js')
  const ask = (): Promise<AccountState | null> =>
    readAccount(baseUrl, key, { userAgent: resources.pdfSources.userAgent })
  try {
    return await ask().catch(ask)
  } catch (error) {
    if (!(error instanceof ModelError)) throw error
    throw new ConfigError(error.code, error.message, {
      hint: `Check the key${apiKeyEnv === null ? '' : ` in ${apiKeyEnv}`}.`,
    })
  }
}

/** OpenRouter's count lags by about a minute: right after midnight it may still be yesterday's. */
const LAG_MS = 120_000

function isOneDay(askedAt: number, now: number): boolean {
  return utcDay(askedAt - LAG_MS) === utcDay(now)
}

/** Two keys may be of one account or of two; the higher count is the careful one. */
function newCounts(
  answers: readonly Answer[],
  profiles: readonly ModelProfile[],
  groupOf: GroupOf,
  isFree: IsFree,
): { group: string; answer: Answer }[] {
  const counts = new Map<string, Answer>()
  for (const profile of profiles) {
    const answer = answers.find((one) => isSame(one, profile))
    const group = isFree(profile) ? groupOf(profile) : null
    if (answer?.account?.freeUsed == null || group === null || answer.recorded.has(group.name)) continue
    const known = counts.get(group.name)?.account?.freeUsed ?? -1
    if (answer.account.freeUsed > known) counts.set(group.name, answer)
  }
  return [...counts].map(([group, answer]) => ({ group, answer }))
}
