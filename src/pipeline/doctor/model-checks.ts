import { ConfigError } from '../../core/errors.js'
import { publicUrl } from '../../core/public-url.js'
import { apiKey } from '../../llm/api-key.js'
import { ModelError } from '../../llm/errors.js'
import { readAccount } from '../../llm/account.js'
import { rightAddress, wrongAddress } from '../../llm/endpoint-probe.js'
import type { ListedModel } from '../../llm/model-list.js'
import { listModels } from '../../llm/model-list.js'
import { isThisMachine } from '../../llm/profiles.js'
import type { ModelProfile } from '../../llm/provider.js'
import type { Finding } from './finding.js'
import { badOf, clockFinding } from './finding.js'

interface Endpoint {
  baseUrl: string
  profiles: ModelProfile[]
}

/**
 * Asks each endpoint in force what it offers, and what it says of the key; neither counts as a request.
 *
 * @param userAgent of these questions.
 */
export async function modelChecks(
  profiles: readonly ModelProfile[],
  env: NodeJS.ProcessEnv,
  userAgent: string,
): Promise<Finding[]> {
  const findings: Finding[] = []
  let clock = null as Finding | null
  for (const endpoint of endpointsOf(profiles)) {
    const host = URL.canParse(endpoint.baseUrl) ? new URL(endpoint.baseUrl).host : endpoint.baseUrl
    let away: string | null = null
    let none = 'the list is empty'
    const onNone = (cause: string, isAway: boolean): void => {
      none = cause
      away = isAway ? cause : null
    }
    const onDate = (now: number): void => void (clock ??= clockFinding(aheadOf(now), host))
    const list = await listModels(endpoint.baseUrl, { userAgent, onNone, onDate })
    if (away !== null) {
      findings.push(awayFinding(host, endpoint.baseUrl, away))
      continue
    }
    const models = list?.length === 0 ? null : list
    const ofKeys = new Map(endpoint.profiles.map((profile) => [profile.apiKeyEnv, profile]))
    for (const profile of ofKeys.values())
      findings.push(await accountCheck(profile, host, env, userAgent, models === null ? none : null))
    if (models === null) continue
    for (const [keyName, ofKey] of ofKeys) {
      const allowed = await allowedModels(ofKey, env, userAgent)
      for (const profile of endpoint.profiles.filter(({ apiKeyEnv }) => apiKeyEnv === keyName))
        findings.push(settingsCheck(profile, models, allowed) ?? modelCheck(profile, host, models))
    }
  }
  return clock === null ? findings : [...findings, clock]
}

/** A date of HTTP has whole seconds, cut off. */
function aheadOf(now: number): number {
  const here = Date.now()
  return here >= now && here < now + 1000 ? 0 : now - here
}

/** The models that the settings of the account leave; null: nobody says, or none needs to. */
async function allowedModels(
  profile: ModelProfile,
  env: NodeJS.ProcessEnv,
  userAgent: string,
): Promise<Set<string> | null> {
  const key = profile.openRouter ? keyToShow(profile, env) : null
  if (key === null || profile.baseUrl === null) return null
  const list = await listModels(profile.baseUrl, { userAgent, key })
  return list === null || list.length === 0 ? null : new Set(list.map(({ id }) => id))
}

/** Null where the account may ask the model, or it is not offered at all. */
function settingsCheck(
  { model }: ModelProfile,
  models: readonly ListedModel[],
  allowed: ReadonlySet<string> | null,
): Finding | null {
  if (allowed === null || allowed.has(model) || !models.some(({ id }) => id === model)) return null
  return {
    check: 'model',
    state: 'bad',
    message: `${model} is offered, but the settings of the account (privacy, guardrails, providers) exclude it`,
    todo: 'Change them at https://openrouter.ai/settings/privacy, or name another model in config/profiles.yml.',
  }
}

const awayFinding = (host: string, baseUrl: string, cause: string): Finding => ({
  check: 'endpoint',
  state: 'bad',
  message: `${host} cannot be reached: ${cause}`,
  todo: isThisMachine(baseUrl)
    ? 'Start the server on this machine, or correct its address (base_url).'
    : 'Check the address, the network and HTTPS_PROXY.',
})

