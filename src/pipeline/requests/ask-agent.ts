import type { Writer } from '../../core/report-sections.js'
import { CircuitOpenError } from '../../db/calls/circuits.js'
import { BudgetSpentError } from '../../db/calls/day-counts.js'
import type { Logger } from '../../core/logging.js'
import type { Lease } from '../../db/leases/leases.js'
import { ModelError } from '../../llm/errors.js'
import type { ModelAnswer, ModelProfile, ModelRequest, Provider } from '../../llm/provider.js'
import { sizeOfPrompt } from '../../llm/tokens.js'
import { isWholeAnswer } from '../../report/sections/ends-whole.js'
import { noAnswerIn } from '../../report/sections/no-answer.js'
import { headingsOf } from '../../report/answers/headings.js'
import { unpackedAnswer } from '../../report/answers/unpacked-answer.js'
import { wholeAnswer } from '../../report/answers/whole-answer.js'
import { defuse, rearm } from '../../text/injection.js'
import type { AgentAnswer, AgentCall, AgentRunner } from '../../machines/types.js'
import { ruleOf } from '../failures/rules.js'
import { fitPrompt } from './fit-prompt.js'
import type { ProfileChain, ProfileResolver } from '../config/resolve-profiles.js'
import type { RequestScope, SendServices } from './send-scope.js'
import { sendRequest } from './send-request.js'
import { Leads, Limiters } from './limiters.js'
import type { Sent, Variant } from './variants.js'
import { firstVariant, foundSize, nextVariant, saysMore, toldSize, withinSize } from './variants.js'

export interface AgentScope {
  lease: Lease
  /** Of a paper, or `by-hand`. */
  phase: string
  /** Aborted when the lease is lost: an answer that still comes could not be kept. */
  leaseLost: AbortSignal
  /** For lines about the paper. */
  log: Logger
}

type AskedScope = AgentScope & Pick<RequestScope, 'answered'> & { leads: Leads }

/** @param profiles of the machine that is run. */
export type AgentRunnerFactory = (scope: AgentScope, profiles: ProfileResolver) => AgentRunner

export interface AgentServices extends SendServices {
  provider: (profile: ModelProfile) => Promise<Provider>
  /** Aborted when no new request may begin: those that wait for their turn in this process are given up at once. */
  stopRequests: AbortSignal
  /** Aborted when requests in flight are not waited for any longer. */
  abortInFlight: AbortSignal
}

/**
 * Returns how agents are run for one claimed execution: ledger row first, then the request, then the answer. What
 * follows from a failure stands in the failure rules.
 */
export function agentRunners(services: AgentServices): AgentRunnerFactory {
  const limiters = new Limiters(services.stopRequests)
  return (scope, profiles) => {
    const answered = new Set<string>()
    const leads = new Leads()
    return async (call) => {
      const asked = new AskedAgent(services, limiters, { ...scope, answered, leads }, call)
      return asked.anyOf(profiles(call.agent))
    }
  }
}

/** One agent's question, until there is an answer or nobody left to ask. */
class AskedAgent {
  #requests = 0
  /** The last request. */
  #sent!: Sent
  /** The call as it is put into words for a model: whatever comes from outside cannot end its block of the prompt. */
  readonly #prompted: AgentCall

  readonly #services: AgentServices
  readonly #limiters: Limiters
  readonly #scope: AskedScope
  readonly #call: AgentCall

  constructor(services: AgentServices, limiters: Limiters, scope: AskedScope, call: AgentCall) {
    this.#services = services
    this.#limiters = limiters
    this.#scope = scope
    this.#call = call
    const input = defuse(call.input)
    this.#prompted = { ...call, input, ...call.render(input) }
  }

  async anyOf(chain: ProfileChain): Promise<AgentAnswer> {
    let failure: unknown
    for (const profile of chain) {
      try {
        return await this.#ask(profile)
      } catch (error) {
        failure = worse(failure, error)
        if (!mayAskNext(error)) break
      }
    }
    throw failure
  }

  async #ask(configured: ModelProfile): Promise<AgentAnswer> {
    const profile = this.#fitting(configured)
    let variant = firstVariant(profile, profile.maxTokens < configured.maxTokens)
    let refused: ModelError | null = null
    for (;;) {
      try {
        const answer = await this.#send({ ...profile, maxTokens: variant.maxTokens }, variant)
        if (refused !== null) this.#learnSize(foundSize(refused, this.#sent))
        return answer
      } catch (error) {
        if (refused !== null && saysMore(refused, error, variant)) throw refused
        if (!(error instanceof ModelError)) throw error
        this.#learnSize(toldSize(error, this.#sent), error)
        const next = nextVariant(error, variant, this.#sent)
        if (next === null) throw error
        if (next.pauses === variant.pauses) refused = error
        variant = next
      }
    }
  }

