import type { FenceLine } from '../markdown/fences.js'
import { markCode } from '../markdown/fences.js'
import { canonicalHeading, headingBegunBy, headingMeantBy, headingsNamedBy } from './headings.js'

/** A text shorter than this that stands twice is emphasis. */
const LEAST_COPY = 80

/**
 * Returns a model's answer without the plan that it wrote before the first heading it owes, and once where it stands
 * twice (a draft and the same again). An answer without any of the headings, or with a code fence around them, stays.
 *
 * @param owed the headings asked for; [] where none are.
 */
export function wholeAnswer(text: string, owed: readonly string[]): string {
  const lines = markCode(text.split('\n'))
  const found = lines.flatMap(({ text: line, code }, at) => {
    const heading = code ? null : headingIn(line, owed)
    return heading !== null && owed.includes(heading) ? [{ heading, at }] : []
  })
  const [first] = found
  if (first === undefined) return onceOf(text)
  const { from, to } = copyOf(found, lines, owed.length) ?? { from: first.at, to: lines.length }
  const lead = lines.slice(0, from)
  if (from === 0 && to === lines.length) return text
  // The mark of a fence around the answer must not be torn from its end.
  if (lead.some(({ text: line, code }) => !code && /^ {0,3}(?:`{3,}|~{3,})/.test(line))) return text
  return lines
    .slice(from, to)
    .map(({ text: line }) => line)
    .join('\n')
}

/**
 * Where all the headings stand twice in the same order: the lines of the second copy, which is the one that is meant,
 * unless it is clearly the shorter one and so was cut.
 */
function copyOf(
  found: readonly { heading: string; at: number }[],
  lines: readonly FenceLine[],
  owed: number,
): { from: number; to: number } | null {
  const half = found.length / 2
  const [first, second] = [found[0], found[half]]
  if (first === undefined || second === undefined || half < Math.min(2, owed)) return null
  if (!found.slice(0, half).every(({ heading }, n) => found[half + n]?.heading === heading)) return null
  const sizeOf = (from: number, to: number): number =>
    lines.slice(from, to).reduce((sum, { text }) => sum + text.length, 0)
  return sizeOf(second.at, lines.length) >= sizeOf(first.at, second.at) * 0.7
    ? { from: second.at, to: lines.length }
    : { from: first.at, to: second.at }
}

function headingIn(line: string, owed: readonly string[]): string | null {
  const [, text] = /^\s{0,3}#{1,4}\s+(.+)$/.exec(line) ?? []
  if (text === undefined) return null
  return (
    canonicalHeading(text) ??
    headingsNamedBy(text, owed)[0] ??
    headingMeantBy(text, owed) ??
    headingBegunBy(text, owed)
  )
}

/** Returns the text once where it is the same text twice. */
function onceOf(text: string): string {
  const whole = text.trim()
  const begin = whole.slice(0, LEAST_COPY)
  for (let at = whole.indexOf(begin, LEAST_COPY); at > 0; at = whole.indexOf(begin, at + 1)) {
    const [one, other] = [whole.slice(0, at).trim(), whole.slice(at)]
    if (one === other) return one
    if (at > whole.length * 0.6) break
  }
  return text
}