function endpointsOf(profiles: readonly ModelProfile[]): Endpoint[] {
  const endpoints = new Map<string, Endpoint>()
  for (const profile of profiles) {
    const { baseUrl } = profile
    if (profile.provider === 'offline' || baseUrl === null) continue
    const known = endpoints.get(baseUrl) ?? { baseUrl, profiles: [] }
    if (!known.profiles.some((one) => isAlike(one, profile))) known.profiles.push(profile)
    endpoints.set(baseUrl, known)
  }
  return [...endpoints.values()]
}

function isAlike(one: ModelProfile, other: ModelProfile): boolean {
  return (
    one.model === other.model &&
    one.contextLength === other.contextLength &&
    one.apiKeyEnv === other.apiKeyEnv
  )
}

async function accountCheck(
  profile: ModelProfile,
  host: string,
  env: NodeJS.ProcessEnv,
  userAgent: string,
  noList: string | null,
): Promise<Finding> {
  try {
    const key = keyToShow(profile, env)
    const account =
      key === null || profile.baseUrl === null ? null : await readAccount(profile.baseUrl, key, { userAgent })
    if (account === null) {
      return noList === null
        ? { check: 'endpoint', state: 'good', message: `${host} answers` }
        : await listlessFinding(profile.baseUrl ?? host, host, userAgent, noList)
    }
    const day =
      account.freeLimit === null
        ? ''
        : `; ${account.freeUsed ?? 0} of ${account.freeLimit} free requests used today`
    return {
      check: 'endpoint',
      state: 'good',
      message: `${host} takes ${profile.apiKeyEnv ?? 'the key'}${day}`,
    }
  } catch (error) {
    if (error instanceof ModelError) return badOf('endpoint', error)
    throw error
  }
}

/** Some servers keep no list of models, and are none the worse for it; others are asked at the wrong address. */
async function listlessFinding(
  baseUrl: string,
  host: string,
  userAgent: string,
  noList: string,
): Promise<Finding> {
  const wrong = await wrongAddress(baseUrl, { userAgent })
  if (wrong === null) {
    return {
      check: 'endpoint',
      state: 'note',
      message: `${host} gives no list of models: ${noList}`,
      todo: 'Some servers keep none; that the models are there, the first request will show.',
    }
  }
  const right = await rightAddress(baseUrl, { userAgent })
  return {
    check: 'endpoint',
    state: 'bad',
    message: `nobody takes questions at ${publicUrl(baseUrl)} (${wrong})`,
    todo:
      right === null
        ? 'Correct base_url (OPENROUTER_BASE_URL, or in config/profiles.yml): it ends where /chat/completions begins, most often in /v1.'
        : `Set base_url (OPENROUTER_BASE_URL, or in config/profiles.yml) to ${publicUrl(right)}: models are listed there.`,
  }
}

/** Null where there is none, or one that must not be sent: the check of the keys says so. */
function keyToShow(profile: ModelProfile, env: NodeJS.ProcessEnv): string | null {
  try {
    return apiKey(profile, env)
  } catch (error) {
    if (error instanceof ConfigError) return null
    throw error
  }
}

function modelCheck(
  { model, contextLength, openRouter }: ModelProfile,
  host: string,
  models: readonly ListedModel[],
): Finding {
  // Ollama adds the tag by itself.
  const named = models.find(({ id }) => id === model || (!openRouter && id === `${model}:latest`))
  // A server at home may call it otherwise, and take any name for the only one it has.
  const listed = named ?? (models.length === 1 && !openRouter ? models[0] : undefined)
  const offered = listed?.contextLength ?? null
  if (offered !== null && offered < contextLength) {
    return {
      check: 'model',
      state: 'bad',
      message: `${model} takes ${offered} tokens, its profile counts on ${contextLength}`,
      todo: `Set context_length: ${offered} in config/profiles.yml: long papers would be cut.`,
    }
  }
  if (named === undefined) {
    return {
      check: 'model',
      state: openRouter ? 'bad' : 'note',
      message: `${model} is not among the models of ${host}${listed === undefined ? '' : `, which has ${listed.id}`}`,
      todo: 'Name another one in config/profiles.yml (docs/models.md).',
    }
  }
  return {
    check: 'model',
    state: 'good',
    message: `${model}${offered === null ? '' : `, ${offered} tokens`}`,
  }
}
