import { isObject } from '../../core/json.js'
import { CORE_CONTRIBUTION, CORRECTIONS } from '../../core/report-sections.js'
import { countWords, findIncomplete } from '../sections/completeness.js'
import { UNIT_DIFFERS } from '../facts/number-check.js'
import type { FactChecker } from '../facts/fact-check.js'
import type { Fact } from '../facts/fact.js'
import type { Counts } from '../facts/grounding.js'
import { checkGrounding } from '../facts/grounding.js'
import type { ReadReport } from '../read-report.js'
import { faultsOf, LANGUAGE_DIFFERS, mainLanguage } from '../sections/section-faults.js'
import { tagFaults } from './tag-faults.js'

export type FindingKind =
  | 'number'
  | 'unit'
  | 'quote'
  | 'page'
  | 'anchor'
  | 'url'
  | 'citation'
  | 'section_missing'
  | 'degraded'
  | 'language'
  | 'tags'
  | 'length'
  | 'frontmatter'
  | 'opener'
  | 'duplicate'

/** Something wrong with a report. */
export interface Finding {
  kind: FindingKind
  /** Heading; null: it is of the whole report. */
  section: string | null
  /** As it stands there, or what is wrong, in words. */
  text: string
  /** The page it names; left out where it names none. */
  page?: number
}

/** What can be said of a report without a model. */
export interface JudgedReport {
  complete: boolean
  words: number
  /** 0 to 1: see `scoreOf`. */
  score: number
  /** Null where the paper's text is not at hand. */
  grounding: (Counts & { score: number | null }) | null
  findings: Finding[]
  tags: string[]
}

/** Whole reports have between these many words; ours 1,500 to 4,000. */
const WORDS = { least: 250, most: 8000 }
/** What each finding that has no place in the grounding takes off. */
const COST = 0.02

/**
 * Judges one report by itself: sections, what stands in the paper, tags, length. The rules are those by which reports are
 * written (`faultsOf`, `FactChecker`).
 *
 * @param checker null where the paper's text is not at hand.
 */
export function judgeReport(report: ReadReport, checker: FactChecker | null): JudgedReport {
  const { sections } = report
  const bodies = [...sections].filter(([heading]) => heading !== CORRECTIONS)
  const grounding = checker === null ? null : checkGrounding(sections, checker)
  const words = countWords(bodies.map(([, body]) => body).join('\n'))
  const findings = [
    ...(report.frontmatter === 'broken' ? [found('frontmatter', null, 'the frontmatter is no YAML')] : []),
    ...sectionFindings(sections),
    ...(checker === null
      ? []
      : [...checker.checkAll(new Map(bodies))].flatMap(([heading, facts]) => factFindings(heading, facts))),
    ...(isObject(report.frontmatter) ? tagFaults(report.tags).map((text) => found('tags', null, text)) : []),
    ...(words < WORDS.least || words > WORDS.most ? [found('length', null, `${words} words`)] : []),
  ]
  const judged = {
    complete: findIncomplete(sections).length === 0,
    words,
    grounding: grounding === null ? null : { ...countsOf(grounding), score: grounding.score },
    findings,
    tags: report.tags,
  }
  return { ...judged, score: scoreOf(judged) }
}

/** Returns the share of what is as it should be, 0 to 1: that of the facts which stand in the paper (1 where nobody can tell), less 0.02 for each other finding, and 0.1 for each section that is missing or degraded. */
export function scoreOf({ grounding, findings }: Pick<JudgedReport, 'grounding' | 'findings'>): number {
  const cost = findings.reduce(
    (sum, { kind }) => sum + (BROKEN.has(kind) ? 0.1 : FACTS.has(kind) ? 0 : COST),
    0,
  )
  return Math.round(Math.max(0, (grounding?.score ?? 1) - cost) * 1000) / 1000
}

const BROKEN: ReadonlySet<FindingKind> = new Set<FindingKind>(['section_missing', 'degraded', 'language'])
const FACTS: ReadonlySet<FindingKind> = new Set<FindingKind>([
  'number',
  'unit',
  'quote',
  'page',
  'anchor',
  'url',
  'citation',
])

/** Returns whether a report had better be written again: a part of it says nothing, or much of it is not in the paper. */
export function isBroken({ findings, grounding }: Pick<JudgedReport, 'findings' | 'grounding'>): boolean {
  return findings.some(({ kind }) => BROKEN.has(kind)) || (grounding?.score ?? 1) < 0.6
}

function sectionFindings(sections: ReadonlyMap<string, string>): Finding[] {
  const language = mainLanguage(sections.values())
  return faultsOf(sections, { checker: null, language }).map(({ heading, problem, reason }) => {
    const kind =
      reason === LANGUAGE_DIFFERS
        ? 'language'
        : problem === 'missing' || problem === 'empty'
          ? 'section_missing'
          : 'degraded'
    return found(kind, heading, reason)
  })
}

function factFindings(heading: string, facts: readonly Fact[]): Finding[] {
  if (heading === CORE_CONTRIBUTION) return []
  return facts
    .filter(({ verdict }) => verdict === 'missing' || verdict === 'elsewhere')
    .map((fact) => {
      const page = /\bp\. ?(\d+)/.exec(fact.kind === 'page' ? fact.text : '')?.[1]
      return {
        ...found(kindOf(fact), heading, fact.why === '' ? fact.text : `${fact.text} (${fact.why})`),
        ...(page === undefined ? {} : { page: Number(page) }),
      }
    })
}

function kindOf({ kind, text, why }: Fact): FindingKind {
  if (kind === 'source') return /https?:|www\.|^10\.\d|arxiv/i.test(text) ? 'url' : 'citation'
  return kind === 'number' && why.startsWith(UNIT_DIFFERS) ? 'unit' : kind
}

function found(kind: FindingKind, section: string | null, text: string): Finding {
  return { kind, section, text }
}

function countsOf({ supported, derived, elsewhere, missing }: Counts): Counts {
  return { supported, derived, elsewhere, missing }
}
