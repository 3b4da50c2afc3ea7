import { REPORT_SECTIONS } from '../core/report-sections.js'
import { canonicalHeading } from './headings.js'

export type Problem = 'missing' | 'empty' | 'placeholder'

export interface Incomplete {
  heading: string
  problem: Problem
}

/** A body of fewer words says nothing; "The paper states none." has four. */
const MIN_WORDS = 4

/** What a line is when nobody filled it in. */
const EMPTY_LINE =
  /^(?:todo|tbd|tba|tbc|fixme|n\/?a|not applicable|none|null|nil|undefined|nan|placeholder|coming soon|to be (?:added|completed|determined|done|filled in|written)|x{3,}|\[?object object\]?)$/i
/** A line that begins as a note to fill it in later. */
const TO_DO_LINE = /^(?:todo|tbd|fixme|placeholder)\s*[:\-–—]/i
/** Left-overs of a template, wherever they stand. */
const TEMPLATE =
  /[[<{](?:insert|your|add|fill in|to be|enter|describe|list|summary here|placeholder|todo|tbd)\b[^\]>}\n]{0,80}[\]>}]|\{\{[^}\n]{0,200}\}\}|\blorem ipsum\b/i
/** A model that talks about itself or refuses; looked for outside quoted text, which a paper on models may well hold. */
const REFUSAL_START =
  /^(?:(?:i['’]?m|i am) (?:very |really )?(?:sorry|unable|afraid|not able)\b|sorry[,.]|my apologies|i apologi[sz]e\b|i (?:can['’]?t|cannot|can not|could not|couldn['’]?t|won['’]?t|do not have access|don['’]?t have access)\b|unfortunately,? i\b)/i
const REFUSAL =
  /\bas an? (?:ai|artificial intelligence|large language|language)\b[^.\n]{0,20}\b(?:model|assistant)\b|\bplease (?:provide|share|paste|upload|supply) (?:me )?(?:with )?(?:the |a |your )?(?:full |actual |complete )?(?:paper|text|pdf|document|content)\b|\bno (?:paper|paper text|text|document) (?:was|is|has been) (?:provided|given|included|supplied)\b/i

/** Returns the sections that lack a real body, in report order; empty when the report is complete. No model is asked. */
export function findIncomplete(sections: ReadonlyMap<string, string>): Incomplete[] {
  return REPORT_SECTIONS.filter((section) => section.writer !== null).flatMap(({ heading }) => {
    const problem = problemOf(sections.get(heading))
    return problem === null ? [] : [{ heading, problem }]
  })
}

/** Returns what is wrong with one section's body, or null. An honest "The paper states none" is a body. */
export function problemOf(body: string | undefined): Problem | null {
  if (body === undefined) return 'missing'
  const lines = body
    .split('\n')
    .map(plainLine)
    .filter((line) => line !== '')
  if (lines.length === 0) return /\.{2,}|…/.test(body) ? 'placeholder' : 'empty'
  if (lines.some((line) => TO_DO_LINE.test(line))) return 'placeholder'
  if (lines.every((line) => EMPTY_LINE.test(line) || canonicalHeading(line) !== null)) return 'placeholder'
  const unquoted = lines.join('\n').replace(/"[^"\n]{0,1000}"|“[^”\n]{0,1000}”|`[^`\n]{0,1000}`/g, ' ')
  if (TEMPLATE.test(unquoted) || REFUSAL.test(unquoted) || REFUSAL_START.test(unquoted.trim()))
    return 'placeholder'
  if (isLoop(lines)) return 'placeholder'
  return countWords(lines.join(' ')) < MIN_WORDS ? 'empty' : null
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

/** A model caught in a loop says the same few things again and again. */
function isLoop(lines: readonly string[]): boolean {
  const sentences = lines.flatMap((line) => line.split(/(?<=[.!?])\s+/)).map((s) => s.toLowerCase())
  return sentences.length >= 8 && new Set(sentences).size <= sentences.length / 4
}
