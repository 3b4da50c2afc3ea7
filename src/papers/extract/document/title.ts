import type { Block } from '../model.js'
import { joinText, type Vocabulary } from './hyphens.js'
import { isAffiliation, isProse } from './prose.js'
import { tidy } from './writer.js'

const MAX_CHARS = 300
const MAX_BLOCKS = 4
/** Small capitals are this much smaller than the capitals beside them. */
const SMALL_CAPS = 0.76
/** Names the kind of the text, or is a button, and no title. */
const LABEL =
  /^((original|research|review|short|full|regular|technical|invited|survey|brief)?\s*(article|paper|communication|letter|report|note|review)s?|open(\s?access)?|preprint|draft|contents|abstract|check for updates|letter to the editor|article in press|downloaded from.*|arxiv:.*|\*?manuscript.*|.*click here to.*|(\w{1,6}\s)?journal\s?of\s?\p{L}.*|j?an iop .*journal)$/iu
const MASTHEAD = /journal homepage|www\.elsevier|sciencedirect|contents lists available/iu
const LEADING_LABEL = /^OPEN(?:\s?ACCESS)?\s+(?=\p{Lu}\p{Ll})/u
const MARKS = /\s*(?:[*∗†‡§¶⋆★✩☆⇤]|[¹²³])+$/u

/** Returns a title as text, or null if there is none. */
export function titleText(blocks: readonly Block[], words: Vocabulary): string | null {
  const text = blocks
    .flatMap((b) => b.lines)
    .reduce((open, l) => joinText(open, l.text.replaceAll('\t', ' '), words), '')
  return tidy(text).replace(LEADING_LABEL, '').replace(MARKS, '') || null
}

/**
 * Returns the blocks of the title among those before the text of a paper: the largest type at the head of the first page,
 * down to where the size falls; words in a logo are none.
 */
export function titleBlocks(front: readonly Block[], bodySize: number): Block[] {
  const masthead = front.findLastIndex((b) => MASTHEAD.test(textOf(b)))
  const able = front.slice(masthead + 1).filter((b) => {
    const text = textOf(b)
    return (
      /\p{L}{2}/u.test(text) &&
      text.length < MAX_CHARS &&
      !LABEL.test(text.replace(/(?<=.)open access$/iu, '').trim()) &&
      !isTable(b) &&
      !isProseBlock(b, text)
    )
  })
  let best: Block | null = null
  for (const block of able) {
    if (best !== null && isByline(block) && stands(best, bodySize) && !isByline(best)) break
    const larger = best === null || block.size > best.size + 0.6
    if (larger && !isScrap(block, best)) best = block
  }
  if (best === null || (isByline(best) && !stands(best, bodySize))) return []
  const result: Block[] = []
  for (const block of able.slice(able.indexOf(best))) {
    if (result.length > 0 && !goesOn(result.at(-1)!, block)) break
    result.push(block)
    if (result.length >= MAX_BLOCKS) break
  }
  return result
}

/** True if it stands out as a title does. */
function stands(block: Block, bodySize: number): boolean {
  return block.size > 1.1 * bodySize || block.bold > 0.7
}

function isTable(block: Block): boolean {
  return block.kind === 'float' && block.lines.length > 2 && block.lines.some((l) => l.wideGaps > 0)
}

function isByline(block: Block): boolean {
  return isAffiliation(textOf(block))
}

function isProseBlock(block: Block, text: string): boolean {
  return block.lines.length > 1 && /[.,;]$/u.test(text) && isProse(text) && block.bold < 0.5
}

function goesOn(before: Block, block: Block): boolean {
  if (block.gapAbove > 2.6 || block.page !== before.page) return false
  const text = textOf(before)
  const caps = isCaps(text) && isCaps(textOf(block))
  const isSmaller = block.size < before.size - 0.6
  const isSmallCaps =
    caps && isSmaller && block.size > SMALL_CAPS * before.size && block.bold > 0.5 === before.bold > 0.5
  if (/\p{L}-$/u.test(text)) return block.size > SMALL_CAPS * before.size
  return isSmallCaps || (Math.abs(block.size - before.size) < 0.6 && block.bold > 0.5 === before.bold > 0.5)
}

function isCaps(text: string): boolean {
  return text === text.toUpperCase()
}

/** True for a short piece of text below one that could be the title and is far longer. */
function isScrap(block: Block, best: Block | null): boolean {
  if (best === null) return false
  const before = textOf(best)
  return textOf(block).length < 0.4 * before.length && block.size < 1.4 * best.size && !/\d/u.test(before)
}

function textOf(block: Block): string {
  return block.lines
    .map((l) => l.text)
    .join(' ')
    .replace(/\s+/gu, ' ')
    .trim()
}
