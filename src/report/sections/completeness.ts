import { REPORT_SECTIONS } from '../../core/report-sections.js'
import type { Reading } from './degraded.js'
import { degradedBy, readBody } from './degraded.js'
import { markCode } from '../markdown/fences.js'
import { canonicalHeading } from '../answers/headings.js'

export type Problem = 'missing' | 'empty' | 'placeholder' | 'cut'

export interface Incomplete {
  heading: string
  problem: Problem
}

/** A body of fewer words says nothing; "The paper states none." has four. */
const MIN_WORDS = 4

/** What a line is when nobody filled it in. */
const EMPTY_LINE =
  /^(?:todo|tbd|tba|tbc|fixme|n\/?a|not applicable|none|null|nil|undefined|nan|placeholder|coming soon|to be (?:added|completed|determined|done|filled in|written)|x{3,}|\[?object object\]?)$/i
/** Marks of evidence are no words. */
const MARKS = /[[(](?:pp?\.|§|table|fig(?:ure)?|abstract|corpus)[^\])\n]{0,60}[\])]/gi
/** A line that begins as a note to fill it in later. */
const TO_DO_LINE = /^(?:todo|tbd|fixme|placeholder)\s*[:\-–—]/i
/** Returns the sections that lack a real body, in report order; empty when the report is complete. No model is asked. */
export function findIncomplete(sections: ReadonlyMap<string, string>): Incomplete[] {
  return REPORT_SECTIONS.filter(({ writer, optional }) => writer !== null && optional !== true).flatMap(
    ({ heading }) => {
      const problem = problemOf(sections.get(heading))
      return problem === null ? [] : [{ heading, problem }]
    },
  )
}

/** Returns what is wrong with one section's body, or null. An honest "The paper states none" is a body. */
export function problemOf(body: string | undefined): Problem | null {
  return faultOf(body)?.problem ?? null
}

/** Returns what is wrong with one section's body and, in words for whoever writes it again, why; null for a good one. */
export function faultOf(body: string | undefined): { problem: Problem; reason: string } | null {
  if (body === undefined) return { problem: 'missing', reason: 'it was not there' }
  const lines = plainLines(body)
  if (lines.length === 0)
    return { problem: /\.{2,}|…/.test(body) ? 'placeholder' : 'empty', reason: 'it said nothing' }
  if (isUnfilled(lines)) return { problem: 'placeholder', reason: UNFILLED }
  const degraded = isLoop(lines) ? 'it said the same again and again' : degradedBy(readBody(body, lines))
  if (degraded !== null) return { problem: 'placeholder', reason: degraded }
  if (countWords(lines.join(' ').replace(MARKS, ' ')) < MIN_WORDS)
    return { problem: 'empty', reason: 'it said nothing' }
  return endsMidSentence(body) ? { problem: 'cut', reason: 'it broke off in the middle of a sentence' } : null
}

/** Returns a body as signs of what it is not are looked for in it. */
export function readingOf(body: string): Reading {
  return readBody(body, plainLines(body))
}

function plainLines(body: string): string[] {
  return body
    .split('\n')
    .map(plainLine)
    .filter((line) => line !== '')
}

/** Returns whether a body says nothing at all, however it was meant: a report cannot have it as a section. */
export function isVoid(body: string | undefined): boolean {
  const fault = faultOf(body)
  return (
    fault !== null && (fault.problem === 'missing' || fault.problem === 'empty' || fault.reason === UNFILLED)
  )
}

const UNFILLED = 'nobody had filled it in'

