import type { Block, Line } from '../model.js'
import { percentile } from './columns.js'
import { CAPTION } from '../patterns.js'

const BULLET = /^([•●◦▪■‣∙·⋆★✓✗►▶]|[-–—∗*](?=\s))/u
const ENUMERATED = /^\(?(?:\d{1,2}|[a-h]|[ivx]{1,4})\)\s/u
const SUBHEADING = /^(?:\d{1,2}|[A-Z])\.\d{1,2}(\.\d{1,2})?\.?\s+\p{Lu}/u
const NUMBERED = /^(?:\d{1,2}|[A-Z]|[IVX]{1,5})(?:\.\d{1,2})*[.:]?\s+\p{Lu}/u
const BARE_APPENDIX = /^append(?:ix|ices)$/iu
const TERMINAL = /[.!?:;]["”’')\]]*(?:[\d⁰¹²³⁴-⁹,]{0,4}|[⁰¹²³⁴-⁹⁻,]{0,9})$/u
const TERMINAL_STRICT = /[.!?]["”’')\]]*[⁰¹²³⁴-⁹⁻,∗†‡]{0,9}$/u

/** What the whole document has in common. */
export interface Typography {
  bodySize: number
  /** True if most of it is set in letters of one width, so that these mark no code. */
  isMono: boolean
  /** Usual distance of baselines in points for a font size. */
  leading(size: number): number
}

/** Returns body size and leadings, weighted by the number of glyphs. */
export function typographyOf(pages: readonly Line[][]): Typography {
  const glyphs = new Map<number, number>()
  const gaps = new Map<number, number[]>()
  let mono = 0
  for (const lines of pages) {
    for (const [i, line] of lines.entries()) {
      const size = Math.round(line.size * 2) / 2
      glyphs.set(size, (glyphs.get(size) ?? 0) + line.glyphs)
      mono += 2 * line.mono - line.glyphs
      const next = lines[i + 1]
      if (next === undefined || next.column !== line.column) continue
      const gap = line.base - next.base
      if (gap > 0.8 * size && gap < 2.6 * size && Math.abs(next.size - line.size) < 0.5) {
        const list = gaps.get(size)
        if (list === undefined) gaps.set(size, [gap])
        else list.push(gap)
      }
    }
  }
  const leadings = new Map([...gaps].map(([size, list]) => [size, percentile(list, 0.4)]))
  return {
    bodySize: exactSize(pages, heaviest(glyphs)),
    isMono: mono > 0,
    leading: (size) => leadings.get(Math.round(size * 2) / 2) ?? 1.2 * size,
  }
}

function heaviest(weights: ReadonlyMap<number, number>): number {
  let best = 10
  for (const [value, weight] of weights) if (weight > (weights.get(best) ?? 0)) best = value
  return best
}

function exactSize(pages: readonly Line[][], rounded: number): number {
  const sizes = joined(pages).filter((l) => Math.abs(l.size - rounded) <= 0.25)
  return (
    percentile(
      sizes.map((l) => l.size),
      0.5,
    ) || rounded
  )
}

/** Returns the items of all lists in one; the engine's `flat` takes several times as long. */
export function joined<T>(lists: readonly (readonly T[])[]): T[] {
  const all: T[] = []
  for (const list of lists) for (const item of list) all.push(item)
  return all
}

/** Returns the blocks of a page in reading order, all of kind `body` as yet. */
export function blocksOf(lines: readonly Line[], type: Typography): Block[] {
  const blocks: Block[] = []
  let open: Line[] = []
  const close = (): void => {
    const first = open[0]
    if (first === undefined) return
    const previous = blocks.at(-1)?.lines.at(-1)
    blocks.push(blockOf(open, gapAbove(previous, first, type)))
    open = []
  }
  for (const line of lines) {
    const last = open.at(-1)
    if (last !== undefined && breaks(open, last, line, type)) close()
    open.push(line)
  }
  close()
  return blocks
}

function gapAbove(previous: Line | undefined, first: Line, type: Typography): number {
  if (previous === undefined || previous.column !== first.column || previous.base <= first.base)
    return Infinity
  return (previous.base - first.base) / type.leading(type.bodySize)
}

function breaks(open: readonly Line[], last: Line, line: Line, type: Typography): boolean {
  if (last.column !== line.column || line.base > last.base) return true
  const em = Math.max(last.size, line.size)
  const gap = last.base - line.base
  if (gap > 1.28 * type.leading(em) + 0.8 && gap > 1.28 * em) return true
  const sizes = Math.abs(last.size - line.size) / em
  if (sizes > 0.07 && last.glyphs > 3 && line.glyphs > 3) return true
  if (looksDiffer(last, line) || (BARE_APPENDIX.test(last.text) && !NUMBERED.test(line.text))) return true
  if (SUBHEADING.test(line.text) && (line.bold > 0.7 * line.glyphs || parts(last, line))) return true
  if (
    NUMBERED.test(last.text) &&
    open.length === 1 &&
    last.bold > 0.85 * last.glyphs &&
    line.bold < 0.3 * line.glyphs
  )
    return true
  if (BULLET.test(line.text) || CAPTION.exec(line.text)?.[3] !== undefined) return true
  if (ENUMERATED.test(line.text) && /[.;:]$/u.test(last.text)) return true
  return indentBreaks(open, last, line)
}

function looksDiffer(a: Line, b: Line): boolean {
  const bold = [a.bold / a.glyphs, b.bold / b.glyphs] as const
  const short = a.x1 < a.right - 0.15 * (a.right - a.left)
  return short && ((bold[0] > 0.85 && bold[1] < 0.3) || (bold[0] < 0.15 && bold[1] > 0.85 && b.glyphs > 3))
}

/** A heading right below a heading: `2.1` below `2`, or deeper and in italics or in the middle. */
function parts(last: Line, line: Line): boolean {
  if (!NUMBERED.test(last.text) || SUBHEADING.test(last.text)) return false
  const number = /^[^\s.:]+/u.exec(last.text)?.[0] ?? ''
  return line.text.startsWith(`${number}.1`) || line.italic > 0.6 * line.glyphs || isCentred(line)
}

function indentBreaks(open: readonly Line[], last: Line, line: Line): boolean {
  const em = line.size
  const indent = line.x0 - line.left
  const lastIndent = last.x0 - last.left
  const width = last.right - last.left
  const lastShort = last.x1 < last.right - 0.12 * width
  if (isCentred(last) && !isCentred(line) && indent < 2.5 * em && !bothLoud(last, line)) return true
  if (indent > 0.7 * em && indent < 6 * em && lastIndent < 0.4 * em) {
    return lastShort || TERMINAL.test(last.text.slice(-12)) || indent > 1.9 * em
  }
  if (lastIndent > 0.7 * em && indent < 0.4 * em && open.length > 1)
    return lastShort || TERMINAL.test(last.text.slice(-12))
  return lastShort && TERMINAL_STRICT.test(last.text.slice(-12)) && indent < 0.4 * em
}

/** Two lines of one heading: both bold, or both in capitals. */
function bothLoud(a: Line, b: Line): boolean {
  const bold = a.bold > 0.7 * a.glyphs && b.bold > 0.7 * b.glyphs
  return bold || (a.text === a.text.toUpperCase() && b.text === b.text.toUpperCase())
}

/** A heading, or a formula without number, in the middle of its column. */
function isCentred(line: Line): boolean {
  const before = line.x0 - line.left
  const after = line.right - line.x1
  return before > 1.8 * line.size && Math.abs(before - after) < 1.2 * line.size
}

function blockOf(lines: Line[], gap: number): Block {
  const first = lines[0]!
  let glyphs = 0
  let bold = 0
  let italic = 0
  let sizes = 0
  for (const line of lines) {
    glyphs += line.glyphs
    bold += line.bold
    italic += line.italic
    sizes += line.size * line.glyphs
  }
  return {
    kind: 'body',
    lines,
    page: first.page,
    size: sizes / glyphs,
    bold: bold / glyphs,
    italic: italic / glyphs,
    indented: first.x0 - first.left > 0.7 * first.size,
    gapAbove: gap,
  }
}

/** True if a text ends like a sentence. */
export function endsSentence(text: string): boolean {
  return TERMINAL_STRICT.test(text.slice(-12))
}

/** Returns the words of a block on one line, as they are printed. */
export function textOf(block: Block): string {
  return block.lines
    .map((l) => l.text)
    .join(' ')
    .replace(/\s+/gu, ' ')
    .trim()
}
