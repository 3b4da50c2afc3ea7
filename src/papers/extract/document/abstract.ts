import { kindOfTitleStart, kindOfWholeTitle } from '../../../text/section-titles.js'
import { endsSentence, textOf } from '../layout/blocks.js'
import type { Block, Line } from '../model.js'
import type { Heading } from './headings.js'
import { joinText, type Vocabulary } from './hyphens.js'
import { isAffiliation, isByline, isProse } from './prose.js'
import { isBareName, isEnglish, nameIn, withoutName } from './abstract-names.js'
import { AFTER_ABSTRACT, paragraphsFrom } from './abstract-paragraphs.js'
import { tidy } from './writer.js'

const MAX_TRANSLATED_BLOCKS = 10
/** So begins a sentence, be there an institute in it. */
const SENTENCE_START = /^\p{Lu}\p{Ll}+(?:\s\p{Ll}+){2}/u
const MIN_ABSTRACT_CHARS = 250
/** Without a word that says so, longer text at the head of a paper is the paper. */
const MAX_UNNAMED_CHARS = 3_500
const MAX_UNNAMED_PARAGRAPHS = 4
const EARLY_BLOCKS = 60
/** Covers and lists of contents stand before an abstract with its heading. */
const NAMED_BLOCKS = 160
const NAMED_PAGES = 12
const ORNAMENT = /^[■•▪◆]\s*/u
/** The publisher's line at the end of an abstract. */
const COPYRIGHT =
  /(?<=[.!?]\s+)(?:(?:©|®|\([ccO]\)|!?c|[0OQ@])\s?(?:19|20)\d\d\s\p{Lu}[^\n]{0,200}|(?:19|20)\d\d\s\p{Lu}[^\n]{0,80}all rights reserved\.?)$/iu

/** What publishers and libraries put in front of a paper, and what the first page of a thesis says of it. */
const FORMAL =
  /terms (?:and|&) conditions|this article was downloaded|unedited manuscript|please cite|stable url|proefschrift|inaugural|(?:thesis|dissertation|report).{0,60}(?:submitted|presented|fulfil)|submitted (?:in|to|for)\b/iu
const COVER =
  /this article was downloaded|scroll down for article|unedited manuscript|your use of the jstor|hal is a multi-disciplinary/iu

export interface Abstract {
  /** Index of the block with which it begins: its heading, or its first paragraph; -1 if there is none. */
  at: number
  /** Its paragraphs, without the heading. */
  blocks: Block[]
  /** The word `Abstract` stands in the first of them. */
  isRunIn: boolean
  /** Index of the block with which the first one begins, where there are several in different languages; else `at`. */
  firstAt: number
}

const NONE: Abstract = { at: -1, blocks: [], isRunIn: false, firstAt: -1 }

/** Finds the abstract among the first blocks of a paper: under its heading, behind the word, or where none names it. */
export function findAbstract(blocks: readonly Block[], headings: ReadonlyMap<Block, Heading>): Abstract {
  const first = namedFrom(blocks, headings, 0)
  if (first !== null) {
    const english = isEnglish(blocks[first.at]!) ? first : namedFrom(blocks, headings, first.at + 1)
    return english !== null && isEnglish(blocks[english.at]!) ? { ...english, firstAt: first.at } : first
  }
  const early = blocks.slice(0, EARLY_BLOCKS).filter((b) => b.page <= 2)
  return unnamed(blocks, early, headings)
}

