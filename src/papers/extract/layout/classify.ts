import type { Block } from '../model.js'
import { type Typography } from './blocks.js'
import { findListings } from './listings.js'
import { CAPTION } from '../patterns.js'

const FOOTNOTE_MARK = /^(\d{1,2}|[∗*†‡§¶♯♮]+|[a-f](?=\s))\s*\p{L}/u

/** Sets the kind of each block of a page that is no heading. */
export function classify(
  blocks: readonly Block[],
  type: Typography,
  headings: { has(b: Block): boolean },
): void {
  findListings(blocks, type, headings)
  for (const [i, block] of blocks.entries()) {
    if (block.kind === 'code' || block.lines.length === 0) continue
    if (headings.has(block)) block.kind = 'heading'
    else if (isCaption(block, type)) block.kind = 'caption'
    else if (isFootnote(block, blocks, i, type)) block.kind = 'footnote'
    else if (isFloat(block, type)) block.kind = 'float'
  }
  joinBareLabels(blocks, type)
}

/** A caption has a sign after its number, or stands apart in look: bold label, other size, label alone on its line. */
function isCaption(block: Block, type: Typography): boolean {
  const first = block.lines[0]!
  const match = CAPTION.exec(first.text)
  if (match === null) return false
  if (match[3] !== undefined) return true
  const alone = match[0].trim().length === first.text.trim().length
  const otherSize = Math.abs(block.size - type.bodySize) > 0.07 * type.bodySize
  return alone || otherSize || first.bold >= 4
}

/** Small print at the foot of a column: with a mark, or under running text of the usual size. */
function isFootnote(block: Block, blocks: readonly Block[], index: number, type: Typography): boolean {
  const first = block.lines[0]!
  if (block.size > 0.95 * type.bodySize || block.size < 0.6 * type.bodySize) return false
  const isText = (b: Block): boolean =>
    b.lines[0]?.column === first.column && b.size > 0.96 * type.bodySize && b.lines.length > 1
  if (blocks.slice(index + 1).some(isText)) return false
  return (
    FOOTNOTE_MARK.test(first.text) ||
    (block.size < 0.93 * type.bodySize && blocks.slice(0, index).some(isText))
  )
}

/** Cells of a table or words in a drawing; running text in small print is none. */
function isFloat(block: Block, type: Typography): boolean {
  const { lines } = block
  const column = lines[0]!.right - lines[0]!.left
  const width = Math.max(...lines.map((l) => l.x1)) - Math.min(...lines.map((l) => l.x0))
  const glyphs = lines.reduce((n, l) => n + l.glyphs, 0)
  const math = lines.reduce((n, l) => n + l.math, 0)
  const gaps = lines.filter((l) => l.wideGaps > 0).length
  const small = block.size < 0.93 * type.bodySize
  const full = lines.filter((l) => l.x1 - l.x0 > 0.8 * width && l.wideGaps === 0).length
  const wide = width > 0.5 * column && glyphs > 25 * lines.length
  const enough = lines.length > 2 || (lines.length > 1 && width > 0.8 * column)
  const prose = wide && full >= lines.length * 0.5 && enough
  if (!small && math > 0.15 * glyphs) return false
  if (small && lines.filter((l) => l.text.includes('\t')).length >= 0.5 * lines.length) return true
  if (gaps >= Math.max(2, 0.5 * lines.length)) return true
  if (prose) return small && block.size < 0.8 * type.bodySize
  if (small) return true
  const scattered = lines.length >= 3 && glyphs / lines.length < 9
  return scattered
}

/** `TABLE II` alone on a line: the caption's words are the next block. */
function joinBareLabels(blocks: readonly Block[], type: Typography): void {
  for (const [i, block] of blocks.entries()) {
    if (block.kind !== 'caption' || block.lines.length > 1) continue
    const text = block.lines[0]!.text
    const next = blocks[i + 1]
    if (CAPTION.exec(text)?.[0].trim().length !== text.trim().length || next === undefined) continue
    const near = next.gapAbove < 1.8 && next.lines[0]!.column === block.lines[0]!.column
    if (!near || next.kind === 'heading' || next.kind === 'caption' || next.lines.length > 6) continue
    if (next.lines.some((l) => l.wideGaps > 0) || next.size > 1.1 * type.bodySize) continue
    block.lines.push(...next.lines)
    next.lines.length = 0
  }
}
