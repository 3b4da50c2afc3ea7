/** One window of a provider's limit, as read from an answer. Times in seconds, `reset_at` in epoch seconds. */
export interface RateLimitWindow {
  name: string
  resource: string
  remaining: number | null
  limit: number | null
  resets_in: number | null
  reset_at: number | null
}

/** The rate-limit state that came with an answer or a refusal. `retry_after` in seconds. */
export interface RateLimitState {
  limited: boolean
  retry_after: number | null
  windows: RateLimitWindow[]
}
