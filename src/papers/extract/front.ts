import type { Block, Line } from './model.js'
import { plainTitle } from './outline.js'
import type { Heading } from './headings.js'

const RUN_IN = /^(abstract|summary|zusammenfassung|a\s?b\s?s\s?t\s?r\s?a\s?c\s?t)\s*[.:—–-]*\s*(?=\S)/iu
const MIN_ABSTRACT_CHARS = 250

export interface FrontMatter {
  title: string | null
  /** Title, authors, affiliations as printed. */
  lines: Line[]
  /** Index of the block with which the abstract begins: its heading, or its first paragraph; -1 if none. */
  abstractAt: number
  /** Blocks before this index are front matter. */
  bodyAt: number
}

/** Finds title, authors and abstract among the first blocks of a paper. */
export function findFront(blocks: readonly Block[], headings: ReadonlyMap<Block, Heading>): FrontMatter {
  const abstractAt = findAbstract(blocks, headings)
  const firstHeading = blocks.findIndex((b) => isSectionHeading(b, headings))
  const bodyAt = abstractAt >= 0 ? abstractAt : Math.max(0, firstHeading)
  const front = blocks.slice(0, bodyAt).filter((b) => b.page === 1 && b.kind !== 'footnote')
  const titleBlocks = titleOf(front)
  return {
    title: titleBlocks.length === 0 ? null : textOf(titleBlocks),
    lines: front.flatMap((b) => b.lines),
    abstractAt,
    bodyAt,
  }
}

function isSectionHeading(block: Block, headings: ReadonlyMap<Block, Heading>): boolean {
  const heading = headings.get(block)
  if (heading === undefined) return false
  return heading.number !== null || /^(introduction|background|einleitung)/u.test(plainTitle(heading.title))
}

function findAbstract(blocks: readonly Block[], headings: ReadonlyMap<Block, Heading>): number {
  const early = blocks.slice(0, 60).filter((b) => b.page <= 2)
  for (const [i, block] of early.entries()) {
    const heading = headings.get(block)
    if (heading !== undefined && /^(abstract|zusammenfassung)$/u.test(plainTitle(heading.title))) return i
    const first = block.lines[0]?.text ?? ''
    if ((RUN_IN.test(first) || /^abstract\W*$/iu.test(first)) && block.kind !== 'heading') return i
  }
  const firstPage = early.find((b) => b.kind === 'body' && b.lines.length > 2)?.page ?? 1
  for (const [i, block] of early.entries()) {
    if (isSectionHeading(block, headings)) return -1
    if (block.page > firstPage) return -1
    if (block.kind !== 'body' || block.lines.length < 3) continue
    if (textOf([block]).length >= MIN_ABSTRACT_CHARS) return i
  }
  return -1
}

/** Returns the text of an abstract's first line without the word `Abstract`. */
export function withoutRunIn(text: string): string {
  return text.replace(RUN_IN, '')
}

/** The largest type at the head of the first page, down to where the size falls. */
function titleOf(front: readonly Block[]): Block[] {
  const able = front.filter((b) => /\p{L}{2}/u.test(textOf([b])) && textOf([b]).length < 300)
  const size = Math.max(0, ...able.map((b) => b.size))
  const first = able.findIndex((b) => b.size > size - 0.6)
  if (first < 0) return []
  const result: Block[] = []
  for (const block of able.slice(first)) {
    const same =
      Math.abs(block.size - able[first]!.size) < 0.6 && block.bold > 0.5 === able[first]!.bold > 0.5
    if (!same || (result.length > 0 && block.gapAbove > 2.6)) break
    result.push(block)
    if (result.length >= 3) break
  }
  return result
}

function textOf(blocks: readonly Block[]): string {
  return blocks
    .flatMap((b) => b.lines)
    .map((l) => l.text)
    .join(' ')
    .replace(/\s+/gu, ' ')
    .trim()
}
