import type { PaperSection } from '../../types.js'
import type { Line } from '../model.js'
import { joinText, type Vocabulary } from './hyphens.js'
import { endsSentence } from '../layout/blocks.js'
import { CAPTION } from '../patterns.js'
import type { Heading } from './headings.js'

interface Section extends Omit<PaperSection, 'text'> {
  paragraphs: string[]
}

/** Characters; more is no paragraph, and joining a line to it copies it all. */
const MAX_PARAGRAPH = 30_000

/** Writes the paper-text format: paragraphs, headings, captions after the paragraph they fell into, page marks. */
export class TextWriter {
  readonly #out: string[] = []
  readonly #sections: Section[] = []
  #open = ''
  #plain = ''
  #last: Line | null = null
  #page = 0
  #waiting: { text: string; page: number }[] = []

  readonly #words: Vocabulary

  constructor(words: Vocabulary) {
    this.#words = words
  }

  heading(heading: Heading, page: number): void {
    this.#flush()
    this.#mark(page)
    const label = heading.number === null ? heading.title : `${heading.number} ${heading.title}`
    this.#out.push(`${'#'.repeat(heading.level + 1)} ${tidy(label)}`)
    this.#sections.push({ ...heading, title: tidy(heading.title), page, paragraphs: [] })
  }

  /** Adds lines of running text; `joins` says that they go on with the open paragraph. */
  lines(lines: readonly Line[], joins: boolean): void {
    if (!joins || this.#open === '') this.#flush()
    for (const line of lines) this.#line(line)
  }

  #line(line: Line): void {
    if (this.#open.length > MAX_PARAGRAPH) this.#flush()
    if (this.#open === '') {
      this.#mark(line.page)
      this.#open = line.text
      this.#plain = line.text
    } else if (line.page === this.#page && this.#open === this.#plain) {
      this.#open = joinText(this.#open, line.text, this.#words)
      this.#plain = this.#open
    } else {
      this.#plain = joinText(this.#plain, line.text, this.#words)
      this.#open =
        line.page === this.#page ? joinText(this.#open, line.text, this.#words) : this.#overPage(line)
    }
    this.#last = line
  }

  /** The mark stands at the break; a word broken over the pages is mended before it. */
  #overPage(line: Line): string {
    const space = line.text.indexOf(' ')
    const word = space < 0 ? line.text : line.text.slice(0, space)
    const rest = space < 0 ? '' : line.text.slice(space)
    const marks = this.#marksTo(line.page).join(' ')
    const broken = this.#open.endsWith('-')
    if (broken) return `${joinText(this.#open, word, this.#words)} ${marks}${rest}`
    return `${this.#open} ${marks} ${line.text}`
  }

  /** The last line of the open paragraph, or null. */
  openLine(): Line | null {
    return this.#open === '' ? null : this.#last
  }

  openText(): string {
    return this.#plain
  }

  /** Keeps a caption, table or footnote until the open paragraph has ended. */
  aside(text: string, page: number): void {
    const before = this.#waiting.at(-1)
    if (isLoose(text) && before !== undefined && before.page === page && isLoose(before.text)) {
      before.text = `${before.text} ${text.slice(2)}`
    } else {
      this.#waiting.push({ text, page })
    }
  }

  /** Adds a listing where it stands, or as an aside if it floats. */
  listing(text: string, page: number, floats: boolean): void {
    if (!floats) this.#flush()
    this.aside(text, page)
    if (!floats) this.#flush()
  }

  #marksTo(page: number): string[] {
    const marks: string[] = []
    while (this.#page < page) marks.push(`[p. ${++this.#page}]`)
    return marks
  }

  #mark(page: number): void {
    this.#out.push(...this.#marksTo(page))
  }

  #flush(): void {
    const text = tidy(this.#open)
    if (text !== '') {
      this.#out.push(text)
      this.#sections.at(-1)?.paragraphs.push(this.#plain === this.#open ? text : tidy(this.#plain))
    }
    this.#open = ''
    this.#plain = ''
    this.#last = null
    const waiting = this.#waiting
    this.#waiting = []
    for (const { text: aside, page } of waiting) {
      this.#mark(page)
      if (aside !== '') this.#out.push(aside)
    }
  }

  /** Returns the whole text and its sections; `pages` closes the page marks. */
  finish(): { text: string; sections: PaperSection[] } {
    this.#flush()
    const sections = this.#sections.map(({ paragraphs, ...section }) => ({
      ...section,
      text: paragraphs.join('\n\n'),
    }))
    return { text: this.#out.join('\n\n'), sections }
  }
}

/** A short scrap of a drawing, which its neighbours may join. */
function isLoose(text: string): boolean {
  const isScrap = text.startsWith('> ') && !text.startsWith('> |') && !text.includes('\n')
  return isScrap && text.length < 400 && !CAPTION.test(text.slice(2))
}

/** Returns text in NFC on one line, spaces single, spaces before commas and stops gone. */
export function tidy(text: string): string {
  const single = DOUBLE_SPACE.test(text) ? text.replace(/\s+/gu, ' ') : text
  const composed = ASCII.test(single) ? single : single.normalize('NFC')
  return (LOOSE_SIGN.test(composed) ? composed.replace(/ (?=[,;.](?:\s|$))/g, '') : composed).trim()
}

/** Most texts need no mending, and to look is cheaper than to replace. */
const DOUBLE_SPACE = /\s\s|[^\S ]/u

const LOOSE_SIGN = / [,;.]/

const ASCII = /^[\0-\x7f]*$/

/** True if a block that begins with `next` goes on with the paragraph that ends with `last`. */
export function continuesParagraph(text: string, last: Line, next: Line, sameColumn: boolean): boolean {
  if (text.endsWith('-') && /^\p{L}/u.test(next.text)) return true
  const ended = endsSentence(text)
  const lower = /^\p{Ll}/u.test(next.text)
  if (sameColumn) return lower && !ended
  const full = last.x1 > last.right - 0.12 * (last.right - last.left)
  if (!ended) return lower || (full && !/:$/u.test(text))
  return false
}
