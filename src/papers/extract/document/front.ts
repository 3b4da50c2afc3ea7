import { textOf } from '../layout/blocks.js'
import { SIDE } from '../layout/sidebars.js'
import type { Block, Line } from '../model.js'
import { findAbstract, isSectionHeading, type Abstract } from './abstract.js'
import type { Heading } from './headings.js'
import { isProse } from './prose.js'

export interface FrontMatter {
  /** Title, authors, affiliations as printed. */
  blocks: Block[]
  /** No text follows them: they are all there is. */
  isAll: boolean
  abstract: Abstract
}

/** Finds where the text of a paper begins, and its abstract; the abstract's blocks become running text, the headings in it too. */
export function findFront(blocks: readonly Block[], headings: Map<Block, Heading>): FrontMatter {
  const abstract = findAbstract(blocks, headings)
  for (const block of abstract.blocks) {
    block.kind = 'body'
    headings.delete(block)
  }
  const firstHeading = blocks.findIndex((b, i) => isSectionHeading(b, headings, i === 0))
  const firstText = blocks.findIndex(
    (b) => b.kind === 'body' && b.lines.length > 2 && b.lines[0]!.column !== SIDE,
  )
  const starts = isBehindText(blocks, abstract)
    ? [firstHeading, firstText]
    : [abstract.firstAt, firstHeading, firstText]
  const bodyAt = starts.find((at) => at >= 0)
  if (bodyAt === undefined) return { blocks: isTitlePage(blocks) ? [...blocks] : [], isAll: true, abstract }
  const before = blocks.slice(0, bodyAt).filter((b) => isFront(b, blocks, bodyAt))
  const beside = besideAuthors(before, blocks.slice(bodyAt), headings)
  return { blocks: [...before, ...beside], isAll: false, abstract }
}

/** More lines of text stand on no cover. */
const MAX_COVER_LINES = 25
const MAX_TITLE_PAGE_LINES = 25

/** True for an abstract in a second language, on a page behind the text. */
function isBehindText(blocks: readonly Block[], { firstAt }: Abstract): boolean {
  const before = blocks.slice(0, Math.max(0, firstAt)).filter((b) => b.page < blocks[firstAt]!.page)
  const text = before.filter((b) => b.kind === 'body' && b.lines.length > 2 && isProse(textOf(b)))
  return text.reduce((n, b) => n + b.lines.length, 0) > MAX_COVER_LINES
}

function isTitlePage(blocks: readonly Block[]): boolean {
  const lines = blocks.flatMap((b) => b.lines)
  return lines.length <= MAX_TITLE_PAGE_LINES && lines.every((l) => l.page === 1 && l.wideGaps === 0)
}

/** In more lines runs text, not names. */
const MAX_BESIDE_LINES = 8

/** Authors at the head of the right column, below the title and above the height at which the left column's text begins. */
function besideAuthors(
  before: readonly Block[],
  [body, ...rest]: readonly Block[],
  headings: ReadonlyMap<Block, Heading>,
): Block[] {
  const top = body?.lines[0]
  const title = before.findLast((b) => b.lines[0]!.column === 0)
  if (top === undefined || title === undefined || top.column !== 1) return []
  return rest.filter((b) => {
    const [first, last] = [b.lines[0]!, b.lines.at(-1)!]
    const isThere = b.page === top.page && first.column === 2 && b.kind !== 'caption'
    if (!isThere || first.base > title.lines.at(-1)!.base || last.base < top.base + top.size) return false
    if (headings.get(b)?.number != null || b.lines.length > MAX_BESIDE_LINES) return false
    return !isProse(b.lines.map((l) => l.text).join(' '))
  })
}

/** True if a block before the text belongs to the front matter, on the first page that is not empty: not a footnote at the foot of its column. */
function isFront(block: Block, blocks: readonly Block[], bodyAt: number): boolean {
  const first = blocks[0]!.page
  const body = blocks[bodyAt]!
  if (block.page !== first || block.kind === 'caption') return false
  const isBelow = body.page === first && block.lines[0]!.base < body.lines[0]!.base
  return block.kind !== 'footnote' || !(isBelow || body.page > first)
}

/** Returns the lines of the front matter. */
export function frontLines({ blocks }: FrontMatter): Line[] {
  return blocks.flatMap((b) => b.lines)
}
