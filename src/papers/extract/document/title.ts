import type { Block, Line } from '../model.js'
import { isNames } from './byline.js'
import { joinText, type Vocabulary } from './hyphens.js'
import { isAffiliation, isProse } from './prose.js'
import { textOf } from '../layout/blocks.js'
import { SIDE } from '../layout/sidebars.js'
import { LABEL, NO_SUBTITLE, SMALL_WORD } from './title-words.js'
import { tidy } from './writer.js'

const MAX_CHARS = 300
const MAX_BLOCKS = 6
/** Small capitals are this much smaller than the capitals beside them. */
const SMALL_CAPS = 0.76
/** Lines of a title stand no farther apart, in ems. */
const MAX_LEADING = 2
/** Those of manuscripts do, which are set with room for notes. */
const MAX_SPACED = 2.6
/** Larger than any title, in points: a logo. */
const LOGO_PT = 50
/** Smaller than this share of the text's size stand stamps, and the letters of drawings. */
const LEAST_SIZE = 0.5
/** `A.B. WRITER` */
const INITIALLED = /^(?:\p{Lu}\.\s?)+\p{Lu}[\p{L}’'-]+$/u
/** `II. A small planet`. */
const SERIES = /^[IVX]{1,5}\.\s\p{Lu}/u
const MAX_SUBTITLE_CHARS = 100
const MASTHEAD =
  /journal homepage|www\.elsevier|sciencedirect|contents? lists? available|publication details, including/iu
/** Volume, pages, number of a journal: what stands above it in large type is the journal's name. */
const IMPRINT =
  /\bISSN\b|\b(?:vol(?:ume|um)?|bd|tome?)\b\.?\s*\d+\b.*\b(?:(?:19|20)\d\d|pp?\.|n[or]\.?)|\bvol\..*\bpp\.\s*\d|\p{L}\s\d{1,4}\s?\(\s?(?:19|20)\d\d\s?\)\s?[\dIl ]+[-–]/iu
const IMPRINT_BLOCKS = 6
/** Behind the name of a journal: its year and volume or pages. */
const YEAR_OF_JOURNAL = /^[\s,.(]{1,3}(?:19|20)\d\d\b(?!\s*[–-])[^\n]{0,20}\d/u
/** In larger type than this, beside that of the text, stand no paragraphs. */
const LEAST_LOUD = 1.8
/** Smaller than this share of the logo above it is no title. */
const BELOW_LOGO = 0.65
/** How a manuscript names its title. */
const NAMED = /^title\s?:\s*(?=\S)/iu
const NAMED_END = /^\p{Lu}[\p{L}’' ()-]{2,30}:(?:\s|$)/u
/** What follows the title on a library's cover. */
const FIELD = /^(?:authors?|author\(s\)|source)\s?:\s/iu
/** Looks like a postal code. */
const YEAR = /\b(?:19|20)\d\d\b/gu
const LEADING_LABEL = /^OPEN(?:\s?ACCESS)?\s+(?=\p{Lu}\p{Ll})/u
const MARKS = /\s*(?:[*∗†‡§¶⋆★✩☆⇤]|[¹²³])+$/u

/** Returns a title as text, or null if there is none. */
export function titleText(blocks: readonly Block[], words: Vocabulary): string | null {
  const text = titleLines(blocks).reduce((open, l) => joinText(open, l.text.replaceAll('\t', ' '), words), '')
  return tidy(text).replace(NAMED, '').replace(LEADING_LABEL, '').replace(MARKS, '') || null
}

/** Returns the lines of a title: those up to the next name of a field where it is named, and without authors in its type. */
export function titleLines(blocks: readonly Block[]): Line[] {
  const lines = blocks.flatMap((b) => b.lines)
  const at = lines.findIndex((l) => NAMED.test(l.text))
  const end = lines.findIndex(
    (l, i) => (i > at && at >= 0 && NAMED_END.test(l.text)) || (i > 0 && (FIELD.test(l.text) || isSigned(l))),
  )
  return lines.slice(Math.max(0, at), end < 0 ? undefined : end)
}

/** Several persons, one of them with an initial: no line of a title. */
function isSigned({ text }: Line): boolean {
  return /(?:^|\s)\p{Lu}\.\s?[\p{Lu}-]/u.test(text) && isNames(text)
}

/**
 * Returns the blocks of the title among those before the text of a paper: the largest type at the head of the first page,
 * down to where the size falls; words in a logo are none.
 */
export function titleBlocks(front: readonly Block[], bodySize: number): Block[] {
  const named = front.find((b) => b.lines.some((l, i) => NAMED.test(l.text) || (i > 0 && FIELD.test(l.text))))
  if (named !== undefined) return [named]
  const field = front.findIndex((b) => FIELD.test(b.lines[0]!.text))
  if (field > 0 && isWords(textOf(front[field - 1]!))) return [front[field - 1]!]
  const able = front.slice(mastheadEnd(front, bodySize)).filter((b) => {
    const text = textOf(b)
    return (
      isWords(text) &&
      text.length < MAX_CHARS &&
      b.size < LOGO_PT &&
      b.size > LEAST_SIZE * bodySize &&
      !LABEL.test(cellOf(b)) &&
      !LABEL.test(text.replace(/(?<=.)open access$/iu, '').trim()) &&
      !isTable(b, bodySize) &&
      !(b.size < LEAST_LOUD * bodySize && isProseBlock(b, text)) &&
      !isJournal(b, front)
    )
  })
  let best: Block | null = null
  for (const block of able) {
    if (best !== null && isByline(block) && stands(best, bodySize) && !isByline(best)) break
    const larger = best === null || block.size > best.size + 0.6 || isLogo(best, block, bodySize)
    if (larger && !isScrap(block, best)) best = block
  }
  if (best === null || (isByline(best) && !stands(best, bodySize))) return []
  const result: Block[] = []
  for (const block of able.slice(able.indexOf(best))) {
    const before = result.at(-1)
    if (before !== undefined && isBeside(before, block)) continue
    if (before !== undefined && !goesOn(before, block)) {
      if (isSubtitle(before, block, bodySize)) result.push(block)
      break
    }
    result.push(block)
    if (result.length >= MAX_BLOCKS) break
  }
  return result
}

/** Index of the first block below the name of the journal and what goes with it. */
function mastheadEnd(front: readonly Block[], bodySize: number): number {
  const masthead = front.findLastIndex((b) => MASTHEAD.test(textOf(b)))
  if (masthead >= 0) return masthead + 1
  const imprint = front.slice(0, IMPRINT_BLOCKS).findLastIndex((b) => IMPRINT.test(textOf(b)))
  if (imprint < 0) return 0
  // What stands above it may be the title, with the imprint beside it.
  const above = front.slice(0, imprint).find((b) => stands(b, bodySize) && isTitleLike(b))
  // It goes on to the next gap.
  const rest = front.slice(imprint + 1).findIndex((b) => b.gapAbove > 1.3)
  const below = rest < 0 ? [] : front.slice(imprint + 1 + rest)
  const title = below.find((b) => b.page === 1 && stands(b, bodySize) && isTitleLike(b))
  const isOne = above !== undefined && title !== undefined && isAlike(above, title)
  return title === undefined || isOne ? 0 : imprint + 1 + rest
}

function isAlike(block: Block, other: Block): boolean {
  return Math.abs(block.size - other.size) < 0.6 && block.bold > 0.5 === other.bold > 0.5
}

/** True for a name that stands elsewhere with a year and a volume behind it. */
function isJournal(block: Block, front: readonly Block[]): boolean {
  // The publisher's name may stand at the other end of the line.
  const text = block.lines.map((l) => l.text.split('\t', 1)[0]!.trim()).join(' ')
  return front.some((b) => {
    const other = textOf(b)
    const at = other.indexOf(text)
    return at >= 0 && b !== block && YEAR_OF_JOURNAL.test(other.slice(at + text.length))
  })
}

/** True for one or two words far above a longer line in type that is hardly smaller. */
function isLogo(best: Block, block: Block, bodySize: number): boolean {
  const words = (b: Block): number => textOf(b).split(/\s+/u).length
  const isTitle = words(block) > 3 && block.size > 1.5 * bodySize && block.size > BELOW_LOGO * best.size
  return words(best) < 3 && isTitle && block.lines[0]!.base < best.lines.at(-1)!.base - 2 * best.size
}

/** Words in another column, right of the title, or notes in the margin. */
function isBeside(before: Block, block: Block): boolean {
  const right = Math.max(...before.lines.map((l) => l.x1))
  const isAway = block.lines.every((l) => l.x0 > right || l.column === SIDE)
  return block.page === before.page && isAway && !isAlike(before, block)
}

function isTitleLike(block: Block): boolean {
  const text = textOf(block)
  return text.length > 15 && isWords(text) && !isByline(block) && !isNames(text)
}

/** Letters for the most part: a formula is no title, and what OCR makes of a stain is none. */
function isWords(text: string): boolean {
  const letters = text.match(/\p{L}/gu)?.length ?? 0
  return /\p{L}{2}/u.test(text) && letters > 0.5 * text.replace(/\s/gu, '').length
}

/** True if it stands out as a title does. */
function stands(block: Block, bodySize: number): boolean {
  return block.size > 1.1 * bodySize || block.bold > 0.7
}

/** The first of the words that stand apart in a row. */
function cellOf(block: Block): string {
  return block.lines[0]!.text.split('\t', 1)[0]!.trim()
}

/** Returns whether a block holds rows of cells: several of them, or one in type smaller than the text, as the head of a table is. */
export function isTable(block: Block, bodySize: number): boolean {
  const isRow = block.lines.length > 2 || block.size < 0.95 * bodySize
  return block.kind === 'float' && isRow && block.lines.some((l) => l.wideGaps > 0)
}

function isByline(block: Block): boolean {
  return isAffiliation(textOf(block).replace(YEAR, ' '))
}

function isProseBlock(block: Block, text: string): boolean {
  return block.lines.length > 1 && /[.,;]$/u.test(text) && isProse(text) && block.bold < 0.5
}

function goesOn(before: Block, block: Block): boolean {
  if (block.page !== before.page || !isNear(before, block)) return false
  const text = textOf(before)
  const gap = before.lines.at(-1)!.base - block.lines[0]!.base
  if (
    isByline(block) ||
    INITIALLED.test(textOf(block)) ||
    (isNames(textOf(block)) && gap > 1.35 * before.size)
  )
    return false
  const caps = isCaps(text) && isCaps(textOf(block))
  const isSmaller = block.size < before.size - 0.6
  const isSmallCaps =
    caps &&
    isSmaller &&
    gap < MAX_LEADING * before.size &&
    block.size > SMALL_CAPS * before.size &&
    block.bold > 0.5 === before.bold > 0.5
  if (/\p{L}-$/u.test(text)) return block.size > SMALL_CAPS * before.size
  return isSmallCaps || isAlike(block, before)
}

/** A second line in smaller type, which is still larger than the text. */
function isSubtitle(before: Block, block: Block, bodySize: number): boolean {
  const text = textOf(block)
  const isBold = before.bold > 0.7 && block.bold > 0.7 && block.size > bodySize - 0.1
  const isBetween = block.size < before.size - 0.6 && (isBold || block.size > 1.15 * bodySize)
  if (!isBetween || block.page !== before.page || !isNear(before, block) || isByline(block)) return false
  return (
    text.length < MAX_SUBTITLE_CHARS &&
    (SMALL_WORD.test(text) || SERIES.test(text)) &&
    !NO_SUBTITLE.test(text)
  )
}

/** Right below, though a word of a margin or of a drawing may come between them. */
function isNear(before: Block, block: Block): boolean {
  if (block.gapAbove < 2.8) return true
  const gap = before.lines.at(-1)!.base - block.lines[0]!.base
  if (block.gapAbove === Infinity) return gap > 0 && gap < 1.6 * before.size
  return gap < MAX_SPACED * before.size && Math.abs(block.size - before.size) < 0.1
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
