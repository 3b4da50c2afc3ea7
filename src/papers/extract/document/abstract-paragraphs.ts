import { endsSentence, textOf } from '../layout/blocks.js'
import { SIDE } from '../layout/sidebars.js'
import type { Block } from '../model.js'
import type { Heading } from './headings.js'
import { isByline } from './prose.js'

const MAX_CHARS = 6_000
/** In leadings: what stands farther below is no next line. */
const NEXT_LINE = 1.4
/** The same where a word or a sentence is broken off in one line that a bold word makes larger. */
const NEXT_SPACED_LINE = 1.7
const LABEL_SIZE = 0.88
/** Parts of an abstract, as journals of medicine want them. */
const PARTS =
  'aims?|background|conclusions?|context|data sources|design|discussion|findings|importance|interpretation|interventions?|introduction|limitations|materials and methods|(?:main )?outcomes?(?: measures?| and measures)?|methods?|methodology|objectives?|participants|patients|purpose|results?|setting|significance|study design'
const LABEL = new RegExp(`^(?:${PARTS})\\W*$`, 'iu')
/** The same at the head of a paragraph. */
const RUN_IN_LABEL = new RegExp(`^(?:${PARTS})\\s?[.:—–]`, 'iu')
/** Share by which sizes may differ within a text. */
const SAME_SIZE = 0.06
/** The least of the size of the text before that a line behind one with larger signs may have. */
const FORMULA_SIZE = 0.85

