import { PaperError } from '../../core/errors.js'
import type { ToldContext } from '../../llm/context-limit.js'
import { isLongestServed, sharesOf } from '../../llm/context-limit.js'
import type { ModelError } from '../../llm/errors.js'
import type { ModelProfile } from '../../llm/provider.js'
import { FAILURE_RULES, ruleOf } from '../failures/rules.js'
import { contextFor, mostAfterOverflow, UNTOLD_SCALE } from './fit-prompt.js'

/** In which form a question is put to one model. */
export interface Variant {
  /** Tokens, as they are estimated, that the prompt may have at most; null: what the profile leaves. */
  most: number | null
  /** How often the prompt was made shorter since it was refused as too long. */
  cuts: number
  maxTokens: number
  /** What the profile gives the answer. */
  usualMaxTokens: number
  /** The answer is given less room than the profile says. */
  isReduced: boolean
  pauses: number
}

/** The same request again is worth it only while its limit pauses; that it does so for ever is no reason to wait for ever. */
const MOST_PAUSES = 10

/** Returns the form in which a profile means to be asked; `isReduced` where it was given less room than it says. */
export function firstVariant({ maxTokens }: ModelProfile, isReduced: boolean): Variant {
  return { most: null, cuts: 0, maxTokens, usualMaxTokens: maxTokens, isReduced, pauses: 0 }
}

/** One request as it was sent: whom it asked, and about how many tokens its prompt had. */
export interface Sent {
  profile: ModelProfile
  tokens: number
}

/** Returns a profile as a model has to be asked that takes `limit` tokens in all: with room for the paper beside the answer. */
export function withinSize(profile: ModelProfile, limit: number): ModelProfile {
  const maxTokens = Math.min(profile.maxTokens, answerShare(limit))
  if (limit >= profile.contextLength && maxTokens === profile.maxTokens) return profile
  return { ...profile, contextLength: Math.min(profile.contextLength, limit), maxTokens }
}

/** Returns how many tokens a model takes in all, where a refusal says so and the profile is at fault; else null. */
export function toldSize(error: ModelError, { profile, tokens }: Sent): number | null {
  const { inPlace, exit } = ruleOf(error)
  const told = error.details.context ?? null
  if (told === null) return null
  if (inPlace === 'smaller') return exit === null ? null : told.limit
  const isLess = told.limit >= LEAST_TOKENS && told.limit < profile.contextLength
  const isBelieved = isLess && isWordOfLength(told, profile, tokens)
  return inPlace === 'shorter' && isBelieved ? told.limit : null
}

/** Returns the same, where a prompt was refused as too long without a number, and this one was not. */
export function foundSize(refused: ModelError, { profile, tokens }: Sent): number | null {
  const { inPlace, exit } = ruleOf(refused)
  // What a proxy takes is not what the model does.
  const isUntold = inPlace === 'shorter' && exit === null && (refused.details.context ?? null) === null
  return isUntold ? contextFor(tokens, profile) : null
}

/** Returns how the same model is asked again at once, or null where that is no use. */
export function nextVariant(error: ModelError, variant: Variant, sent: Sent): Variant | null {
  const { profile } = sent
  switch (FAILURE_RULES[error.errorClass].inPlace) {
    case 'again':
      return variant.pauses < MOST_PAUSES ? { ...variant, pauses: variant.pauses + 1 } : null
    case 'shorter':
      return shorter(error, variant, sent)
    case 'longer': {
      const maxTokens = Math.min(profile.maxTokens * 2, Math.floor(profile.contextLength / 2))
      const isUsual = variant.maxTokens === variant.usualMaxTokens && maxTokens > profile.maxTokens
      return isUsual && !isLongestServed(error.details.completionTokens ?? 0, profile.maxTokens)
        ? { ...variant, maxTokens }
        : null
    }
    case 'smaller':
      return variant.isReduced ? null : smaller(error, variant, sent)
    case 'cheaper': {
      const { affordable } = error.details
      return affordable == null || variant.isReduced
        ? null
        : { ...variant, maxTokens: Math.min(affordable, variant.maxTokens), isReduced: true }
    }
    case null:
      return null
  }
}

/**
 * Returns whether a refusal says more than what came of another form of the same request. That a paper cannot be cut to the
 * tokens of a minute, or to what a profile or a proxy leaves of the model's room, says nothing about the paper; nor that it
 * cannot be cut for the second time.
 */
export function saysMore(refused: ModelError, error: unknown, { cuts }: Variant): boolean {
  const { paper, inPlace, exit } = ruleOf(refused)
  if (error instanceof PaperError) return paper !== 'fail' || cuts === MOST_CUTS
  return exit !== null && inPlace === 'smaller' && ruleOf(error).inPlace === 'shorter'
}

/** Where a model, or a minute, allows fewer tokens than this, no paper can be sent. */
const LEAST_TOKENS = 3000

function answerShare(limit: number): number {
  return Math.floor(limit * 0.4)
}

/** What fits into the tokens of a model or a minute: two fifths of them for the answer, the rest for the prompt. */
function smaller(error: ModelError, variant: Variant, { profile, tokens }: Sent): Variant | null {
  const told = error.details.context ?? null
  if (told === null || told.limit < LEAST_TOKENS) return null
  const maxTokens = Math.min(profile.maxTokens, answerShare(told.limit))
  const { prompt } = sharesOf(told, profile.maxTokens)
  const less = { ...variant, maxTokens, isReduced: true }
  const isMinute = ruleOf(error).exit === null
  if (prompt !== null && (isMinute || prompt < tokens * MOST_TIMES))
    return { ...less, most: tokens * Math.max(0.1, ((told.limit - maxTokens) / prompt) * 0.9) }
  // Where its own count tells nothing, what is known of the model's size leaves the prompt its room.
  return isMinute ? { ...less, most: tokens * UNTOLD_SCALE } : less
}

/** No vocabulary makes so many times the tokens that are estimated: who counts more counts something else. */
const MOST_TIMES = 2

/** A refusal that came in spite of its numbers, or without any, says little: the next step is the last. */
const MOST_CUTS = 2

function shorter({ details }: ModelError, variant: Variant, { profile, tokens }: Sent): Variant | null {
  const told = details.context ?? null
  const isAgain = variant.cuts > 0
  if (variant.cuts >= MOST_CUTS) return null
  if (isAgain && told !== null && !isWordOfLength(told, profile, tokens)) return null
  return { ...variant, most: mostAfterOverflow(details, profile, tokens), cuts: variant.cuts + 1 }
}

/** Whether a limit can be why a prompt of about so many tokens was refused: it fills more than half of what is left of it. */
function isWordOfLength(told: ToldContext, { maxTokens }: ModelProfile, tokens: number): boolean {
  return tokens > (told.limit - maxTokens) / 2
}