  /** The profile as its model has to be asked, by what this command was told of its size. */
  #fitting(profile: ModelProfile): ModelProfile {
    const size = this.#services.sizes.get(sizeKey(profile))
    return size === undefined ? profile : withinSize(profile, size)
  }

  /** What is wrong with a profile is wrong with every question: the others need not find out. */
  #learnSize(size: number | null, error?: ModelError): void {
    const { sizes, log } = this.#services
    const { profile } = this.#sent
    const key = sizeKey(profile)
    if (size === null || size >= (sizes.get(key) ?? Infinity)) return
    sizes.set(key, size)
    log.warn(
      error !== undefined && ruleOf(error).inPlace === 'smaller'
        ? `${profile.model} takes ${size} tokens in all: from now on this command asks it for shorter answers. ${error.hint ?? ''}`
        : `${profile.model} takes ${error === undefined ? 'about ' : ''}${size} tokens in all, fewer than context_length of the profile "${profile.profile}" says: from now on this command cuts papers to that. Set it to that in profiles.yml, or start the server with a longer context.`,
    )
  }

  async #send(configured: ModelProfile, variant: Variant): Promise<AgentAnswer> {
    const [services, scope] = [this.#services, this.#scope]
    const provider = await services.provider(configured)
    let [request, cut] = this.#request(configured, variant)
    if (configured.provider === 'offline')
      return toAnswer(await provider.complete(request), configured, 0, cut)
    const send = (): ReturnType<typeof sendRequest> => {
      // While this one waited for its turn, another may have been told how long it may be.
      const profile = this.#fitting(configured)
      if (profile !== configured) [request, cut] = this.#request(profile, variant)
      this.#sent = { profile, tokens: sizeOfPrompt(request) }
      return sendRequest(services, this.#requestScope(), request, (sent) => provider.complete(sent))
    }
    const { answer, settlement } = await scope.leads.follow(configured, () =>
      this.#limiters.schedule(services.limitGroup(configured), send),
    )
    const content = wholeAnswer(unpackedAnswer(rearm(answer.content)), request.headings)
    return { ...toAnswer({ ...answer, content }, request.profile, this.#requests, cut), settlement }
  }

  /** The request in this form, and the titles of the paper's sections that were left out of it or shortened. */
  #request(profile: ModelProfile, { most, isReduced }: Variant): [ModelRequest, string[]] {
    const [call, services, scope] = [this.#call, this.#services, this.#scope]
    const prompt =
      profile.provider === 'offline'
        ? { system: call.system, user: call.user, input: call.input, cut: [] }
        : fitPrompt(this.#prompted, profile, most)
    const headings = headingsAsked(call)
    const request: ModelRequest = {
      agent: call.agent.name,
      profile,
      system: prompt.system,
      user: prompt.user,
      input: prompt.input,
      headings,
      isWhole: (text) => isWholeAnswer(rearm(text), headings),
      noAnswer: (text) => noAnswerIn(rearm(text), headings),
      session: scope.lease.executionId,
      isReduced,
      signal: AbortSignal.any([services.abortInFlight, scope.leaseLost]),
    }
    return [request, prompt.cut]
  }

  #requestScope(): RequestScope {
    const { lease, phase, leaseLost, answered, log } = this.#scope
    const { machineName: machine, state, attempt, signal: stopRequests } = this.#call
    this.#requests += 1
    const booked = attempt + this.#requests - 1
    return { lease, phase, leaseLost, answered, log, machine, state, stopRequests, attempt: booked }
  }
}

function sizeKey({ model, baseUrl }: ModelProfile): string {
  return `${model} ${baseUrl ?? ''}`
}

function mayAskNext(error: unknown): boolean {
  if (error instanceof CircuitOpenError || isGroupSpent(error)) return true
  return !(error instanceof BudgetSpentError) && ruleOf(error).fallback
}

/** The day of one account is spent; others may have a model that is listed. */
function isGroupSpent(error: unknown): error is BudgetSpentError {
  return error instanceof BudgetSpentError && error.group !== null
}

/** Of all who could not answer, one who was asked says more than one who was not; else who may be asked soonest. */
function worse(before: unknown, error: unknown): unknown {
  const [one, other] = [mayBeAskedAt(before), mayBeAskedAt(error)]
  if (other === null) return error
  if (one === null) return before ?? error
  return other < one ? error : before
}

/** Returns when a profile that was not asked may be, epoch milliseconds; null for any other failure. */
function mayBeAskedAt(error: unknown): number | null {
  if (error instanceof CircuitOpenError) return error.retryAt
  return isGroupSpent(error) ? error.resetsAt : null
}

/** Headings that the answer owes: those that a repair is asked for, else those of the writer. */
function headingsAsked({ agent, input }: AgentCall): string[] {
  const missing = input['missing']
  if (Array.isArray(missing)) return missing.filter((heading) => typeof heading === 'string')
  return headingsOf(agent.name as Writer)
}

function toAnswer(
  answer: ModelAnswer,
  profile: ModelProfile,
  apiCalls: number,
  textCut: string[],
): AgentAnswer {
  return {
    output: {
      content: answer.content,
      model: answer.model,
      profile: profile.profile,
      text_cut: textCut,
    },
    rateLimit: answer.rateLimit,
    apiCalls,
    costUsd: answer.costUsd ?? 0,
  }
}
