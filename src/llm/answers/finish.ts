import { isObject } from '../../core/json.js'

/**
 * What a reason to finish means for the text that came with it. `unsaid`: the server never says one; `unknown`: a word that is
 * in no list here, so that the text has to tell.
 */
export type Finish = 'whole' | 'unsaid' | 'unknown' | 'cut' | 'filtered' | 'refused' | 'failed' | 'broken_off'

/**
 * Every name that servers have for a text that ended by itself, or went on to a call: OpenAI, Anthropic, Google, Cohere,
 * Mistral, Together (`eos`), text-generation-inference (`eos_token`), llama.cpp (`word`), LM Studio (`eos_found`), Bedrock
 * (`finish`), watsonx, Baidu (`normal`), Responses (`completed`).
 */
const WHOLE = new Set(
  `stop stopped stop_sequence stop_sequences stop_sequence_found stop_word word stop_token stop_string stop_string_found
  stop_str stop_criteria stopping_criteria end ended end_turn turn_end end_of_turn endofturn end_of_text endoftext end_text
  end_of_sequence end_of_sentence end_of_stream end_stream message_stop message_end eos eos_token eos_token_id eos_found
  eos_token_found eot eot_id eom eod eog im_end finish finished complete completed completion done success succeeded ok normal
  natural normal_stop natural_stop tool_call tool_calls tool_use tool_plan function_call function_calls`.split(
    /\s+/,
  ),
)
const UNSAID = new Set(['', 'null', 'none', 'nil', 'undefined', 'unspecified', 'false'])
/**
 * Every name that servers have for it: OpenAI `length`, Anthropic `max_tokens` and `model_context_window_exceeded`, Google
 * `MAX_TOKENS`, Mistral `model_length`, `token_limit`, `max_output_tokens`, `incomplete` and the like.
 */
const CUT =
  /length|token_?limit|(?:max|total)(?:imum)?_?(?:new_?|output_?|completion_?|predicted_?|total_?)?tokens?|max_len|truncat|context_?(?:window|size)|^incomplete|^limit|(?:error|output|budget)_limit/
const FILTERED =
  /filter|safety|prohibit|block(?:list|ed)|recitation|spii|sensitive|moderat|guardrail|language|malicious|toxic|policy/
/** Also Google's `OTHER` and `MALFORMED_…`, Cohere's `USER_CANCEL` and `TIMEOUT`, vLLM's `abort` and `repetition`. */
const FAILED =
  /^(?:insufficient_system_resource|other|repetition)$|(?:^|_)(?:error|errored|exception|fail|failed|failure|fault|crash|crashed|killed|evicted|lost)(?:_|$)|abort|cancel|malformed|overload|interrupt|preempt|shut_?down|unload|disconnect|not_finished|user_stop|rate_?limit|quota|time_?out|timed_out|(?:max|limit)_?time|time_?limit/

/** A server's flag, beside its reason, that a text was cut. */
export const TRUNCATED_FLAG = 'truncated_flag'

/** Returns the reasons that a member names, as text: a word, a number, a list of them, or an object that names its type; [] where it names none. */
export function reasonsOf(reason: unknown): string[] {
  if (typeof reason === 'string') return reason.trim() === '' ? [] : [reason.trim()]
  if (typeof reason === 'number' || reason === true) return [String(reason)]
  if (Array.isArray(reason)) return reason.flatMap(reasonsOf)
  if (!isObject(reason)) return []
  const named = reasonsOf(reason['type'] ?? reason['reason'])
  return named.length > 0 ? named : Object.keys(reason)
}

/**
 * Returns what the reasons to finish say together. Whole is only what is known to be: a word of {@link WHOLE}, or no word at
 * all from a server that never says one. What says that something went wrong counts before it, and the worst counts first.
 * A word that nobody knows says nothing beside one that is known (a router's `stop` beside its provider's own word); alone it
 * is `unknown`, and so is a `stop` beside a flag that the text was cut, which is of the prompt with some servers: whoever asks
 * decides by the text, which is whole where it has all that was asked for and ends as a text does, and else broken off.
 */
export function finishOf(reasons: readonly string[]): Finish {
  const words = reasons.map(plainWord).filter((word) => !UNSAID.has(word))
  const isFlagged = words.includes(TRUNCATED_FLAG)
  const said = words.filter((word) => word !== TRUNCATED_FLAG)
  const some = (pattern: RegExp): boolean => said.some((word) => pattern.test(word))
  if (some(/^cut_stream$/)) return 'broken_off'
  if (some(/refus/)) return 'refused'
  if (said.some((word) => FAILED.test(word) && !CUT.test(word) && !FILTERED.test(word))) return 'failed'
  if (some(FILTERED)) return 'filtered'
  if (some(CUT)) return 'cut'
  const isWhole = said.some((word) => WHOLE.has(word))
  if (isFlagged) return isWhole ? 'unknown' : 'cut'
  if (isWhole) return 'whole'
  return said.length === 0 ? 'unsaid' : 'unknown'
}

/** `FinishReason.MAX_TOKENS`, `maxTokens` and `max-tokens` are one word. */
function plainWord(reason: string): string {
  return reason
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[\s-]+/g, '_')
    .replace(/^(?:finish|stop)?_?reason[._]+/, '')
}
