import { STOP_WORDS } from './words.js'

/** A short form, the long form it stands for, and where in the text the long form begins. */
export interface Acronym {
  short: string
  long: string
  index: number
}

const IN_PARENTHESES = /\(([^()\n]{2,60})\)/g

/**
 * Returns the short forms a text introduces as `long form (SF)`, or `SF (long form)`, each once, in order.
 * A. S. Schwartz and M. A. Hearst, "A simple algorithm for identifying abbreviation definitions in biomedical text", PSB 2003.
 */
export function findAcronyms(text: string): Acronym[] {
  const found = new Map<string, Acronym>()
  for (const match of text.matchAll(IN_PARENTHESES)) {
    const acronym = acronymAt(text, match.index, match[1] ?? '')
    if (acronym !== null && !found.has(acronym.short)) found.set(acronym.short, acronym)
  }
  return [...found.values()]
}

function acronymAt(text: string, open: number, inner: string): Acronym | null {
  const short = inner.split(/[,;:]/)[0]?.trim() ?? ''
  if (isShortForm(short)) {
    const long = initialsBefore(text, open, singular(short)) ?? longFormBefore(text, open, short)
    return long === null ? null : { short: singular(short), ...long }
  }
  return reversed(text, open, inner)
}

/** `SF (long form)`: rarer, so every letter of the short form has to begin a word. */
function reversed(text: string, open: number, inner: string): Acronym | null {
  const before = /(?<![\p{L}\p{N}])(\p{Lu}[\p{Lu}\p{N}]{1,7})\s$/u.exec(
    text.slice(Math.max(0, open - 12), open),
  )
  const short = before?.[1]
  if (short === undefined || !/^[\p{L}][\p{L} -]+$/u.test(inner)) return null
  const initials = inner
    .split(/[\s-]+/)
    .map((word) => word[0] ?? '')
    .join('')
    .toUpperCase()
  return initials === short ? { short, long: inner, index: open + 1 } : null
}

function isShortForm(text: string): boolean {
  if (text.length < 2 || text.length > 10 || /\s/.test(text)) return false
  if (!/^[\p{L}\p{N}][\p{L}\p{N}/&.+-]*$/u.test(text)) return false
  const capitals = text.match(/\p{Lu}/gu)?.length ?? 0
  return capitals >= 2 && !/^[IVXLC]+$/.test(text)
}

function singular(short: string): string {
  return /\p{Lu}{2,}s$/u.test(short) ? short.slice(0, -1) : short
}

const SMALL_WORDS = new Set([
  'of',
  'and',
  'for',
  'the',
  'in',
  'on',
  'to',
  'with',
  'by',
  'a',
  'an',
  'as',
  'from',
  'at',
  'or',
  '&',
])

/** `two-phase commit (2PC)`. */
const NUMERALS = new Map([
  ['two', '2'],
  ['three', '3'],
  ['four', '4'],
])

function begins(part: string, letter: string): boolean {
  const lower = part.toLowerCase()
  return lower.startsWith(letter) || NUMERALS.get(lower) === letter
}

/** The usual case, and the surest: each letter of the short form begins a word, small words may be left out. */
function initialsBefore(text: string, open: number, short: string): { long: string; index: number } | null {
  const letters = [...short.toLowerCase()].filter((letter) => /[\p{L}\p{N}]/u.test(letter))
  const from = windowStart(text, open, letters.length * 2)
  const before = text.slice(from, open)
  const parts = [...before.matchAll(/[\p{L}\p{N}]+/gu)]
  let at = parts.length
  for (const letter of letters.reverse()) {
    do at--
    while (at >= 0 && !begins(parts[at]?.[0] ?? '', letter) && SMALL_WORDS.has(parts[at]?.[0] ?? ''))
    if (at < 0 || !begins(parts[at]?.[0] ?? '', letter)) return null
  }
  const start = parts[at]?.index ?? 0
  const long = before.slice(start).trimEnd()
  return isLongForm(long, short, letters.length * 2) ? { long, index: from + start } : null
}

/** Walks back from the parenthesis: each character of the short form in turn, the first one at the start of a word. */
function longFormBefore(
  text: string,
  open: number,
  shortForm: string,
): { long: string; index: number } | null {
  const short = singular(shortForm)
  const most = Math.min(short.length + 5, short.length * 2)
  const from = windowStart(text, open, most)
  const before = text.slice(from, open).trimEnd()
  let at = before.length
  for (let s = short.length - 1; s >= 0; s--) {
    const letter = short.charAt(s).toLowerCase()
    if (!/[\p{L}\p{N}]/u.test(letter)) continue
    do at--
    while (at >= 0 && !(before.charAt(at).toLowerCase() === letter && (s > 0 || startsWord(before, at))))
    if (at < 0) return null
  }
  const long = before.slice(at)
  return isLongForm(long, short, most) ? { long, index: from + at } : null
}

function startsWord(text: string, at: number): boolean {
  return at === 0 || !/[\p{L}\p{N}]/u.test(text.charAt(at - 1))
}

function isLongForm(long: string, short: string, most: number): boolean {
  const parts = long.split(/[\s-]+/)
  if (parts.length > most || parts.length < 2 || long.length <= short.length + 2) return false
  if (parts.some((part) => STOP_WORDS.has(part) && !SMALL_WORDS.has(part) && !isCounted(part, short)))
    return false
  return !/[()[\]“”"=<>|#\n]|[.;:]\s/.test(long) && !parts.includes(short)
}

function isCounted(part: string, short: string): boolean {
  return short.includes(NUMERALS.get(part.toLowerCase()) ?? ' ')
}

/** Start of the window of `count` words that ends at `end`; never over a line break. */
function windowStart(text: string, end: number, count: number): number {
  const low = Math.max(0, end - 150)
  let at = end
  let seen = 0
  while (at > low && seen <= count) {
    at--
    const char = text.charAt(at)
    if (char === '\n') return at + 1
    if (char === ' ') seen++
  }
  return at > low ? at + 1 : low
}
