import type { Acronym } from '../text/acronyms.js'
import { words } from '../text/words.js'
import { stem } from '../text/stems.js'
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
  /** Names that are no terms. */
  authors?: string
  /** Most terms to return; default 15. */
  max?: number
}

/**
 * What each feature of a candidate adds to its score: in a whole paper and in a text as short as an abstract, where
 * place and frequency say less. Fitted by logistic regression on public gold keyphrases (four-fold cross-validated),
 * `keywords` by hand, for texts that list the authors' own are rare there.
 */
const WEIGHTS = {
  count: [0.17, -0.59],
  rarity: [-0.08, 0.03],
  firstPlace: [-0.45, -0.21],
  spread: [0.05, -0.33],
  alone: [0.8, 1.53],
  title: [0.3, 0.34],
  abstract: [0, 0.4],
  headings: [0.38, 0.35],
  keywords: [2, 2],
  longForm: [1.39, 1.31],
  shortForm: [0.57, 0],
  phrase: [2.91, 2.83],
  longPhrase: [-0.26, -0.08],
  lastPlace: [-0.24, 0.4],
  shareOfMost: [2.91, 1.51],
  once: [-1.34, -0.46],
  rarityOfWord: [0.22, 0.17],
  countOfPhrase: [0.15, -0.01],
  softFirst: [-0.56, -0.97],
  softLast: [-0.33, 0.07],
  adjectival: [-0.35, -0.76],
  gerund: [0.63, 0.05],
  hyphenated: [-0.6, -1.4],
  shortName: [1.02, 0.52],
} as const

type Feature = keyof typeof WEIGHTS
type Features = Record<Feature, number>

/** Texts shorter than this are scored as abstracts. */
const SHORT_TEXT = 4000

/** Returns the keyphrases of a paper, best first, without a model. Deterministic. */
export function extractTerms(options: TermOptions): Term[] {
  const zones = zonesOf(options)
  const length = zones.reduce((sum, zone) => sum + zone.text.length, 0)
  const { candidates, acronyms } = candidatesOf(zones, options.authors)
  return choose(rank(candidates, acronyms, length < SHORT_TEXT ? 1 : 0), options.max ?? DEFAULT_MAX)
}

const DEFAULT_MAX = 15

interface Ranked {
  candidate: Candidate
  score: number
}

function rank(candidates: readonly Candidate[], acronyms: readonly Acronym[], kind: 0 | 1): Ranked[] {
  const long = new Set(acronyms.map((a) => keyOf(a.long)))
  const short = new Set(acronyms.map((a) => keyOf(a.short)))
  const most = candidates.reduce((sum, c) => Math.max(sum, c.count), 1)
  return candidates
    .map((candidate) => ({ candidate, score: weigh(featuresOf(candidate, most, long, short), kind) }))
    .sort((a, b) => b.score - a.score || (a.candidate.key < b.candidate.key ? -1 : 1))
}

function weigh(features: Features, kind: 0 | 1): number {
  let score = 0
  for (const name of Object.keys(WEIGHTS) as Feature[]) score += features[name] * WEIGHTS[name][kind]
  return score
}

function keyOf(text: string): string {
  return words(text).map(stem).join(' ')
}

function featuresOf(
  c: Candidate,
  most: number,
  long: ReadonlySet<string>,
  short: ReadonlySet<string>,
): Features {
  const rare = c.stems.map(rarity)
  const mean = rare.reduce((a, b) => a + b, 0) / rare.length
  const has = (source: TermSource): number => Math.log2(1 + (c.sources.get(source) ?? 0))
  const n = c.stems.length
  const count = Math.log2(1 + c.count)
  const form = commonest(c)
  const yes = (condition: boolean): number => (condition ? 1 : 0)
  return {
    count,
    rarity: mean,
    firstPlace: Math.log2(1 + c.first * 100),
    spread: Math.log2(1 + c.spread),
    alone: c.alone / c.count,
    title: has('title'),
    abstract: Math.min(2, has('abstract')),
    headings: Math.min(2, has('headings')),
    keywords: yes(c.sources.has('keywords')),
    longForm: yes(long.has(c.key)),
    shortForm: yes(short.has(c.key)),
    phrase: yes(n > 1),
    longPhrase: yes(n > 3),
    lastPlace: c.last,
    shareOfMost: count / Math.log2(1 + most),
    once: yes(c.count === 1),
    rarityOfWord: n === 1 ? mean : 0,
    countOfPhrase: n > 1 ? count : 0,
    softFirst: yes(c.softFirst),
    softLast: yes(c.softLast),
    adjectival: yes(/(?:al|ic|ive|ary|ar|ent|ant)$/i.test(form)),
    gerund: yes(/ing$/.test(form)),
    hyphenated: yes(c.hyphenated),
    shortName: yes(n === 1 && /\p{Lu}.*\p{Lu}/u.test(form)),
  }
}

function commonest(c: Candidate): string {
  let best = ''
  let most = 0
  for (const [surface, count] of c.surfaces) if (count > most) [best, most] = [surface, count]
  return best
}

function choose(ranked: readonly Ranked[], max: number): Term[] {
  const chosen: Ranked[] = []
  for (const entry of ranked) {
    if (chosen.length >= max) break
    if (!chosen.some((other) => repeats(entry.candidate, other.candidate))) chosen.push(entry)
  }
  return chosen.map(({ candidate, score }) => ({
    term: surfaceOf(candidate),
    score: Number((1 / (1 + Math.exp(OFFSET - score))).toFixed(4)),
    sources: SOURCES.filter((source) => candidate.sources.has(source)),
  }))
}

/** Score at which a candidate is as likely a keyphrase as not. */
const OFFSET = 6

const SOURCES: readonly TermSource[] = ['keywords', 'title', 'abstract', 'headings', 'captions', 'text']

/** Whether a candidate is part of a chosen term and hardly occurs outside of it. */
function repeats(inner: Candidate, outer: Candidate): boolean {
  if (inner.stems.length >= outer.stems.length || !` ${outer.key} `.includes(` ${inner.key} `)) return false
  return inner.count - outer.count < LEAST_APART * inner.count
}

/** Share of its occurrences a part of a chosen term needs outside of it to be a term too. */
const LEAST_APART = 0.2

/** The commonest form, in lower case unless the capitals belong to it. */
function surfaceOf(c: Candidate): string {
  const form = commonest(c)
  const lower = form.toLowerCase()
  if (form === lower || (c.surfaces.get(lower) ?? 0) * 3 >= c.count) return lower
  // Capitals of a heading or of the first word of a sentence say nothing.
  const shouted = form === form.toUpperCase() && (form.includes(' ') || form.length > 8)
  const opening = /^\p{Lu}\p{Ll}+(?: [^\p{Lu}]+)?$/u.test(form) && (c.count < 3 || c.surfaces.has(lower))
  const titled = /^\p{Lu}\p{Ll}+(?: \p{Lu}\p{Ll}+)+$/u.test(form) && (c.surfaces.get(lower) ?? 0) > 0
  return shouted || opening || titled ? lower : form
}
