import { joined } from '../layout/blocks.js'
import { percentile } from '../layout/columns.js'
import type { Block, Line } from '../model.js'
import type { Heading } from './headings.js'
import { findBareList, LABEL } from './references.js'
import { isReferencesTitle } from './titles.js'

const YEAR = /\b(1[89]|20)\d{2}[a-z]?\b/u
/** In a list of references so many lines bear a year or a label, at the least. */
const MIN_LISTED = 0.15
/** A page with fewer lines may hold the end of one entry. */
const MIN_PAGE_LINES = 4

/** What stands before the first of so many numbered entries is none of them. */
const SURE_NUMBERS = 4
/** `12.`, `[12]` */
const NUMBER = /^(?:\[(\d{1,3})\]|(\d{1,3})\.)\s/u

/** A paper without its lists of references, and the lines of each list. */
export interface SplitPaper {
  body: Block[]
  lists: Line[][]
}

/**
 * Parts the lists of references from the rest: the last one under such a heading, and earlier ones that hold entries (an
 * appendix may have a list of its own, and a running head may repeat the heading); or one that has no heading.
 */
export function splitOffReferences(
  blocks: readonly Block[],
  headings: ReadonlyMap<Block, Heading>,
  bodySize: number,
): SplitPaper {
  const ranges = rangesOf(blocks, headings)
  if (ranges.length === 0) return splitOffBareList(blocks, bodySize)
  const body: Block[] = []
  const lists: Line[][] = []
  let done = 0
  for (const { start, end, rests } of ranges) {
    const listed = blocks.slice(start, end).filter((b) => !opensList(b, headings))
    const lead = leadOf(listed)
    const inside = [...listed.slice(lead), ...rests.flatMap((rest) => blocks.slice(rest.start, rest.end))]
    const isAside = asidesOf(inside)
    body.push(...blocks.slice(done, start), ...listed.slice(0, lead), ...inside.filter(isAside))
    lists.push(inside.filter((b) => !isAside(b)).flatMap((b) => b.lines))
    done = end
    for (const rest of rests) {
      body.push(...blocks.slice(done, rest.start))
      done = rest.end
    }
  }
  body.push(...blocks.slice(done))
  return { body, lists }
}

interface Stretch {
  start: number
  end: number
}

interface Range extends Stretch {
  /** Where the list goes on behind another section, at the head of the next column, or below a running head. */
  rests: Stretch[]
}

/** Number of blocks before the entry with the number 1, which others follow: rows of a table that floated below the heading. */
function leadOf(inside: readonly Block[]): number {
  const numbers = inside.map((b) => b.lines.map(numberOf))
  const first = numbers.findIndex(([n]) => n === 1)
  if (first <= 0 || numbers.slice(0, first).flat().some(Number.isFinite)) return 0
  const following = new Set(numbers.slice(first).flat())
  // A figure behind a list without numbers may have them in its legend.
  if (numbers.slice(first).flat().length < numbers.slice(0, first).flat().length) return 0
  return following.has(2) && following.has(3) && following.has(SURE_NUMBERS) ? first : 0
}

function numberOf(line: Line): number {
  const match = NUMBER.exec(line.text)
  return match === null ? Number.NaN : Number(match[1] ?? match[2])
}

function restsOf(blocks: readonly Block[], list: Stretch, headings: ReadonlyMap<Block, Heading>): Stretch[] {
  const rests: Stretch[] = []
  for (let next = restOf(blocks, list, headings); next !== null; next = restOf(blocks, next, headings))
    rests.push(next)
  return rests
}

/** Finds the entry with the next number behind the heading that ended a list, on its page or the next one. */
function restOf(
  blocks: readonly Block[],
  { start, end }: Stretch,
  headings: ReadonlyMap<Block, Heading>,
): Stretch | null {
  const inside = blocks.slice(start, end)
  const last = inside.flatMap((b) => b.lines.map(numberOf)).findLast(Number.isFinite)
  const page = inside.at(-1)?.page
  if (last === undefined || page === undefined || inside.length < SURE_NUMBERS) return null
  const isNext = (b: Block): boolean => b.page <= page + 1 && numberOf(b.lines[0]!) === last + 1
  const next = blocks.findIndex((b, i) => i > end && !headings.has(b) && isNext(b))
  if (next < 0) return null
  const after = blocks.findIndex((b, i) => i > next && endsReferences(b, headings))
  return { start: next, end: lastPageEnd(blocks, next, after < 0 ? blocks.length : after) }
}

