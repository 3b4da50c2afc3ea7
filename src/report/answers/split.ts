import { withoutThinking } from '../../text/thinking.js'
import { hasTurnMark, lineWithoutMarks } from '../../text/turn-marks.js'
import { isChatter, offerAt, withoutOffer } from './chatter.js'
import { closesFence, fenceOf, hashHeading, markCode, type FenceLine } from '../markdown/fences.js'
import { canonicalHeading, headingBegunBy, headingMeantBy, headingsNamedBy } from './headings.js'

interface Candidate {
  heading: string
  /** 1–4: level of a `#` heading; 6: one that only begins with the heading; 7: a bold line; 8: a plain line; 9: an item of a list. The lowest rank of a heading in the answer wins. */
  rank: number
  /** Text that follows a bold heading on its line. */
  rest: string
}

const RULE = /^\s*(?:-\s*){3,}$|^\s*(?:\*\s*){3,}$|^\s*(?:_\s*){3,}$/
const WRAPPER_TAG = /^\s*<\/?(?:answer|report|response|output|final)>\s*$/i

/**
 * Returns the sections of a model's answer: heading of the report → body, in the order of the answer.
 * Reads tolerantly: a code fence around the whole, thinking blocks, chatter before and after, heading level,
 * bold or numbered headings. Unknown headings stay inside their section as `###`. `owed` are the headings that were
 * asked for: a longer heading that begins with one means it, and where just one is owed, an answer without any
 * heading is its body.
 *
 * @param sole the headings of which an answer without any can be the body; one that may be missing is none.
 */
export function splitSections(
  markdown: string,
  owed: readonly string[] = [],
  sole: readonly string[] = owed,
): Map<string, string> {
  const lines = codeMarked(unwrap(visibleLines(markdown)), owed)
  const plain = lines.map((line, index) =>
    line.code ? null : readHeading(line.text, lines[index + 1]?.text, owed),
  )
  const candidates = plain.some((found) => found !== null) ? plain : listedHeadings(lines, owed)
  const best = new Map<string, number>()
  for (const found of candidates) {
    if (found !== null) best.set(found.heading, Math.min(found.rank, best.get(found.heading) ?? 10))
  }
  const bodies = new Map<string, string[]>()
  const [only] = sole
  if (best.size === 0 && sole.length === 1 && only !== undefined) bodies.set(only, [])
  let current = bodies.get(only ?? '')
  lines.forEach((line, index) => {
    const found = candidates[index] ?? null
    if (found === null || found.rank !== best.get(found.heading)) {
      current?.push(bodyLine(line))
      return
    }
    current = bodies.get(found.heading) ?? []
    bodies.set(found.heading, current)
    current.push('', found.rest)
  })
  const trimmed = [...bodies].map(([heading, body]): [string, string] => [heading, trimBody(body)])
  for (const line of lines) {
    const hash = line.code ? null : hashHeading(line.text)
    const [first, ...others] = hash === null ? [] : headingsNamedBy(hash.text, owed)
    for (const other of others)
      if (!bodies.has(other)) trimmed.push([other, `*Written together with “${first}”: see there.*`])
  }
  // A heading with nothing below it was written; an answer without headings and without text was not.
  return new Map(best.size === 0 ? trimmed.filter(([, body]) => body !== '') : trimmed)
}

/** A block of code that holds a heading owed, which stands nowhere else, was never closed: its end is another block's. */
function codeMarked(lines: readonly string[], owed: readonly string[]): FenceLine[] {
  const marked = markCode(lines)
  const owedIn = (line: string): string | null => {
    const heading = /^#{1,4}\s/.test(line) ? canonicalHeading(line) : null
    return heading !== null && owed.includes(heading) ? heading : null
  }
  const found = new Set(marked.flatMap(({ text, code }) => (code ? [] : (owedIn(text) ?? []))))
  const isLost = (line: string): boolean => {
    const heading = owedIn(line)
    return heading !== null && !found.has(heading)
  }
  return marked.some(({ text, code }) => code && isLost(text)) ? markCode(lines, 3, isLost) : marked
}

/** Returns the lines of an answer without thinking blocks, marks of turns and wrapper tags. */
export function visibleLines(markdown: string): string[] {
  const text = withoutThinking(markdown.replace(/\r\n?/g, '\n'))
  const lines = text.split('\n').filter((line) => !WRAPPER_TAG.test(line))
  if (!hasTurnMark(text)) return lines
  return markCode(lines).map(({ text: line, code }) => (code ? line : lineWithoutMarks(line)))
}

