import {
  CORE_CONTRIBUTION,
  OPTIONAL_SECTIONS,
  REPORT_SECTIONS,
  WHOLE_REPORT,
  type Writer,
} from '../../core/report-sections.js'
import { problemOf } from './completeness.js'
import { headingsOf } from '../answers/headings.js'
import { severityOf, UNJUDGED } from './section-faults.js'
import { splitSections } from '../answers/split.js'

/** Who a section can be from, beside a repair. */
type Answerer = Writer | typeof WHOLE_REPORT
export type Answers = Partial<Record<Answerer, string | null | undefined>>

export interface CollectedSections {
  /** Heading → body, in report order; the core contribution first. */
  sections: Map<string, string>
  /** Heading → whose answer it was taken from: a writer, the writer of the whole report, or `repair`. */
  sources: Map<string, Answerer | 'repair'>
}

const ALL = [
  CORE_CONTRIBUTION,
  ...REPORT_SECTIONS.flatMap(({ heading, writer }) => (writer === null ? [] : [heading])),
]
const FORMERLY = new Map(REPORT_SECTIONS.map(({ heading, formerly }) => [heading, formerly]))

/**
 * Returns the report's sections out of the writers' answers. A section comes from the answer that owed it
 * formerly, else from the one that owes it, else from another answer that holds it, an answer with the whole report last, else
 * from a repair; repairs (oldest first) stand in for what is missing or worse than they are.
 * Without a core contribution, the first sentence of the summary is it.
 *
 * @param severity how bad a body is, 0 for a good one.
 */
export function collectSections(
  answers: Answers,
  repairs: readonly (string | null | undefined)[] = [],
  severity: (heading: string, body: string) => number = (heading, body) =>
    severityOf(heading, body, UNJUDGED),
): CollectedSections {
  const writers = [...new Set(REPORT_SECTIONS.flatMap(({ writer }) => (writer === null ? [] : [writer])))]
  const split: Split[] = writers.map((writer) => ({
    source: writer,
    owed: headingsOf(writer),
    // An answer without a heading is the one section that cannot be missing.
    found: splitSections(
      answers[writer] ?? '',
      headingsOf(writer),
      headingsOf(writer).filter((heading) => !OPTIONAL_SECTIONS.has(heading)),
    ),
  }))
  split.push({ source: WHOLE_REPORT, owed: [], found: splitSections(answers[WHOLE_REPORT] ?? '', ALL) })
  const fixes = repairs.map((text) => ({
    source: 'repair' as const,
    owed: [],
    found: splitSections(text ?? '', ALL),
  }))
  const sections = new Map<string, string>()
  const sources = new Map<string, Answerer | 'repair'>()
  const headings = [
    CORE_CONTRIBUTION,
    ...REPORT_SECTIONS.filter((s) => s.writer !== null).map((s) => s.heading),
  ]
  for (const heading of headings) {
    const former = split.filter((answer) => answer.source === FORMERLY.get(heading))
    const owner = split.filter((answer) => answer.owed.includes(heading))
    const others = split.filter((answer) => !former.includes(answer) && !owner.includes(answer))
    let least = Infinity
    for (const { source, found } of [...former, ...owner, ...others, ...fixes]) {
      const body = found.get(heading)
      const badness = body === undefined ? Infinity : severity(heading, body)
      if (body === undefined || badness >= least) continue
      least = badness
      sections.set(heading, body)
      sources.set(heading, source)
      if (badness === 0) break
    }
  }
  fillCoreContribution(sections, sources)
  return { sections, sources }
}

interface Split {
  source: Answerer
  owed: string[]
  found: Map<string, string>
}

/** It goes to the frontmatter only, so a missing one is not worth a request. */
function fillCoreContribution(
  sections: Map<string, string>,
  sources: Map<string, Answerer | 'repair'>,
): void {
  if (problemOf(sections.get(CORE_CONTRIBUTION)) === null) return
  const summary = sections.get('Executive Summary')
  if (summary === undefined || problemOf(summary) !== null) return
  const first = /^.{20,400}?[.!?](?=\s|$)/.exec(withoutLabel(summary.replace(/\s+/g, ' ')))
  sections.set(CORE_CONTRIBUTION, first?.[0] ?? summary.slice(0, 400))
  sources.set(CORE_CONTRIBUTION, sources.get('Executive Summary') ?? 'key_outcome')
}

/** Without a list mark and a bold label ("**Problem:**") before the first sentence. */
function withoutLabel(line: string): string {
  return line.replace(/^[-*]\s+/, '').replace(/^\*\*[^*]{2,40}(?::\*\*|\*\*:)\s*/, '')
}
