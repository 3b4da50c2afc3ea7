import type { Line } from '../model.js'
import { joinText, type Vocabulary } from './hyphens.js'
import { endsSentence } from '../layout/blocks.js'
import { percentile } from '../layout/columns.js'

type Starts = (line: Line, index: number, lines: readonly Line[]) => boolean

const BRACKET =
  /^\[([^\]\s]{1,14}|[^\]]{3,60}\d{4}[a-z]?|\p{Lu}\p{L}{0,6}[+⁺]\s\d{2}[a-z]?|\p{Lu}[\p{L}\d∗*]{0,20}\s[IVX\d]{1,4}[a-z]?(?:-\d)?)\]/u
const NO_LABEL = /^\[(?:online|available|accessed|cross\s?ref|pub\s?med|medline|google|web of)/iu
const NUMBERED = /^\(?(\d{1,3})[.)](?:\s+(?=\S)|(?=[\p{L}[“"]))/u
/** `12 A. Author`, and raised numbers: `12A. Author`. */
const BARE_NUMBER = /^(\d{1,3})\s*(?=\p{Lu})/u
/** In ems: lines that go on with an entry are indented by more. */
const HANGING = 0.45
const MIN_CHARS = 15
const MIN_STRAY = 4
/** Before the first entry stands a sentence at most. */
const LEAD_LINES = 6
/** What stands before an entry: `[12]`, `[Abc01]`, `12.`. */
export const LABEL = /^(?:\[(?:[^\]\s]{1,14}|\p{Lu}\p{L}{0,6}[+⁺]\s\d{2}[a-z]?)\]|\(?\d{1,3}[.)])\s+\S/u

/** Returns the entries of a reference list, in the order of its lines. */
export function splitReferences(lines: readonly Line[], words: Vocabulary): string[] {
  const listed = withoutAddress(lines)
  const starts = styleOf(listed)
  const entries: string[] = []
  let open = ''
  for (const [i, line] of listed.entries()) {
    if (starts(line, i, listed) && open !== '') {
      entries.push(open)
      open = ''
    }
    open = joinText(open, line.text, words)
  }
  if (open !== '') entries.push(open)
  const tidied = entries
    .map((e) => e.normalize('NFC').replace(/\s+/gu, ' ').trim())
    .filter((e) => e.length >= MIN_CHARS)
  return withoutStray(tidied.slice(0, tidied.findLastIndex(isEntry) + 1))
}

/** What authors say of themselves behind the last entry. */
const ADDRESS =
  /^(?:affiliations?|(?:authors?['’]?\s|current\s|present\s)?address(?:es)?|e-?mail(?:\saddress)?)\s?:/iu
const MAX_ADDRESS_LINES = 12

function withoutAddress(lines: readonly Line[]): readonly Line[] {
  const rest = Math.max(1, lines.length - MAX_ADDRESS_LINES)
  const at = lines.slice(rest).findIndex((l) => ADDRESS.test(l.text))
  return at < 0 ? lines : lines.slice(0, rest + at)
}

/** Cuts off figures behind a list, whose legend cites: a run of what is no entry, and less than it behind it. */
function withoutStray(entries: readonly string[]): string[] {
  const last = entries.findLastIndex((e) => !isEntry(e))
  const first = entries.slice(0, last + 1).findLastIndex(isEntry) + 1
  const run = last + 1 - first
  const isStray = run >= MIN_STRAY && entries.length - last - 1 < run
  return isStray ? withoutStray(entries.slice(0, first)) : [...entries]
}

const SOURCE =
  /(?<![\d.])(1[5-9]|20)\d{2}(?!\d)|arxiv|https?:|www\.|in press|preprint|unpublished|to appear|forthcoming|submitted|communication/iu

/** False for what follows a list without a heading between them: words in a figure, rows of a table. */
function isEntry(text: string): boolean {
  return LABEL.test(text) || (SOURCE.test(text) && !/^received\s/iu.test(text))
}

/** Returns how entries begin in this list: `[12]`, `12.`, `12 `, hanging indents, gaps, or sentence ends. */
function styleOf(lines: readonly Line[]): Starts {
  const brackets = labelled(lines)
  // Those in the legend of a figure behind a list without labels are no labels.
  const isLabelled = lines.slice(0, Math.max(LEAD_LINES, 0.1 * lines.length)).some((l) => brackets.has(l))
  if (isLabelled && (brackets.size >= 3 || (brackets.size >= 1 && lines.length < 8)))
    return (line) => brackets.has(line)
  for (const pattern of [NUMBERED, BARE_NUMBER]) {
    const chosen = risingNumbers(lines, pattern)
    if (!lines.slice(0, 3).some((l) => chosen.has(l))) continue
    if (chosen.size >= 3 || (chosen.size >= 1 && lines.length < 6)) return (line) => chosen.has(line)
  }
  return byShape(lines)
}

/** Returns the lines that begin with a label in brackets, at the left edge of the list or left of its text. */
function labelled(lines: readonly Line[]): Set<Line> {
  const able = lines.filter((l) => BRACKET.test(l.text) && !NO_LABEL.test(l.text))
  const text = median(lines.filter((l) => !BRACKET.test(l.text)).map((l) => l.x0 - l.left))
  const edge = median(able.map((l) => l.x0 - l.left))
  // Set to the right, short labels begin farther in than long ones.
  const isBefore = (l: Line): boolean => edge < text - l.size && l.x0 - l.left < text - l.size
  return new Set(able.filter((l) => l.x0 - edgeOf(l, able) < 1.6 * l.size || isBefore(l)))
}

/** Returns the lines whose numbers count up by one (a step of two is let pass). */
function risingNumbers(lines: readonly Line[], pattern: RegExp): Set<Line> {
  const chosen = new Set<Line>()
  let last = 0
  for (const line of lines) {
    const n = Number(pattern.exec(line.text)?.[1] ?? Number.NaN)
    if (n === last + 1 || (last > 0 && n === last + 2)) {
      chosen.add(line)
      last = n
    }
  }
  return chosen
}

function byShape(lines: readonly Line[]): Starts {
  const indents = lines.map((l) => l.x0 - edgeOf(l, lines))
  const hanging = lines.filter((l, i) => indents[i]! > HANGING * l.size).length / Math.max(1, lines.length)
  if (hanging < 0.9 && (hanging > 0.2 || isEven(indents, lines))) {
    return (line, i) => indents[i]! < HANGING * line.size && !continues(lines, i)
  }
  const gaps = lines.map((l, i) => gapOver(l, lines[i - 1]))
  const tight = percentile(gaps.filter(Number.isFinite), 0.15)
  const wide = gaps.filter((g) => Number.isFinite(g) && g > 1.2 * tight).length
  if (wide > 0.12 * lines.length) {
    return (_line, i) => (Number.isFinite(gaps[i]!) ? gaps[i]! > 1.2 * tight : !continues(lines, i))
  }
  return (_line, i) => {
    const before = lines[i - 1]
    return before === undefined || (endsSentence(before.text) && before.x1 < before.right - before.size)
  }
}

/** True if some lines, be they few, are indented by the same: entries of one line for the most part. */
function isEven(indents: readonly number[], lines: readonly Line[]): boolean {
  const deep = indents.filter((indent, i) => indent > HANGING * lines[i]!.size)
  return deep.length > 0 && deep.length > 0.05 * lines.length && Math.max(...deep) - Math.min(...deep) < 1
}

/** The left edge of the list in a column of a page: entries hang out of it. */
function edgeOf(line: Line, lines: readonly Line[]): number {
  let edge = line.x0
  for (const other of lines) {
    if (other.page === line.page && other.column === line.column) edge = Math.min(edge, other.x0)
  }
  return edge
}

/** True at the top of a column where the entry before has not ended yet. */
function continues(lines: readonly Line[], index: number): boolean {
  const line = lines[index]!
  const before = lines[index - 1]
  if (before === undefined || (before.column === line.column && before.page === line.page)) return false
  return /^\p{Ll}/u.test(line.text) || /[-,&]$/u.test(before.text)
}

function gapOver(line: Line, before: Line | undefined): number {
  if (before === undefined || before.page !== line.page || before.column !== line.column) return Infinity
  return before.base - line.base
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

/**
 * Returns the lines of a list without heading (notes at the end of a letter): numbers that count up from 1 at the
 * starts of lines of one size in the last part of a paper. [] if there is none.
 */
export function findBareList(lines: readonly Line[], pages: number, bodySize: number): Line[] {
  for (const pattern of [/^\[(\d{1,3})\]/u, NUMBERED, BARE_NUMBER]) {
    for (let i = lines.length - 1; i >= 0; i--) {
      const line = lines[i]!
      if (line.page < 0.5 * pages || pattern.exec(line.text)?.[1] !== '1') continue
      const small = line.size < 0.96 * bodySize
      const similar = lines.slice(i).filter((l) => looksLike(l, line))
      const chosen = risingNumbers(similar, pattern)
      const rest = listLines(lines.slice(i), line, chosen)
      const count = chosen.size
      const years = rest.filter((l) => /\b(1[89]|20)\d{2}\b/u.test(l.text)).length
      const enough = pattern === BARE_NUMBER ? small && count >= 6 : count >= 4
      if (enough && rest.length < 8 * count && years >= Math.max(0.3 * count, 0.1 * rest.length)) return rest
    }
  }
  return []
}

function looksLike(line: Line, first: Line): boolean {
  return Math.abs(line.size - first.size) < 0.4 && line.bold < 0.7 * line.glyphs
}

/** The entries with the lines that follow them, up to text of another look. */
function listLines(lines: readonly Line[], first: Line, starts: ReadonlySet<Line>): Line[] {
  let inside = false
  return lines.filter((line) => (inside = starts.has(line) || (inside && looksLike(line, first))))
}