/** Notes to fill something in later are most of it, and nothing of it is about the paper. */
function isUnfilled(lines: readonly string[]): boolean {
  if (lines.every((line) => EMPTY_LINE.test(line) || canonicalHeading(line) !== null)) return true
  const notes = lines.filter((line) => TO_DO_LINE.test(line) && !/\[p\. ?\d/.test(line))
  return notes.length > 0 && notes.length * 2 >= lines.length
}

/** Words that no sentence and no list item ends with. */
const GOES_ON =
  /(?:^|\s)(?:a|an|the|and|or|but|nor|of|than|which|whose|its|their|our|because|while|whereas|if|via|between|into|without)$/i
/** A paragraph of fewer words may be a label or a title. */
const MIN_SENTENCE = 8

/**
 * Whether a body breaks off in the middle of a sentence. Lists, tables, code, formulas and addresses end without a full
 * stop and are whole: there only a last word that no sentence ends with, or a comma, tells. A paragraph tells it by ending
 * in a plain word where its other sentences end with full stops.
 */
function endsMidSentence(body: string): boolean {
  const lines = body.trimEnd().split('\n')
  const marked = markCode(lines)
  const last = marked.at(-1)
  const raw = last?.text.trim() ?? ''
  if (last === undefined || last.code || /^(?:\||#{1,6}\s|\$\$|\\|`{3}|~{3})/.test(raw)) return false
  const text = raw.replace(/[*_]+$/, '').trimEnd()
  if (/(?:https?:\/\/|www\.|doi\.org)\S*$|\S+@\S+$|`$|\$$|\|$/.test(text)) return false
  const words = text.replace(/^(?:>\s*)*(?:[-*+•–]\s+|\(?\d{1,2}[.)]\s+)?/, '')
  const long = countWords(words) >= MIN_SENTENCE
  if (/,$/.test(words) || (long && GOES_ON.test(words))) return true
  const start = lastStart(lines)
  const isItem = /^\s*(?:>\s*)*(?:[-*+•–]\s|\(?\d{1,2}[.)]\s)/.test(lines[start] ?? '')
  const paragraph = lines.slice(start).join(' ')
  const before = lines.slice(0, start).join(' ')
  const hasSentences = /[.!?]["”)\]]*(?:\s+\[p\. ?\d+\])?(?:\s|$)/.test(`${before} ${paragraph}`)
  return !isItem && countWords(paragraph) >= MIN_SENTENCE && hasSentences && /\p{Ll}$/u.test(words)
}

/** Index of the first line of the last paragraph or list item. */
function lastStart(lines: readonly string[]): number {
  for (let at = lines.length - 1; at > 0; at -= 1) {
    if (/^\s*(?:[-*+•–]\s|\(?\d{1,2}[.)]\s)/.test(lines[at] ?? '')) return at
    if ((lines[at - 1] ?? '').trim() === '') return at
  }
  return 0
}

/** Returns the number of words; each character counts in scripts that write without spaces. */
export function countWords(text: string): number {
  const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/gu
  const characters = text.match(unspaced)?.length ?? 0
  return (
    characters + (text.replace(unspaced, ' ').match(/[\p{L}\p{N}]+(?:[-'’.,][\p{L}\p{N}]+)*/gu)?.length ?? 0)
  )
}

/** A line without list mark, heading mark, emphasis and closing punctuation; empty where it has no letter or digit. */
function plainLine(line: string): string {
  const text = line
    .replace(/^\s*(?:#{1,6}\s+|>\s*)?(?:[-*+•–]\s+|\(?\d{1,2}[.)]\s*)?/, '')
    .replace(/\*\*|__|`{3,}/g, '')
  let end = text.length
  while (end > 0 && ' \t.…:;!*_-'.includes(text.charAt(end - 1))) end--
  return /[\p{L}\p{N}]/u.test(text) ? text.slice(0, end).trim() : ''
}

/** Returns whether lines are those of a model caught in a loop, which says the same few things again and again. */
export function isLoop(lines: readonly string[]): boolean {
  const sentences = lines.flatMap((line) => line.split(/(?<=[.!?])\s+/)).map((s) => s.toLowerCase())
  if (sentences.length >= 8 && new Set(sentences).size <= sentences.length / 4) return true
  const words =
    lines
      .join(' ')
      .toLowerCase()
      .match(/\p{L}[\p{L}\p{N}'’-]*/gu) ?? []
  return repeats(words)
}

/** Words of the longest thing that a loop repeats, and of the least that is one. */
const LONGEST_ROUND = 80
const LEAST_LOOP = 60

/** Whether the same words follow one another at least six times, and for a paragraph's length, after whatever came first. */
function repeats(words: readonly string[]): boolean {
  for (let round = 1; round <= LONGEST_ROUND; round += 1) {
    const least = Math.max(LEAST_LOOP, round * 6) - round
    let same = 0
    for (let at = round; at < words.length; at += 1) {
      same = words[at] === words[at - round] ? same + 1 : 0
      if (same >= least) return true
    }
  }
  return false
}
