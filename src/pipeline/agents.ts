import type { Clock } from '../core/clock.js'
import { ConfigError } from '../core/errors.js'
import type { Logger } from '../core/logging.js'
import { abortableSleep } from '../core/sleep.js'
import type { Lease } from '../db/leases.js'
import type { CallRequest, CallResult, MinuteWindow } from '../db/ledger.js'
import { MinuteFullError, reserveCall, settlement } from '../db/ledger.js'
import type { Db } from '../db/prepared.js'
import type { PhaseName } from '../db/schema.js'
import { ModelError } from '../llm/errors.js'
import { apiKey } from '../llm/openai.js'
import { toModelProfile } from '../llm/profiles.js'
import type { ModelProfile, Provider } from '../llm/provider.js'
import type { AgentAnswer, AgentCall, AgentRunner, LoadedAgent } from '../machines/types.js'
import { isAbort } from './failure-policy.js'

export interface AgentScope {
  lease: Lease
  phase: PhaseName
  /** Aborted when the lease is lost: an answer that still comes could not be kept. */
  lost: AbortSignal
}

export type AgentRunnerFactory = (scope: AgentScope) => AgentRunner

/** Requests under way, each with the moment (epoch milliseconds) at which it will have ended at the latest. */
export type InFlight = Map<string, number>

export interface AgentServices {
  db: Db
  clock: Clock
  budget: number
  provider: (profile: ModelProfile) => Promise<Provider>
  inFlight: InFlight
  log: Logger
  /** The window a request has to fit into; null: it is not paced. */
  window(profile: ModelProfile): MinuteWindow | null
  /** Aborted when requests in flight are not waited for any longer. */
  cut: AbortSignal
  /** Called once for each request that is sent. */
  onRequest(role: 'cheap' | 'expensive'): void
}

/** Returns how agents are run for one claimed execution: ledger row first, then the request, then the answer. */
export function agentRunners(services: AgentServices, profiles: ProfileResolver): AgentRunnerFactory {
  return (scope) => async (call) => {
    const profile = profiles(call.agent)
    const provider = await services.provider(profile)
    const request = {
      agent: call.agent.name,
      profile,
      system: call.system,
      user: call.user,
      input: call.input,
      signal: AbortSignal.any([services.cut, scope.lost]),
    }
    if (profile.provider === 'offline') return toAnswer(await provider.complete(request), profile, 0)
    return send(services, scope, call, profile, () => provider.complete(request))
  }
}

async function send(
  services: AgentServices,
  scope: AgentScope,
  call: AgentCall,
  profile: ModelProfile,
  complete: () => ReturnType<Provider['complete']>,
): Promise<AgentAnswer> {
  const { db, clock } = services
  const callId = await reserve(services, call, profile, () => ({
    executionId: scope.lease.executionId,
    phase: scope.phase,
    machine: call.machineName,
    state: call.state,
    role: profile.role,
    model: profile.model,
    attempt: call.attempt,
    lease: scope.lease,
    budget: services.budget,
    window: services.window(profile),
    now: clock.now(),
  }))
  const started = clock.now()
  services.onRequest(profile.role)
  services.inFlight.set(callId, started + profile.timeout * 1000)
  try {
    const answer = await complete()
    const result: CallResult = {
      outcome: 'ok',
      model: answer.model,
      statusCode: 200,
      errorClass: null,
      counted: true,
      promptTokens: answer.promptTokens,
      completionTokens: answer.completionTokens,
      costUsd: answer.costUsd,
      latencyMs: clock.now() - started,
      rateLimit: answer.rateLimit,
    }
    return { ...toAnswer(answer, profile, 1), settlement: settlement(db, callId, result, clock.now()) }
  } catch (error) {
    const result = failedCall(error, scope.lost.aborted, clock.now() - started)
    await settlement(db, callId, result, clock.now()).commit()
    throw error
  } finally {
    services.inFlight.delete(callId)
  }
}

