import { CORE_CONTRIBUTION, REPORT_SECTIONS } from '../core/report-sections.js'
import { countWords, findIncomplete } from './sections/completeness.js'
import { noteComputations } from './computation-notes.js'
import { checkComputed, markComputed } from './facts/computed.js'
import { buildFrontmatter, renderFrontmatter } from './frontmatter/frontmatter.js'
import { FactChecker } from './facts/fact-check.js'
import { aboutPaper } from './facts/about-paper.js'
import { checkGrounding } from './facts/grounding.js'
import { indexPaper } from './paper/paper-index.js'
import { faultsOf, mainLanguage, markOf } from './sections/section-faults.js'
import { withoutEmptyItems } from './markdown/empty-items.js'
import { namedHosts } from './markdown/links.js'
import { offlineSections } from './offline-sections.js'
import { joinMarks } from './markdown/page-marks.js'
import { quickFacts } from './quick-facts.js'
import { findRepeats } from './sections/repeats.js'
import type { AssembledReport, ReportInput, ReportQuality } from './report-input.js'
import { inlineText, safeBody } from './markdown/sanitize.js'

/** What stands under a heading whose section nobody wrote; a report that has one is not complete. */
export const NO_BODY = '*This section is missing.*'

/** The sections that code alone makes; '' where there is nothing to say. */
const MADE_BY_CODE: ReadonlyMap<string, (input: ReportInput) => string> = new Map([
  ['Quick Facts', quickFacts],
])

/**
 * Returns the report as Markdown with YAML frontmatter, the frontmatter as data, and its quality. Pure: no model,
 * no disk, no clock. A section without a body keeps its heading, unless a report is whole without it; whether such a report
 * is stored is the caller's choice.
 */
export function assembleReport(input: ReportInput): AssembledReport {
  const checker = input.checker ?? checkerOf(input)
  const quality = measureQuality(input, checker)
  const hosts = namedHosts([
    input.paper_text,
    input.paper.abstract,
    input.paper.comment,
    input.paper.source_url,
  ])
  const marks = new Map(
    faultsOf(input.sections, { checker, language: mainLanguage(input.sections.values()) }).map((fault) => [
      fault.heading,
      markOf(fault),
    ]),
  )
  const frontmatter = buildFrontmatter(input, quality)
  const parts = [`# ${inlineText(input.paper.title) || input.paper.arxiv_id}`]
  const banner = offlineBanner(input)
  if (banner !== null) parts.push(banner)
  const notes: string[] = []
  for (const { heading, optional } of REPORT_SECTIONS) {
    const make = MADE_BY_CODE.get(heading)
    const written = make === undefined ? sectionBody(input.sections.get(heading) ?? '', hosts) : make(input)
    const { markdown: body, notes: own } = noteComputations(written, notes.length + 1)
    notes.push(...own)
    if (body === '' && optional === true) continue
    const mark = marks.get(heading) ?? ''
    parts.push(`## ${heading}`, ...(mark === '' ? [] : [mark]), body === '' ? NO_BODY : body)
  }
  if (notes.length > 0) parts.push(notes.join('\n'))
  return { markdown: `${renderFrontmatter(frontmatter)}\n${parts.join('\n\n')}\n`, frontmatter, quality }
}

function sectionBody(written: string, hosts: ReadonlySet<string>): string {
  return joinMarks(markComputed(safeBody(withoutEmptyItems(written), hosts)))
}

/** Null without the text that facts are looked up in. */
function checkerOf({ paper, neighbors, paper_text: text }: ReportInput): FactChecker | null {
  return text ? new FactChecker(indexPaper(text), aboutPaper(paper, neighbors ?? [])) : null
}

function measureQuality(input: ReportInput, checker: FactChecker | null): ReportQuality {
  const incomplete = findIncomplete(input.sections).map((found) => found.heading)
  const bodies = [...input.sections]
    .filter(([heading]) => heading !== CORE_CONTRIBUTION)
    .map(([, body]) => body)
  const { numbers, caveats } = findRepeats(input.sections)
  return {
    complete: incomplete.length === 0,
    incomplete,
    repaired: input.provenance.repaired ?? false,
    words: countWords(bodies.join('\n')),
    grounding: checker === null ? null : checkGrounding(input.sections, checker),
    computed: checkComputed(input.sections),
    repeats: { numbers: numbers.length, caveats: caveats.length },
    injection: [...(input.provenance.injection ?? [])],
  }
}

/** Tells the reader which sections no model wrote; null when models wrote all. */
function offlineBanner(input: ReportInput): string | null {
  const { offline, total } = offlineSections(input)
  if (offline.length === 0) return null
  if (offline.length === total) {
    return '> Made offline by extraction: every section is picked from the sentences of the paper; no model was asked.'
  }
  return `> Mixed: made offline by extraction, without a model: ${offline.join(', ')}. The other sections were written by a model.`
}
