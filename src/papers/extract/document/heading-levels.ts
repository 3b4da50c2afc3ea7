import type { Block } from '../model.js'
import { isBackMatter } from './titles.js'

export type Scheme = 'decimal' | 'roman' | 'letter' | 'none'

/** A block that may be a heading. */
export interface Candidate {
  block: Block
  text: string
  number: string | null
  title: string
  scheme: Scheme
  emphasis: boolean
  known: boolean
  outlined: number | null
}

export interface TopLook {
  size: number
  bold: boolean
  caps: boolean
  /** True if the sections of the paper carry numbers. */
  numbered: boolean
}

/** Returns how the sections of the first level look. */
export function topLook(accepted: readonly Candidate[]): TopLook {
  const numbered = accepted.filter(
    (c) => c.number !== null && !c.number.includes('.') && c.scheme !== 'letter',
  )
  const tops = numbered.length >= 2 ? numbered : accepted.filter((c) => c.known || numbered.includes(c))
  const sizes = tops.map((c) => c.block.size).sort((a, b) => a - b)
  const most = (has: (c: Candidate) => boolean): boolean => tops.filter(has).length > 0.5 * tops.length
  return {
    size: sizes.findLast((size, i) => size - (sizes[i - 1] ?? 0) < 0.3) ?? sizes[0] ?? 0,
    bold: most((c) => c.block.bold > 0.5),
    caps: most((c) => isCaps(c.title)),
    numbered: numbered.length >= 2,
  }
}

/** True for words in capitals. */
export function isCaps(text: string): boolean {
  return !/\p{Ll}/u.test(text) && /(?:\p{Lu}[^\p{L}]*){4}/u.test(text)
}

/** Returns the level of a heading, 1 to 3; `roman`: sections carry Roman numbers. */
export function levelOf(c: Candidate, roman: boolean, top: TopLook): number {
  if (c.number !== null) {
    const depth = c.number.split('.').length
    if (c.scheme === 'decimal') return Math.min(3, roman && depth === 1 ? 3 : depth)
    if (c.scheme === 'roman') return 1
    if (/^app|^sup|^anh/iu.test(c.number)) return 1
    return Math.min(3, roman && depth === 1 ? 2 : depth)
  }
  if (isBackMatter(c.title)) return 1
  if (c.outlined !== null) return Math.min(3, c.outlined)
  if (c.known) return 1
  const size = c.block.size - top.size
  if (!top.numbered) return size >= -0.4 ? 1 : 2
  // Among numbered sections one without number is their equal only if it looks the same.
  const alike = c.block.bold > 0.5 === top.bold && isCaps(c.title) === top.caps
  return Math.abs(size) < 0.4 && alike ? 1 : 2
}
