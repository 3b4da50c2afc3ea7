import { hashHeading, markCode } from '../markdown/fences.js'
import { trimBody, visibleLines } from '../answers/split.js'

/** Labels whose text matches mean this heading of the report. */
export interface SectionRule {
  heading: string
  pattern: RegExp
}

interface Label {
  text: string
  /** Headings that the label may mean; several: it is the title of the whole. */
  headings: string[]
  rank: number
}

interface Part {
  label: Label | null
  lines: string[]
}

/** A bold line; a plain line with a colon; words before a colon at the beginning of a line that goes on. */
const BOLD = 7
const PLAIN = 8
const INLINE = 9

const BOLD_LINE = /^\s*(?:[-*+]\s+|\d{1,2}[.)]\s+)?(?:\*\*|__)([^*_]{3,80})(?:\*\*|__)\s*:?\s*$/
const PLAIN_LINE = /^\s{0,3}(\p{Lu}[^.:!?*]{2,60}):\s*$/u
const INLINE_LABEL =
  /^\s*(?:[-*+]\s+|\d{1,2}[.)]\s+)?(?:(?:\*\*|__)([^*_:]{3,60})(?::\s*(?:\*\*|__)|(?:\*\*|__)\s*[:–—])|(\p{Lu}[^.:!?*]{2,40}):)\s*\S/u

/**
 * Returns the sections of a text that has headings of its own, by what these mean; `rest` takes what stands under none,
 * unless a label means it. Tolerant of heading levels: of all labels for one section, those of the highest level count,
 * and words before a colon count only where there is no real heading.
 */
export function readSections(text: string, rules: readonly SectionRule[], rest: string): Map<string, string> {
  const lines = markCode(outOfFence(visibleLines(text)))
  const labels = lines.map((line) => (line.code ? null : readLabel(line.text, rules)))
  const inline = !labels.some((label) => label !== null && label.rank < INLINE && label.headings.length === 1)
  const best = new Map<string, number>()
  for (const label of labels) {
    const [heading, ...more] = label?.headings ?? []
    if (label === null || heading === undefined || more.length > 0) continue
    if (inline || label.rank < INLINE) best.set(heading, Math.min(label.rank, best.get(heading) ?? INLINE))
  }
  const found = new Map<string, Part[]>()
  const loose: Part = { label: null, lines: [] }
  let current = loose
  lines.forEach((line, index) => {
    const label = labels[index] ?? null
    const [heading, ...more] = label?.headings ?? []
    if (label !== null && heading !== undefined && more.length === 0 && label.rank === best.get(heading)) {
      current = { label, lines: label.rank === INLINE ? [line.text] : [] }
      const parts = found.get(heading)
      if (parts === undefined) found.set(heading, [current])
      else parts.push(current)
    } else if (more.length > 0 && isTitle(label, current)) current = loose
    else current.lines.push(line.code ? line.text : asBodyLine(line.text))
  })
  if (!found.has(rest)) found.set(rest, [loose])
  return new Map([...found].map(([heading, parts]) => [heading, bodyOf(parts)]))
}

/** Above all that was opened so far, a label that names several sections is the title of the whole. */
function isTitle(label: Label | null, current: Part): boolean {
  return label !== null && label.rank < INLINE && label.rank < (current.label?.rank ?? INLINE)
}

/** Where several parts make a section, each keeps its label. */
function bodyOf(parts: readonly Part[]): string {
  const bodies = parts.map(({ label, lines }) => {
    const body = trimBody(lines)
    const named = parts.length > 1 && label !== null && label.rank < INLINE && body !== ''
    return named ? `### ${label.text}\n\n${body}` : body
  })
  const inline = parts.some(({ label }) => label?.rank === INLINE)
  return trimBody(bodies.join(inline ? '\n' : '\n\n').split('\n'))
}

function readLabel(line: string, rules: readonly SectionRule[]): Label | null {
  const hash = hashHeading(line)
  if (hash !== null) return labelOf(hash.text, hash.level, rules)
  const bold = BOLD_LINE.exec(line)
  if (bold !== null) return labelOf(bold[1] ?? '', BOLD, rules)
  const plain = PLAIN_LINE.exec(line)
  if (plain !== null) return labelOf(plain[1] ?? '', PLAIN, rules)
  const inline = INLINE_LABEL.exec(line)
  return inline === null ? null : labelOf(inline[1] ?? inline[2] ?? '', INLINE, rules)
}

function labelOf(text: string, rank: number, rules: readonly SectionRule[]): Label {
  return {
    text,
    rank,
    headings: rules.filter(({ pattern }) => pattern.test(text)).map(({ heading }) => heading),
  }
}

function asBodyLine(line: string): string {
  const heading = hashHeading(line)
  if (heading === null) return line
  return heading.text === '' ? '' : `### ${heading.text}`
}

/** Takes the text out of a fence around the whole. */
function outOfFence(lines: readonly string[]): string[] {
  const kept = lines.filter((line) => line.trim() !== '')
  const fenced =
    /^\s*```(?:markdown|md|text)?\s*$/i.test(kept[0] ?? '') && /^\s*```\s*$/.test(kept.at(-1) ?? '')
  if (!fenced || kept.length < 3) return [...lines]
  return lines.slice(lines.indexOf(kept[0] ?? '') + 1, lines.lastIndexOf(kept.at(-1) ?? ''))
}
