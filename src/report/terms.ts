import type { Acronym } from '../text/acronyms.js'
import { words } from '../text/words.js'
import { stem } from '../text/stems.js'
import { candidatesOf, type Candidate } from './term-candidates.js'
import { commonest, stemsIn, weigh } from './term-features.js'
import { zonesOf, type TermInput, type TermSource, type Zone } from './term-zones.js'

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
  /**
   * Whether to leave out what a chosen term names already: the noun that a phrase ends with, a phrase that only adds to
   * another. Keyphrases of a paper overlap, the tags that a librarian gives it do not.
   */
  distinct?: boolean
}

/** Texts shorter than this are scored as abstracts. */
const SHORT_TEXT = 4000

/** Returns the keyphrases of a paper, best first, without a model. Deterministic. */
export function extractTerms(options: TermOptions): Term[] {
  const zones = zonesOf(options)
  const { candidates, acronyms } = candidatesOf(zones, options.authors)
  const forms = new Map(acronyms.map(({ short, long }) => [keyOf(short), keyOf(long)]))
  return choose(rank(zones, candidates, acronyms), forms, options)
}

const DEFAULT_MAX = 15

interface Ranked {
  candidate: Candidate
  score: number
}

function rank(
  zones: readonly Zone[],
  candidates: readonly Candidate[],
  acronyms: readonly Acronym[],
): Ranked[] {
  const isShort = zones.reduce((sum, { text }) => sum + text.length, 0) < SHORT_TEXT
  const measures = {
    most: candidates.reduce((sum, { count }) => Math.max(sum, count), 1),
    long: new Set(acronyms.map(({ long }) => keyOf(long))),
    short: new Set(acronyms.map(({ short }) => keyOf(short))),
    words: {
      title: stemsIn(zones, 'title'),
      abstract: stemsIn(zones, 'abstract'),
      headings: stemsIn(zones, 'headings'),
    },
    isShort,
  }
  return candidates
    .filter(({ count, first }) => isShort || count > 1 || first < EARLY)
    .map((candidate) => ({ candidate, score: weigh(candidate, measures) }))
    .sort((a, b) => b.score - a.score || (a.candidate.key < b.candidate.key ? -1 : 1))
}

/** What a paper says once, and not in its first part, it is not about. */
const EARLY = 0.3

function keyOf(text: string): string {
  return words(text).map(stem).join(' ')
}

/** @param forms key of a short form → key of its long form; of both, only the better one is chosen. */
function choose(
  ranked: readonly Ranked[],
  forms: ReadonlyMap<string, string>,
  { max = DEFAULT_MAX, distinct = false }: TermOptions,
): Term[] {
  const chosen: Ranked[] = []
  for (const entry of ranked) {
    if (chosen.length >= max) break
    const { candidate } = entry
    if (isFragment(candidate)) continue
    const twin = chosen.find((other) => areForms(candidate.key, other.candidate.key, forms))
    if (twin !== undefined) twin.candidate.sources.set('acronym', candidate.count)
    else if (chosen.some((other) => repeats(candidate, other.candidate))) continue
    else if (!distinct) chosen.push(entry)
    else if (!chosen.some((other) => says(candidate, other.candidate))) put(chosen, entry)
  }
  return chosen.map(({ candidate, score }) => ({
    term: surfaceOf(candidate),
    score: Number((1 / (1 + Math.exp(OFFSET - score))).toFixed(4)),
    sources: SOURCES.filter((source) => candidate.sources.has(source)),
  }))
}

/** Score at which a candidate is as likely a keyphrase as not. */
const OFFSET = 6

const SOURCES: readonly TermSource[] = [
  'keywords',
  'title',
  'abstract',
  'headings',
  'captions',
  'text',
  'acronym',
]

/** Whether two terms are one when short forms are written out: `LM program`, `language model program`. */
function areForms(one: string, other: string, forms: ReadonlyMap<string, string>): boolean {
  const writtenOut = (key: string): string =>
    key
      .split(' ')
      .map((word) => forms.get(word) ?? word)
      .join(' ')
  return forms.size > 0 && one !== other && writtenOut(one) === writtenOut(other)
}

/** Adds a term; where the noun it ends with, or it with an empty word, was chosen before, in the place of that. */
function put(chosen: Ranked[], entry: Ranked): void {
  const { candidate } = entry
  const at = chosen.findIndex(
    (other) => isHead(other.candidate, candidate) || addsEmptyWord(other.candidate, candidate),
  )
  const before = chosen[at]
  if (before === undefined) chosen.push(entry)
  else if (!isHead(before.candidate, candidate) || candidate.count > LEAST_OF_HEAD * before.candidate.count)
    chosen[at] = { candidate, score: before.score }
}

/** Whether it is nearly always a part of something longer: `deep residual` of `deep residual learning`. */
function isFragment({ stems, begins, ends, count }: Candidate): boolean {
  return ends < LEAST_ENDS * count || (stems.length > 1 && begins < LEAST_ENDS * count)
}

/** Share of its occurrences before and behind which the phrase ends. */
const LEAST_ENDS = 0.1

/** Whether a candidate is part of a chosen term and hardly occurs outside of it. */
function repeats(inner: Candidate, outer: Candidate): boolean {
  if (inner.stems.length >= outer.stems.length || !` ${outer.key} `.includes(` ${inner.key} `)) return false
  return inner.count - outer.count < LEAST_APART * inner.count
}

/** Whether a candidate is what a chosen term ends with, or names nothing else: `deep residual learning` beside `residual learning`. */
function says(one: Candidate, chosen: Candidate): boolean {
  return (
    chosen.key.endsWith(` ${one.key}`) ||
    addsEmptyWord(one, chosen) ||
    (chosen.stems.length > 1 && one.key.endsWith(` ${chosen.key}`))
  )
}

/** Whether the longer one is the other with a word that names no subject: `meta-learning problems`. */
function addsEmptyWord(longer: Candidate, { key, stems }: Candidate): boolean {
  return longer.softLast && longer.stems.length === stems.length + 1 && longer.key.startsWith(`${key} `)
}

function isHead(inner: Candidate, outer: Candidate): boolean {
  return inner.stems.length === 1 && outer.stems.length > 1 && outer.key.endsWith(` ${inner.key}`)
}

/** Share of its head's occurrences that a phrase needs to stand in the head's place. */
const LEAST_OF_HEAD = 0.3
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
