import { pitchOf } from './letter-pitch.js'
import type { Block, Line } from '../model.js'
import type { Typography } from './blocks.js'

/** Addresses are often set in letters of one width. */
const ADDRESS = /^\W*\d{0,2}\W*(https?:|www\.)|\S@\S+\.\w/u
const MONO_SHARE = 0.85
const LEAST_LINES = 2
/** Leadings: empty lines within one listing. */
const MOST_APART = 3.2

/** Makes blocks of code of what is set in letters of one width, over empty lines, where the text around it is not. */
export function findListings(
  blocks: readonly Block[],
  type: Typography,
  headings: { has(b: Block): boolean },
): void {
  if (type.isMono) return
  const isCode = (b: Block): boolean =>
    b.lines.length > 0 &&
    !headings.has(b) &&
    b.lines.every(isMono) &&
    !b.lines.some((l) => ADDRESS.test(l.text))
  for (let i = 0, next = 0; i < blocks.length; i = next) {
    next = i + 1
    const block = blocks[i]!
    if (!isCode(block)) continue
    while (next < blocks.length && isCode(blocks[next]!) && goesOn(block, blocks[next]!)) {
      block.lines.push(...blocks[next]!.lines)
      blocks[next]!.lines.length = 0
      next += 1
    }
    if (block.lines.length >= LEAST_LINES) block.kind = 'code'
  }
}

function isMono(line: Line): boolean {
  return line.mono >= MONO_SHARE * line.glyphs
}

function goesOn(block: Block, next: Block): boolean {
  return next.gapAbove < MOST_APART && block.lines[0]!.column === next.lines[0]!.column
}

/** Returns the lines of a listing as they stand, with their indents, as text beside the running one. */
export function listingText(block: Block): string {
  const { lines } = block
  const left = Math.min(...lines.map((l) => l.x0))
  const pitch = pitchOf(lines.reduce((best, line) => (line.text.length > best.text.length ? line : best)))
  const rows = lines.map((line) => {
    const indent = ' '.repeat(Math.max(0, Math.round((line.x0 - left) / pitch)))
    return `> ${indent}${line.text.replace(/\t/g, ' ').trimEnd()}`
  })
  return rows.join('\n')
}