/** Returns the first abstract from an index on that has the word for it, null if there is none. */
function namedFrom(
  blocks: readonly Block[],
  headings: ReadonlyMap<Block, Heading>,
  from: number,
): Abstract | null {
  let isBeforeSections = true
  for (let at = from; at < Math.min(blocks.length, NAMED_BLOCKS); at++) {
    const block = blocks[at]!
    if (block.page > NAMED_PAGES) break
    const name = nameIn(block, headings, isBeforeSections)
    // Where the word stands twice, that of the template above that of the authors, the second one counts.
    const next = blocks[at + 1]
    if (name === 'heading' && next !== undefined && nameIn(next, headings, false) === 'heading') continue
    if (name === 'heading') {
      const found = paragraphsFrom(blocks, firstParagraph(blocks, at + 1), headings)
      return { at, blocks: found, isRunIn: false, firstAt: at }
    }
    if (name === 'run-in' && at < EARLY_BLOCKS)
      return { at, blocks: paragraphsFrom(blocks, at + 1, headings, [block]), isRunIn: true, firstAt: at }
    if (isSectionHeading(block, headings, at === 0)) isBeforeSections = false
  }
  return null
}

/** Index of the first paragraph below the heading: behind the same in a script from right to left. */
function firstParagraph(blocks: readonly Block[], from: number): number {
  const isLeftward = (b: Block): boolean => b.lines.reduce((n, l) => n + 2 * l.leftward - l.glyphs, 0) > 0
  const at = blocks.findIndex((b, i) => i >= from && !isLeftward(b) && b.lines.some((l) => l.glyphs > 2))
  const isBelow = at > from && at - from < MAX_TRANSLATED_BLOCKS && isProse(textOf(blocks[at]!))
  return isBelow ? at : from
}

function unnamed(
  blocks: readonly Block[],
  early: readonly Block[],
  headings: ReadonlyMap<Block, Heading>,
): Abstract {
  const isCovered = early.some((b) => b.page === 1 && COVER.test(textOf(b)))
  const isText = (b: Block): boolean => b.kind === 'body' && b.lines.length > 2 && isProse(textOf(b))
  const firstPage = early.find((b) => isText(b) && !(isCovered && b.page === 1))?.page ?? 1
  for (const [i, block] of early.entries()) {
    if (isSectionHeading(block, headings, i === 0) || block.page > firstPage) return NONE
    if (isCovered && block.page === 1) continue
    if (block.kind === 'heading' || block.kind === 'caption' || block.lines.length < 2) continue
    if (isContents(block)) return NONE
    if (AFTER_ABSTRACT.test(block.lines[0]!.text) || FORMAL.test(textOf(block))) continue
    const found = paragraphsFrom(blocks, i, headings)
    const characters = found.reduce((n, b) => n + textOf(b).length, 0)
    if (characters < MIN_ABSTRACT_CHARS || beginsWithByline(block) || !isProse(textOf(block))) continue
    if (block.kind === 'footnote' && standsAtFoot(block, blocks)) continue
    // Title and authors come before it, and sections after it: else it is the first paragraph of something else.
    const isBetween = i >= 2 || (i === 1 && blocks.some((b) => isSectionHeading(b, headings)))
    const isPaper = characters > MAX_UNNAMED_CHARS || found.length > MAX_UNNAMED_PARAGRAPHS
    if (!isBetween || isPaper || isInSection(blocks, i, headings) || isEssay(blocks, found, headings))
      return NONE
    const at = ledBy(blocks, i) ? i - 1 : i
    return { at, blocks: [...blocks.slice(at, i), ...found], isRunIn: false, firstAt: at }
  }
  return NONE
}

function beginsWithByline({ lines }: Block): boolean {
  const { text } = lines[0]!
  const isSentence = SENTENCE_START.test(text) && !isAffiliation(text.split(' ', 3).join(' '))
  return isByline(text) && !isSentence
}

/** True if the paper goes on in the next column, or in a sentence over the page, as it began: without a heading, in the same type. */
function isEssay(
  blocks: readonly Block[],
  found: readonly Block[],
  headings: ReadonlyMap<Block, Heading>,
): boolean {
  const last = found.at(-1)!
  const next = blocks
    .slice(blocks.indexOf(last) + 1)
    .find((b) => headings.has(b) || (b.kind === 'body' && b.lines.length > 1))
  if (next === undefined || headings.has(next)) return false
  const isOver = next.page > last.page && !endsSentence(textOf(last))
  if (next.lines[0]!.column === last.lines[0]!.column && !isOver) return false
  return Math.abs(next.size - last.size) < 0.02 * last.size && Math.abs(next.italic - last.italic) < 0.3
}

