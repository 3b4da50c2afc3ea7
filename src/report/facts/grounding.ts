import { CORRECTIONS } from '../../core/report-sections.js'
import { FactChecker } from './fact-check.js'
import { type AboutPaper } from './about-paper.js'
import { type Fact, isGood } from './fact.js'
import type { Verdict } from './number-check.js'
import { indexPaper, type PaperIndex } from '../paper/paper-index.js'

/** How many facts stand where they claim to; `derived`: computed from numbers that do. */
export type Counts = Record<Verdict, number>

export interface SectionGrounding extends Counts {
  /** 0 to 1, three decimals; null if the section has nothing that can be looked up. */
  score: number | null
}

export interface Grounding extends Counts {
  numbers: { total: number; found: number }
  quotes: { total: number; found: number }
  /** Page anchors `[p. N]`; not counted where the paper's text carries no page marks. */
  pages: { total: number; valid: number }
  /** Share of all facts that stand where they claim to, those elsewhere in the paper counted a quarter; null if the report has none. */
  score: number | null
  sections: Record<string, SectionGrounding>
  /** Sections of which too much does not stand where it claims to. */
  weak: string[]
  /** The first ten facts that do not, as they stand in the report. */
  ungrounded: string[]
}

const MAX_UNGROUNDED = 10
const MAX_NAMED = 12
const WEIGHT: Readonly<Record<Verdict, number>> = { supported: 1, derived: 1, elsewhere: 0.25, missing: 0 }
/** True sections score above 0.9; one that is made up in part, far below: by hand, `bench/grounding/run.ts` measures both. */
const WEAK = 0.75
/** Fewer facts that fail are a slip. */
const LEAST_MISSES = 2

/** Returns how the facts of a report's sections stand to the paper: numbers, quotations, anchors, addresses, citations. Linear in both texts. */
export function checkGrounding(
  sections: ReadonlyMap<string, string>,
  paper: string | PaperIndex | FactChecker,
  about: AboutPaper = {},
): Grounding {
  const checker =
    paper instanceof FactChecker
      ? paper
      : new FactChecker(typeof paper === 'string' ? indexPaper(paper) : paper, about)
  const looked = new Map(
    [...sections].filter(([heading]) => heading !== 'Quick Facts' && heading !== CORRECTIONS),
  )
  const checked = [...checker.checkAll(looked)].map(([heading, facts]) => ({ heading, facts }))
  const all = checked.flatMap(({ facts }) => facts)
  const pages = all.filter(({ kind }) => kind === 'page')
  return {
    ...countsOf(all),
    numbers: foundOf(all, 'number'),
    quotes: foundOf(all, 'quote'),
    pages: { total: pages.length, valid: pages.filter(isGood).length },
    score: scoreOf(all),
    sections: Object.fromEntries(
      checked.map(({ heading, facts }) => [heading, { score: scoreOf(facts), ...countsOf(facts) }]),
    ),
    weak: checked.filter(({ facts }) => isWeak(facts)).map(({ heading }) => heading),
    ungrounded: [...new Set(all.filter((fact) => !isGood(fact)).map(({ text }) => text))].slice(
      0,
      MAX_UNGROUNDED,
    ),
  }
}

/** Returns whether too much of a section does not stand where it claims to. */
export function isWeak(facts: readonly Fact[]): boolean {
  const score = scoreOf(facts)
  return score !== null && score < WEAK && facts.filter((fact) => !isGood(fact)).length >= LEAST_MISSES
}

/** Returns the share of facts that stand where they claim to, 0 to 1, three decimals; null without any. */
export function scoreOf(facts: readonly Fact[]): number | null {
  if (facts.length === 0) return null
  const sum = facts.reduce((total, { verdict }) => total + WEIGHT[verdict], 0)
  return Math.round((sum / facts.length) * 1000) / 1000
}

/** Returns what does not stand where it claims to, each with what is known of it: `12.7% (it stands on p. 9)`; twelve at most. */
export function missesOf(facts: readonly Fact[]): string[] {
  const shown = facts
    .filter((fact) => !isGood(fact))
    .map(({ text, why, verdict }) => `${text} (${why || REASON[verdict]})`)
  return [...new Set(shown)].slice(0, MAX_NAMED)
}

const REASON: Readonly<Record<Verdict, string>> = {
  supported: '',
  derived: '',
  elsewhere: 'it is not on the page named',
  missing: 'the paper does not have it',
}

function foundOf(facts: readonly Fact[], wanted: Fact['kind']): { total: number; found: number } {
  const all = facts.filter(({ kind }) => kind === wanted)
  return { total: all.length, found: all.filter(isGood).length }
}

function countsOf(facts: readonly Fact[]): Counts {
  const counts: Counts = { supported: 0, derived: 0, elsewhere: 0, missing: 0 }
  for (const { verdict } of facts) counts[verdict] += 1
  return counts
}
