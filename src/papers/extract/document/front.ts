import type { Block, Line } from '../model.js'
import { kindOfTitleStart, kindOfWholeTitle } from '../../../text/section-titles.js'
import type { Heading } from './headings.js'

const RUN_IN = /^(abstract|summary|zusammenfassung|a\s?b\s?s\s?t\s?r\s?a\s?c\s?t)\s*[.:—–-]*\s*(?=\S)/iu
const MIN_ABSTRACT_CHARS = 250
const AFFILIATION =
  /\b(Universit|Institut|Department|Laborator|Facult|School of|College|Academy|Cent(er|re) for)|\S@\S|^[¹²³*∗†‡]/u

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
  const firstText = blocks.findIndex((b) => b.kind === 'body' && b.lines.length > 2)
  const bodyAt = [abstractAt, firstHeading, firstText].find((at) => at >= 0) ?? 0
  const front = blocks.slice(0, bodyAt).filter((b) => isFront(b, blocks[bodyAt]!))
  const titleBlocks = titleOf(front)
  return {
    title: titleBlocks.length === 0 ? null : textOf(titleBlocks),
    lines: front.flatMap((b) => b.lines),
    abstractAt,
    bodyAt,
  }
}

/** True if a block before the text belongs to the front matter: not a footnote at the foot of its column. */
export function isFront(block: Block, body: Block): boolean {
  if (block.page !== 1 || block.kind === 'caption') return false
  const isBelow = body.page === 1 && block.lines[0]!.base < body.lines[0]!.base
  return block.kind !== 'footnote' || !(isBelow || body.page > 1)
}

function isSectionHeading(block: Block, headings: ReadonlyMap<Block, Heading>): boolean {
  const heading = headings.get(block)
  if (heading === undefined) return false
  if (heading.number !== null) return true
  const kind = kindOfTitleStart(heading.title)
  return kind === 'introduction' || kind === 'background'
}

function findAbstract(blocks: readonly Block[], headings: ReadonlyMap<Block, Heading>): number {
  const early = blocks.slice(0, 60).filter((b) => b.page <= 2)
  for (const [i, block] of early.entries()) {
    const heading = headings.get(block)
    if (heading !== undefined && kindOfWholeTitle(heading.title) === 'abstract') return i
    const first = block.lines[0]?.text ?? ''
    if ((RUN_IN.test(first) || /^abstract\W*$/iu.test(first)) && block.kind !== 'heading') return i
  }
  const firstPage = early.find((b) => b.kind === 'body' && b.lines.length > 2)?.page ?? 1
  for (const [i, block] of early.entries()) {
    if (isSectionHeading(block, headings)) return -1
    if (block.page > firstPage) return -1
    if (block.kind === 'heading' || block.kind === 'caption' || block.lines.length < 3) continue
    const text = textOf([block])
    if (block.kind !== 'body' && (block.lines.length < 5 || AFFILIATION.test(text))) continue
    if (text.length < MIN_ABSTRACT_CHARS || AFFILIATION.test(text.slice(0, 120))) continue
    // Title and authors come before it, and sections after it: else it is the first paragraph of something else.
    return i >= 2 || (i === 1 && blocks.some((b) => isSectionHeading(b, headings))) ? i : -1
  }
  return -1
}

/** Returns the text of an abstract's first line without the word `Abstract`. */
export function withoutRunIn(text: string): string {
  return text.replace(RUN_IN, '')
}

/** The largest type at the head of the first page, down to where the size falls; words in a logo are none. */
function titleOf(front: readonly Block[]): Block[] {
  const able = front.filter((b) => /\p{L}{2}/u.test(textOf([b])) && textOf([b]).length < 300)
  let best: Block | null = null
  for (const block of able) {
    const larger = best === null || block.size > best.size + 0.6
    if (larger && !isScrap(block, best)) best = block
  }
  if (best === null) return []
  const result: Block[] = []
  for (const block of able.slice(able.indexOf(best))) {
    const same = Math.abs(block.size - best.size) < 0.6 && block.bold > 0.5 === best.bold > 0.5
    if (!same || (result.length > 0 && block.gapAbove > 2.6)) break
    result.push(block)
    if (result.length >= 3) break
  }
  return result
}

/** True for a short piece of text below one that could be the title and is far longer. */
function isScrap(block: Block, best: Block | null): boolean {
  if (best === null) return false
  const before = textOf([best])
  return textOf([block]).length < 0.4 * before.length && block.size < 1.4 * best.size && !/\d/u.test(before)
}

function textOf(blocks: readonly Block[]): string {
  return blocks
    .flatMap((b) => b.lines)
    .map((l) => l.text)
    .join(' ')
    .replace(/\s+/gu, ' ')
    .trim()
}
