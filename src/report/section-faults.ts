import { CORE_CONTRIBUTION, CORRECTIONS, REPORT_SECTIONS } from '../core/report-sections.js'
import { problemOf, type Problem } from './completeness.js'
import type { FactChecker } from './fact-check.js'
import { isWeak, missesOf, scoreOf } from './grounding.js'
import { inlineText } from './sanitize.js'

/** A section that had better be written again. */
export interface SectionFault {
  heading: string
  problem: Problem | 'ungrounded'
  /** What is wrong with it, in words for whoever writes it. */
  reason: string
}

const REASON: Readonly<Record<Problem, string>> = {
  missing: 'it was not there',
  empty: 'it said nothing',
  placeholder: 'it held a placeholder, a refusal or an error instead of text',
  cut: 'it broke off in the middle of a sentence',
}
/** Two sections with faults of one kind are compared by how much of them is supported. */
const SEVERITY: Readonly<Record<SectionFault['problem'], number>> = {
  ungrounded: 1,
  cut: 3,
  placeholder: 4,
  empty: 5,
  missing: 6,
}
const OPTIONAL = new Set(
  REPORT_SECTIONS.flatMap(({ heading, optional }) => (optional === true ? [heading] : [])),
)

/** Returns the sections that lack a real body or say too much that is not in the paper, in report order. */
export function faultsOf(sections: ReadonlyMap<string, string>, checker: FactChecker | null): SectionFault[] {
  return REPORT_SECTIONS.filter(({ writer }) => writer !== null).flatMap(({ heading }) => {
    const body = sections.get(heading)
    if (body === undefined && OPTIONAL.has(heading)) return []
    const fault = faultOf(heading, body, checker)
    return fault === null ? [] : [fault]
  })
}

/** Returns how bad a section is: 0 for one without a fault. */
export function severityOf(heading: string, body: string, checker: FactChecker | null): number {
  const fault = faultOf(heading, body, checker)
  if (fault === null) return 0
  const score = fault.problem === 'ungrounded' ? (scoreOf(checker?.check(heading, body) ?? []) ?? 1) : 1
  return SEVERITY[fault.problem] + 1 - score
}

function faultOf(
  heading: string,
  body: string | undefined,
  checker: FactChecker | null,
): SectionFault | null {
  const problem = problemOf(body)
  if (problem !== null) return { heading, problem, reason: REASON[problem] }
  const facts =
    checker === null || heading === CORRECTIONS || heading === CORE_CONTRIBUTION
      ? []
      : checker.check(heading, body ?? '')
  return isWeak(facts)
    ? {
        heading,
        problem: 'ungrounded',
        reason: `much of it is not in the paper where it claims to be: ${missesOf(facts).join('; ')}`,
      }
    : null
}

/** Returns what a reader is told above a section with a fault, as Markdown; '' for one that was never written. */
export function markOf({ problem, reason }: SectionFault): string {
  if (problem === 'missing' || problem === 'empty') return ''
  return `> **Not to be relied on:** ${inlineText(reason)}.`
}