/** Books the request; where the minute is full it sleeps until the slot opens, and says so. */
async function reserve(
  services: AgentServices,
  call: AgentCall,
  profile: ModelProfile,
  request: () => CallRequest,
): Promise<string> {
  for (;;) {
    try {
      return await reserveCall(services.db, request())
    } catch (error) {
      if (!(error instanceof MinuteFullError)) throw error
      const waitMs = Math.max(0, error.freeAt - services.clock.now()) + Math.random() * SPREAD_MS
      services.log.info(
        `${profile.model}: ${error.group} is full for this minute; next request in ${Math.ceil(waitMs / 1000)} s`,
      )
      await abortableSleep(waitMs, call.signal)
    }
  }
}

/** Those who wait for the same slot do not all come at once. */
const SPREAD_MS = 250

function toAnswer(
  answer: Awaited<ReturnType<Provider['complete']>>,
  profile: ModelProfile,
  apiCalls: number,
): AgentAnswer {
  return {
    output: { content: answer.content, model: answer.model, profile: profile.profile },
    rateLimit: answer.rateLimit,
    apiCalls,
    costUsd: answer.costUsd ?? 0,
  }
}

function failedCall(error: unknown, lost: boolean, latencyMs: number): CallResult {
  const empty = { promptTokens: null, completionTokens: null, costUsd: null, rateLimit: null, latencyMs }
  if (!(error instanceof ModelError)) {
    const aborted = lost || isAbort(error)
    return {
      ...empty,
      outcome: aborted ? 'aborted' : 'error',
      statusCode: null,
      errorClass: aborted ? 'aborted' : 'internal',
      counted: true,
    }
  }
  const { details, errorClass } = error
  return {
    outcome: errorClass.startsWith('rate_limited') ? 'rate_limited' : 'error',
    statusCode: details.statusCode ?? null,
    errorClass,
    // Where no connection came about the provider saw nothing; everything else may have counted there.
    counted: errorClass !== 'unreachable',
    promptTokens: details.promptTokens ?? null,
    completionTokens: details.completionTokens ?? null,
    costUsd: details.costUsd ?? null,
    latencyMs,
    rateLimit: details.rateLimit ?? null,
  }
}

export type ProfileResolver = (agent: LoadedAgent) => ModelProfile

export interface ProfileSource {
  /** `model_profiles` of profiles.yml, as written. */
  entries: Readonly<Record<string, unknown>>
  default: string | null
  file: string
}

/**
 * Returns how agents come to their profile: the override (RPA_PROFILE) if there is one, else their own, else the
 * default. The role stays that of the agent's own profile, so that cheap and expensive requests are counted as such.
 *
 * @throws ConfigError `profile_unknown`, `api_key_missing`, `profile_invalid` at once, for the agents given.
 */
export function resolveProfiles(
  source: ProfileSource,
  agents: readonly LoadedAgent[],
  override: string | null,
  baseUrl: string,
  env: NodeJS.ProcessEnv,
): ProfileResolver {
  const named = (name: string): ModelProfile => {
    if (!Object.hasOwn(source.entries, name)) {
      throw new ConfigError('profile_unknown', `There is no profile "${name}" in ${source.file}.`, {
        hint: `Profiles there: ${Object.keys(source.entries).join(', ')}.`,
      })
    }
    return toModelProfile(name, source.entries[name], baseUrl)
  }
  const resolve: ProfileResolver = (agent) => {
    const own = agent.profile ?? source.default
    const effective = override ?? own
    if (effective === null) {
      throw new ConfigError(
        'profile_unknown',
        `${agent.file} names no profile, and ${source.file} has no default.`,
      )
    }
    const profile = named(effective)
    const role = own !== null && Object.hasOwn(source.entries, own) ? named(own).role : profile.role
    return { ...profile, role }
  }
  for (const agent of agents) {
    const profile = resolve(agent)
    if (profile.provider === 'openai') apiKey(profile, env)
  }
  return resolve
}
