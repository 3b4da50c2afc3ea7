/** What a refusal for length says in words, tokens. */
export interface ToldContext {
  /** What the model takes at most. */
  limit: number
  /** What was asked for, as the provider counted it; null where it does not say. */
  requested: number | null
  /** The prompt's share of that; null where prompt and answer are not told apart. */
  prompt: number | null
}

const N = String.raw`(\d{1,3}(?:,\d{3})+|\d+)\b`
const pattern = (source: string): RegExp => new RegExp(source.replaceAll('#', N), 'i')

/** Prompt and answer, apart. */
const BOTH = [
  '# of text input, # in the output',
  '# in the messages, # in the completion',
  '# in your prompt; # for the completion',
  '# tokens from the input messages and # tokens for the completion',
  'passed # input tokens and requested # output tokens',
  'given: # `?inputs`? tokens and # `?max_new_tokens`?',
  String.raw`context limit: # \+ # >`,
].map(pattern)

/** Prompt and answer in one number. */
const TOTAL = [
  'requested (?:about |a total of )?# tokens',
  'current length is #',
  String.raw`total tokens \(#`,
  'max_total_tokens #',
].map(pattern)

const PROMPT = [
  'n_prompt_tokens"?: ?#',
  String.raw`(?:requested tokens|number of tokens|input token count|input tokens|request|input|prompt_tokens|prompt tokens) \(#(?: tokens)?\)`,
  String.raw`(?:input|prompt) length \(#`,
  'resulted in # tokens',
  '(?:prompt|input|request) (?:contains|has|is|length(?: of)?) #(?! char)',
  'input length of input_ids is #',
  'prompt is too long: #',
  String.raw`prompt \(?(?:length \(?)?#`,
  'token count of #',
  'keep the first # tokens',
  String.raw`n_keep:? ?\(?#`,
  '(?:but got|received|requested:) #',
  String.raw`prompt_len \(#`,
].map(pattern)

const LIMIT = [
  String.raw`n_ctx"?:? ?\(?#`,
  'context is #',
  '# maximum context length',
  '> ?#(?: maximum|,|$)',
  String.raw`context[ _-]?(?:length|size|window|limit)(?! by| exceeds limit)[^\d"{}]{0,24}?#`,
  String.raw`(?:tokens allowed|configured limit|must be <=|must have less than|model token limit:)\D{0,6}#`,
  String.raw`maximum (?:allowed )?(?:prompt|input|sequence|model) length (?:is |of )?\(?#`,
  String.raw`(?:max_seq_len|max_model_len|max_context_len|max_num_tokens|max_length)(?: is set to| of)? \(?#`,
  String.raw`range of input length should be \[\d+, #`,
  'while limit is #',
  'limit for this model is #',
  '(?:can|should) ?not exceed #',
  String.raw`exceeds?(?: the)?(?: model)? (?:limit (?:of )?)?#(?! tokens? by)`,
  'max size: # tokens',
].map(pattern)

/**
 * Returns the numbers in a refusal for length, or null if it names no limit. Read as OpenRouter, OpenAI, vLLM, SGLang,
 * llama.cpp, LM Studio, Anthropic, Google, xAI, Moonshot, Cohere and TGI word it, which differs from server to server and
 * from version to version. A prompt of which so many tokens "at least" were counted is of unknown size.
 */
export function toldContext(message: string): ToldContext | null {
  const text = message.slice(0, 10_000).replaceAll('\\', '')
  const limit = numbers(LIMIT, text)?.[0]
  if (limit === undefined || limit === 0) return null
  const both = numbers(BOTH, text)
  if (both !== null) return { limit, requested: both[0]! + both[1]!, prompt: both[0]! }
  const total = numbers(TOTAL, text)?.[0]
  if (total !== undefined) return { limit, requested: total, prompt: null }
  const prompt = numbers(PROMPT, text)?.[0] ?? null
  return { limit, requested: prompt, prompt }
}

/**
 * Returns how a refused request was made up, tokens: the answer's share, `maxTokens` where the refusal does not tell it, and
 * the prompt's, null where it is not to be known.
 */
export function sharesOf(
  { requested, prompt }: ToldContext,
  maxTokens: number,
): { answer: number; prompt: number | null } {
  if (requested === null) return { answer: maxTokens, prompt: null }
  const answer = prompt === null || prompt === requested ? maxTokens : requested - prompt
  return { answer, prompt: prompt ?? Math.max(1, requested - answer) }
}

/** A prompt is rules and questions as well: in less than this share of the room no paper is worth reading. */
export const LEAST_PROMPT_SHARE = 0.4

/** Returns whether it is the answer asked for that makes a request too long, whatever the prompt. */
export function isAnswerTooLong(told: ToldContext, maxTokens: number): boolean {
  return sharesOf(told, maxTokens).answer > told.limit * (1 - LEAST_PROMPT_SHARE)
}

/**
 * Returns what an answer that broke off says of the model's context: that it is full, where prompt and answer come to a size
 * that servers are started with; else null.
 */
export function contextThatIsFull(prompt: number, answered: number, maxTokens: number): ToldContext | null {
  const limit = prompt + answered
  const isFull = isFarBelow(answered, maxTokens) && limit >= LEAST_CONTEXT && isServed(limit)
  return isFull ? { limit, requested: prompt + maxTokens, prompt } : null
}

/** Returns whether an answer is as long as its provider lets answers be, which is less than its `max_tokens`. */
export function isLongestServed(answered: number, maxTokens: number): boolean {
  return isFarBelow(answered, maxTokens) && answered >= LEAST_ANSWER && isServed(answered)
}

/** Nobody serves a shorter context, or shorter answers. */
const LEAST_CONTEXT = 2048
const LEAST_ANSWER = 1000

/** An answer that has far fewer tokens than it may have was ended by something else. */
function isFarBelow(answered: number, maxTokens: number): boolean {
  return answered < maxTokens * 0.9
}

/** Whether a size is one that servers are given, but for what they count otherwise than we do. */
function isServed(tokens: number): boolean {
  return [1024, 1000].some((step) => Math.abs(tokens - Math.round(tokens / step) * step) <= 2)
}

function numbers(patterns: readonly RegExp[], text: string): number[] | null {
  for (const one of patterns) {
    const found = one.exec(text)
    if (found !== null) return found.slice(1).map((digits) => Number(digits.replaceAll(',', '')))
  }
  return null
}
