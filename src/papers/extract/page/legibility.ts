import type { PageText } from '../model.js'

/**
 * The commonest words of languages that are written in Latin letters. Each makes up some percent of the words of a text in
 * its language, all of them together a quarter to a half.
 */
const FUNCTION_WORDS = new Set(
  (
    'the of and to in is that for with as are we be this on by an it from at which or can have not has our these their was ' +
    'der die das und ist ein eine den dem des mit von zu für auf nicht sich auch als im wir werden wird sind bei durch nach ' +
    'le la les des une du et en est dans que qui pour sur par pas au aux ce sont plus avec nous cette ' +
    'el los las del una un con por se lo su como más para es al esta entre ' +
    'il di che gli dei della non per sono nel alla più questo anche ' +
    'os uma não com ao dos das como mais pelo são ' +
    'het een van met op te zijn voor niet aan dat wordt ook ' +
    'och att som det av för den är på med till inte ett vi ' +
    'og er ikke til eller fra har ved ' +
    'ja ei se että ovat tai myös mutta kun kuin sekä ' +
    'nie jest się na że oraz przez jako dla tego które od po jak ' +
    'je že se na ve pro jsou jako které byl nebo jeho ' +
    'az egy és hogy nem meg vagy csak mint ezt ' +
    've bir bu için ile olan olarak da çok daha gibi ' +
    'și este care din pentru cu nu sunt sau mai ' +
    'dan yang di dari ini untuk dengan adalah pada tidak ' +
    'và của là các được trong cho một không có những với ' +
    'non ut cum sed quod ad ex ab quae qui'
  ).split(' '),
)
/** Prose has more of these; by chance they come to some percent of shuffled letters, or of a page of code. */
const LEAST_FUNCTION_WORDS = 0.1
/** How often the letters from a to z stand in such languages on average, in thousandths. */
const FREQUENCIES = [
  85, 15, 32, 40, 130, 16, 18, 32, 75, 4, 12, 43, 28, 73, 68, 24, 5, 65, 68, 72, 40, 15, 10, 3, 12, 8,
]
/** Cosine of the letters of a page with those. Languages come to .83 and more, letters moved up or down to .7 at most. */
const LEAST_LIKENESS = 0.72
/** Words of four letters and more without a vowel: one in a hundred in most languages. */
const MOST_VOWELLESS = 0.2
/** Signs that stand for letters; those that fill lines and tables do not count. */
const SIGNS = /[!"#$%&'()/:;<>?@[\\\]^`{}~\u00a1-\u00bf]/
const SAMPLE_CHARS = 2500
const SAMPLE_PAGES = 8
const LEAST_LETTERS = 150
const LEAST_WORDS = 25
const LEAST_UNNAMED = 50

/** `letters`: nothing tells what language it is, nor that it is none. */
export type Reading = 'words' | 'letters' | 'nothing'

/**
 * Tells what most of the pages hold: words of a language, letters of which they might be made, or characters that are no
 * language, as fonts give that name other letters than they show, or none. Null where there is too little to tell.
 */
export function readingOf(pages: readonly PageText[]): Reading | null {
  const weights = { words: 0, letters: 0, nothing: 0 }
  const step = Math.max(1, pages.length / SAMPLE_PAGES)
  for (let at = 0; at < pages.length; at += step) {
    const page = pages[Math.floor(at)]!
    const glyphs = glyphsOf(page)
    const reading =
      page.unnamed > Math.max(glyphs, LEAST_UNNAMED) ? 'nothing' : readingOfText(sampleOf(page, glyphs))
    if (reading !== null) weights[reading] += glyphs + page.unnamed
  }
  const { words, letters, nothing } = weights
  if (words + letters + nothing === 0) return null
  if (nothing > 2 * (words + letters)) return 'nothing'
  return words >= letters ? 'words' : 'letters'
}

function glyphsOf(page: PageText): number {
  return page.segments.reduce((n, s) => n + s.glyphs, 0)
}

/** Returns pieces of text from all over the page, without formulas. */
function sampleOf(page: PageText, glyphs: number): string {
  const every = Math.max(1, Math.floor(glyphs / SAMPLE_CHARS))
  const chosen = page.segments.filter((s, i) => i % every === 0 && s.math <= s.glyphs / 2)
  return chosen.map((s) => s.text).join('\n')
}

/** Tells what a text holds; see `readingOf`. */
function readingOfText(text: string): Reading | null {
  const glyphs = text.replace(/\s+/gu, '').length
  const latin = text.match(/\p{Script=Latin}/gu)?.length ?? 0
  const foreign = text.match(/(?!\p{Script=Latin})\p{L}/gu) ?? []
  if (glyphs < LEAST_LETTERS) return null
  if (latin + foreign.length < 0.25 * glyphs) return signsIn(text) > 0.4 * glyphs ? 'nothing' : null
  if (foreign.length > latin) return scriptReading(foreign)
  return latin < LEAST_LETTERS ? null : latinReading(text.toLowerCase(), latin)
}

function signsIn(text: string): number {
  let signs = 0
  for (const c of text) if (SIGNS.test(c)) signs++
  return signs
}

/** Letters of one script, or Chinese with its commonest characters: others may be numbers of glyphs. */
function scriptReading(letters: readonly string[]): Reading {
  const share = (pattern: RegExp): number => letters.filter((c) => pattern.test(c)).length / letters.length
  if (share(/\p{Script=Han}/u) > 0.5) {
    return share(/[的是一在不了有和人这這中之为]|\p{Script=Hiragana}/u) > 0.015 ? 'words' : 'letters'
  }
  const whole = [
    /[\u0370-\u03ff]/u,
    /[\u0400-\u04ff]/u,
    /[\u0590-\u05ff]/u,
    /[\u0600-\u06ff]/u,
    /[\u0900-\u0dff]/u,
  ]
  const asian = [/[\u3040-\u30ff\p{Script=Han}]/u, /[\p{Script=Hangul}\p{Script=Han}]/u, /\p{Script=Thai}/u]
  return [...whole, ...asian].some((script) => share(script) > 0.8) ? 'words' : 'letters'
}

function latinReading(text: string, latin: number): Reading | null {
  const words = text.match(/[a-z\u00c0-\u024f\u1e00-\u1eff]{2,}/gu) ?? []
  const known = words.filter((w) => FUNCTION_WORDS.has(w)).length
  if (words.length >= 12 && known >= LEAST_FUNCTION_WORDS * words.length) return 'words'
  const accented = text.match(/[\u00c0-\u024f\u1e00-\u1eff]/gu)?.length ?? 0
  if (accented > 0.45 * latin) return 'nothing'
  // Sequences of genes are letters of their own, and words that fill a form or a test come again and again.
  const long = [...new Set(words)].filter((w) => w.length > 2 && !/^[acgtun]{5,}$/.test(w))
  if (long.length < LEAST_WORDS) return null
  if (likeness(long.join('')) < LEAST_LIKENESS) return 'nothing'
  const longer = long.filter((w) => w.length > 3)
  const vowelless = longer.filter((w) => !/[aeiouy\u00c0-\u024f\u1e00-\u1eff]/u.test(w)).length
  return longer.length >= LEAST_WORDS / 2 && vowelless > MOST_VOWELLESS * longer.length
    ? 'nothing'
    : 'letters'
}

function likeness(letters: string): number {
  const counts = new Array<number>(26).fill(0)
  for (let i = 0; i < letters.length; i++) {
    const letter = letters.charCodeAt(i) - 0x61
    if (letter >= 0 && letter < 26) counts[letter]! += 1
  }
  const product = counts.reduce((sum, n, i) => sum + n * FREQUENCIES[i]!, 0)
  return product / (Math.hypot(...counts) * Math.hypot(...FREQUENCIES) || 1)
}
