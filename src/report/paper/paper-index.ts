import { PAGE_MARK } from '../../text/paper-text.js'
import { labelsIn } from './labels.js'
import { readNumbers, type ReadNumber } from '../numbers/numbers.js'
import { isAscii, mendedKeys, partsByBlanks, plainNumbers, withoutBlanks } from '../numbers/plain-numbers.js'
import { withoutReferences } from '../numbers/reference-numbers.js'
import { isNamed, type Unit } from '../numbers/units.js'
import { stemsOf } from '../numbers/word-keys.js'

/** A sentence, a caption or a row of a table. */
export interface Passage {
  page: number
  text: string
  numbers: readonly ReadNumber[]
  /** Keys of its words, in order. */
  words: readonly string[]
}

/** Where a number stands. */
export interface Place {
  page: number
  passage: number
  number: ReadNumber
}

export interface PaperSection {
  /** As printed before the title (`3.2`, `A`), lower case; '' without one. */
  number: string
  title: string
  from: number
  to: number
}

/** What statements about a paper are looked up in. Everything is built in one pass; a text without page marks is one page, 0. */
export interface PaperIndex {
  hasPages: boolean
  pages: ReadonlySet<number>
  passages: readonly Passage[]
  sections: readonly PaperSection[]
  /** Key of a number → page → where it stands there. */
  numbers: ReadonlyMap<string, ReadonlyMap<number, readonly Place[]>>
  /** Page → keys of the numbers that stand there once a torn number is mended; they have no place. */
  mended: ReadonlyMap<number, ReadonlySet<string>>
  /** Word → passages that hold it, in order. */
  words: ReadonlyMap<string, readonly number[]>
  /** Word → pages that hold it, in order. */
  wordPages: ReadonlyMap<string, readonly number[]>
  /** `table 3`, `figure 2`, `section 3.2` → pages of its caption or heading first, then where it is named. */
  labels: ReadonlyMap<string, readonly number[]>
  /** Letters and digits alone, lower case, page after page. */
  squashed: Squashed
  text: string
  /** Sets the thousands of a line in one way, where the paper parts them by blanks. */
  joined(line: string): string
  /** Whether the text names a unit at all. */
  names(unit: Unit): boolean
}

export interface Squashed {
  text: string
  /** Offset at which each page begins, ascending. */
  starts: readonly number[]
  pages: readonly number[]
}

