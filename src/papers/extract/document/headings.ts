import type { Block } from '../model.js'
import { type Typography } from '../layout/blocks.js'
import { CAPTION } from '../patterns.js'
import { isCaps, levelOf, topLook, type Candidate, type Scheme } from './heading-levels.js'
import { plainTitle, type OutlineEntry } from '../pdfium/outline.js'
import { isAffiliation } from './prose.js'
import { isKnown, RUN_IN } from './titles.js'

export interface Heading {
  title: string
  number: string | null
  level: number
}

const DECIMAL = /^(\d{1,2}(?:\.\d{1,2}){0,3})[.:)]?\s+(\S.*)$/u
const LETTER_DECIMAL = /^([A-Z](?:\.\d{1,2}){1,3})[.:)]?\s+(\S.*)$/u
const ROMAN = /^([IVX]{1,5})[.:]\s+(\S.*)$/u
const LETTER = /^([A-Z])(?:[.:)]\s+|\s+(?=[\p{Lu}\p{N}]))(\S.*)$/u
const APPENDIX =
  /^((?:Appendix|APPENDIX|Supplement|Anhang)\s+(?:[A-Z]|\d{1,2}|[IVX]{1,4}|\(\w{1,2}\)))(?!\w)[.:)–—-]*\s*(.*)$/u
/** Returns the blocks that are headings, with number, title and level. */
export function findHeadings(
  blocks: readonly Block[],
  type: Typography,
  outline: readonly OutlineEntry[],
): Map<Block, Heading> {
  const outlined = new Map(outline.map((entry) => [entry.title, entry.level]))
  const candidates = blocks.map((b) => candidateOf(b, type, outlined)).filter((c) => c !== null)
  const accepted = withoutRests(
    withoutTitle(candidates.filter((c) => isHeading(c, candidates, type.bodySize))),
    blocks,
  )
  const roman = accepted.filter((c) => c.scheme === 'roman').length >= 2
  const top = topLook(accepted)
  const headings = new Map<Block, Heading>()
  let inAppendix = false
  for (const c of accepted) {
    // Below a bare `APPENDIX` stand its parts.
    const level = Math.max(levelOf(c, roman, top), inAppendix && c.scheme === 'none' && !c.known ? 2 : 1)
    if (level === 1) inAppendix = /^appendi(x|ces)$/u.test(plainTitle(c.title))
    headings.set(c.block, { title: c.title, number: c.number, level })
  }
  return headings
}

/** The second line of a long title is no heading of its own: it goes to the first, and its block becomes empty. */
function withoutRests(accepted: readonly Candidate[], blocks: readonly Block[]): Candidate[] {
  const result: Candidate[] = []
  for (const c of accepted) {
    const before = result.at(-1)
    if (
      before === undefined ||
      !goesOn(before, c) ||
      blocks.indexOf(c.block) !== blocks.indexOf(before.block) + 1
    ) {
      result.push(c)
      continue
    }
    before.title = `${before.title} ${c.title}`
    before.block.lines.push(...c.block.lines.splice(0))
  }
  return result
}

function goesOn(a: Candidate, b: Candidate): boolean {
  const last = a.block.lines.at(-1)!
  const first = b.block.lines[0]!
  if (b.number !== null || b.known || a.known || Math.abs(last.size - first.size) > 0.3) return false
  const gap = last.base - first.base
  return last.page === first.page && last.column === first.column && gap > 0 && gap < 1.45 * first.size
}

/** `A survey of …` in large type is no section A: letters number sections only after others were seen. */
function withoutTitle(accepted: readonly Candidate[]): Candidate[] {
  const first = accepted.findIndex((c) => c.scheme !== 'letter' && (c.number !== null || c.known))
  return accepted.filter((c, i) => c.scheme !== 'letter' || i > first)
}

function candidateOf(
  block: Block,
  type: Typography,
  outlined: ReadonlyMap<string, number>,
): Candidate | null {
  if (block.lines.length > 3 || block.lines.reduce((n, l) => n + l.text.length, 0) > 160) return null
  const text = textOf(block.lines)
  const isLoud = block.bold > 0.7 || block.size > 1.08 * type.bodySize
  if (!isLoud && outlined.size === 0 && isPlain(text, block.gapAbove)) return null
  if (text.length < 3 || !/\p{L}{2}/u.test(text) || CAPTION.test(text)) return null
  if (block.size < 0.7 * type.bodySize) return null
  const known = isKnown(text)
  if (block.size < (known ? 0.7 : 0.85) * type.bodySize || block.lines.some((l) => l.wideGaps > 1))
    return null
  if (block.lines.reduce((n, l) => n + l.math, 0) > 0.4 * text.length) return null
  const split = splitNumber(text)
  if (!/\p{L}{2}/u.test(split.title) || /[,;]$/.test(text) || RUN_IN.test(text)) return null
  const caps = isCaps(split.title)
  return {
    block,
    text,
    ...split,
    emphasis: isLoud || caps,
    known,
    outlined: outlined.size === 0 ? null : (outlined.get(plainTitle(text)) ?? null),
  }
}

