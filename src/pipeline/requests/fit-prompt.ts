import { PaperError } from '../../core/errors.js'
import type { JsonObject } from '../../core/json.js'
import type { ToldContext } from '../../llm/context-limit.js'
import { sharesOf } from '../../llm/context-limit.js'
import type { ModelErrorDetails } from '../../llm/errors.js'
import type { ModelProfile } from '../../llm/provider.js'
import { estimateTokens, sizeOfPrompt } from '../../llm/tokens.js'
import type { AgentCall } from '../../machines/types.js'
import { cutPaperText } from '../../papers/cut-text.js'

export interface FittedPrompt {
  system: string
  user: string
  /** What it was rendered from. */
  input: JsonObject
  /** Titles of the paper's sections that were left out or shortened; [] when it is there whole. */
  cut: string[]
}

/** For what a chat template adds around the messages. */
const MARGIN_TOKENS = 200
/** For what the estimate may miss. */
const MARGIN_SHARE = 0.02
/** A template may use the text more than once: what is too long after the first cut is cut again. */
const MAX_CUTS = 3

/**
 * Returns the prompt as it can be sent to the model: `paper_text` in its input cut, by section priority, to what the
 * profile's context_length leaves beside the answer and the rest of the prompt, and to `most` tokens, as they are
 * estimated, where a longer one was refused.
 *
 * @throws PaperError `context_too_small` where not even abstract and conclusion fit.
 */
export function fitPrompt(call: AgentCall, profile: ModelProfile, most: number | null = null): FittedPrompt {
  const { input, system, user } = call
  const paper = input['paper_text']
  const whole = { system, user, input, cut: [] }
  if (profile.provider === 'offline' || typeof paper !== 'string') return whole
  const allowed = Math.floor(Math.min(roomOf(profile), most ?? Infinity))
  if (sizeOfPrompt(whole) <= allowed) return whole
  const withPaper = (text: string): FittedPrompt => {
    const shorter = { ...input, paper_text: text }
    return { ...call.render(shorter), input: shorter, cut: [] }
  }
  let room = allowed - roundedUp(sizeOfPrompt(withPaper('')), allowed)
  for (let cuts = 0; cuts < MAX_CUTS && room > 0; cuts++) {
    const { text, cut, fits } = cutPaperText(paper, room, estimateTokens)
    if (!fits) break
    const prompt = { ...withPaper(text), cut }
    const excess = sizeOfPrompt(prompt) - allowed
    if (excess <= 0) return prompt
    room = Math.floor((room * room) / (room + excess))
  }
  throw tooSmall(call, profile, most !== null)
}

/**
 * Returns how many tokens, as they are estimated, a prompt may have that was refused as too long with `sent` of them:
 * between 0.1 and 0.8 of those; from the refusal's own numbers where it names them, else 0.6. `profile` is what was asked.
 */
export function mostAfterOverflow(details: ModelErrorDetails, profile: ModelProfile, sent: number): number {
  const told = details.context ?? null
  const share = told === null ? UNTOLD_SCALE : toldShare(told, profile, sent)
  return Math.floor(sent * Math.min(0.8, Math.max(0.1, share)))
}

function toldShare(told: ToldContext, profile: ModelProfile, sent: number): number {
  const { answer, prompt } = sharesOf(told, profile.maxTokens)
  if (prompt !== null) return ((told.limit - answer) / prompt) * 0.95
  const room = roomOf({ ...profile, contextLength: told.limit })
  return room < sent ? room / sent : UNTOLD_SCALE
}

/** Returns the context_length that leaves just so many tokens for a prompt beside the profile's answer. */
export function contextFor(most: number, { maxTokens }: ModelProfile): number {
  return Math.floor((most + maxTokens + MARGIN_TOKENS) / (1 - MARGIN_SHARE))
}

/** Prompts of one paper that differ a little in what follows the paper cut it alike, so that they begin alike. */
const REST_STEP = 2048
/** A smaller model needs the room more than a cache. */
const LEAST_ROOM = 24_000

function roundedUp(rest: number, allowed: number): number {
  return allowed < LEAST_ROOM ? rest : Math.ceil(rest / REST_STEP) * REST_STEP
}

/** For a prompt of which it is not known how much too long it is. */
export const UNTOLD_SCALE = 0.6

function roomOf({ contextLength, maxTokens }: ModelProfile): number {
  return contextLength - maxTokens - MARGIN_TOKENS - Math.ceil(contextLength * MARGIN_SHARE)
}

function tooSmall(call: AgentCall, profile: ModelProfile, wasRefused: boolean): PaperError {
  const { contextLength, maxTokens, model } = profile
  const room = wasRefused
    ? `${model} refused the prompt as too long, and not even the paper's abstract and conclusion are short enough now`
    : `context_length ${contextLength} less max_tokens ${maxTokens} of ${model} has no room for even the paper's abstract and conclusion`
  return new PaperError('context_too_small', `${call.agent.name}: ${room}.`, {
    hint: `Give the profile "${profile.profile}" a model with a longer context, or lower its max_tokens, in profiles.yml (context_length is ${contextLength}).`,
  })
}