const MAX_PLACES = 6
const MAX_POSTINGS = 100
const SENTENCE_END = /(?<=[.!?]["”)\]]?)\s+(?=[\p{Lu}("“[•])/u
const MAX_PASSAGE = 2000

/** Returns the index of a paper's text in the paper-text format. Linear in the text. */
export function indexPaper(text: string): PaperIndex {
  const builder = new Builder(partsByBlanks(text) ? withoutBlanks : (line) => line)
  let page = 0
  let from = 0
  for (const mark of text.matchAll(PAGE_MARK)) {
    builder.addPage(page, text.slice(from, mark.index))
    page = Number(mark[1])
    from = mark.index + mark[0].length
  }
  builder.addPage(page, text.slice(from))
  return builder.done(text)
}

class Builder {
  readonly #pages = new Set<number>()
  readonly #passages: Passage[] = []
  readonly #sections: PaperSection[] = []
  readonly #numbers = new Map<string, Map<number, Place[]>>()
  readonly #mended = new Map<number, Set<string>>()
  readonly #words = new Map<string, number[]>()
  readonly #wordPages = new Map<string, number[]>()
  readonly #labels = new Map<string, number[]>()
  readonly #squashed: string[] = []
  readonly #starts: number[] = []
  readonly #starting: number[] = []
  #length = 0
  readonly #joined: (line: string) => string

  /** @param joined sets the thousands of a line in one way. */
  constructor(joined: (line: string) => string) {
    this.#joined = joined
  }

  addPage(page: number, raw: string): void {
    if (page > 0) this.#pages.add(page)
    else if (raw.trim() === '') return
    const last = this.#sections.at(-1)
    if (last !== undefined) last.to = page
    this.#addSquashed(page, raw)
    const text = withoutReferences(raw.split('\n').map(plainNumbers).map(this.#joined).join('\n'))
    for (const line of text.split('\n')) {
      if (line.trim() !== '') this.#addLine(page, line)
    }
    this.#mend(page, text)
  }

  #addSquashed(page: number, raw: string): void {
    const squashed = raw.split('\n').map(squash).join('')
    this.#squashed.push(squashed)
    this.#starts.push(this.#length)
    this.#starting.push(page)
    this.#length += squashed.length
  }

  #addLine(page: number, line: string): void {
    const heading =
      /^#{2,4} (?:(?:appendix )?([A-Z]|[IVX]{1,5}|\d{1,2}(?:\.\d{1,2})*|[A-Z](?:\.\d{1,2})+)[.:]? )?(.*)$/iu.exec(
        line,
      )
    if (heading !== null) {
      const [, number = '', title = ''] = heading
      this.#sections.push({ number: number.toLowerCase(), title: title.trim(), from: page, to: page })
      if (number !== '') this.#label(`section ${number.toLowerCase()}`, page, true)
      if (/^[a-z]/i.test(number)) this.#label(`appendix ${number.toLowerCase()}`, page, true)
      this.#addPassage(page, title)
      return
    }
    const isCaption = line.startsWith('> ')
    labelsIn(line).forEach(({ key, at }) => this.#label(key, page, isCaption && at <= 3))
    const isRow = line.startsWith('> |')
    if (isRow || line.length < 300) return this.#addPassage(page, line)
    for (const sentence of line.split(SENTENCE_END)) {
      for (let at = 0; at < sentence.length; at += MAX_PASSAGE)
        this.#addPassage(page, sentence.slice(at, at + MAX_PASSAGE))
    }
  }

  #addPassage(page: number, text: string): void {
    const passage = this.#passages.length
    // The mark of what stands beside the text is no sign before its first number.
    const numbers = readNumbers(text.replace(/^> /, '  ')).filter(({ role }) => role !== 'label')
    const words = stemsOf(text)
    this.#passages.push({ page, text, numbers, words })
    for (const number of numbers) {
      for (const key of number.keys) {
        let pages = this.#numbers.get(key)
        if (pages === undefined) this.#numbers.set(key, (pages = new Map<number, Place[]>()))
        const places = pages.get(page)
        if (places === undefined) pages.set(page, [{ page, passage, number }])
        else if (
          places.length < MAX_PLACES ||
          !places.some((place) => place.number.unit?.name === number.unit?.name)
        )
          places.push({ page, passage, number })
      }
    }
    for (const stem of words) {
      add(this.#words, stem, passage)
      add(this.#wordPages, stem, page)
    }
  }

  #mend(page: number, text: string): void {
    const known = this.#mended.get(page)
    const keys = mendedKeys(text)
    if (known === undefined) this.#mended.set(page, keys)
    else for (const key of keys) known.add(key)
  }

  #label(key: string, page: number, home: boolean): void {
    const pages = this.#labels.get(key)
    if (pages === undefined) this.#labels.set(key, [page])
    else if (home && pages[0] !== page) pages.unshift(page)
    else if (pages.length < 50 && pages.at(-1) !== page) pages.push(page)
  }

  done(text: string): PaperIndex {
    const named = new Map<string, boolean>()
    return {
      hasPages: this.#pages.size > 0,
      pages: this.#pages,
      passages: this.#passages,
      sections: this.#sections,
      numbers: this.#numbers,
      mended: this.#mended,
      words: this.#words,
      wordPages: this.#wordPages,
      labels: this.#labels,
      squashed: { text: this.#squashed.join(''), starts: this.#starts, pages: this.#starting },
      text,
      joined: this.#joined,
      names: (unit) => {
        const known = named.get(unit.name) ?? isNamed(unit, text)
        named.set(unit.name, known)
        return known
      },
    }
  }
}

function add(map: Map<string, number[]>, word: string, value: number): void {
  const list = map.get(word)
  if (list === undefined) map.set(word, [value])
  else if (list.length < MAX_POSTINGS && list.at(-1) !== value) list.push(value)
}

/** Returns letters and digits alone, lower case, ligatures taken apart. */
export function squash(text: string): string {
  if (isAscii(text)) return text.toLowerCase().replace(/[^a-z0-9]+/g, '')
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '')
}

/** Returns the page on which an offset of the squashed text lies. */
export function pageAt({ starts, pages }: Squashed, offset: number): number {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((starts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return pages[low] ?? 0
}
