import { spanMs } from './spans.js'

const N = String.raw`(\d[\d,_]*)`

/**
 * Returns the tokens that a refusal for tokens a minute names, or null: `Limit 6000, Requested 13250` (Groq, OpenAI; with
 * `Used 900` between them, what is left is less).
 */
export function toldTokens(words: string): { limit: number; requested: number } | null {
  const limit = numberIn(new RegExp(`limit:? ${N}`, 'i'), words)
  const requested = numberIn(new RegExp(`requested:? (?:about )?${N}`, 'i'), words)
  return limit === null || requested === null || limit === 0 ? null : { limit, requested }
}

/** Returns how many tokens of answer the credit is good for (OpenRouter's "can only afford 2666"), or null. */
export function toldAffordable(words: string): number | null {
  return numberIn(new RegExp(`can only afford ${N}`, 'i'), words)
}

/** Returns the wait that a sentence names ("Please try again in 7m12.5s", "retry in 39.2s", "after 40 seconds"), ms, or null. */
export function toldWait(words: string): number | null {
  const [, span] =
    /(?:try again|retry|again|wait|available|resets?)(?: your request)? (?:in|after|for) (?:about )?((?:\d+(?:\.\d+)? ?(?:ms|milliseconds?|d(?:ays?)?|h(?:ours?|rs?)?|m(?:in(?:ute)?s?)?|s(?:ec(?:ond)?s?)?)(?:,? (?:and )?)?)+)/i.exec(
      words,
    ) ?? []
  return span === undefined ? null : spanMs(span)
}

function numberIn(pattern: RegExp, words: string): number | null {
  const found = pattern.exec(words)?.[1]
  return found === undefined ? null : Number(found.replace(/[,_]/g, ''))
}
