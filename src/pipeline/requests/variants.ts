import { PaperError } from '../../core/errors.js'
import { sharesOf } from '../../llm/context-limit.js'
import type { ModelError } from '../../llm/errors.js'
import type { ModelProfile } from '../../llm/provider.js'
import { FAILURE_RULES, ruleOf } from '../failures/rules.js'
import { overflowScale, UNTOLD_SCALE } from './fit-prompt.js'

/** In which form a question is put to one model. */
export interface Variant {
  /** Share of the model's room that the paper may take. */
  scale: number
  maxTokens: number
  /** The answer is given less room than the profile says. */
  isReduced: boolean
  pauses: number
}

/** The same request again is worth it only while its limit pauses; that it does so for ever is no reason to wait for ever. */
const MOST_PAUSES = 10

/** Returns the form in which a profile means to be asked; `isReduced` where it was given less room than it says. */
export function firstVariant({ maxTokens }: ModelProfile, isReduced: boolean): Variant {
  return { scale: 1, maxTokens, isReduced, pauses: 0 }
}

/** Returns a profile as a model has to be asked that takes `limit` tokens in all: with room for the paper beside the answer. */
export function withinSize(profile: ModelProfile, limit: number): ModelProfile {
  const contextLength = Math.min(profile.contextLength, limit)
  return { ...profile, contextLength, maxTokens: Math.min(profile.maxTokens, answerShare(limit)) }
}

/** Returns how many tokens a model takes in all, where a refusal says so whose cause is the profile's `max_tokens`; else null. */
export function toldSize(error: ModelError): number | null {
  const { inPlace, exit } = ruleOf(error)
  return inPlace === 'smaller' && exit !== null ? (error.details.context?.limit ?? null) : null
}

/** Returns how the same model is asked again at once, or null where that is no use. */
export function nextVariant(error: ModelError, variant: Variant, profile: ModelProfile): Variant | null {
  switch (FAILURE_RULES[error.errorClass].inPlace) {
    case 'again':
      return variant.pauses < MOST_PAUSES ? { ...variant, pauses: variant.pauses + 1 } : null
    case 'shorter':
      return variant.scale === 1
        ? { ...variant, scale: overflowScale(error.details, variant.maxTokens) }
        : null
    case 'longer': {
      const maxTokens = Math.min(profile.maxTokens * 2, Math.floor(profile.contextLength / 2))
      return variant.maxTokens === profile.maxTokens && maxTokens > profile.maxTokens
        ? { ...variant, maxTokens }
        : null
    }
    case 'smaller':
      return variant.isReduced ? null : smaller(error, variant)
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
 * tokens of a minute, or to what a profile or a proxy leaves of the model's room, says nothing about the paper.
 */
export function saysMore(refused: ModelError, error: unknown): boolean {
  const { paper, inPlace, exit } = ruleOf(refused)
  if (error instanceof PaperError) return paper !== 'fail'
  return exit !== null && inPlace === 'smaller' && ruleOf(error).inPlace === 'shorter'
}

/** Where a model, or a minute, allows fewer tokens than this, no paper can be sent. */
const LEAST_TOKENS = 3000

function answerShare(limit: number): number {
  return Math.floor(limit * 0.4)
}

/** What fits into the tokens of a model or a minute: two fifths of them for the answer, the rest for the prompt. */
function smaller({ details }: ModelError, variant: Variant): Variant | null {
  const told = details.context ?? null
  if (told === null || told.limit < LEAST_TOKENS) return null
  const maxTokens = Math.min(variant.maxTokens, answerShare(told.limit))
  const { prompt } = sharesOf(told, variant.maxTokens)
  const room = prompt === null ? UNTOLD_SCALE : ((told.limit - maxTokens) / prompt) * 0.9
  const scale = Math.max(0.1, Math.min(variant.scale, room))
  return { ...variant, maxTokens, scale, isReduced: true }
}