/** Titles of sections with their pages. */
function isContents({ lines }: Block): boolean {
  return lines.length > 2 && lines.filter((l) => /\t\d{1,3}$/u.test(l.text)).length > 0.6 * lines.length
}

/** True for small print below running text. */
function standsAtFoot(block: Block, blocks: readonly Block[]): boolean {
  const base = block.lines[0]!.base
  const isText = (b: Block): boolean => b.kind === 'body' && b.lines.length > 4 && isProse(textOf(b))
  return blocks.some((b) => b.page === block.page && isText(b) && b.lines[0]!.base > base)
}

/** True below a heading that looks as others do further on: sections without numbers. */
function isInSection(
  blocks: readonly Block[],
  index: number,
  headings: ReadonlyMap<Block, Heading>,
): boolean {
  const before = blocks[index - 1]
  if (before === undefined || !headings.has(before) || isByline(textOf(before))) return false
  const isAlike = (b: Block): boolean =>
    Math.abs(b.size - before.size) < 0.3 && b.bold > 0.5 === before.bold > 0.5
  return blocks.slice(index).some((b) => headings.has(b) && isAlike(b))
}

/** True if the line above belongs to the paragraph: its first line, indented on both sides as if it stood in the middle. */
function ledBy(blocks: readonly Block[], index: number): boolean {
  const before = blocks[index - 1]
  const first = blocks[index]!.lines[0]!
  const line = before?.lines[0]
  if (before === undefined || line === undefined || before.lines.length > 1) return false
  const isNear =
    line.base - first.base < 1.4 * first.size && line.base > first.base && line.page === first.page
  return (
    isNear &&
    Math.abs(line.size - first.size) < 0.3 &&
    line.x1 > first.x1 - first.size &&
    !isByline(line.text)
  )
}

/**
 * Returns whether a heading opens the paper's text: a number, or the title of a first section. With nothing above it,
 * `Introduction to …` is the paper's own title.
 */
export function isSectionHeading(
  block: Block,
  headings: ReadonlyMap<Block, Heading>,
  isFirst = false,
): boolean {
  const heading = headings.get(block)
  if (heading === undefined) return false
  if (heading.number !== null) return true
  const kind = isFirst ? kindOfWholeTitle(heading.title) : kindOfTitleStart(heading.title)
  return kind === 'introduction' || kind === 'background'
}

/** Returns the lines of a block of the abstract without the word `Abstract`. */
export function abstractLines({ blocks, isRunIn }: Abstract, block: Block): Line[] {
  if (block !== blocks[0]) return block.lines
  // The word stands there twice where authors set it below that of their template.
  if (isBareName(block.lines[0]!.text)) return block.lines.slice(1)
  return isRunIn
    ? block.lines.map((l, i) => (i === 0 ? { ...l, text: withoutName(l.text) } : l))
    : block.lines
}

/** Returns an abstract as text, its paragraphs parted by empty lines; null if there is none. */
export function abstractText(abstract: Abstract, words: Vocabulary): string | null {
  const paragraphs: string[] = []
  for (const block of abstract.blocks) {
    const lines = abstractLines(abstract, block)
    const end = lines.findIndex(
      (l, n) => n > 0 && AFTER_ABSTRACT.test(l.text) && endsSentence(lines[n - 1]!.text),
    )
    const open = paragraphs.at(-1) ?? ''
    const goesOn = open !== '' && !endsSentence(open)
    const text = (end < 0 ? lines : lines.slice(0, end)).reduce(
      (joined, line) => joinText(joined, line.text, words),
      goesOn ? open : '',
    )
    if (goesOn) paragraphs.pop()
    if (text !== '') paragraphs.push(text)
    if (end >= 0) break
  }
  const text = paragraphs.map(tidy).join('\n\n').replace(COPYRIGHT, '').replace(ORNAMENT, '').trim()
  return text === '' ? null : text
}
