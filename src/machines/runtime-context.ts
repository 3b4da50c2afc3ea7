import type { RateLimitState } from '../core/rate-limit-state.js'

/** `context.machine`: what the runtime says of itself, written anew at each step. */
export interface RuntimeContext {
  execution_id: string
  machine_name: string
  spec_version: string
  step: number
  /** Step at which this run of the machine began; `max_steps` counts from it. */
  first_step: number
  current_state: string
  total_api_calls: number
  total_cost: number
  rate_limit: RateLimitState | null
}
