import { CAUSAL, quantityIn, RESULT } from './cues.js'
import { contentStems } from '../../text/words.js'
import { captionText } from './caption-text.js'
import { sentencesWith } from './plan.js'
import { anchorOf, capitalise, counted, countWord, item, listOf, sectionName, titleOf } from './markdown.js'
import type { Caption, Sentence } from './document.js'
import type { Writing } from './writing.js'

/** Open questions the paper names. */
export function openQuestions(writing: Writing): string {
  const picks = writing.plan.future.map((p) => p.sentence)
  const lead = titleOf(writing.input.title)
  if (picks.length > 0) {
    return `${capitalise(countWord(picks.length))} ${picks.length === 1 ? 'statement of the authors points' : 'statements of the authors point'} beyond ${lead}:\n\n${picks.map((s) => item(s, undefined, true)).join('\n')}`
  }
  return `No sentence of ${lead} names future work or an open question outright.`
}

/** Limitations and assumptions the paper states. */
export function limitations(writing: Writing): string {
  const { plan } = writing
  const picks = plan.limitations.map((p) => p.sentence)
  const assumed = plan.assumptions.map((p) => p.sentence)
  const assumptions =
    assumed.length === 0
      ? ''
      : `\n\nAssumptions it works under:\n\n${assumed.map((s) => item(s, undefined, true)).join('\n')}`
  if (picks.length > 0) {
    const own = hasLimitationsSection(writing)
      ? 'The authors discuss limitations under a heading of their own.'
      : 'No section is devoted to limitations; these statements stand in the running text.'
    return `${own}\n\n${picks.map((s) => item(s, undefined, true)).join('\n')}${assumptions}`
  }
  return `No sentence of ${titleOf(writing.input.title)} names a limitation outright.${assumptions}`
}

function hasLimitationsSection(writing: Writing): boolean {
  return writing.document.sections.some((s) => s.kinds.includes('limitations'))
}

/** What arithmetic found, and what it looked for. */
export function discrepancies(writing: Writing): string {
  const { discrepancies: found } = writing.input
  const compared =
    'Compared, by a program that does not know what they mean: numbers of the abstract with those of the text, printed gains with the differences in tables, columns with their totals, shares with their counts'
  if (found.length === 0) return `${compared}. Nothing was found that contradicts itself.`
  return `${compared}. To be looked at:\n\n${found.map((line) => `- ${line}`).join('\n')}`
}

/** How far the report's claims can be trusted, by cluster, with the basis of each label. */
export function confidence(writing: Writing): string {
  return [
    `Labels rest on what could be found in the text of ${titleOf(writing.input.title)}, not on a judgement of its truth:`,
    [
      resultConfidence(writing),
      mechanismConfidence(writing),
      limitConfidence(writing),
      rebuildConfidence(writing),
    ].join('\n'),
  ].join('\n\n')
}

type Level = 'High' | 'Medium' | 'Low'

function line(cluster: string, level: Level, basis: string): string {
  return `- **${cluster}: ${level}.** ${capitalise(basis)}.`
}

function resultConfidence(writing: Writing): string {
  const numeric = sentencesWith(writing.document, RESULT, 1.8).filter(
    (s) => quantityIn(s.text) !== null,
  ).length
  const tables = writing.document.captions.filter((c) => /^table/i.test(c.label)).length
  const level: Level = numeric >= 5 && tables > 0 ? 'High' : numeric >= 2 || tables > 0 ? 'Medium' : 'Low'
  return line(
    'Numeric results',
    level,
    `${counted(numeric, 'sentence')} ${numeric === 1 ? 'reports' : 'report'} a measured quantity and ${counted(tables, 'table caption')} ${tables === 1 ? 'was' : 'were'} found`,
  )
}

function mechanismConfidence(writing: Writing): string {
  const causal = sentencesWith(writing.document, CAUSAL, 1.8)
  const tested = causal.filter((s) =>
    s.section.kinds.some((k) => k === 'results' || k === 'discussion'),
  ).length
  const level: Level = tested >= 4 ? 'High' : causal.length >= 3 ? 'Medium' : 'Low'
  return line('Mechanism', level, causesFound(causal.length, tested))
}

function causesFound(causes: number, tested: number): string {
  const where = 'beside results or in the discussion'
  if (causes < 2)
    return `${counted(causes, 'sentence').replace(/s$/, '')} gives a cause${causes === 0 ? '' : `, ${tested === 0 ? 'not ' : ''}${where}`}`
  return `${counted(causes, 'sentence')} give a cause, ${tested === 0 ? 'none' : tested === causes ? 'all' : countWord(tested)} of them ${where}`
}

function limitConfidence(writing: Writing): string {
  const named = writing.plan.limitations.length
  const own = hasLimitationsSection(writing)
  const level: Level = own && named > 1 ? 'High' : named > 0 ? 'Medium' : 'Low'
  return line(
    'Scope and limits',
    level,
    `${own ? 'a limitations section exists' : 'there is no limitations section'} and ${counted(named, 'limiting statement')} could be quoted`,
  )
}

/** Kinds of evidence that a rebuild needs. */
const REBUILT_FROM = 4

