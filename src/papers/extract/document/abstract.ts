import { kindOfTitleStart, kindOfWholeTitle } from '../../../text/section-titles.js'
import { endsSentence } from '../layout/blocks.js'
import type { Block, Line } from '../model.js'
import type { Heading } from './headings.js'
import { joinText, type Vocabulary } from './hyphens.js'
import { isByline, isProse } from './prose.js'
import { tidy } from './writer.js'

const RUN_IN =
  /^(abstract|summary|zusammenfassung|a\s?b\s?s\s?t\s?r\s?a\s?c\s?t)(?![\s.·…]*(?:\d{1,3}|[ivxl]{1,5})$)\s*[.:/—–-]*\s*(?=\S)/iu
const BARE_WORD = /^(abstract|a\s?b\s?s\s?t\s?r\s?a\s?c\s?t|article\s*info\s+abstract)\W*$/iu
/** A first line that is larger than those below it, as if it were a heading. */
const LOUD_RUN_IN = /^(abstract|summary|zusammenfassung)\s*[.:—–-]+\s*\S.{20}/iu
const MIN_ABSTRACT_CHARS = 250
/** Without a word that says so, longer text at the head of a paper is the paper. */
const MAX_UNNAMED_CHARS = 3_500
const MAX_CHARS = 6_000
const MAX_UNNAMED_PARAGRAPHS = 4
const EARLY_BLOCKS = 60
/** Covers and lists of contents stand before an abstract with its heading. */
const NAMED_BLOCKS = 160
const NAMED_PAGES = 12
/** In leadings: what stands farther below is no next line. */
const NEXT_LINE = 1.4
/** Headings of the parts of an abstract, as journals of medicine want them. */
const LABEL =
  /^(aims?|background|conclusions?|context|data sources|design|discussion|findings|importance|interpretation|interventions?|introduction|limitations|materials and methods|(?:main )?outcomes?(?: measures?| and measures)?|methods?|methodology|objectives?|participants|patients|purpose|results|setting|significance|study design)\W*$/iu
/** Share by which sizes may differ within a text. */
const SAME_SIZE = 0.06
/** The least of the size of the text before that a line behind one with larger signs may have. */
const FORMULA_SIZE = 0.85
const ORNAMENT = /^[■•▪◆]\s*/u
/** The publisher's line at the end of an abstract. */
const COPYRIGHT =
  /(?<=[.!?]\s+)(?:(?:©|®|\([ccO]\)|!?c|[0OQ@])\s?(?:19|20)\d\d\s\p{Lu}[^\n]{0,200}|(?:19|20)\d\d\s\p{Lu}[^\n]{0,80}all rights reserved\.?)$/iu

