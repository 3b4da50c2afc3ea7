import { OPTIONAL_SECTIONS } from '../../core/report-sections.js'
import { countWords, problemOf } from './completeness.js'
import { splitSections } from '../answers/split.js'
import { unpackedAnswer } from '../answers/unpacked-answer.js'
import { wholeAnswer } from '../answers/whole-answer.js'

/** What stands at the end of a sentence, a table's row, code or a formula. */
const CLOSED = /[.!?…)\]}"”’`|$>。！？）」]$/u
/** A line of fewer words may be a label, a name or a value. */
const LEAST_WORDS = 8
/** A heading or the mark of an item with nothing behind it. */
const BEGINS = /^\s*(?:#{1,6}(?:\s.*)?|[-*+•]|\(?\d{1,2}[.)])$/
const FENCE = /^ {0,3}(?:`{3,}|~{3,})/gm

/**
 * Returns whether a model's answer is whole as far as its text tells: every section is there that is asked for, none is
 * empty or breaks off, and its last line ends as its other lines do.
 *
 * @param owed the headings asked for; [] where none are.
 */
export function isWholeAnswer(text: string, owed: readonly string[]): boolean {
  const answer = wholeAnswer(unpackedAnswer(text), owed)
  const asked = owed.filter((heading) => !OPTIONAL_SECTIONS.has(heading))
  const found = splitSections(answer, owed, asked)
  const isThere = (heading: string): boolean => [null, 'placeholder'].includes(problemOf(found.get(heading)))
  const bodies = [...found.values()]
  return asked.every(isThere) && endsWhole(bodies.length === 0 ? answer : bodies.join('\n\n'))
}

function endsWhole(text: string): boolean {
  if (problemOf(text) === 'cut' || (text.match(FENCE)?.length ?? 0) % 2 === 1) return false
  const lines = text.split('\n').map((line) => line.replace(/[*_\s]+$/, ''))
  const [last = '', ...others] = lines.filter((line) => line !== '').reverse()
  if (BEGINS.test(last)) return false
  if (CLOSED.test(last)) return true
  const sentences = others.filter((line) => countWords(line) >= LEAST_WORDS)
  if (sentences.length === 0) return countWords(last) < LEAST_WORDS
  return sentences.filter((line) => CLOSED.test(line)).length * 2 < sentences.length
}
