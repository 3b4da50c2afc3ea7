/** What a reason to finish means for the text that came with it. */
export type Finish = 'whole' | 'cut' | 'filtered' | 'refused' | 'failed' | 'broken_off'

/**
 * Every name that servers have for it: OpenAI `length`, Anthropic `max_tokens` and `model_context_window_exceeded`, Google
 * `MAX_TOKENS`, Mistral `model_length`, `token_limit`, `max_output_tokens`, `incomplete` and the like.
 */
const CUT =
  /length|token_?limit|(?:max|total)(?:imum)?_?(?:new_?|output_?|completion_?|total_?)?tokens?|truncat|context_?(?:window|size)|^incomplete|^limit/
const FILTERED =
  /filter|safety|prohibit|blocklist|recitation|spii|sensitive|moderat|guardrail|language|malicious/
const FAILED =
  /^(?:error|failed|failure|abort(?:ed)?|cancell?ed|network_error|insufficient_system_resource|unknown_error)$/

/** Returns what the reasons to finish say together: the worst of them holds. */
export function finishOf(reasons: readonly string[]): Finish {
  const words = reasons.map((reason) =>
    reason
      .replace(/([a-z])([A-Z])/g, '$1_$2')
      .toLowerCase()
      .replace(/[\s-]+/g, '_')
      .replace(/^finish_?reason[._]+/, ''),
  )
  const some = (pattern: RegExp): boolean => words.some((word) => pattern.test(word))
  if (some(/^cut_stream$/)) return 'broken_off'
  if (some(FAILED)) return 'failed'
  if (some(/refus/)) return 'refused'
  if (some(FILTERED)) return 'filtered'
  return some(CUT) ? 'cut' : 'whole'
}