function textOf(lines: Block['lines']): string {
  if (lines.length === 1) return lines[0]!.text
  return lines
    .map((l) => l.text)
    .join(' ')
    .replace(/-\s(?=\p{Ll})/gu, '')
}

/** True for what cannot be a heading, told without much ado: most blocks are words in tables and drawings. */
function isPlain(text: string, gapAbove: number): boolean {
  if (!/[a-z]/.test(text)) return false
  return (
    !/^[A-Z\d\u0080-\uffff]/.test(text) ||
    (gapAbove <= 1.1 && !/^(?:\d|[A-Z][.:)\s]|[IVX]+[.:]|App|Sup|Anh)/.test(text))
  )
}

function splitNumber(text: string): { number: string | null; title: string; scheme: Scheme } {
  for (const [pattern, scheme] of [
    [ROMAN, 'roman'],
    [DECIMAL, 'decimal'],
    [LETTER_DECIMAL, 'letter'],
    [LETTER, 'letter'],
    [APPENDIX, 'letter'],
  ] as const) {
    const match = pattern.exec(text)
    if (match === null) continue
    if (pattern === APPENDIX)
      return { number: match[1]!, title: match[2] === '' ? match[1]! : match[2]!, scheme }
    return { number: match[1]!, title: match[2]!, scheme }
  }
  return { number: null, title: text, scheme: 'none' }
}

function isHeading(c: Candidate, all: readonly Candidate[], bodySize: number): boolean {
  const { block } = c
  const isMarked = c.outlined !== null && (c.number !== null || block.size > 0.95 * bodySize)
  if (isMarked && (c.emphasis || c.number !== null || block.gapAbove > 1.1)) return true
  if (c.known && (c.emphasis || c.number !== null || block.gapAbove > 1.3)) return true
  if (/[.:]$/u.test(c.title) && c.scheme === 'none') return false
  if (!/^[\p{Lu}\p{N}“"‘(]/u.test(c.title) && !c.emphasis) return false
  if (c.scheme === 'none') {
    if (block.lines.some((l) => l.wideGaps > 0 || l.text.includes('\t')) || /:\s\S/u.test(c.title))
      return false
    if (
      block.size < 0.95 * bodySize ||
      !/^["“‘(]?[\p{Lu}\p{N}]/u.test(c.title) ||
      !standsInPlace(block, bodySize)
    )
      return false
    return c.emphasis && block.gapAbove > 1.15 && block.lines.length <= 2 && !isMathy(c)
  }
  if (!c.emphasis && isAddress(c.title)) return false
  if (
    (/[.]$/u.test(c.title) && c.title.length > 60) ||
    ((c.scheme === 'letter' || !c.emphasis) && isMathy(c))
  )
    return false
  if (c.emphasis) return c.scheme !== 'letter' || c.number!.length > 1 || block.gapAbove > 1.1
  if (block.italic > 0.7) return block.gapAbove > 1.1
  const plainTop = !all.some((o) => o.emphasis && o.scheme === c.scheme && !o.number!.includes('.'))
  return plainTop && block.gapAbove > 1.3 && c.title.length < 80 && !/[.]$/u.test(c.title)
}

/** `5 Institute of Physics, Some Town, Some Country`: where the authors work. */
function isAddress(title: string): boolean {
  return (title.match(/,/gu)?.length ?? 0) > 1 && isAffiliation(title)
}

function isMathy(c: Candidate): boolean {
  const letters = c.text.replace(/[^\p{L}]/gu, '').length
  return letters < 0.7 * c.text.replace(/\s/g, '').length
}

/** True if the block begins at the left edge of its column or stands in its middle; words in drawings do neither. */
function standsInPlace(block: Block, bodySize: number): boolean {
  if (block.size > 1.25 * bodySize) return true
  const first = block.lines[0]!
  const before = first.x0 - first.left
  const after = first.right - first.x1
  return before < 1.2 * first.size || Math.abs(before - after) < 2.5 * first.size
}
