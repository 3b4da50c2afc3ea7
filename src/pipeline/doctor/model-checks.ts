import { ConfigError } from '../../core/errors.js'
import { apiKey } from '../../llm/api-key.js'
import { ModelError } from '../../llm/errors.js'
import { readAccount } from '../../llm/account.js'
import type { ListedModel } from '../../llm/model-list.js'
import { listModels } from '../../llm/model-list.js'
import type { ModelProfile } from '../../llm/provider.js'
import type { Finding } from './finding.js'
import { badOf } from './finding.js'

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
  for (const endpoint of endpointsOf(profiles)) {
    const host = URL.canParse(endpoint.baseUrl) ? new URL(endpoint.baseUrl).host : endpoint.baseUrl
    let away: string | null = null
    const onNone = (cause: string, isAway: boolean): void => void (away = isAway ? cause : null)
    const list = await listModels(endpoint.baseUrl, { userAgent, onNone })
    if (away !== null) {
      findings.push(awayFinding(host, away))
      continue
    }
    const models = list?.length === 0 ? null : list
    findings.push(await accountCheck(endpoint, host, env, userAgent, models !== null))
    for (const profile of models === null ? [] : endpoint.profiles)
      findings.push(modelCheck(profile, host, models ?? []))
  }
  return findings
}

const awayFinding = (host: string, cause: string): Finding => ({
  check: 'endpoint',
  state: 'bad',
  message: `${host} cannot be reached: ${cause}`,
  todo: 'Check the address, the network and HTTPS_PROXY.',
})

function endpointsOf(profiles: readonly ModelProfile[]): Endpoint[] {
  const endpoints = new Map<string, Endpoint>()
  for (const profile of profiles) {
    const { baseUrl } = profile
    if (profile.provider === 'offline' || baseUrl === null) continue
    const known = endpoints.get(baseUrl) ?? { baseUrl, profiles: [] }
    if (!known.profiles.some(({ model }) => model === profile.model)) known.profiles.push(profile)
    endpoints.set(baseUrl, known)
  }
  return [...endpoints.values()]
}

async function accountCheck(
  { baseUrl, profiles: [profile] }: Endpoint,
  host: string,
  env: NodeJS.ProcessEnv,
  userAgent: string,
  isThere: boolean,
): Promise<Finding> {
  try {
    const key = profile === undefined ? null : keyToShow(profile, env)
    const account = key === null ? null : await readAccount(baseUrl, key, { userAgent })
    if (account === null) {
      return isThere
        ? { check: 'endpoint', state: 'good', message: `${host} answers` }
        : {
            check: 'endpoint',
            state: 'note',
            message: `${host} gives no list of models`,
            todo: 'Check the address and the network; some servers keep no such list.',
          }
    }
    const day =
      account.freeLimit === null
        ? ''
        : `; ${account.freeUsed ?? 0} of ${account.freeLimit} free requests used today`
    return { check: 'endpoint', state: 'good', message: `${host} takes the key${day}` }
  } catch (error) {
    if (error instanceof ModelError) return badOf('endpoint', error)
    throw error
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
  const listed = models.find(({ id }) => id === model)
  if (listed === undefined) {
    return {
      check: 'model',
      // A server at home may call it otherwise, and take any name.
      state: openRouter ? 'bad' : 'note',
      message: `${model} is not among the models of ${host}`,
      todo: 'Name another one in config/profiles.yml (docs/models.md).',
    }
  }
  const { contextLength: offered } = listed
  if (offered !== null && offered < contextLength) {
    return {
      check: 'model',
      state: 'bad',
      message: `${model} takes ${offered} tokens, its profile counts on ${contextLength}`,
      todo: `Set context_length: ${offered} in config/profiles.yml: long papers would be cut.`,
    }
  }
  return {
    check: 'model',
    state: 'good',
    message: `${model}${offered === null ? '' : `, ${offered} tokens`}`,
  }
}