/** Takes the answer out of a code fence that holds its headings, with any chatter around the fence. */
function unwrap(lines: readonly string[]): string[] {
  const open = lines.findIndex((line) => fenceOf(line) !== null)
  const fence = fenceOf(lines[open] ?? '')
  if (fence === null || !/^(?:markdown|md|text|plaintext)?$/i.test(fence.info)) return [...lines]
  const isHeading = (line: string): boolean => readHeading(line, undefined, []) !== null
  if (lines.slice(0, open).some(isHeading)) return [...lines]
  const inside: string[] = []
  let inner: string | null = null
  let closed = -1
  for (let at = open + 1; at < lines.length && closed < 0; at++) {
    const line = lines[at] ?? ''
    const mark = fenceOf(line)
    if (inner !== null) {
      if (closesFence(line, inner)) inner = null
    } else if (closesFence(line, fence.mark)) closed = at
    else if (mark !== null) inner = mark.mark
    if (closed < 0) inside.push(line)
  }
  if (!inside.some(isHeading)) return [...lines]
  const after = closed < 0 ? [] : lines.slice(closed + 1)
  const firstAfter = after.findIndex(isHeading)
  return firstAfter < 0 ? inside : [...inside, ...after.slice(firstAfter)]
}

/** Reads a line as one of the report's headings, or null. */
function readHeading(line: string, next: string | undefined, owed: readonly string[]): Candidate | null {
  const text = line.replace(/^\s{0,3}(?:[-*+>]\s+)?/, '')
  const hashes = /^(#{1,4})(?!#)\s*(.+)$/.exec(text)
  if (hashes !== null) return readHashHeading((hashes[1] ?? '').length, hashes[2] ?? '', owed)
  const bold = /^(?:\d{1,2}[.)]\s+)?(?:\*\*|__)([^*_]{3,80}?)(?:\*\*|__)\s*:?\s*(.*)$/.exec(text)
  if (bold !== null) {
    const rest = (bold[2] ?? '').trim()
    const heading = canonicalHeading(bold[1] ?? '')
    const labelled = rest === '' || /:\s*$/.test(bold[1] ?? '') || /(?:\*\*|__)\s*:/.test(text)
    const listItem = text !== line.trimStart() || /^\d/.test(text)
    return heading !== null && labelled && (rest === '' || !listItem) ? { heading, rank: 7, rest } : null
  }
  if (line.length > 80 || /^\s*[-*+]\s/.test(line)) return null
  const heading = canonicalHeading(text.replace(/:\s*$/, ''))
  if (heading === null) return null
  const setext = next !== undefined && /^\s{0,3}(?:=+|-+)\s*$/.test(next)
  return setext || next === undefined || next.trim() === '' || /:\s*$/.test(text)
    ? { heading, rank: 8, rest: '' }
    : null
}

const LISTED =
  /^ {0,3}(?:[-*+]|\d{1,2}[.)])\s+(?:(?:\*\*|__)([^*_]{3,80}?)(?::(?:\*\*|__)|(?:\*\*|__):)\s*(.*)|([^*_:]{3,80}):?)$/

/** The items of a list as headings, where two of them or more are headings owed and none comes twice; else none is. */
function listedHeadings(lines: readonly FenceLine[], owed: readonly string[]): (Candidate | null)[] {
  const found = lines.map(({ text, code }): Candidate | null => {
    const [, label, rest = '', name = ''] = (code ? null : LISTED.exec(text)) ?? []
    const heading = canonicalHeading(label ?? name)
    return heading !== null && owed.includes(heading) ? { heading, rank: 9, rest } : null
  })
  const headings = found.flatMap((one) => one?.heading ?? [])
  const isOutline = headings.length > 1 && new Set(headings).size === headings.length
  return isOutline ? found : lines.map(() => null)
}

/** `## Limitations`, `## Limitations: the text begins here`, and, where owed, `## Limitations and Future Work`. */
function readHashHeading(rank: number, text: string, owed: readonly string[]): Candidate | null {
  const whole = canonicalHeading(text)
  if (whole !== null) return { heading: whole, rank, rest: '' }
  const colon = text.search(/[:–—]\s/)
  const heading = colon < 0 ? null : canonicalHeading(text.slice(0, colon))
  if (heading !== null) return { heading, rank, rest: text.slice(colon + 1).trim() }
  const meant = headingsNamedBy(text, owed)[0] ?? headingMeantBy(text, owed) ?? headingBegunBy(text, owed)
  return meant === null ? null : { heading: meant, rank: 6, rest: '' }
}

function bodyLine(line: FenceLine): string {
  const heading = line.code ? null : hashHeading(line.text)
  if (heading === null) return line.text
  return heading.text === '' ? '' : `### ${heading.text}`
}

/** Returns a body without blank lines, rules and closing chatter at its ends. */
export function trimBody(body: readonly string[]): string {
  const isNoise = (line: string | undefined): boolean =>
    line !== undefined && (line.trim() === '' || RULE.test(line) || /^\s{0,3}=+\s*$/.test(line))
  let from = 0
  let to = body.length
  while (from < to && isNoise(body[from])) from++
  for (;;) {
    while (to > from && (isNoise(body[to - 1]) || isChatter(body[to - 1] ?? ''))) to--
    const offer = offerAt(body.slice(from, to))
    if (offer < 0) break
    to = from + offer
  }
  const lines = body.slice(from, to)
  const last = lines.pop()
  return (last === undefined ? lines : [...lines, withoutOffer(last)]).join('\n').replace(/\n{3,}/g, '\n\n')
}
