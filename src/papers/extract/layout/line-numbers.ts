import { percentile } from './columns.js'
import type { PageText, Segment } from '../model.js'

/** Numbers that stand below one another at one edge, from top to bottom. */
interface Lane {
  numbers: Segment[]
  x0: number
  x1: number
}

const NUMBER = /^\d{1,5}$/
const LEAST_NUMBERS = 4
/** Pages of a paper under review that carry such numbers, of those with enough text. */
const LEAST_PAGES = 0.6
/** Pages whose numbers go on from those of the page before tell as much: lists and figures behind the text have none. */
const LEAST_RUN = 3
const LEAST_LINES = 6
/** More glyphs than this beside a number are a line of text, fewer may be the cell of a table. */
const LINE_GLYPHS = 12

/**
 * Returns the pages without the numbers that a template for reviewers, or a journal, puts beside the lines: numbers that
 * count up in equal steps in a lane beside a column where nothing else stands, next to running text, on most pages.
 * Numbered lists, tables, listings and algorithms stand inside their column, beside other things, or on a few pages only.
 */
export function withoutLineNumbers(pages: readonly PageText[]): PageText[] {
  const lanes = pages.map(lanesOf)
  const full = pages.map((page) => page.segments.filter(isLine).length >= LEAST_LINES)
  const numbered = lanes.filter((found, i) => full[i] && found.length > 0).length
  const isMost = numbered > 0 && numbered >= LEAST_PAGES * full.filter(Boolean).length
  if (!isMost && pagesRunOn(lanes) < LEAST_RUN) return [...pages]
  const known = lanes.flat()
  return pages.map((page, i) => {
    const drop = new Set(
      (lanes[i]!.length > 0 ? lanes[i]! : shortLanes(page, known)).flatMap((l) => l.numbers),
    )
    return drop.size === 0 ? page : { ...page, segments: page.segments.filter((s) => !drop.has(s)) }
  })
}

/** Number of pages whose numbers begin where those of the page before end. */
function pagesRunOn(lanes: readonly (readonly Lane[])[]): number {
  const isNext = (before: Lane, { numbers }: Lane): boolean => {
    const [first, second, last] = [numbers[0]!, numbers[1]!, before.numbers.at(-1)!].map((s) =>
      Number(s.text),
    )
    return first! - last! === second! - first!
  }
  return lanes.filter((found, i) => found.some((lane) => lanes[i - 1]?.some((l) => isNext(l, lane)))).length
}

function isLine(s: Segment): boolean {
  return s.glyphs > LINE_GLYPHS
}

/** The lanes of a page that hold line numbers, by the page alone. */
function lanesOf(page: PageText): Lane[] {
  const others = page.segments.filter((s) => !NUMBER.test(s.text))
  return alignedNumbers(page, LEAST_NUMBERS)
    .map((lane) => ({ ...lane, numbers: counting(lane.numbers) }))
    .filter(
      (lane) => lane.numbers.length >= LEAST_NUMBERS && isMargin(lane, others) && isBesideText(lane, others),
    )
}

/** Where a page has few lines, its numbers stand in the lanes of the other pages. */
function shortLanes(page: PageText, known: readonly Lane[]): Lane[] {
  const others = page.segments.filter((s) => !NUMBER.test(s.text))
  return alignedNumbers(page, 1).filter((lane) => {
    const isKnown = known.some((k) => k.x0 < lane.x1 && k.x1 > lane.x0)
    return isKnown && isMargin(lane, others) && counting(lane.numbers).length === lane.numbers.length
  })
}

/** Numbers that stand over and under one another, whichever edge they share. */
function alignedNumbers(page: PageText, least: number): Lane[] {
  const lanes: Lane[] = []
  for (const s of page.segments.filter((o) => NUMBER.test(o.text)).sort((a, b) => a.x0 - b.x0)) {
    const lane = lanes.at(-1)
    if (lane === undefined || s.x0 > lane.x1) lanes.push({ numbers: [s], x0: s.x0, x1: s.x1 })
    else {
      lane.numbers.push(s)
      lane.x1 = Math.max(lane.x1, s.x1)
    }
  }
  for (const lane of lanes) lane.numbers.sort((a, b) => b.base - a.base)
  return lanes.filter((lane) => lane.numbers.length >= least)
}

/** Returns the numbers that count up by the lane's usual step; [] if most do not. */
function counting(numbers: readonly Segment[]): Segment[] {
  const steps = numbers.slice(1).map((s, i) => Number(s.text) - Number(numbers[i]!.text))
  if (steps.length === 0) return [...numbers]
  const step = percentile(steps, 0.5)
  if (step < 1 || step > 10 || steps.filter((s) => s === step).length < 0.8 * steps.length) return []
  return numbers.filter((_, i) => steps[i] === step || steps[i - 1] === step)
}

/** True if nearly nothing else stands in the lane, at any height that it spans. */
function isMargin(lane: Lane, others: readonly Segment[]): boolean {
  const top = lane.numbers[0]!.base + lane.numbers[0]!.size
  const bottom = lane.numbers.at(-1)!.base - lane.numbers[0]!.size
  const inside = others.filter(
    (s) => s.x0 < lane.x1 + 1 && s.x1 > lane.x0 - 1 && s.base < top && s.base > bottom,
  )
  return inside.length <= 0.1 * lane.numbers.length
}

/** True if lines of running text stand at most of the numbers, not rows of cells, and as close to them all along. */
function isBesideText(lane: Lane, others: readonly Segment[]): boolean {
  const rows = lane.numbers.map((n) =>
    others.filter((s) => Math.abs(s.base - n.base) < 0.8 * Math.max(s.size, n.size)),
  )
  const lines = rows.filter(
    (row) => row.some(isLine) && row.filter((s) => s.glyphs <= LINE_GLYPHS).length < 2,
  )
  // Items of a list begin with capitals, lines of a text mostly not.
  const goOn = lines.filter((row) => row.some((s) => isLine(s) && !/^["“(]?\p{Lu}/u.test(s.text)))
  return lines.length >= 0.5 * rows.length && goOn.length >= 0.3 * lines.length && spansColumn(lane, others)
}

/** True if the numbers run along most of the lines of the page. */
function spansColumn(lane: Lane, others: readonly Segment[]): boolean {
  const bases = others.filter(isLine).map((s) => s.base)
  const top = lane.numbers[0]!.base + 3
  const bottom = lane.numbers.at(-1)!.base - 3
  const inside = bases.filter((base) => base <= top && base >= bottom).length
  return inside >= 0.6 * bases.length
}