function rebuildConfidence(writing: Writing): string {
  const { code, data, parameters, hardware } = writing.plan
  const found = [
    code.length > 0 ? 'code or data availability' : '',
    data.length > 0 ? 'the data' : '',
    parameters.length > 0 ? 'parameter values' : '',
    hardware.length > 0 ? 'hardware or running time' : '',
  ].filter((part) => part !== '')
  const level: Level = code.length > 0 && found.length >= 3 ? 'High' : found.length >= 2 ? 'Medium' : 'Low'
  const basis =
    found.length === 0
      ? 'no sentence was recognised as telling of code, data, parameter values or hardware'
      : `of code, data, parameter values and hardware, sentences were recognised that tell ${found.length === REBUILT_FROM ? 'all' : `only ${listOf(found)}`}`
  return line('Reproducibility', level, basis)
}

/** Exactly three checks that somebody with the paper in hand can carry out. */
export function nextChecks(writing: Writing): string {
  return [headlineCheck(writing), stressCheck(writing), comparisonCheck(writing)]
    .map((check, index) => `${index + 1}. ${check}`)
    .join('\n')
}

function headlineCheck(writing: Writing): string {
  const { plan, document } = writing
  const candidates = [...plan.outcome, ...plan.results].map((p) => p.sentence)
  const headline =
    candidates.find((s) => /%|\./.test(quantityIn(s.text) ?? '')) ??
    candidates.find((s) => quantityIn(s.text) !== null) ??
    candidates[0]
  const table = tableFor(document.captions, headline)
  const against = table === undefined ? '' : ` Compare with ${captionText(table)}.`
  if (headline === undefined) {
    return `Find out what the paper measured: no sentence states a result.${against === '' ? ' Read its figures for one that can be recomputed.' : against}`
  }
  const number = quantityIn(headline.text)
  const what = number === null ? 'the comparison' : `the figure **${number}**`
  return `Re-run ${what} behind “${around(headline, number ?? /\b(?:better|worse|outperform\w*|improv\w+|than)\b/)}” ${placeOf(headline)}.${against}`
}

/** The table whose caption shares most with the sentence; one on the same page or about results is preferred. */
function tableFor(captions: readonly Caption[], sentence: Sentence | undefined): Caption | undefined {
  let best: Caption | undefined
  let most = 0
  for (const caption of captions) {
    if (!/^table/i.test(caption.label)) continue
    const shared = contentStems(caption.text).filter((stem) => sentence?.stems.has(stem) === true).length
    const near = caption.page !== null && caption.page === sentence?.page ? 2 : 0
    const results = /\b(?:results?|performance|accuracy|comparisons?|evaluation|scores?|errors?)\b/i.test(
      caption.text,
    )
    const named = sentence?.text.includes(`${caption.label} `) === true ? 9 : 0
    const score = shared + near + named + (results ? 2 : 0)
    if (score > most) [best, most] = [caption, score]
  }
  return best
}

function stressCheck(writing: Writing): string {
  const { plan } = writing
  const assumption = plan.assumptions[0]?.sentence
  if (assumption !== undefined)
    return `Break the assumption in “${around(assumption, /\b(?:assum|requir|neglect|ignor|provided|under the|only)/i)}” ${placeOf(assumption)}: vary it and see whether the results hold.`
  const limit = plan.limitations[0]?.sentence
  if (limit !== undefined)
    return `Measure how much the limit in “${around(limit, /\b(?:limit|fail|not\b|cannot|only|shortcoming|drawback|worse|poor|struggl)/i)}” costs ${placeOf(limit)}.`
  return 'Ask the authors which assumption the work depends on most: the text names neither an assumption nor a limitation.'
}

function comparisonCheck(writing: Writing): string {
  const neighbor = writing.input.neighbors[0]
  if (neighbor !== undefined) {
    const id = neighbor.arxivId === null ? '' : ` (arXiv:${neighbor.arxivId})`
    return `Compare method and results with the nearest paper of the corpus, *${neighbor.title}*${id}.`
  }
  const prior = writing.plan.priorWork[0]?.sentence
  if (prior !== undefined)
    return `Compare with the earlier work named in “${around(prior, /\[\d|\(\p{Lu}|\bet al/u)}” ${placeOf(prior)}; the corpus offers no neighbour.`
  return `Search for related work on ${titleOf(writing.input.title)}: the corpus offers no neighbour, and no sentence with a citation could be quoted.`
}

const EXCERPT_WORDS = 14

/** A few words of the sentence, as they stand there, around a number or from its beginning. */
function around(sentence: Sentence, focus: string | RegExp): string {
  const parts = sentence.text.split(' ')
  if (parts.length <= EXCERPT_WORDS) return sentence.text.replace(/[.!?]$/, '')
  const found = typeof focus === 'string' ? sentence.text.indexOf(focus) : sentence.text.search(focus)
  const at = sentence.text.slice(0, Math.max(0, found)).split(' ').length - 1
  const from = Math.max(0, Math.min(at - EXCERPT_WORDS / 2, parts.length - EXCERPT_WORDS))
  return parts
    .slice(from, from + EXCERPT_WORDS)
    .join(' ')
    .replace(/[.,;:]$/, '')
}

function placeOf(sentence: Sentence): string {
  const name = sectionName(sentence)
  return name === '' ? anchorOf(sentence) : `(${name}) ${anchorOf(sentence)}`
}
