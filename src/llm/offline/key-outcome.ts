import type { Writing } from './writing.js'
import { counted, countWord, item, listOf, quote, sectionList, titleOf } from './markdown.js'
import { quantityIn } from './cues.js'
import { plainInline } from './quotable.js'

/** The authors speak of what they did. */
const OWN = /\bwe\b|\bthis (?:paper|work|article|study|letter|note|report)\b/i

/** One sentence of the paper that says what it contributes; the title where no sentence does. */
export function coreContribution(writing: Writing): string {
  const { sentences } = writing.document
  const sentence =
    writing.plan.core[0]?.sentence ?? sentences.find(({ text }) => OWN.test(text)) ?? sentences[0]
  if (sentence !== undefined) return quote(sentence)
  const title = plainInline(writing.input.title, 300)
  return title === ''
    ? 'The text of this paper holds no sentence that could be quoted.'
    : `The paper is titled “${title}”.`
}

/** Problem, approach and outcome in the paper's words. */
export function executiveSummary(writing: Writing): string {
  const { problem, approach, outcome } = writing.plan
  const core = writing.plan.core.map((p) => p.sentence)
  const picks = [...problem, ...approach, ...outcome].map((p) => p.sentence)
  const lead = titleOf(writing.input.title)
  if (picks.length === 0 && core.length === 0) {
    return `No sentence of ${lead} could be quoted: the abstract, introduction and conclusion were searched for the problem, the approach and the outcome.`
  }
  const where = sectionList([...picks, ...core])
  const lines = [
    ...problem.map((p) => item(p.sentence, 'Problem')),
    ...approach.map((p) => item(p.sentence, 'Approach')),
    ...outcome.map((p) => item(p.sentence, 'Outcome')),
  ]
  const absent = [
    problem.length === 0 ? 'the problem' : '',
    approach.length + core.length === 0 ? 'the approach' : '',
    outcome.length === 0 ? 'an outcome with a number or comparison' : '',
  ].filter((part) => part !== '')
  const gap =
    absent.length === 0 ? '' : `\n\nNo sentence there was recognised as stating ${listOf(absent, 'or')}.`
  const from = where === '' ? '' : ` Taken from ${where}.`
  return `In the authors' own words, what ${lead} sets out to do and what came of it.${from}\n\n${lines.join('\n')}${gap}`
}

/** Results with their numbers. */
export function keyResults(writing: Writing): string {
  const picks = writing.plan.results
  if (picks.length === 0) {
    const more = writing.plan.outcome.length > 0 ? ' beyond the outcome quoted in the summary' : ''
    return `No sentence in the results, discussion, abstract or conclusion of ${titleOf(writing.input.title)} states a measured or compared result${more}.`
  }
  const sentences = picks.map((p) => p.sentence)
  const withNumbers = sentences.filter((s) => quantityIn(s.text) !== null)
  const where = sectionList(sentences)
  const lead = `The paper states ${counted(picks.length, 'result')}${where === '' ? '' : ` under ${where}`} that can be quoted alone, ${measured(picks.length, withNumbers.length)} a measured quantity.`
  return `${lead}\n\n${picks.map((p) => item(p.sentence, undefined, true)).join('\n')}`
}

function measured(all: number, withNumbers: number): string {
  if (all === 1) return withNumbers === 1 ? 'with' : 'without'
  return `${withNumbers === 0 ? 'none' : withNumbers === all ? 'all' : countWord(withNumbers)} of them with`
}
