import type { ExtractedPaper } from '../../types.js'
import { blocksOf, joined, textOf, typographyOf, type Typography } from '../layout/blocks.js'
import { withoutPageMarks } from '../../../text/paper-text.js'
import { CAPTION } from '../patterns.js'
import { classify } from '../layout/classify.js'
import { readByline, type Byline } from './byline.js'
import { arxivStampIn, doiOf, keywordsOf } from './page-facts.js'
import { abstractLines, abstractText } from './abstract.js'
import { findFront, frontLines, type FrontMatter } from './front.js'
import { withoutFurniture } from '../layout/furniture.js'
import { findHeadings, type Heading } from './headings.js'
import { joinText, Vocabulary } from './hyphens.js'
import { SIDE } from '../layout/sidebars.js'
import { listingText } from '../layout/listings.js'
import { withoutLineNumbers } from '../layout/line-numbers.js'
import { orderedPages } from '../layout/part-columns.js'
import type { Block, Line, PageText } from '../model.js'
import type { OutlineEntry } from '../pdfium/outline.js'
import { splitOffReferences } from './reference-lists.js'
import { splitReferences } from './references.js'
import { isTable, titleBlocks, titleLines, titleText } from './title.js'
import { continuesParagraph, TextWriter, tidy } from './writer.js'

export type AssembledPaper = Omit<ExtractedPaper, 'extractor'>

/** Returns the paper that the pages make: ordered, cleaned, in the paper-text format. */
export function assemblePaper(read: readonly PageText[], outline: readonly OutlineEntry[]): AssembledPaper {
  const pages = withoutLineNumbers(read)
  const ordered = orderedPages(pages)
  const lines = withoutFurniture(ordered)
  for (const line of joined(lines)) line.text = withoutPageMarks(line.text)
  const words = new Vocabulary(lines)
  const { blocks, headings, type } = structureOf(lines, outline)
  const { body, lists } = splitOffReferences(blocks, headings, type.bodySize)
  const front = findFront(body, headings)
  const title = titleBlocks(front.blocks, type.bodySize)
  const written = write(body, headings, front, words, type)
  return {
    pages: pages.length,
    title: titleText(title, words),
    ...bylineOf(front.blocks, title, type.bodySize, belowCover(body, front, title)),
    keywords: keywordsOf(body, words),
    doi: doiOf(ordered[0]?.lines ?? []),
    arxivStamp: arxivStampIn(pages[0]?.turnedText ?? ''),
    abstract: abstractText(front.abstract, words),
    front: joinedText(frontLines(front), words),
    ...written,
    captions: captionsOf(body, words),
    references: [...new Set(lists.flatMap((lines) => splitReferences(lines, words)))],
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

const NOTES = /^(?:edited by|reviewed by|academic editor|citation\s?:|how to cite)/iu

/** What stands below the title, or right above it where that names nobody. */
function bylineOf(
  front: readonly Block[],
  title: readonly Block[],
  bodySize: number,
  repeated: readonly Line[],
): Byline {
  const [first, last] = [title[0], title.at(-1)]
  if (first === undefined || last === undefined)
    return readByline(front.filter((b) => !isTable(b, bodySize)).flatMap((b) => b.lines))
  // Larger are the words of a drawing.
  const size = Math.max(...title.map((b) => b.size))
  const side = front.flatMap((b) => b.lines.filter((l) => l.column === SIDE))
  // Beside the abstract stand authors and their addresses, or notes on the paper that name others.
  const notes = side.some((l) => NOTES.test(l.text)) ? side : []
  const below = front
    .slice(front.indexOf(last) + 1)
    .flatMap((b) => (b.size > size + 0.6 ? [] : b.lines.filter((l) => !notes.includes(l))))
  const own = titleLines(title)
  const byline = readByline([...title.flatMap((b) => b.lines.filter((l) => !own.includes(l))), ...below])
  const above = front[front.indexOf(first) - 1]
  if (byline.authors.length === 0 && repeated.length > 0) return readByline(repeated)
  if (byline.authors.length > 0 || above === undefined || first.gapAbove > 3) return byline
  return { ...byline, authors: readByline(above.lines).authors }
}

/** The lines below the title where it stands once more, above the abstract on the page behind a cover. */
function belowCover(body: readonly Block[], { abstract }: FrontMatter, title: readonly Block[]): Line[] {
  const words = title.map(textOf).join(' ')
  const page = body[abstract.firstAt]?.page ?? 1
  const again = body.findIndex((b) => b.page === page && textOf(b) === words)
  if (page === 1 || words === '' || again < 0) return []
  return body.slice(again + 1, abstract.firstAt).flatMap((b) => b.lines)
}

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

function write(
  blocks: readonly Block[],
  headings: ReadonlyMap<Block, Heading>,
  front: FrontMatter,
  words: Vocabulary,
  type: Typography,
): Pick<ExtractedPaper, 'text' | 'sections'> {
  const writer = new TextWriter(words)
  const printed = new Set(front.isAll ? [] : front.blocks)
  for (const [i, block] of blocks.entries()) {
    if (printed.has(block)) continue
    const heading = headings.get(block)
    if (i === front.abstract.at) {
      writer.heading({ title: 'Abstract', number: null, level: 1 }, block.page)
      if (front.abstract.blocks.includes(block)) writer.lines(abstractLines(front.abstract, block), false)
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
