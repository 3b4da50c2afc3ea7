/* The Porter stemmer as published: M. F. Porter, "An algorithm for suffix stripping", Program 14(3), 1980. */

const CONSONANT = '[^aeiou]'
const VOWEL = '[aeiouy]'
const CONSONANTS = `${CONSONANT}[^aeiouy]*`
const VOWELS = `${VOWEL}[aeiou]*`
const MEASURE_ABOVE_0 = new RegExp(`^(${CONSONANTS})?${VOWELS}${CONSONANTS}`)
const MEASURE_1 = new RegExp(`^(${CONSONANTS})?${VOWELS}${CONSONANTS}(${VOWELS})?$`)
const MEASURE_ABOVE_1 = new RegExp(`^(${CONSONANTS})?${VOWELS}${CONSONANTS}${VOWELS}${CONSONANTS}`)
const HAS_VOWEL = new RegExp(`^(${CONSONANTS})?${VOWEL}`)
const ENDS_SHORT = new RegExp(`^${CONSONANTS}${VOWEL}[^aeiouwxy]$`)

const STEP_2: Record<string, string> = {
  ational: 'ate',
  tional: 'tion',
  enci: 'ence',
  anci: 'ance',
  izer: 'ize',
  bli: 'ble',
  alli: 'al',
  entli: 'ent',
  eli: 'e',
  ousli: 'ous',
  ization: 'ize',
  ation: 'ate',
  ator: 'ate',
  alism: 'al',
  iveness: 'ive',
  fulness: 'ful',
  ousness: 'ous',
  aliti: 'al',
  iviti: 'ive',
  biliti: 'ble',
  logi: 'log',
}
const STEP_3: Record<string, string> = {
  icate: 'ic',
  ative: '',
  alize: 'al',
  iciti: 'ic',
  ical: 'ic',
  ful: '',
  ness: '',
}
const STEP_2_SUFFIX =
  /^(.+?)(ational|tional|enci|anci|izer|bli|alli|entli|eli|ousli|ization|ation|ator|alism|iveness|fulness|ousness|aliti|iviti|biliti|logi)$/
const STEP_3_SUFFIX = /^(.+?)(icate|ative|alize|iciti|ical|ful|ness)$/
const STEP_4_SUFFIX = /^(.+?)(al|ance|ence|er|ic|able|ible|ant|ement|ment|ent|ou|ism|ate|iti|ous|ive|ize)$/

const MEMO_LIMIT = 50_000
const memo = new Map<string, string>()

/** Returns the Porter stem of a lower-case word; words of one or two letters and words with other characters than a–z pass unchanged. */
export function stem(word: string): string {
  if (word.length < 3 || !/^[a-z]+$/.test(word)) return word
  const known = memo.get(word)
  if (known !== undefined) return known
  const result = strip(word)
  if (memo.size >= MEMO_LIMIT) memo.clear()
  memo.set(word, result)
  return result
}

function strip(word: string): string {
  // A leading y is a consonant; upper case keeps the patterns from taking it for a vowel.
  let w = word.startsWith('y') ? `Y${word.slice(1)}` : word
  w = stepOne(w)
  w = replaceSuffix(w, STEP_2_SUFFIX, STEP_2)
  w = replaceSuffix(w, STEP_3_SUFFIX, STEP_3)
  w = stepFour(w)
  return stepFive(w).toLowerCase()
}

function stepOne(word: string): string {
  let w = word.replace(/^(.+?)(ss|i)es$/, '$1$2').replace(/^(.+?)([^s])s$/, '$1$2')
  if (w.endsWith('eed')) {
    if (MEASURE_ABOVE_0.test(w.slice(0, -3))) w = w.slice(0, -1)
  } else {
    const past = /^(.+?)(ed|ing)$/.exec(w)
    if (past?.[1] !== undefined && HAS_VOWEL.test(past[1])) w = afterPast(past[1])
  }
  return w.endsWith('y') && HAS_VOWEL.test(w.slice(0, -1)) ? `${w.slice(0, -1)}i` : w
}

function afterPast(w: string): string {
  if (/(at|bl|iz)$/.test(w)) return `${w}e`
  if (/([^aeiouylsz])\1$/.test(w)) return w.slice(0, -1)
  return ENDS_SHORT.test(w) ? `${w}e` : w
}

function replaceSuffix(w: string, pattern: RegExp, table: Record<string, string>): string {
  const match = pattern.exec(w)
  const head = match?.[1]
  const suffix = match?.[2]
  if (head === undefined || suffix === undefined || !MEASURE_ABOVE_0.test(head)) return w
  return head + (table[suffix] ?? '')
}

function stepFour(w: string): string {
  const match = STEP_4_SUFFIX.exec(w)
  if (match?.[1] !== undefined) return MEASURE_ABOVE_1.test(match[1]) ? match[1] : w
  const ion = /^(.+?[st])ion$/.exec(w)
  return ion?.[1] !== undefined && MEASURE_ABOVE_1.test(ion[1]) ? ion[1] : w
}

function stepFive(word: string): string {
  let w = word
  if (w.endsWith('e')) {
    const head = w.slice(0, -1)
    if (MEASURE_ABOVE_1.test(head) || (MEASURE_1.test(head) && !ENDS_SHORT.test(head))) w = head
  }
  return w.endsWith('ll') && MEASURE_ABOVE_1.test(w) ? w.slice(0, -1) : w
}
