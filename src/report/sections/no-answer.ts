import { OPTIONAL_SECTIONS } from '../../core/report-sections.js'
import { splitSections } from '../answers/split.js'
import { unpackedAnswer } from '../answers/unpacked-answer.js'
import { wholeAnswer } from '../answers/whole-answer.js'
import { countWords, isLoop, readingOf } from './completeness.js'
import { isErrorMessage, isRefusal } from './degraded.js'

/** What stands in the place of an answer: the model refuses, a limit is reached, an error is told, or nothing is said at all. */
export type NoAnswer = 'refusal' | 'limit' | 'error' | 'chatter'

/** A text of so many words has substance, whatever it begins with. */
const SUBSTANCE = 120
/** Where several sections are asked for, fewer words than these are none of them. */
const LEAST_WORDS = 20

const LIMIT =
  /\byou(?: have|['’]ve)? (?:been (?:rate[- ]limited|throttled)|(?:reached|exceeded|hit|used up|run out of)\b.{0,60}?(?:limits?|quota|credits?|messages|requests|tokens)\b)|^(?:\w+ )?(?:rate|usage|message|request|daily|quota)[- ]?(?:limit|quota)? (?:is |was |has been )?(?:reached|exceeded|hit)\b|^too many requests\b/i
/** The one who is to answer asks for what he has, or whether he can help. */
const ASKS =
  /\b(?:please|could you|can you|kindly) (?:provide|share|paste|upload|supply|send|attach)\b|\bhow (?:can|may) i (?:help|assist)\b|\bwhat (?:would you like|can i (?:do|help))\b/i

/**
 * Returns what a model's text is instead of an answer, or null where it is one, or has substance: any heading of a report, a
 * page it names, or more than a few sentences.
 *
 * @param owed the headings asked for; where none are, every text is an answer.
 */
export function noAnswerIn(text: string, owed: readonly string[]): NoAnswer | null {
  if (owed.length === 0) return null
  const answer = wholeAnswer(unpackedAnswer(text), owed)
  if (splitSections(answer, owed, []).size > 0) return null
  const reading = readingOf(answer)
  if (reading.marks > 0) return null
  const words = countWords(answer)
  if (words === 0 || isLoop(reading.lines)) return 'chatter'
  if (words >= SUBSTANCE) return null
  if (reading.sentences.slice(0, 2).some((one) => LIMIT.test(one))) return 'limit'
  if (isErrorMessage(reading) || isErrorMessage(readingOf(text))) return 'error'
  if (reading.sentences.some((one) => ASKS.test(one))) return 'chatter'
  if (isRefusal(reading)) return 'refusal'
  const sections = owed.filter((heading) => !OPTIONAL_SECTIONS.has(heading))
  return sections.length > 1 && words < LEAST_WORDS ? 'chatter' : null
}
