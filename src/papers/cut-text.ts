import { partsOf } from '../text/paper-text.js'
import type { Rank, TextPart } from '../text/paper-text.js'

export interface CutText {
  text: string
  /** Titles of the level-1 sections that lack something, in their order; '' for text before the first heading. */
  cut: string[]
  /** False if even abstract and conclusion alone are larger than the limit. */
  fits: boolean
}

/** Returns the size of a text, in the unit of the limit. */
export type SizeOf = (text: string) => number

/**
 * Returns the text with at most the size `limit` (characters, or what `sizeOf` counts), and what that cost. References,
 * acknowledgements and the like go first, then appendices from the end of the last one backwards, then related work,
 * then the ends of the longest sections, at paragraph borders. Title, abstract and conclusion stay. A line
 * `[… section "X" shortened …]` stands where something is missing, with the page mark that the text after it needs.
 * Time grows with the length of the text alone.
 */
export function cutPaperText(text: string, limit: number, sizeOf: SizeOf = (part) => part.length): CutText {
  if (sizeOf(text) <= limit) return { text, cut: [], fits: true }
  const parts = partsOf(text).map((part) => pieceOf(part, sizeOf))
  // What the lines about missing parts take is known only when they stand.
  let result = ''
  let excess = 0
  for (let target = limit, tries = 0; tries < MAX_TRIES && target >= 0; tries++) {
    const size = shrink(parts, target)
    result = textKept(parts)
    excess = sizeOf(result) - limit
    if (excess <= 0) break
    target = Math.floor(Math.min(target, size) - excess)
  }
  const missing = parts.filter((piece) => piece.keep < piece.part.units.length)
  return {
    text: result,
    cut: [...new Set(missing.map(({ part }) => part.section))],
    fits: excess <= 0,
  }
}

const MAX_TRIES = 8

interface Piece {
  part: TextPart
  /** How many units stay. */
  keep: number
  /** `sums[n]`: size of the first n units. */
  sums: readonly number[]
  /** Size of the line that says that something is missing. */
  noteSize: number
}

function pieceOf(part: TextPart, sizeOf: SizeOf): Piece {
  const sums = [0]
  for (const { text, glue } of part.units) sums.push(sums.at(-1)! + sizeOf(glue + text))
  return { part, sums, keep: part.units.length, noteSize: sizeOf(shortened(part)) }
}

/** Decides what stays of each part for all to fit into the limit; returns the size of that. */
function shrink(pieces: readonly Piece[], limit: number): number {
  for (const piece of pieces) piece.keep = piece.part.units.length
  let total = pieces.reduce((sum, piece) => sum + sizeKept(piece), 0)
  for (const rank of ['end-matter', 'appendix', 'related'] satisfies Rank[]) {
    for (const piece of pieces.filter(({ part }) => part.rank === rank).reverse()) {
      if (total <= limit) return total
      const before = sizeKept(piece)
      keepWithin(piece, rank === 'end-matter' ? 0 : before - (total - limit))
      total += sizeKept(piece) - before
    }
  }
  if (total > limit) shortenLongest(pieces, limit)
  return pieces.reduce((sum, piece) => sum + sizeKept(piece), 0)
}

/** Finds the size to which the longest sections have to come down; those below it stay whole. */
function shortenLongest(pieces: readonly Piece[], limit: number): void {
  const others = pieces.filter(({ part }) => part.rank !== 'body')
  const body = pieces.filter(({ part }) => part.rank === 'body')
  const room = limit - others.reduce((sum, piece) => sum + sizeKept(piece), 0)
  const sizeAt = (cap: number): number => {
    for (const piece of body) keepWithin(piece, cap)
    return body.reduce((sum, piece) => sum + sizeKept(piece), 0)
  }
  let low = 0
  let high = Math.ceil(body.reduce((most, { sums }) => Math.max(most, sums.at(-1)!), 0))
  while (low < high) {
    const cap = Math.ceil((low + high) / 2)
    if (sizeAt(cap) <= room) low = cap
    else high = cap - 1
  }
  let left = room - sizeAt(low)
  // The next paragraph of each together is too much; of some it is not.
  for (const piece of body) {
    const { keep } = piece
    const before = sizeKept(piece)
    if (keep === piece.part.units.length) continue
    piece.keep = Math.max(keep + 1, Math.min(2, piece.part.units.length))
    const more = sizeKept(piece) - before
    if (more <= left) left -= more
    else piece.keep = keep
  }
}

/** Keeps as many units as the size allows with the line about the rest; a heading alone is not kept. */
function keepWithin(piece: Piece, size: number): void {
  const { part, sums, noteSize } = piece
  const all = part.units.length
  if (sums[all]! <= size) {
    piece.keep = all
    return
  }
  let low = 0
  let high = all - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (sums[middle]! + noteSize <= size) low = middle
    else high = middle - 1
  }
  piece.keep = Math.max(low === 1 && part.title !== '' ? 0 : low, part.least)
}

function sizeKept({ part, keep, sums, noteSize }: Piece): number {
  return sums[keep]! + (keep > 0 && keep < part.units.length ? noteSize : 0)
}

function textKept(pieces: readonly Piece[]): string {
  let text = ''
  for (let i = 0; i < pieces.length; i++) {
    const { part, keep } = pieces[i]!
    for (const unit of part.units.slice(0, keep)) text += (text === '' ? '' : unit.glue) + unit.text
    if (keep === part.units.length) continue
    const first = i
    if (keep === 0) while (pieces[i + 1]?.keep === 0) i += 1
    const note = keep > 0 ? shortened(part) : leftOut(part, pieces[i]!.part)
    text += text === '' ? note.trimStart() : note
    if (i < pieces.length - 1) text += lastPageMark(pieces.slice(first, i + 1))
  }
  return text
}

function shortened({ title }: TextPart): string {
  return title === '' ? '\n\n[… shortened here …]' : `\n\n[… section "${title}" shortened …]`
}

function leftOut(first: TextPart, last: TextPart): string {
  if (first === last) return `\n\n[… section "${first.title}" left out …]`
  return `\n\n[… sections "${first.title}" to "${last.title}" left out …]`
}

/** Without it, what follows would seem to stand on the page where the gap begins. */
function lastPageMark(pieces: readonly Piece[]): string {
  for (const { part, keep } of [...pieces].reverse()) {
    for (const { text } of part.units.slice(keep).reverse()) {
      const marks = text.match(/\[p\. \d+\]/g)
      if (marks !== null) return `\n\n${marks.at(-1)!}`
    }
  }
  return ''
}
