import { stem } from '../../text/stems.js'
import { words } from '../../text/words.js'
import { rarity } from './stem-frequency.js'
import type { Candidate } from './term-candidates.js'
import type { TermSource, Zone } from './term-zones.js'

/**
 * What each feature of a candidate adds to its score: in a whole paper and in a text as short as an abstract, where
 * place and frequency say less. Fitted by logistic regression on public gold keyphrases (five-fold cross-validated;
 * `bench/fit/terms.ts` fits them again), `keywords` by hand, for texts that list the authors' own are rare there.
 */
export const WEIGHTS = {
  count: [0.29, -0.27],
  rarity: [-0.04, 0.04],
  firstPlace: [-0.34, -0.14],
  spread: [-0.05, -0.45],
  alone: [0.48, 1.39],
  title: [0.06, 0.57],
  abstract: [-0.15, 0.13],
  headings: [0.16, 0.03],
  titleWords: [0.46, -0.1],
  abstractWords: [0.77, 0.37],
  headingWords: [0.21, 0],
  keywords: [2, 2],
  longForm: [-0.17, 0.42],
  shortForm: [0.72, -0.85],
  phrase: [2.15, 2.81],
  words: [-0.7, -0.14],
  letters: [0.88, 0.48],
  longPhrase: [-0.42, -0.48],
  lastPlace: [-0.31, 0.19],
  shareOfMost: [2.29, 1.13],
  once: [-1.23, -0.7],
  rarityOfWord: [0.19, 0.17],
  countOfPhrase: [0.25, -0.11],
  softFirst: [-0.23, -0.59],
  softLast: [-0.31, -0],
  adjectival: [-0.26, -0.39],
  gerund: [0.53, 0.05],
  hyphenated: [0.26, -0.75],
  shortName: [0.95, 0.64],
  capital: [0.27, 0.15],
} as const

type Feature = keyof typeof WEIGHTS
type Features = Record<Feature, number>

/** What the candidates of one text are measured against. */
export interface Measures {
  /** The largest count of any candidate. */
  most: number
  /** Keys of the long and short forms that the text introduces. */
  long: ReadonlySet<string>
  short: ReadonlySet<string>
  /** Stems of the words of title, abstract and headings. */
  words: Readonly<Record<'title' | 'abstract' | 'headings', ReadonlySet<string>>>
  isShort: boolean
}

/** Returns the stems of all words in zones of one kind. */
export function stemsIn(zones: readonly Zone[], source: TermSource): Set<string> {
  return new Set(zones.filter((zone) => zone.source === source).flatMap((zone) => words(zone.text).map(stem)))
}

/** Log-odds at which a candidate is as likely a keyphrase as not, in a whole paper and in a short text. */
export const EVEN = [6, 4.3] as const

/** Returns how likely a candidate is a keyphrase, 0–1. */
export function likelihood(candidate: Candidate, measures: Measures): number {
  const features = featuresOf(candidate, measures)
  const kind = measures.isShort ? 1 : 0
  let score = 0
  for (const name of Object.keys(WEIGHTS) as Feature[]) score += features[name] * WEIGHTS[name][kind]
  return 1 / (1 + Math.exp(EVEN[kind] - score))
}

export function featuresOf(c: Candidate, { most, long, short, words: known }: Measures): Features {
  const rare = c.stems.map(rarity)
  const mean = rare.reduce((a, b) => a + b, 0) / rare.length
  const has = (source: TermSource): number => Math.log2(1 + (c.sources.get(source) ?? 0))
  const share = (set: ReadonlySet<string>): number => c.stems.filter((one) => set.has(one)).length / n
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
    titleWords: share(known.title),
    abstractWords: share(known.abstract),
    headingWords: share(known.headings),
    keywords: yes(c.sources.has('keywords')),
    longForm: yes(long.has(c.key)),
    shortForm: yes(short.has(c.key)),
    phrase: yes(n > 1),
    words: n,
    letters: form.length / 10,
    longPhrase: yes(n > 3),
    lastPlace: c.last,
    shareOfMost: count / Math.log2(1 + most),
    once: yes(c.count === 1),
    rarityOfWord: n === 1 ? mean : 0,
    countOfPhrase: n > 1 ? count : 0,
    softFirst: yes(c.softFirst),
    softLast: yes(c.softLast),
    adjectival: yes(/(?:al|ic|ive|ary|ar|ent|ant)$/i.test(form)),
    gerund: yes(form.endsWith('ing')),
    hyphenated: yes(c.hyphenated),
    shortName: yes(n === 1 && /\p{Lu}.*\p{Lu}/u.test(form)),
    capital: yes(/^\p{Lu}/u.test(form)),
  }
}

/** Returns the form in which the paper writes a candidate most often. */
export function commonest(c: Candidate): string {
  let best = ''
  let most = 0
  for (const [surface, count] of c.surfaces) if (count > most) [best, most] = [surface, count]
  return best
}
