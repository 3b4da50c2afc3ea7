import { languageOf } from '../../text/language.js'
import {
  CORE_CONTRIBUTION,
  CORRECTIONS,
  OPTIONAL_SECTIONS,
  REPORT_SECTIONS,
} from '../../core/report-sections.js'
import { faultOf as bodyFault, type Problem } from './completeness.js'
import type { Fact } from '../facts/fact.js'
import type { FactChecker } from '../facts/fact-check.js'
import { isWeak, missesOf, scoreOf } from '../facts/grounding.js'
import { inlineText } from '../markdown/sanitize.js'

/** A section that had better be written again. */
export interface SectionFault {
  heading: string
  problem: Problem | 'ungrounded'
  /** What is wrong with it, in words for whoever writes it. */
  reason: string
}

/** Two sections with faults of one kind are compared by how much of them is supported. */
const SEVERITY: Readonly<Record<SectionFault['problem'], number>> = {
  ungrounded: 1,
  cut: 3,
  placeholder: 4,
  empty: 5,
  missing: 6,
}

/** The reason given for a section in another language. */
export const LANGUAGE_DIFFERS = 'it was written in another language than the rest of the report'

/** What goes nowhere, and what a reader is advised to do: its numbers are to be found by whoever follows it. */
const NOT_LOOKED_UP: ReadonlySet<string> = new Set([CORRECTIONS, CORE_CONTRIBUTION, 'Next Checks'])

/** What sections are judged by, beside themselves. */
export interface Judge {
  /** Looks facts up; null where the paper's text is not at hand. */
  checker: FactChecker | null
  /** The language that most of the report is written in; null: not told. */
  language: string | null
}

/** Returns the language in which most of the answers are written, or null where no language has half of what is written. */
export function mainLanguage(texts: Iterable<string | null | undefined>): string | null {
  const written = new Map<string | null, number>()
  let total = 0
  for (const text of texts) {
    const language = languageOf(text ?? '')
    written.set(language, (written.get(language) ?? 0) + (text ?? '').length)
    total += (text ?? '').length
  }
  const [[language, length] = [null, 0]] = [...written].sort(([, one], [, other]) => other - one)
  return length * 2 > total ? language : null
}

/** Returns the sections that lack a real body or say too much that is not in the paper, in report order. */
export function faultsOf(sections: ReadonlyMap<string, string>, judge: Judge): SectionFault[] {
  const checked = judge.checker?.checkAll(sections)
  return REPORT_SECTIONS.filter(({ writer }) => writer !== null).flatMap(({ heading }) => {
    const body = sections.get(heading)
    if (body === undefined && OPTIONAL_SECTIONS.has(heading)) return []
    const fault = faultOf(heading, body, judge, {
      facts: checked?.get(heading) ?? [],
      numbers: TAKES_UP.has(heading) ? numbersBeside(sections) : new Set(),
    })
    return fault === null ? [] : [fault]
  })
}

/** Sections that sum up and judge what the others say. */
const TAKES_UP: ReadonlySet<string> = new Set(['Executive Summary', 'Confidence'])
const DIGITS = /\d[\d,.]*\d|\d/g

/** The numbers of the other sections: one of theirs that is taken up is judged where it comes from. */
function numbersBeside(sections: ReadonlyMap<string, string>): Set<string> {
  const bodies = [...sections].flatMap(([one, body]) => (TAKES_UP.has(one) ? [] : [body]))
  return new Set(bodies.flatMap((body) => body.match(DIGITS) ?? []).map(plainDigits))
}

function plainDigits(number: string): string {
  return number.replaceAll(',', '')
}

/** Returns how bad a section is: 0 for one without a fault. */
export function severityOf(heading: string, body: string, judge: Judge): number {
  const facts = judge.checker?.check(heading, body) ?? []
  const fault = faultOf(heading, body, judge, { facts, numbers: new Set() })
  if (fault === null) return 0
  const score = fault.problem === 'ungrounded' ? (scoreOf(facts) ?? 1) : 1
  return SEVERITY[fault.problem] + 1 - score
}

/** Judged by itself alone. */
export const UNJUDGED: Judge = { checker: null, language: null }

function faultOf(
  heading: string,
  body: string | undefined,
  { language }: Judge,
  { facts: looked, numbers }: { facts: readonly Fact[]; numbers: ReadonlySet<string> },
): SectionFault | null {
  const fault = bodyFault(body)
  if (fault !== null) return { heading, ...fault }
  const own = language === null ? null : languageOf(body ?? '')
  if (own !== null && own !== language)
    return {
      heading,
      problem: 'placeholder',
      reason: LANGUAGE_DIFFERS,
    }
  const facts = NOT_LOOKED_UP.has(heading)
    ? []
    : looked.filter(
        ({ kind, verdict, text }) =>
          !(kind === 'number' && verdict === 'missing' && numbers.has(text.match(DIGITS)?.[0] ?? '')),
      )
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
