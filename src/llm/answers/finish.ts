import { isObject } from '../../core/json.js'

/** What a reason to finish means for the text that came with it. */
export type Finish = 'whole' | 'cut' | 'filtered' | 'refused' | 'failed' | 'broken_off'

/**
 * Every name that servers have for it: OpenAI `length`, Anthropic `max_tokens` and `model_context_window_exceeded`, Google
 * `MAX_TOKENS`, Mistral `model_length`, `token_limit`, `max_output_tokens`, `incomplete` and the like.
 */
const CUT =
  /length|token_?limit|(?:max|total)(?:imum)?_?(?:new_?|output_?|completion_?|total_?)?tokens?|truncat|context_?(?:window|size)|^incomplete|^limit|error_limit/
const FILTERED =
  /filter|safety|prohibit|block(?:list|ed)|recitation|spii|sensitive|moderat|guardrail|language|malicious|toxic|policy/
/** Also Google's `OTHER` and `MALFORMED_…`, Cohere's `USER_CANCEL` and `TIMEOUT`, vLLM's `abort` and `repetition`. */
const FAILED =
  /^(?:error|failed|failure|network_error|insufficient_system_resource|unknown_error|other|interrupted|preempted|repetition|max_time)$|abort|cancel|malformed|overload|time_?out|timed_out/

/** Returns a reason as text, also where it is an object that names its type; blank for anything else. */
export function reasonText(reason: unknown): string {
  const said = isObject(reason) ? (reason['type'] ?? reason['reason']) : reason
  return typeof said === 'string' ? said.trim() : ''
}

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
