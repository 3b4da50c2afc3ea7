import { REPORT_SECTIONS, WHOLE_REPORT } from '../core/report-sections.js'
import type { JsonObject } from '../core/json.js'
import { collectSections, type Answers } from './sections/collect.js'
import { findDiscrepancies } from './paper/discrepancies.js'
import { paperKind, type PaperKind } from './paper/kind.js'
import { findRepeats } from './sections/repeats.js'

/** What code tells a writer about the paper and about what was written so far. */
export interface PaperBrief extends JsonObject {
  kind: PaperKind
  /** What of the paper may not add up, a line each. */
  discrepancies: string[]
  /** What the sections so far say again and again: numbers, and caveats with their sections. */
  said_often: string[]
}

const WRITERS = [...new Set(REPORT_SECTIONS.flatMap(({ writer }) => writer ?? [])), WHOLE_REPORT] as const

/** Returns what code can tell the writer whose question has this input; null where it holds no paper. */
export function paperBrief(input: JsonObject): PaperBrief | null {
  const text = textOf(input['paper_text'])
  if (text === '') return null
  const [title, abstract] = [textOf(input['title']), textOf(input['abstract'])]
  return {
    kind: paperKind({ title, abstract, text }),
    discrepancies: findDiscrepancies(abstract, text).map((found) => found.text),
    said_often: saidOften(input),
  }
}

function saidOften(input: JsonObject): string[] {
  const answers: Answers = Object.fromEntries(WRITERS.map((writer) => [writer, textOf(input[writer])]))
  if (Object.values(answers).every((answer) => answer === '')) return []
  const { numbers, caveats } = findRepeats(collectSections(answers).sections)
  return [
    ...numbers.map(({ number, times, sections }) => `${number}: ${times} times, in ${sections.join(', ')}`),
    ...caveats.map(({ text, sections }) => `"${text}" and the like: in ${sections.join(', ')}`),
  ]
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