/** What stands between an abstract and the first section. */
export const AFTER_ABSTRACT =
  /^(index terms|(?:(?:additional|author)\s)?key[\s-]?words|mots[\s-]cl|palabras clave|palavras[\s-]chave|schlüsselw|schlagw|parole chiave|\(some figures|digital object identifier|subjects? (?=[\p{Lu}])|pacs|ccs concepts|acm reference|(?:cr\s|acm\s)?categories(?:\sand\ssubject|:)|acm classification|subject headings|general terms|msc|jel|submitted to|preprint submitted|\(?dated:|received|accepted|published|copyright|©|permission to (?:copy|make)|ams subject|mathematics subject|(19|20)\d\d (?:mathematics|acm|msc|ams)|1\.? introduction|introduction$)/iu

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
}

const NONE: Abstract = { at: -1, blocks: [], isRunIn: false }

/** Finds the abstract among the first blocks of a paper: under its heading, behind the word, or where none names it. */
export function findAbstract(blocks: readonly Block[], headings: ReadonlyMap<Block, Heading>): Abstract {
  for (const [i, block] of blocks.slice(0, NAMED_BLOCKS).entries()) {
    if (block.page > NAMED_PAGES) break
    const heading = headings.get(block)
    const isTitle = heading !== undefined && kindOfWholeTitle(heading.title) === 'abstract'
    const first = block.lines[0]?.text ?? ''
    const isBare = isTitle || (block.lines.length === 1 && BARE_WORD.test(first))
    if (isBare) return { at: i, blocks: run(blocks, i + 1, headings), isRunIn: false }
    const isNamed =
      block.kind === 'heading' ? LOUD_RUN_IN.test(first) : RUN_IN.test(first) || BARE_WORD.test(first)
    if (isNamed && i < EARLY_BLOCKS)
      return { at: i, blocks: run(blocks, i + 1, headings, [block]), isRunIn: true }
  }
  const early = blocks.slice(0, EARLY_BLOCKS).filter((b) => b.page <= 2)
  return unnamed(blocks, early, headings)
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
    const found = run(blocks, i, headings)
    const characters = found.reduce((n, b) => n + textOf(b).length, 0)
    if (characters < MIN_ABSTRACT_CHARS || isByline(block.lines[0]!.text) || !isProse(textOf(block))) continue
    if (block.kind === 'footnote' && standsAtFoot(block, blocks)) continue
    // Title and authors come before it, and sections after it: else it is the first paragraph of something else.
    const isBetween = i >= 2 || (i === 1 && blocks.some((b) => isSectionHeading(b, headings)))
    const isPaper = characters > MAX_UNNAMED_CHARS || found.length > MAX_UNNAMED_PARAGRAPHS
    if (!isBetween || isPaper || isInSection(blocks, i, headings) || isEssay(blocks, found, headings))
      return NONE
    const at = ledBy(blocks, i) ? i - 1 : i
    return { at, blocks: [...blocks.slice(at, i), ...found], isRunIn: false }
  }
  return NONE
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

/** Those begun with and the paragraphs from `from` on that look like the first of them, up to a heading or what follows an abstract. */
function run(
  blocks: readonly Block[],
  from: number,
  headings: ReadonlyMap<Block, Heading>,
  begun: readonly Block[] = [],
): Block[] {
  const taken = [...begun]
  let characters = 0
  for (const block of blocks.slice(from)) {
    if (isAside(block)) continue
    const last = taken.at(-1)
    const text = textOf(block)
    const isNext = isLabel(block, text, taken, headings)
    if (!isNext && (headings.has(block) || (last !== undefined && AFTER_ABSTRACT.test(text)))) break
    if (last !== undefined && !isNext && !headings.has(last) && !isFormula(block, text, last)) {
      if (isNote(block, text)) continue
      if (!goesOn(block, text, last) && !looksAlike(block, longestOf(taken), last)) {
        // A footnote of the column, or a letter set small in a formula.
        if (block.kind === 'footnote' || block.lines.length < 2) continue
        break
      }
    }
    taken.push(block)
    characters += text.length
    if (characters > MAX_CHARS) break
  }
  return taken
}

/** The heading of the first part of an abstract, or of another in the same type: a title that comes again is the paper's. */
function isLabel(
  block: Block,
  text: string,
  taken: readonly Block[],
  headings: ReadonlyMap<Block, Heading>,
): boolean {
  if (!LABEL.test(text) || headings.get(block)?.number !== null) return false
  const [first] = taken
  if (first === undefined) return true
  const isAlike = headings.has(first) && Math.abs(block.size - first.size) < 0.3
  return isAlike && !taken.some((b) => headings.has(b) && textOf(b) === text)
}

/** A sentence goes on, be it larger for a formula in it: right below, or at the head of the next column. */
function goesOn(block: Block, text: string, last: Block): boolean {
  if (endsSentence(textOf(last))) return false
  const [before, first] = [last.lines.at(-1)!, block.lines[0]!]
  const isSameSize = Math.abs(block.size - last.size) < SAME_SIZE * last.size
  if (before.page === first.page && before.column === first.column) {
    const isLine = block.lines.length === 1 && block.size > FORMULA_SIZE * last.size
    const isText = isSameSize || isLine || block.size > last.size
    return block.gapAbove < NEXT_LINE && isText && !isListOfNames(text)
  }
  return /^\p{Ll}/u.test(text) && block.lines.length > 1 && isSameSize
}

/** A formula on lines of its own, in the middle of a sentence. */
function isFormula(block: Block, text: string, last: Block): boolean {
  const isBelow = last.page === block.page && last.lines[0]!.column === block.lines[0]!.column
  if (!isBelow || block.kind !== 'float' || block.gapAbove > 2 || endsSentence(textOf(last))) return false
  const words = text.match(/\p{L}{2,}/gu)?.join('').length ?? 0
  return words < 0.4 * text.replace(/\s/gu, '').length
}

function isListOfNames(text: string): boolean {
  return (text.match(/\p{L}{2}/gu)?.length ?? 0) > 3 && isByline(text)
}

/** A footnote in the size of the text. */
function isNote(block: Block, text: string): boolean {
  return block.gapAbove > NEXT_LINE && /^(?:[∗*†‡§¶¹²³]|\d(?=\p{Lu}\p{Ll}))/u.test(text)
}

function longestOf(blocks: readonly Block[]): Block {
  return blocks.reduce((long, block) => (block.lines.length > long.lines.length ? block : long))
}

function isAside(block: Block): boolean {
  return block.kind === 'caption' || block.lines.every((l) => l.glyphs < 3)
}

function looksAlike(block: Block, first: Block, last: Block): boolean {
  if (Math.abs(block.size - first.size) > SAME_SIZE * first.size) return false
  if (Math.abs(block.bold - first.bold) > 0.6 || Math.abs(block.italic - first.italic) > 0.7) return false
  if (block.page > last.page + 1 || block.gapAbove > 3) return false
  const isSameColumn = block.lines[0]!.column === first.lines[0]!.column
  if (isSameColumn) return Math.abs(leftOf(block) - leftOf(first)) < 3 * first.size
  // It runs across the page, and these lines fill a column; or it goes on in the next one.
  const isNarrow = block.lines.length > 2 && rightOf(block) < rightOf(first) - 0.15 * widthOf(first)
  return !isNarrow && (first.lines[0]!.column > 0 || Math.abs(leftOf(block) - leftOf(first)) < 3 * first.size)
}

const leftOf = (block: Block): number => Math.min(...block.lines.map((l) => l.x0))
const rightOf = (block: Block): number => Math.max(...block.lines.map((l) => l.x1))
const widthOf = (block: Block): number => rightOf(block) - leftOf(block)

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
  if (!isRunIn || block !== blocks[0]) return block.lines
  if (BARE_WORD.test(block.lines[0]!.text)) return block.lines.slice(1)
  return block.lines.map((l, i) => (i === 0 ? { ...l, text: l.text.replace(RUN_IN, '') } : l))
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

function textOf(block: Block): string {
  return block.lines
    .map((l) => l.text)
    .join(' ')
    .replace(/\s+/gu, ' ')
    .trim()
}
