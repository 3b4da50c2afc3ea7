import type { ExtractedPaper } from '../../types.js'
import { blocksOf, joined, typographyOf, type Typography } from '../layout/blocks.js'
import { CAPTION } from '../patterns.js'
import { classify } from '../layout/classify.js'
import { commonGutter, findGutter, orderedLines, percentile } from '../layout/columns.js'
import { findFront, isFront, withoutRunIn, type FrontMatter } from './front.js'
import { withoutFurniture } from '../layout/furniture.js'
import { findHeadings, type Heading } from './headings.js'
import { joinText, Vocabulary } from './hyphens.js'
import { listingText } from '../layout/listings.js'
import { withoutLineNumbers } from '../layout/line-numbers.js'
import type { Block, Line, PageText } from '../model.js'
import type { OutlineEntry } from '../pdfium/outline.js'
import { findBareList, splitReferences } from './references.js'
import { isReferencesTitle } from './titles.js'
import { continuesParagraph, TextWriter, tidy } from './writer.js'

export type AssembledPaper = Omit<ExtractedPaper, 'extractor'>

/** Returns the paper that the pages make: ordered, cleaned, in the paper-text format. */
export function assemblePaper(read: readonly PageText[], outline: readonly OutlineEntry[]): AssembledPaper {
  const pages = withoutLineNumbers(read)
  const likely = commonGutter(pages)
  const ordered = pages.map((p) => ({ height: p.height, lines: orderedLines(p, findGutter(p, likely)) }))
  const lines = withoutFurniture(ordered)
  const words = new Vocabulary(lines)
  const { blocks, headings, type } = structureOf(lines, outline)
  const { body, references } = splitOffReferences(blocks, headings, type.bodySize)
  const front = findFront(body, headings)
  const written = write(body, headings, front, words, type)
  return {
    pages: pages.length,
    title: front.title === null ? null : tidy(front.title),
    abstract: abstractOf(written.sections),
    front: joinedText(front.lines, words),
    ...written,
    captions: captionsOf(body, words),
    references: splitReferences(references, words),
    hiddenCharacters: pages.reduce((n, p) => n + p.hidden, 0),
    hiddenText: hiddenTextOf(pages),
  }
}

/** Of the usual size; smaller listings float beside the text. */
const SMALL = 0.93

/** More than this is not needed to tell what the text wants. */
const MAX_HIDDEN_TEXT = 4000

function hiddenTextOf(pages: readonly PageText[]): string {
  const texts = pages.map((p) => tidy(p.hiddenText)).filter((text) => text !== '')
  return texts.join('\n').slice(0, MAX_HIDDEN_TEXT)
}

const AFTER_ABSTRACT =
  /^(index terms|key ?words|pacs|ccs concepts|acm reference|categories and subject|subject headings|general terms|msc|jel)/iu

interface Structure {
  blocks: Block[]
  headings: Map<Block, Heading>
  type: Typography
}

function structureOf(pages: readonly Line[][], outline: readonly OutlineEntry[]): Structure {
  const type = typographyOf(pages)
  const perPage = pages.map((lines) => blocksOf(lines, type))
  const all = joined(perPage)
  const headings = findHeadings(all, type, outline)
  for (const blocks of perPage) {
    classify(
      blocks.filter((b) => b.lines.length > 0),
      type,
      headings,
    )
  }
  return { blocks: all.filter((b) => b.lines.length > 0), headings, type }
}

function splitOffReferences(
  blocks: readonly Block[],
  headings: ReadonlyMap<Block, Heading>,
  bodySize: number,
): { body: Block[]; references: Line[] } {
  const start = blocks.findLastIndex((b) => {
    const heading = headings.get(b)
    return heading !== undefined && isReferencesTitle(heading.title)
  })
  if (start < 0) return splitOffBareList(blocks, bodySize)
  const after = blocks.findIndex((b, i) => i > start && endsReferences(b, headings))
  const end = after < 0 ? blocks.length : after
  const inside = blocks.slice(start + 1, end)
  const width = columnWidth(inside)
  const isAside = (block: Block): boolean => isTable(block) || widthOf(block) > 1.3 * width
  const asides = inside.filter(isAside)
  return {
    body: [...blocks.slice(0, start), ...asides, ...blocks.slice(end)],
    references: inside.filter((b) => !isAside(b)).flatMap((b) => b.lines),
  }
}

/** A table or a caption that floated into the list. */
function isTable(block: Block): boolean {
  const cells = block.lines.filter((l) => l.wideGaps > 0).length
  return (
    block.kind === 'caption' || (block.kind === 'float' && cells >= Math.max(2, 0.6 * block.lines.length))
  )
}

