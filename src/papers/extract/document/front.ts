import type { Block, Line } from '../model.js'
import { findAbstract, isSectionHeading, type Abstract } from './abstract.js'
import type { Heading } from './headings.js'

export interface FrontMatter {
  /** Title, authors, affiliations as printed. */
  blocks: Block[]
  abstract: Abstract
  /** Blocks before this index are front matter. */
  bodyAt: number
}

/** Finds where the text of a paper begins, and its abstract; the abstract's blocks become running text, the headings in it too. */
export function findFront(blocks: readonly Block[], headings: Map<Block, Heading>): FrontMatter {
  const abstract = findAbstract(blocks, headings)
  for (const block of abstract.blocks) {
    block.kind = 'body'
    headings.delete(block)
  }
  const firstHeading = blocks.findIndex((b, i) => isSectionHeading(b, headings, i === 0))
  const firstText = blocks.findIndex((b) => b.kind === 'body' && b.lines.length > 2)
  const bodyAt = [abstract.at, firstHeading, firstText].find((at) => at >= 0) ?? 0
  return { blocks: blocks.slice(0, bodyAt).filter((b) => isFront(b, blocks, bodyAt)), abstract, bodyAt }
}

/** True if a block before the text belongs to the front matter, on the first page that is not empty: not a footnote at the foot of its column. */
export function isFront(block: Block, blocks: readonly Block[], bodyAt: number): boolean {
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
