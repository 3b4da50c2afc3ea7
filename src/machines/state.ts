import { isObject } from '../core/json.js'
import type { JsonObject } from '../core/json.js'
import type { Settlement } from './types.js'
import type { RateLimitState } from '../core/rate-limit-state.js'
import { runChild, runParallel } from './children.js'
import type { ChildScope } from './children.js'
import { MachineError } from './errors.js'
import type { LoadedMachine, LoadedState, Work } from './loaded.js'
import type { Scope } from './language/scope-path.js'
import { plain, plainObject } from './language/plain.js'
import { withRetry } from './retry.js'
import { renderText, renderValue } from './language/template.js'
import type { AgentAnswer, AgentCall } from './types.js'

export interface WorkScope extends Omit<ChildScope, 'input'> {
  machine: LoadedMachine
  scope: Scope
  rateLimit: RateLimitState | null
  onRateLimit(state: RateLimitState): void
}

export interface WorkResult {
  output: unknown
  /** The whole next context, from an action. */
  context?: JsonObject
  settlement?: Settlement | undefined
  /** The newest state that a child brought along from an earlier run. */
  rateLimit?: RateLimitState | null
  /** False if a child failed: the output is no place to continue from, entering the state again is. */
  whole: boolean
}

/** Does the work of a state: one agent's request, one action, or the machines below it, with the state's retry rule. */
export async function doWork(state: LoadedState, run: WorkScope): Promise<WorkResult> {
  const { work } = state
  const what = `${run.machine.name}, state "${state.name}"`
  const given = state.input === null ? {} : renderValue(state.input, run.scope)
  const input = plainObject(given, `${what}: input`)
  switch (work.kind) {
    case 'none':
      return { output: null, whole: true }
    case 'agent':
      return withRetry(state.retry, run.services, run.endsRun, (attempt) =>
        runAgent(work, state, run, input, attempt),
      )
    case 'action':
      return withRetry(state.retry, run.services, run.endsRun, () => runAction(work.action, state, run))
    case 'machine':
      return runChild(work.child, state.retry, { ...run, input })
    case 'parallel':
      return runParallel(work.children, work.mode, state.retry, { ...run, input })
  }
}

async function runAgent(
  work: Work & { kind: 'agent' },
  state: LoadedState,
  run: WorkScope,
  input: JsonObject,
  attempt: number,
): Promise<WorkResult> {
  const { machine } = run
  const render: AgentCall['render'] = (given) => ({
    system: renderText(work.system, { input: given }),
    user: renderText(work.user, { input: given }),
  })
  const call: AgentCall = {
    agent: work.agent,
    input,
    ...render(input),
    render,
    executionId: run.executionId,
    machineName: machine.name,
    state: state.name,
    attempt,
    signal: run.services.signal,
  }
  const answer = await answerOf(call, run)
  run.onSpent({ apiCalls: answer.apiCalls, costUsd: answer.costUsd, rateLimit: answer.rateLimit })
  const output = plain(answer.output, `${machine.name}, state "${state.name}": answer`)
  return { output, settlement: answer.settlement, whole: true }
}

/** Takes note of the rate-limit state that comes with an answer, and with a refusal that carries one. */
async function answerOf(call: AgentCall, run: WorkScope): Promise<AgentAnswer> {
  try {
    const answer = await run.services.runAgent(call)
    if (answer.rateLimit !== null) run.onRateLimit(answer.rateLimit)
    return answer
  } catch (error) {
    const state = rateLimitOf(error)
    if (state !== null) run.onRateLimit(state)
    throw error
  }
}

function rateLimitOf(error: unknown): RateLimitState | null {
  if (typeof error !== 'object' || error === null) return null
  const { rateLimit, details } = error as { rateLimit?: unknown; details?: unknown }
  const state = rateLimit ?? (isObject(details) ? details['rateLimit'] : null)
  return isObject(state) && Array.isArray(state['windows']) ? (state as unknown as RateLimitState) : null
}

async function runAction(name: string, state: LoadedState, run: WorkScope): Promise<WorkResult> {
  const { services, executionId, scope } = run
  const action = Object.hasOwn(services.actions, name) ? services.actions[name] : undefined
  if (action === undefined) {
    throw new MachineError(
      'unknown_action',
      `${run.machine.name}, state "${state.name}": there is no action "${name}"`,
    )
  }
  const given = scope.context
  const result: unknown = await action({
    action: name,
    state: state.name,
    context: plainObject(given, 'the context'),
    executionId,
    rateLimit: run.rateLimit,
    signal: services.signal,
  })
  const context = plainObject(result, `what action "${name}" returned`)
  const lost = Object.keys(given).filter((key) => key !== 'machine' && !Object.hasOwn(context, key))
  if (lost.length > 0) {
    throw new MachineError(
      'context_lost',
      `action "${name}" lost the keys ${lost.join(', ')} of the context`,
      {
        hint: 'An action returns every key it was given: `{ ...context, changed: value }`.',
      },
    )
  }
  return { output: null, context, whole: true }
}