function widthOf(block: Block): number {
  return Math.max(...block.lines.map((l) => l.x1)) - Math.min(...block.lines.map((l) => l.x0))
}

/** Returns the width of the columns in which most of the list stands: what is far wider is a table. */
function columnWidth(blocks: readonly Block[]): number {
  const widths = blocks.flatMap((b) => b.lines.map((l) => l.right - l.left))
  return percentile(widths, 0.5)
}

/** A heading after the list: an appendix. A numbered entry that looks like a heading is none. */
function endsReferences(block: Block, headings: ReadonlyMap<Block, Heading>): boolean {
  const heading = headings.get(block)
  if (heading === undefined) return false
  return heading.number === null || !/^\d{1,3}$/u.test(heading.number) || block.bold > 0.7
}

function splitOffBareList(blocks: readonly Block[], bodySize: number): { body: Block[]; references: Line[] } {
  const lines = joined(blocks.map((b) => b.lines))
  const references = findBareList(lines, lines.at(-1)?.page ?? 0, bodySize)
  const listed = new Set(references)
  const body = blocks.filter((b) => !b.lines.some((l) => listed.has(l)))
  return { body, references }
}

function write(
  blocks: readonly Block[],
  headings: ReadonlyMap<Block, Heading>,
  front: FrontMatter,
  words: Vocabulary,
  type: Typography,
): Pick<ExtractedPaper, 'text' | 'sections'> {
  const writer = new TextWriter(words)
  for (const [i, block] of blocks.entries()) {
    if (i < front.bodyAt && isFront(block, blocks[front.bodyAt]!)) continue
    const heading = headings.get(block)
    if (i === front.abstractAt) {
      writer.heading({ title: 'Abstract', number: null, level: 1 }, block.page)
      if (heading === undefined) writer.lines(abstractLines(block), false)
    } else if (heading !== undefined) {
      writer.heading(heading, block.page)
    } else if (block.kind === 'body') {
      writer.lines(block.lines, joins(writer, block))
    } else if (block.kind === 'code') {
      writer.listing(listingText(block), block.page, block.size < SMALL * type.bodySize)
    } else {
      writer.aside(asideText(block, words), block.page)
    }
  }
  return writer.finish()
}

function abstractLines(block: Block): Line[] {
  if (/^abstract\W*$/iu.test(block.lines[0]!.text)) return block.lines.slice(1)
  return block.lines.map((l, i) => (i === 0 ? { ...l, text: withoutRunIn(l.text) } : l))
}

function joins(writer: TextWriter, block: Block): boolean {
  const last = writer.openLine()
  const first = block.lines[0]!
  if (last === null || Math.abs(last.size - first.size) > 0.1 * last.size) return false
  const sameColumn = last.page === first.page && last.column === first.column && last.base > first.base
  return continuesParagraph(writer.openText(), last, first, sameColumn)
}

function asideText(block: Block, words: Vocabulary): string {
  if (block.kind === 'float') return floatText(block)
  const text = joinedText(block.lines, words)
  return block.kind === 'footnote' ? text.replace(/^(\d{1,2}|[∗*†‡§¶]+)(?=\p{L})/u, '$1 ') : `> ${text}`
}

/** Rows whose cells stand apart become rows of a table; anything else is one line. */
function floatText(block: Block): string {
  const rows = block.lines.map((l) => l.text.split('\t').map((cell) => tidy(cell)))
  const apart = rows.filter((r) => r.length > 1).length
  if (rows.length < 2 || apart < 0.6 * rows.length) return `> ${tidy(rows.flat().join(' '))}`
  return rows.map((r) => `> | ${r.join(' | ')} |`).join('\n')
}

function joinedText(lines: readonly Line[], words: Vocabulary): string {
  return tidy(lines.reduce((text, line) => joinText(text, line.text, words), ''))
}

function captionsOf(blocks: readonly Block[], words: Vocabulary): ExtractedPaper['captions'] {
  return blocks
    .filter((b) => b.kind === 'caption')
    .map((b) => {
      const text = joinedText(b.lines, words)
      const match = CAPTION.exec(text)
      return { label: match === null ? text : `${match[1]} ${match[2]}`, page: b.page, text }
    })
}

function abstractOf(sections: ExtractedPaper['sections']): string | null {
  const abstract = sections.find((s) => s.title === 'Abstract' && s.number === null)
  if (abstract === undefined || abstract.text === '') return null
  const paragraphs = abstract.text.split('\n\n')
  const end = paragraphs.findIndex((p, i) => i > 0 && AFTER_ABSTRACT.test(p))
  return (end < 0 ? paragraphs : paragraphs.slice(0, end)).join('\n\n')
}
