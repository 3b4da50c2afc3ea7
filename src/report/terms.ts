import type { Acronym } from '../core/acronyms.js'
import { words } from '../core/words.js'
import { stem } from '../core/porter.js'
import { rarity } from './stem-frequency.js'
import { candidatesOf, type Candidate } from './term-candidates.js'
import { zonesOf, type TermInput, type TermSource } from './term-zones.js'

export interface Term {
  /** The commonest form in which the paper writes it. */
  term: string
  /** 0–1, comparable within one paper. */
  score: number
  /** Where it was found, most telling first. */
  sources: TermSource[]
}

export interface TermOptions extends TermInput {
  /** Most terms to return; default 15. */
  max?: number
}

/** Features of a candidate, in the order of `WEIGHTS`. */
export type Features = readonly number[]

export const WEIGHTS: Features = [1, 1, -1, 0.5, 0.5, 1, 1, 0.5, 0.3, 2, 0.5, 0.5, 0.3, 0.3, 0, 0, 0]

/** Returns the keyphrases of a paper, best first, without a model. Deterministic. */
export function extractTerms(options: TermOptions): Term[] {
  const { candidates, acronyms } = candidatesOf(zonesOf(options))
  const ranked = rank(candidates, acronyms)
  return choose(ranked, options.max ?? 15)
}

export interface Ranked {
  candidate: Candidate
  features: Features
  score: number
}

export function rank(candidates: readonly Candidate[], acronyms: readonly Acronym[]): Ranked[] {
  const longForms = new Set(acronyms.map((a) => keyOf(a.long)))
  const shortForms = new Set(acronyms.map((a) => keyOf(a.short)))
  const total = candidates.reduce((sum, c) => Math.max(sum, c.count), 1)
  return candidates
    .map((candidate) => {
      const features = featuresOf(candidate, total, longForms, shortForms)
      return { candidate, features, score: dot(features, WEIGHTS) }
    })
    .sort((a, b) => b.score - a.score || (a.candidate.key < b.candidate.key ? -1 : 1))
}

function dot(a: Features, b: Features): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0)
}

function keyOf(text: string): string {
  return words(text).map(stem).join(' ')
}

function featuresOf(c: Candidate, most: number, long: ReadonlySet<string>, short: ReadonlySet<string>): Features {
  const rare = c.stems.map(rarity)
  const mean = rare.reduce((a, b) => a + b, 0) / rare.length
  const has = (source: TermSource): number => Math.log2(1 + (c.sources.get(source) ?? 0))
  const n = c.stems.length
  const count = Math.log2(1 + c.count)
  return [
    count,
    mean,
    Math.log2(1 + c.first * 100),
    Math.log2(1 + c.spread),
    c.alone / c.count,
    has('title'),
    Math.min(2, has('abstract')),
    Math.min(2, has('headings')),
    long.has(c.key) ? 1 : 0,
    short.has(c.key) ? 1 : 0,
    n > 1 ? 1 : 0,
    n > 3 ? 1 : 0,
    c.last,
    count / Math.log2(1 + most),
    c.count === 1 ? 1 : 0,
    n === 1 ? mean : 0,
    n > 1 ? count : 0,
    c.softFirst ? 1 : 0,
    c.softLast ? 1 : 0,
    isAdjectival(c) ? 1 : 0,
    /ing$/.test(commonest(c)) ? 1 : 0,
    n === 1 && /\p{Lu}.*\p{Lu}/u.test(commonest(c)) ? 1 : 0,
  ]
}

function commonest(c: Candidate): string {
  let best = ''
  let most = 0
  for (const [surface, count] of c.surfaces) if (count > most) [best, most] = [surface, count]
  return best
}

function isAdjectival(c: Candidate): boolean {
  return /(?:al|ic|ive|ary|ar|ent|ant|ical)$/.test(commonest(c).toLowerCase())
}

function choose(ranked: readonly Ranked[], max: number): Term[] {
  const best = ranked[0]?.score ?? 1
  return ranked.slice(0, max).map((r) => ({
    term: [...r.candidate.surfaces].sort((a, b) => b[1] - a[1])[0]?.[0] ?? '',
    score: r.score / best,
    sources: [...r.candidate.sources.keys()],
  }))
}
