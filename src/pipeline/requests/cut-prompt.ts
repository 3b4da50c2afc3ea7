import type { ModelProfile, Usage } from '../../llm/provider.js'
import { isPromptCut } from '../../llm/tokens.js'
import type { BookedScope, SendServices } from './send-scope.js'

/** Warns, once a command and model, of a server that says that it has read far fewer tokens than it was sent. */
export function noteCutPrompt(
  { told, clock }: SendServices,
  { log, estimatedTokens }: BookedScope,
  { model, profile }: ModelProfile,
  { promptTokens, cachedTokens }: Usage,
): void {
  const read = Math.max(promptTokens ?? 0, cachedTokens ?? 0)
  const reason = `${model} cuts prompts`
  if (!isPromptCut(estimatedTokens, read) || told.has(reason)) return
  told.set(reason, clock.now())
  log.warn(
    `${model} read ${read} tokens of a prompt of about ${estimatedTokens}: its server cuts what is too long without a word. ` +
      `Start it with a longer context, or set context_length of the profile "${profile}" to what it has.`,
  )
}
