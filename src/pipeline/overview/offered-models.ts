import { EXIT, RpaError } from '../../core/errors.js'
import { PIPELINE_NAMES } from '../../core/phases.js'
import type { Settings } from '../../core/settings/settings.js'
import type { ModelSuccess } from '../../db/usage/model-success.js'
import type { ListedModel } from '../../llm/model-list.js'
import type { LimitGroup } from '../../llm/limits.js'
import type { ModelProfile } from '../../llm/provider.js'
import { configFolders } from '../config/config-folders.js'
import { loadLimits } from '../config/load-limits.js'
import { chainsInForce } from '../config/phase-profiles.js'
import { limitGroupFor } from '../limits/limit-groups.js'

export interface OfferedModel {
  model: string
  /** Tokens, prompt and answer together; null: the endpoint does not say. */
  context_length: number | null
  /** Profiles in force that ask it. */
  profiles: string[]
  /** Of the last 30 days, by the ledger. */
  requests: number
  /** Share of the requests that gave an answer; null: it was never asked. */
  success_rate: number | null
}

export interface ProfileProposal {
  profile: string
  model: string
  why: 'gone' | 'fails' | 'context'
  /** What to write into profiles.yml; null: nothing that is offered will do. */
  instead: { name: string; context_length: number } | null
}

export interface OfferedModels {
  endpoint: string
  /** Whether only models that cost nothing are listed; false where the endpoint says of none that it does. */
  free_only: boolean
  /** Those that did best first. */
  models: OfferedModel[]
  /** What they share, by limits.yml; null: they are not paced. */
  limits: { group: string; requests_per_minute: number; requests_per_day: number | null } | null
  proposals: ProfileProposal[]
}

/** Fewer requests say nothing against a model. */
const ENOUGH_REQUESTS = 10
const POOR_RATE = 0.5
/** Room for a paper of usual length beside the answer. */
const LEAST_CONTEXT = 32_768

/**
 * Returns what an endpoint offers now beside how it did here, and which models to try where one in force is gone, fails more
 * often than not, or takes less than its profile counts on. Nothing is changed.
 *
 * @param list what the endpoint says that it offers.
 * @param success of the models that were asked, by name.
 * @throws ConfigError where limits.yml cannot be read.
 */
export function offeredModels(
  settings: Settings,
  list: readonly ListedModel[],
  success: ReadonlyMap<string, ModelSuccess>,
): OfferedModels {
  const inForce = Object.values(chainsInForce(settings, PIPELINE_NAMES) ?? {}).flat(2)
  const own = inForce.filter(
    ({ provider, baseUrl }) => provider !== 'offline' && baseUrl === settings.baseUrl,
  )
  const free = list.filter(({ isFree }) => isFree)
  const shown = free.length > 0 ? free : list
  const models = shown
    .map(({ id, contextLength }) => {
      const { requests, ok } = success.get(id) ?? { requests: 0, ok: 0 }
      return {
        model: id,
        context_length: contextLength,
        profiles: [...new Set(own.filter(({ model }) => model === id).map(({ profile }) => profile))],
        requests,
        success_rate: requests === 0 ? null : ok / requests,
      }
    })
    .sort(better)
  const group = groupOf(settings, own, free)
  return {
    endpoint: settings.baseUrl,
    free_only: free.length > 0,
    models,
    limits:
      group === null
        ? null
        : {
            group: group.name,
            requests_per_minute: group.requestsPerMinute,
            requests_per_day: group.requestsPerDay,
          },
    proposals: proposals(own, list, models, success),
  }
}

/** Returns the error for an endpoint that names no models. */
export function noModelList(endpoint: string, cause: string): RpaError {
  return new RpaError('models_unavailable', `${endpoint} gives no list of models: ${cause}.`, {
    hint: 'Check the address and the network (`rpa doctor`); some servers keep no such list.',
    exitCode: EXIT.unavailable,
  })
}

/** With one answer and one failure added to each, so that a single lucky answer is not the best there is. */
function expected({ requests, success_rate: rate }: OfferedModel): number {
  return ((rate ?? 0) * requests + 1) / (requests + 2)
}

function better(a: OfferedModel, b: OfferedModel): number {
  return (
    expected(b) - expected(a) ||
    (b.context_length ?? 0) - (a.context_length ?? 0) ||
    (a.model < b.model ? -1 : 1)
  )
}

function groupOf(
  settings: Settings,
  own: readonly ModelProfile[],
  free: readonly ListedModel[],
): LimitGroup | null {
  const { groups } = loadLimits(configFolders(settings))
  const isFree = new Set(free.map(({ id }) => id))
  const profile = own.find(({ model }) => isFree.has(model)) ?? own[0]
  return profile === undefined
    ? null
    : limitGroupFor(groups, profile, profile.openRouter, isFree.has(profile.model))
}

function proposals(
  own: readonly ModelProfile[],
  list: readonly ListedModel[],
  models: readonly OfferedModel[],
  success: ReadonlyMap<string, ModelSuccess>,
): ProfileProposal[] {
  const taken = new Set(own.map(({ model }) => model))
  return [...new Map(own.map((profile) => [profile.profile, profile])).values()].flatMap((profile) => {
    const why = whatIsWrong(profile, list, success)
    if (why === null) return []
    const least = Math.max(LEAST_CONTEXT, profile.maxTokens * 2)
    const fits = models.filter(
      (one) =>
        one.model !== profile.model &&
        one.context_length !== null &&
        one.context_length >= least &&
        !isPoor(one),
    )
    // Two profiles with two models: one that is overrun does not stop both.
    const best = fits.find(({ model }) => !taken.has(model)) ?? fits[0]
    if (best !== undefined) taken.add(best.model)
    const instead =
      best?.context_length == null ? null : { name: best.model, context_length: best.context_length }
    return [{ profile: profile.profile, model: profile.model, why, instead }]
  })
}

function whatIsWrong(
  { model, contextLength }: ModelProfile,
  list: readonly ListedModel[],
  success: ReadonlyMap<string, ModelSuccess>,
): ProfileProposal['why'] | null {
  const listed = list.find(({ id }) => id === model)
  if (listed === undefined) return 'gone'
  if (listed.contextLength !== null && listed.contextLength < contextLength) return 'context'
  const { requests, ok } = success.get(model) ?? { requests: 0, ok: 0 }
  return requests >= ENOUGH_REQUESTS && ok / requests < POOR_RATE ? 'fails' : null
}

function isPoor({ requests, success_rate: rate }: OfferedModel): boolean {
  return requests >= ENOUGH_REQUESTS && rate !== null && rate < POOR_RATE
}
