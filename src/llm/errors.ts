import { RpaError } from '../core/errors.js'
import type { ToldContext } from './context-limit.js'
import type { RateLimitState } from '../core/rate-limit-state.js'
import type { CacheStatus, Usage } from './provider.js'

/** Why a request brought no usable answer. The pipeline's failure policy says what follows from each. */
export const MODEL_ERROR_CLASSES = [
  'rate_limited_minute',
  'rate_limited_day',
  'rate_limited_upstream',
  'rate_limited_tokens',
  'payment_required',
  'credit_short',
  'key_rejected',
  'account_refused',
  'proxy_login',
  'data_policy',
  'endpoint_wrong',
  'parameter_refused',
  'moderated',
  'model_gone',
  'context_overflow',
  'max_tokens_too_large',
  'body_too_large',
  'bad_request',
  'server_error',
  'timeout',
  'connection_failed',
  'unreachable',
  'empty_answer',
  'truncated_answer',
  'filtered_answer',
  'malformed_answer',
] as const

export type ModelErrorClass = (typeof MODEL_ERROR_CLASSES)[number]

export interface ModelErrorDetails extends Usage {
  statusCode?: number | null
  rateLimit?: RateLimitState | null
  /** Epoch milliseconds before which another try is pointless. */
  retryAt?: number | null
  /** Epoch milliseconds until which the circuit of the model asked is open: it fails others as well. */
  closedUntil?: number | null
  /** The model answered other papers since it first refused this one, which it refuses again. */
  othersAnswered?: boolean
  /** Whether a cache gave the answer that is of no use. */
  cached?: CacheStatus | null
  /** What a refusal for length says about it. */
  context?: ToldContext | null
  /** Tokens of answer that the credit is good for. */
  affordable?: number | null
  hint?: string
  cause?: unknown
}

/** One request failed. `code` is its ModelErrorClass. */
export class ModelError extends RpaError {
  readonly errorClass: ModelErrorClass
  readonly details: ModelErrorDetails
  /** The machine's own retry loop leaves it alone: what to do is the pipeline's decision. */
  readonly retryable = false

  constructor(errorClass: ModelErrorClass, message: string, details: ModelErrorDetails = {}) {
    super(errorClass, message, {
      ...(details.hint === undefined ? {} : { hint: details.hint }),
      ...(details.cause === undefined ? {} : { cause: details.cause }),
    })
    this.errorClass = errorClass
    this.details = details
  }
}
