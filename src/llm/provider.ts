import type { JsonObject } from '../core/json.js'
import type { RateLimitState } from '../core/rate-limit-state.js'

export type Role = 'cheap' | 'expensive'

/** An answer came from the endpoint's cache, or the model made it. */
export type CacheStatus = 'hit' | 'miss'

/**
 * Who can be asked, by the name that a profile gives under `provider`. `openai` and `openrouter` speak the same protocol. All
 * but `offline` have an endpoint, a key, limits and rows in the ledger.
 */
export const PROVIDER_NAMES = ['openrouter', 'openai', 'offline'] as const

export type ProviderName = (typeof PROVIDER_NAMES)[number]

/** What one entry of `model_profiles` in profiles.yml says, after validation. */
export interface ModelProfile {
  /** The entry's key, what agents and RPA_PROFILE name. */
  profile: string
  provider: ProviderName
  /** Speaks OpenRouter's dialect of the protocol, under whatever address. */
  openRouter: boolean
  /** Model id as the provider knows it. */
  model: string
  role: Role
  baseUrl: string | null
  /** The profile names its base URL itself; false: it is the setting's. */
  ownBaseUrl: boolean
  /** Name of the environment variable that holds the key. */
  apiKeyEnv: string | null
  temperature: number | null
  /** Longest answer, tokens. */
  maxTokens: number
  /** Under which name the endpoint takes that. */
  maxTokensMember: 'max_tokens' | 'max_completion_tokens'
  /** What the model takes at most, prompt and answer together, tokens. */
  contextLength: number
  /** Total deadline of one request, seconds. */
  timeout: number
  /** Members added to the request body, for what one provider understands and others do not. */
  extraBody: JsonObject
  /** The endpoint keeps answers for a day, and gives them again to the same question. */
  responseCache: boolean
  /** The first request of a paper runs ahead of the others, whose prompts begin alike, so that these find it in the provider's cache. */
  warmFirst: boolean
  /** Name of the group in limits.yml whose requests it shares; null: found by endpoint and model. */
  limitGroup: string | null
  /** Profiles to ask instead, in this order, when this one's model cannot answer. */
  fallback: readonly string[]
  /** Classes of failure that the provider does not count against the day. */
  uncounted: ReadonlySet<string>
}

/** What an answer cost; null or absent where the endpoint does not say. */
export interface Usage {
  promptTokens?: number | null | undefined
  /** Of the prompt's tokens, those that the provider had in its cache. */
  cachedTokens?: number | null | undefined
  completionTokens?: number | null | undefined
  /** Of the answer's tokens, those that were thinking. */
  reasoningTokens?: number | null | undefined
  costUsd?: number | null | undefined
  /** Who ran the model, as a router says. */
  servedBy?: string | null | undefined
}

/** What may stand in an answer's place: the model refuses, tells of a limit or an error, or says nothing of what is asked. */
export type NoAnswer = 'refusal' | 'limit' | 'error' | 'chatter'

/** One request to a model. `input` is what the templates were rendered from: the offline writer reads it instead of the prompt. */
export interface ModelRequest {
  /** Name of the agent (`key-outcome`, `why`, …): selects the offline writer. */
  agent: string
  profile: ModelProfile
  system: string
  user: string
  input: JsonObject
  /** Headings that the answer owes; [] where none are. */
  headings: readonly string[]
  /** Whether a text has all that is asked for and ends as a text does; asked where the server does not say so in words that are known. */
  isWhole: (text: string) => boolean
  /** What a text is instead of what is asked for; null: it is an answer. Left out: every text is. */
  noAnswer?: ((text: string) => NoAnswer | null) | undefined
  /** Names the paper that it is about: a router sends requests of one session to one provider, whose cache then knows the paper. */
  session: string
  /** A shorter answer than the profile's is asked for, because no more can be paid for or sent. */
  isReduced?: boolean | undefined
  /** An answer that the endpoint keeps is not wanted. */
  isAskedAnew?: boolean | undefined
  signal?: AbortSignal | undefined
  /**
   * Called when the connection is open; the first byte of the request, its line and headers too, goes out as soon as it has
   * resolved. Where it rejects, nothing is sent; nor where the connection `isGone` by then.
   */
  beforeSending?: ((isGone: () => boolean) => Promise<void>) | undefined
}

export interface ModelAnswer extends Usage {
  content: string
  /** The model that really answered, as the provider says. */
  model: string
  /** Null where the endpoint says nothing of a cache of answers. */
  cached?: CacheStatus | null
  rateLimit: RateLimitState | null
}

/** Who turns a request into an answer. Implementations throw `ModelError`; an answer that is not whole is a failure, never text. */
export interface Provider {
  complete(request: ModelRequest): Promise<ModelAnswer>
  /** Gives back connections and the like; nothing is asked afterwards. */
  close?(): Promise<void>
}
