import { isEndMatter, kindOfTitleStart } from './section-titles.js'

/**
 * The paper-text format: paragraphs parted by empty lines; `## Title` to `#### Title` for sections of level 1 to 3, with
 * their printed number; `> ` before captions, tables, footnotes and the lines of listings; `[p. N]` where page N begins, alone or in a paragraph.
 */
const HEADING = /^(#{2,4}) ([^\n]*)/u

/** A page mark with the space around it; the first group is the page. */
export const PAGE_MARK = /\s*\[p\. (\d{1,5})\]\s*/g

/** What would be read as a page mark, whole or begun: the line is joined with the next. Signs that nobody sees may stand in it. */
const PRINTED_MARK = /\[(?=(?:\s|\p{Cf})*pp?(?:\s|\p{Cf})*(?:$|\.(?:\s|\p{Cf})*(?:$|\d)))([^\]]{0,40}\])?/giu

/** Returns a line of a paper without what looks like a page mark: one that prints `[p. 99]` then says `(p. 99)`. */
export function withoutPageMarks(line: string): string {
  if (!line.includes('[')) return line
  return line.replace(PRINTED_MARK, (_mark, rest?: string) => `(${rest?.replace(/\]$/u, ')') ?? ''}`)
}

/** Returns what tells the page on which a character of a text stands; null before its first page mark. */
export function pageFinder(text: string): (offset: number) => number | null {
  const starts: { at: number; page: number }[] = []
  for (const { index, 1: page } of text.matchAll(PAGE_MARK)) starts.push({ at: index, page: Number(page) })
  return (offset) => {
    let [low, high] = [0, starts.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((starts[middle]?.at ?? Infinity) <= offset) low = middle + 1
      else high = middle
    }
    return starts[low - 1]?.page ?? null
  }
}

/** Returns the heading with which a text begins: its level (1 = section) and its title as printed; null: with none. */
export function headingOf(text: string): { level: number; title: string } | null {
  const match = HEADING.exec(text)
  const title = match?.[2]?.trim() ?? ''
  return match === null || title === '' ? null : { level: match[1]!.length - 1, title }
}

/** Returns what a line says that stands beside the running text (caption, table, footnote), or null. */
export function asideOf(line: string): string | null {
  return line.startsWith('> ') ? line.slice(2) : null
}

/** Returns whether a text has the format's headings: plain text from elsewhere has none. */
export function hasHeadings(text: string): boolean {
  return /^## \S/m.test(text)
}

/** How soon a section goes when a text is too long, from the first to the last. */
export type Rank = 'end-matter' | 'appendix' | 'related' | 'body'

/** A heading with the text below it, up to the next heading of any level. */
export interface TextPart {
  /** As printed, with its number; '' before the first heading. */
  title: string
  /** Title of the section of level 1 that it belongs to. */
  section: string
  rank: Rank
  /** The heading, then paragraphs; each with what parts it from the one before. */
  units: { text: string; glue: string }[]
  /** So many units are never given up: the heading and the text of abstract and conclusion. */
  least: number
}

/** Abstracts on arXiv have at most 1,920 characters; twice that covers title and authors before one without a heading. */
const KEPT_CHARACTERS = 4_000
/** A longer paragraph is no paragraph (a text without blank lines, a list run together) and is parted further. */
const LONGEST_PARAGRAPH = 6_000
const PIECE = 1_500
const MAX_TITLE = 120

/** Returns the parts of a paper's text in the paper-text format; joined with their glue they are the text again. */
export function partsOf(text: string): TextPart[] {
  const parts: (TextPart & { level: number })[] = []
  for (const [index, paragraph] of text.split('\n\n').entries()) {
    const heading = headingOf(paragraph)
    if (heading !== null || index === 0) {
      const title = (heading?.title ?? '').slice(0, MAX_TITLE)
      const level = heading?.level ?? 1
      parts.push({ title, section: title, level, rank: 'body', units: [], least: 0 })
    }
    parts.at(-1)!.units.push(...unitsOf(paragraph, index === 0 ? '' : '\n\n'))
  }
  rankParts(parts)
  for (const part of parts) part.least = leastOf(part)
  return parts
}

function unitsOf(paragraph: string, glue: string): TextPart['units'] {
  if (paragraph.length <= LONGEST_PARAGRAPH) return [{ text: paragraph, glue }]
  const units: TextPart['units'] = []
  for (let from = 0, next = glue; from < paragraph.length;) {
    const to = borderAfter(paragraph, from + PIECE)
    units.push({ text: paragraph.slice(from, to), glue: next })
    next = /^\s/.test(paragraph[to] ?? '') ? paragraph[to]! : ''
    from = to + next.length
  }
  return units
}

/** The next line end, else the next end of a sentence, else the next blank, else right there. */
function borderAfter(text: string, from: number): number {
  const ahead = text.slice(from, from + PIECE)
  if (ahead.length < PIECE) return text.length
  for (const border of [/\n/, /(?<=[.!?]) /, /(?<=[。！？])/, / /]) {
    const found = ahead.search(border)
    if (found >= 0) return from + found
  }
  return /^[\uDC00-\uDFFF]/.test(ahead) ? from + 1 : from
}

function rankParts(parts: (TextPart & { level: number })[]): void {
  const sections = parts.filter((part) => part.level === 1)
  const isRoman = sections.some(({ title }) => /^II[.\s]/.test(title))
  const isNumbered = isRoman || sections.filter(({ title }) => /^\d+[.\s]/.test(title)).length > 1
  const lettered = isRoman ? /^[A-HJ-KM-UW-Z][.:]?\s+\S/ : /^[A-Z][.:]?\s+\S/
  let inAppendix = false
  let above: TextPart = parts[0]!
  for (const [index, part] of parts.entries()) {
    const kind = kindOfTitleStart(part.title)
    if (part.level > 1) part.section = above.section
    else {
      above = part
      const isLettered = isNumbered && index > parts.length / 3 && lettered.test(part.title)
      const isSection = /^(\d|[IVX]+[.\s])/.test(part.title)
      inAppendix = kind === 'appendix' || isLettered || (inAppendix && !isSection)
    }
    if (isEndMatter(kind)) part.rank = 'end-matter'
    else if (inAppendix) part.rank = 'appendix'
    else if (kind === 'background') part.rank = 'related'
    else if (part.level > 1 && above.rank !== 'body') part.rank = above.rank
  }
}

function leastOf({ title, rank, units }: TextPart): number {
  const kind = kindOfTitleStart(title)
  const isKept = title === '' || kind === 'abstract' || kind === 'conclusion'
  if (rank !== 'body' || !isKept) return 0
  let characters = 0
  const end = units.findIndex(({ text }) => (characters += text.length) >= KEPT_CHARACTERS)
  return end < 0 ? units.length : end + 1
}