function rangesOf(blocks: readonly Block[], headings: ReadonlyMap<Block, Heading>): Range[] {
  const ranges: Range[] = []
  for (const [i, block] of blocks.entries()) {
    const last = ranges.at(-1)
    if (!opensList(block, headings) || i < (last?.rests.at(-1)?.end ?? last?.end ?? 0)) continue
    const after = blocks.findIndex((b, j) => j > i && endsReferences(b, headings))
    const stretch = { start: i, end: lastPageEnd(blocks, i, after < 0 ? blocks.length : after) }
    ranges.push({ ...stretch, rests: restsOf(blocks, stretch, headings) })
  }
  return ranges.filter((range, i) => i === ranges.length - 1 || holdsEntries(blocks, range))
}

/** Cuts off whole pages of figures and tables behind a list, on which there are no entries. */
function lastPageEnd(blocks: readonly Block[], start: number, end: number): number {
  const page = blocks[end - 1]!.page
  if (page === blocks[start]!.page) return end
  const first = blocks.findIndex((b, i) => i > start && b.page === page)
  const lines = blocks.slice(first, end).flatMap((b) => b.lines)
  const listed = lines.filter((l) => YEAR.test(l.text) || LABEL.test(l.text)).length
  const isList = lines.length < MIN_PAGE_LINES || listed >= MIN_LISTED * lines.length
  return isList ? end : lastPageEnd(blocks, start, first)
}

function opensList(block: Block, headings: ReadonlyMap<Block, Heading>): boolean {
  const heading = headings.get(block)
  return heading !== undefined && isReferencesTitle(heading.title)
}

/** False for a heading of a section that only speaks of the literature, and for a line of a table of contents. */
function holdsEntries(blocks: readonly Block[], { start, end }: Range): boolean {
  const lines = blocks.slice(start + 1, end).flatMap((b) => b.lines)
  const listed = lines.filter((l) => YEAR.test(l.text) || LABEL.test(l.text)).length
  return listed >= 2 && listed >= MIN_LISTED * lines.length
}

/** A heading after the list: an appendix. A numbered entry that looks like a heading is none. */
function endsReferences(block: Block, headings: ReadonlyMap<Block, Heading>): boolean {
  const heading = headings.get(block)
  if (heading === undefined || isReferencesTitle(heading.title)) return false
  return heading.number === null || !/^\d{1,3}$/u.test(heading.number) || block.bold > 0.7
}

/** Returns what tells of a block in a list whether it is none of its entries: a table or a caption that floated into it. */
function asidesOf(inside: readonly Block[]): (block: Block) => boolean {
  const lines = inside.flatMap((b) => b.lines)
  const width = percentile(
    lines.map((l) => l.right - l.left),
    0.5,
  )
  const size = percentile(
    lines.map((l) => l.size),
    0.5,
  )
  return (block) => {
    if (block.kind === 'caption') return true
    if (block.lines.some((l) => LABEL.test(l.text))) return false
    return isTable(block) || widthOf(block) > 1.3 * width || Math.abs(block.size - size) > 0.16 * size
  }
}

function isTable(block: Block): boolean {
  const cells = block.lines.filter((l) => l.wideGaps > 0).length
  return block.kind === 'float' && cells >= Math.max(2, 0.6 * block.lines.length)
}

function widthOf(block: Block): number {
  return Math.max(...block.lines.map((l) => l.x1)) - Math.min(...block.lines.map((l) => l.x0))
}

function splitOffBareList(blocks: readonly Block[], bodySize: number): SplitPaper {
  const lines = joined(blocks.map((b) => b.lines))
  const references = findBareList(lines, lines.at(-1)?.page ?? 0, bodySize)
  const listed = new Set(references)
  const body = blocks.filter((b) => !b.lines.some((l) => listed.has(l)))
  return { body, lists: [references] }
}