/** What stands between an abstract and the first section. */
export const AFTER_ABSTRACT =
  /^((?:abstract|resumen|resumo|résumé|riassunto|zusammenfassung|kurzfassung)\s*[.:/—–]|index terms|(?:(?:additional|author)\s)?key[\s-]?words|mots[\s-]cl|关键词|關鍵詞|キーワード|ключевые слова|palabras clave|palavras[\s-]chave|schlüsselw|schlagw|parole chiave|\(some figures|digital object identifier|subjects? (?=[\p{Lu}])|pacs|ccs concepts|acm reference|(?:cr\s|acm\s)?categories(?:\sand\ssubject|:)|acm classification|subject headings|general terms|msc|jel|submitted to|preprint submitted|\(?dated:|received|accepted|published|correspond(?:ence|ing author|ing to)|address(?:es)? for corr|how to cite|source of support|conflicts? of interest|funding:|copyright|©|permission to (?:copy|make)|ams subject|mathematics subject|(19|20)\d\d (?:mathematics|acm|msc|ams)|1\.? introduction|introduction$)/iu

/** Returns those begun with and the paragraphs from `from` on that look like the first of them, up to a heading or what follows an abstract. */
export function paragraphsFrom(
  blocks: readonly Block[],
  from: number,
  headings: ReadonlyMap<Block, Heading>,
  begun: readonly Block[] = [],
): Block[] {
  const taken = [...begun]
  let characters = 0
  let next = from
  while (next >= 0 && next < blocks.length && characters <= MAX_CHARS) {
    const block = blocks[next]!
    const step = isAside(block) ? 'pass' : stepAt(block, taken, headings)
    if (step === 'take') {
      taken.push(block)
      characters += textOf(block).length
    }
    next = step === 'end' ? resumedAt(blocks, next, taken) : next + 1
  }
  return taken
}

/** What becomes of a block: it is part of the abstract, is passed over, or stands behind its end. */
function stepAt(
  block: Block,
  taken: readonly Block[],
  headings: ReadonlyMap<Block, Heading>,
): 'take' | 'pass' | 'end' {
  const last = taken.at(-1)
  const text = textOf(block)
  if (isLabel(block, text, taken, headings)) return 'take'
  if (headings.has(block) || (last !== undefined && AFTER_ABSTRACT.test(text))) return 'end'
  if (last === undefined || headings.has(last) || isFormula(block, text, last)) return 'take'
  if (isNote(block, text)) return 'pass'
  if (goesOn(block, text, last) || looksAlike(block, longestOf(taken), last)) return 'take'
  if (RUN_IN_LABEL.test(text) && isBelow(block, last)) return 'take'
  // A footnote of the column, or a letter set small in a formula.
  return block.kind === 'footnote' || block.lines.length < 2 ? 'pass' : 'end'
}

/**
 * Returns where a sentence that is broken off goes on behind what stands at the foot of its column or page, or beside the
 * authors: at the head of the next column, level with the abstract, or of the next page; -1 if it does not.
 */
function resumedAt(blocks: readonly Block[], from: number, taken: readonly Block[]): number {
  const [first, last] = [taken[0]?.lines[0], taken.at(-1)]
  if (first === undefined || last === undefined || endsSentence(textOf(last))) return -1
  const { page, column } = last.lines[0]!
  const top = first.page === page ? first.base + NEXT_LINE * first.size : Infinity
  const isNextColumn = (b: Block): boolean =>
    column === 1 && b.page === page && b.lines[0]!.column === 2 && b.lines[0]!.base < top
  const isNextPage = (b: Block): boolean => column !== 1 && b.page === page + 1
  const at = blocks.findIndex((b, i) => i >= from && !isAside(b) && (isNextColumn(b) || isNextPage(b)))
  const block = blocks[at]
  if (block === undefined || taken.includes(block)) return -1
  return isRest(block, textOf(block), last) && isAlikeType(block, last) ? at : -1
}

/** The heading of the first part of an abstract, or of another in the same type: a title that comes again is the paper's. */
function isLabel(
  block: Block,
  text: string,
  taken: readonly Block[],
  headings: ReadonlyMap<Block, Heading>,
): boolean {
  if (!LABEL.test(text) || headings.get(block)?.number !== null) return false
  const [first] = taken
  if (first === undefined) return true
  const isAlike = headings.has(first) && Math.abs(block.size - first.size) < 0.3
  return isAlike && !taken.some((b) => headings.has(b) && textOf(b) === text)
}

/** A sentence goes on, be it larger for a formula in it: right below, or at the head of the next column. */
function goesOn(block: Block, text: string, last: Block): boolean {
  if (endsSentence(textOf(last))) return false
  const [before, first] = [last.lines.at(-1)!, block.lines[0]!]
  const isSameSize = isOfSize(block, last)
  if (before.page === first.page && before.column === first.column) {
    const isLine = block.lines.length === 1 && block.size > FORMULA_SIZE * last.size
    const isText = isSameSize || isLine || block.size > last.size
    if (block.gapAbove < NEXT_LINE && isText && !isListOfNames(text)) return true
    // One line that a bold label makes larger.
    const isLabelled = last.lines.length === 1 && block.size > LABEL_SIZE * last.size
    return isLabelled && block.gapAbove < NEXT_SPACED_LINE && /^\p{Ll}/u.test(text)
  }
  return isRest(block, text, last)
}

function isOfSize(block: Block, other: Block): boolean {
  return Math.abs(block.size - other.size) < SAME_SIZE * other.size
}

/** Lines in the middle of a sentence, in the size of its beginning. */
function isRest(block: Block, text: string, last: Block): boolean {
  return /^\p{Ll}/u.test(text) && block.lines.length > 1 && isOfSize(block, last)
}

function isAlikeType(block: Block, other: Block): boolean {
  return Math.abs(block.bold - other.bold) < 0.6 && Math.abs(block.italic - other.italic) < 0.7
}

function isBelow(block: Block, last: Block): boolean {
  const [before, first] = [last.lines.at(-1)!, block.lines[0]!]
  return before.page === first.page && before.column === first.column && block.gapAbove < 2
}

/** A formula on lines of its own, in the middle of a sentence. */
function isFormula(block: Block, text: string, last: Block): boolean {
  const isInColumn = last.page === block.page && last.lines[0]!.column === block.lines[0]!.column
  if (!isInColumn || block.kind !== 'float' || block.gapAbove > 2 || endsSentence(textOf(last))) return false
  const words = text.match(/\p{L}{2,}/gu)?.join('').length ?? 0
  return words < 0.4 * text.replace(/\s/gu, '').length
}

function isListOfNames(text: string): boolean {
  return (text.match(/\p{L}{2}/gu)?.length ?? 0) > 3 && isByline(text)
}

/** A footnote in the size of the text. */
function isNote(block: Block, text: string): boolean {
  return block.gapAbove > NEXT_LINE && /^(?:[∗*†‡§¶¹²³]|\d(?=\p{Lu}\p{Ll}))/u.test(text)
}

function longestOf(blocks: readonly Block[]): Block {
  return blocks.reduce((long, block) => (block.lines.length > long.lines.length ? block : long))
}

function isAside(block: Block): boolean {
  return block.kind === 'caption' || block.lines.every((l) => l.glyphs < 3 || l.column === SIDE)
}

function looksAlike(block: Block, first: Block, last: Block): boolean {
  if (Math.abs(block.size - first.size) > SAME_SIZE * first.size || !isAlikeType(block, first)) return false
  if (block.page > last.page + 1 || block.gapAbove > 3) return false
  const isSameColumn = block.lines[0]!.column === first.lines[0]!.column
  if (isSameColumn) return Math.abs(leftOf(block) - leftOf(first)) < 3 * first.size
  // It runs across the page, and these lines fill a column; or it goes on in the next one.
  const isNarrow = block.lines.length > 2 && rightOf(block) < rightOf(first) - 0.15 * widthOf(first)
  return !isNarrow && (first.lines[0]!.column > 0 || Math.abs(leftOf(block) - leftOf(first)) < 3 * first.size)
}

const leftOf = (block: Block): number => Math.min(...block.lines.map((l) => l.x0))
const rightOf = (block: Block): number => Math.max(...block.lines.map((l) => l.x1))
const widthOf = (block: Block): number => rightOf(block) - leftOf(block)
