import type { Logger } from '../../core/logging.js'
import { telemetry } from '../../core/telemetry.js'
import type { CallResult } from '../../db/calls/settle.js'
import type { Lease } from '../../db/leases/leases.js'
import type { ModelProfile } from '../../llm/provider.js'

/** Where in the work on a paper a request belongs. */
export interface RequestPlace {
  lease: Lease
  /** Of a paper, or `by-hand`. */
  phase: string
  machine: string
  state: string
  /** Which request of this state it is, from 1. */
  attempt: number
  /** For lines about the paper. */
  log: Logger
}

/**
 * Does the sending of a request inside a span. What it tells of the outcome goes to the log and to the measurements: never
 * a body, a header or a message.
 *
 * @returns what the sending returns.
 */
export function tracedRequest<R>(
  profile: ModelProfile,
  scope: RequestPlace,
  send: (tell: (result: CallResult) => void) => Promise<R>,
): Promise<R> {
  const { model, role, baseUrl } = profile
  const { lease, phase, machine, state, attempt, log } = scope
  const attributes = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.request.model': model,
    'gen_ai.request.max_tokens': profile.maxTokens,
    'server.address': baseUrl === null ? null : new URL(baseUrl).hostname,
    'rpa.execution_id': lease.executionId,
    'rpa.phase': phase,
    'rpa.machine': machine,
    'rpa.state': state,
    'rpa.role': role,
    'rpa.attempt': attempt,
  }
  return telemetry().span(`chat ${model}`, attributes, (span) =>
    send((result) => {
      const { outcome, errorClass, statusCode, promptTokens, completionTokens, cachedTokens } = result
      log.debug(sentWords(model, scope, result))
      span.set({
        'rpa.outcome': outcome,
        'http.response.status_code': statusCode,
        'gen_ai.response.model': result.model,
        'gen_ai.usage.input_tokens': promptTokens,
        'gen_ai.usage.output_tokens': completionTokens,
        'gen_ai.usage.cache_read.input_tokens': cachedTokens,
        'rpa.cost_usd': result.costUsd,
      })
      if (errorClass !== null) span.fail(errorClass)
      measure({ 'gen_ai.request.model': model, 'rpa.role': role, 'rpa.phase': phase }, result)
    }),
  )
}

function measure(labels: Record<string, string>, result: CallResult): void {
  const told = telemetry()
  const { outcome, errorClass, promptTokens, completionTokens, latencyMs } = result
  const ended = { ...labels, 'rpa.outcome': outcome, 'error.type': errorClass }
  told.count('rpa.requests', 1, ended)
  told.record('rpa.request.duration', latencyMs / 1000, ended)
  for (const [type, tokens] of [
    ['input', promptTokens],
    ['output', completionTokens],
  ] as const) {
    if (tokens !== null) told.count('rpa.tokens', tokens, { ...labels, 'gen_ai.token.type': type })
  }
}

/** One line on what was sent and what came back; no body. */
function sentWords(
  model: string,
  { machine, state, attempt }: RequestPlace,
  { outcome, errorClass, statusCode, promptTokens, completionTokens, latencyMs }: CallResult,
): string {
  const came = [statusCode === null ? null : `HTTP ${statusCode}`, outcome, errorClass]
  const tokens = promptTokens === null ? '' : `, ${promptTokens} + ${completionTokens ?? 0} tokens`
  const words = came.filter((word) => word !== null).join(' ')
  return `${machine}/${state}: request ${attempt} to ${model}: ${words} in ${latencyMs} ms${tokens}`
}
