import { pageAt, squash, type PaperIndex, type Squashed } from '../paper/paper-index.js'
import type { Found } from './number-check.js'

/** A shorter quotation is a term, not evidence. */
const MIN_WORDS = 3
const MAX_GAP = 400
const MAX_TRIES = 40
const DOUBLE = /[“„«]([^“”„«»\n]{1,1000})[”“»]|"([^"\n]{1,1000})"/g
const SINGLE =
  /(?<![\p{L}\p{N}])['‘‚](?=[\p{L}\p{N}[(…])((?:[^'‘’\n]|['’](?=\p{L})){1,400})['’](?![\p{L}\p{N}])/gu
/** What a writer may put in for clarity; a word that turns the sense around is no such thing. */
const EDITORIAL =
  /^\s*(?:sic|emphasis added|(?!.*\b(?:not?|never|without|none|cannot)\b)(?:[^\d\]]|(?<![\d.])\d(?![\d.%])){1,40})\s*$/i

/** Returns the quotations of a text that are long enough to be evidence. */
export function quotations(text: string): string[] {
  if (!/["'“‘„«]/.test(text)) return []
  const found = [...text.matchAll(DOUBLE)].map((match) => match[1] ?? match[2] ?? '')
  const rest = text.replace(DOUBLE, ' ')
  for (const match of rest.matchAll(SINGLE)) found.push(match[1] ?? '')
  return found.filter((quote) => (quote.match(/[\p{L}\p{N}]+/gu)?.length ?? 0) >= MIN_WORDS)
}

/** The paper's text to look for quotations in: as it stands, and, when first needed, without numbers. */
export class QuotableText {
  readonly #index: PaperIndex
  #letters: Squashed | null = null

  constructor(index: PaperIndex) {
    this.#index = index
  }

  /** Returns a page on which a quotation stands, of those preferred if it can, or null. */
  pageOf(quote: string, preferred: ReadonlySet<number>): number | null {
    const parts = partsOf(quote)
    const found =
      this.#asItStands(quote, preferred) ??
      (parts === null ? null : search(this.#index.squashed, parts, preferred))
    return found?.page ?? null
  }

  /** Looks a quotation up where it claims to stand; what goes over to the next page begins on the page claimed. */
  locate(quote: string, pages: ReadonlySet<number> | null): Found {
    const parts = partsOf(quote)
    const whole = this.#asItStands(quote, pages)
    if (whole === null && parts === null) return { verdict: 'missing', why: 'words were put in' }
    const found =
      whole ??
      search(this.#index.squashed, parts ?? [], pages) ??
      (parts?.some((part) => /\d/.test(part)) === true
        ? null
        : search(this.#withoutDigits(), parts ?? [], pages))
    if (found === null) return { verdict: 'missing', why: '' }
    return found.here
      ? { verdict: 'supported', why: '' }
      : { verdict: 'elsewhere', why: `it stands on p. ${found.page}` }
  }

  /** What stands in brackets may be the paper's own: `[12]`. */
  #asItStands(quote: string, pages: ReadonlySet<number> | null): Place | null {
    return quote.includes('[') ? search(this.#index.squashed, [squash(quote)], pages) : null
  }

  /** Writers leave out reference numbers: `[12]`, and a raised 12 set flat (`so.12 `). */
  #withoutDigits(): Squashed {
    if (this.#letters === null) {
      const { text, starts, pages } = this.#index.squashed
      const pieces = starts.map((start, n) => text.slice(start, starts[n + 1]).replace(/\d+/g, ''))
      let length = 0
      const begins = pieces.map((piece) => {
        length += piece.length
        return length - piece.length
      })
      this.#letters = { text: pieces.join(''), starts: begins, pages }
    }
    return this.#letters
  }
}

/** The parts around `…` and `[editorial words]`, squashed; null where what was put in is no mere help. */
function partsOf(quote: string): string[] | null {
  const inserted = [...quote.matchAll(/\[([^\]]*)\]/g)].map((match) => match[1] ?? '')
  if (inserted.some((words) => !/^\s*(?:…|\.{3})?\s*$/.test(words) && !EDITORIAL.test(words))) return null
  return quote
    .split(/\[[^\]]*\]|…|\.{3,}|\. \. \./)
    .map(squash)
    .filter((part) => part !== '')
}

/** Where a quotation begins, and whether that is a page where it claims to stand. */
interface Place {
  page: number
  here: boolean
}

/** Whether the parts stand in their order and near one another, first on the pages claimed. */
function search(text: Squashed, parts: readonly string[], pages: ReadonlySet<number> | null): Place | null {
  const [first = '', ...others] = parts
  let found: Place | null = null
  let from = 0
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const at = text.text.indexOf(first, from)
    if (at < 0) return found
    from = at + 1
    let end = at + first.length
    const whole = others.every((part) => {
      const next = text.text.slice(end, end + MAX_GAP + part.length).indexOf(part)
      if (next >= 0) end += next + part.length
      return next >= 0
    })
    if (!whole) continue
    const [begins, ends] = [pageAt(text, at), pageAt(text, end - 1)]
    if (pages === null || pages.has(begins) || pages.has(ends))
      return { page: pages?.has(begins) === false ? ends : begins, here: true }
    found ??= { page: begins, here: false }
  }
  return found
}
