/** What a refusal for length says in words, tokens. */
export interface ToldContext {
  /** What the model takes at most. */
  limit: number
  /** What was asked for, as the provider counted it; null where it does not say. */
  requested: number | null
  /** The prompt's share of that; null where prompt and answer are not told apart. */
  prompt: number | null
}

const N = String.raw`(\d{1,3}(?:,\d{3})+|\d+)`
const pattern = (source: string): RegExp => new RegExp(source.replaceAll('#', N), 'i')

/** Prompt and answer, apart. */
const BOTH = [
  '# of text input, # in the output',
  '# in the messages, # in the completion',
  '# in your prompt; # for the completion',
  'passed # input tokens and requested # output tokens',
  'given: # `?inputs`? tokens and # `?max_new_tokens`?',
  String.raw`context limit: # \+ # >`,
].map(pattern)

/** Prompt and answer in one number. */
const TOTAL = ['requested (?:about |a total of )?# tokens', 'current length is #'].map(pattern)

const PROMPT = [
  'n_prompt_tokens"?: ?#',
  String.raw`(?:requested tokens|input token count|request|input|prompt_tokens) \(#(?: tokens)?\)`,
  'resulted in # tokens',
  '(?:prompt|input|request) (?:contains|has|is|length(?: of)?) #',
  'prompt is too long: # tokens',
  String.raw`prompt \(?length \(?#`,
  'keep the first # tokens',
  String.raw`n_keep:? ?\(?#`,
].map(pattern)

const LIMIT = [
  String.raw`n_ctx"?:? ?\(?#`,
  '# maximum context length',
  '> ?#(?: maximum|,|$)',
  String.raw`context[ _-]?(?:length|size|window|limit)\D{0,24}?#`,
  String.raw`(?:tokens allowed|configured limit|must be <=)\D{0,6}#`,
  String.raw`(?:maximum model length of|max_seq_len|max_num_tokens) \(?#`,
  String.raw`range of input length should be \[\d+, #`,
  'while limit is #',
  'max size: # tokens',
].map(pattern)

/**
 * Returns the numbers in a refusal for length, or null if it names no limit. Read as OpenRouter, OpenAI, vLLM,
 * llama.cpp, Anthropic, Google and TGI word it, which differs from server to server and from version to version.
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

function numbers(patterns: readonly RegExp[], text: string): number[] | null {
  for (const one of patterns) {
    const found = one.exec(text)
    if (found !== null) return found.slice(1).map((digits) => Number(digits.replaceAll(',', '')))
  }
  return null
}
