/**
 * Tokens by kind of character. Fitted by least squares to 324 pieces of 4,000 characters of English and German papers
 * (prose, tables, formulas), each with the largest count that the cl100k, o200k and Llama 3 vocabularies give it, then
 * rounded up, so that whole papers come out 4 to 26 % above those three and within 15 % of the count of the older
 * vocabularies of 32,000 entries; `bench/fit/tokens.ts` fits them again. Digits are counted one by one, as several
 * current vocabularies split them.
 */
export const TOKENS = {
  word: 0.97,
  /** For each letter of a word beyond the first seven: rare words and names are split. */
  longWordLetter: 0.42,
  /** For each capital that is not the first letter of its word: acronyms are split. */
  innerCapital: 0.4,
  digit: 1,
  punctuation: 0.95,
  lineEnd: 1,
  accentedLetter: 2.4,
  cyrillic: 0.65,
  /** Greek, mathematical and all other signs. */
  other: 1.8,
  cjk: 1.4,
  /** For each half of a surrogate pair: letters of formulas and emoji, three or four tokens each. */
  surrogate: 2,
}

type Kind = keyof typeof TOKENS

const WHOLE_WORD_LETTERS = 7

/**
 * Returns about how many tokens a model makes of the text, more rather than less: counted from classes of characters,
 * without a vocabulary, since every model has its own. Linear, about 5 ms for a million characters.
 */
export function estimateTokens(text: string): number {
  const counts = countKinds(text)
  let tokens = 0
  for (const kind of Object.keys(TOKENS) as Kind[]) tokens += counts[kind] * TOKENS[kind]
  // What comes out whole is whole, however its parts were rounded.
  return Math.ceil(Number(tokens.toFixed(6)))
}

/** Returns the same of a whole prompt. */
export function sizeOfPrompt({ system, user }: { system: string; user: string }): number {
  return estimateTokens(system) + estimateTokens(user)
}

/** Shorter prompts are cut by nobody. */
const LEAST_CUT = 1500
/** Nobody serves a shorter context: who counts less counts something else. */
const LEAST_READ = 256
/** No vocabulary known makes so few of the tokens that are estimated. */
const LEAST_SHARE = 0.6

/**
 * Returns whether a server can have read only a part of a prompt, and said nothing.
 *
 * @param read tokens of the prompt as the server counted them; null: it did not.
 */
export function isPromptCut(estimated: number, read: number | null | undefined): boolean {
  return (read ?? 0) >= LEAST_READ && estimated >= LEAST_CUT && (read ?? 0) < estimated * LEAST_SHARE
}

/** Returns how often each kind is in a text. */
export function countKinds(text: string): Record<Kind, number> {
  const counts = {
    word: 0,
    longWordLetter: 0,
    innerCapital: 0,
    digit: 0,
    punctuation: 0,
    lineEnd: 0,
    accentedLetter: 0,
    cyrillic: 0,
    other: 0,
    cjk: 0,
    surrogate: 0,
  }
  let letters = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    const isCapital = code >= 65 && code <= 90
    if (isCapital || (code >= 97 && code <= 122)) {
      letters += 1
      if (letters === 1) counts.word += 1
      else if (letters > WHOLE_WORD_LETTERS) counts.longWordLetter += 1
      if (isCapital && letters > 1) counts.innerCapital += 1
      continue
    }
    letters = 0
    if (code !== 32) counts[kindOf(code)] += 1
  }
  return counts
}

function kindOf(code: number): Kind {
  if (code < 0x80) {
    if (code >= 48 && code <= 57) return 'digit'
    return code === 10 ? 'lineEnd' : 'punctuation'
  }
  if (code < 0x250) return 'accentedLetter'
  if (code >= 0x400 && code < 0x530) return 'cyrillic'
  if (code >= 0xd800 && code < 0xe000) return 'surrogate'
  return (code >= 0x2e80 && code < 0xd7b0) || (code >= 0xf900 && code < 0xfb00) ? 'cjk' : 'other'
}
