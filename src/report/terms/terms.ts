import { chooseTags } from './choose-tags.js'
import { chooseTerms } from './choose-terms.js'
import { keyOf } from './german-words.js'
import { candidatesOf, type Candidate } from './term-candidates.js'
import { commonest, likelihood, stemsIn, type Measures } from './term-features.js'
import { zonesOf, type TermInput, type TermSource } from './term-zones.js'

export interface Term {
  /** The commonest form in which the paper writes it. */
  term: string
  /** 0–1, comparable within one paper. */
  score: number
  /** How often the paper writes it, in whatever form. */
  count: number
  /** Where it was found, most telling first. */
  sources: TermSource[]
}

export interface TermOptions extends TermInput {
  /** Names that are no terms. */
  authors?: string
  /** Most terms to return; default 15. */
  max?: number
  /**
   * Whether to choose as a librarian does: fewer, none beside a longer one that holds it, none that many papers could
   * have, short forms written out. Keyphrases of a paper overlap, its tags do not.
   */
  distinct?: boolean
}

/** Texts shorter than this are scored as abstracts. */
const SHORT_TEXT = 4000

/** Returns the keyphrases of a paper, best first, without a model. Deterministic. */
export function extractTerms(options: TermOptions): Term[] {
  const { candidates, measures, forms, isGerman } = choiceOf(options)
  const ranked = candidates
    .map((candidate) => ({ candidate, score: likelihood(candidate, measures) }))
    .sort((a, b) => b.score - a.score || (a.candidate.key < b.candidate.key ? -1 : 1))
  const { max = DEFAULT_MAX, distinct = false } = options
  const chosen = distinct ? chooseTags(ranked, forms, max) : chooseTerms(ranked, forms, max)
  return chosen.map(({ candidate, score }) => ({
    // Capitals are part of a German noun.
    term: isGerman ? commonest(candidate) : distinct ? nameOf(candidate) : surfaceOf(candidate),
    score: Number(score.toFixed(4)),
    count: candidate.count,
    sources: SOURCES.filter((source) => candidate.sources.has(source)),
  }))
}

const DEFAULT_MAX = 15

/** What terms are chosen from. */
export interface Choice {
  candidates: Candidate[]
  measures: Measures
  /** Key of a short form → key of its long form. */
  forms: Map<string, string>
  isGerman: boolean
}

/** Returns what the terms of a paper are chosen from, in no order. */
export function choiceOf(options: TermInput & { authors?: string }): Choice {
  const zones = zonesOf(options)
  const { candidates, acronyms, isGerman } = candidatesOf(zones, options.authors)
  const forms = new Map(acronyms.map(({ short, long }) => [keyOf(short, isGerman), keyOf(long, isGerman)]))
  const isShort = zones.reduce((sum, { text }) => sum + text.length, 0) < SHORT_TEXT
  const measures = {
    most: candidates.reduce((sum, { count }) => Math.max(sum, count), 1),
    long: new Set(forms.values()),
    short: new Set(forms.keys()),
    words: {
      title: stemsIn(zones, 'title'),
      abstract: stemsIn(zones, 'abstract'),
      headings: stemsIn(zones, 'headings'),
    },
    isShort,
  }
  const early = candidates.filter(({ count, first }) => isShort || count > 1 || first < EARLY)
  return { candidates: early, measures, forms, isGerman }
}

/** What a paper says once, and not in its first part, it is not about. */
const EARLY = 0.3

const SOURCES: readonly TermSource[] = [
  'keywords',
  'title',
  'abstract',
  'headings',
  'captions',
  'text',
  'acronym',
]

/** The commonest form, in lower case unless the capitals belong to it. */
function surfaceOf(c: Candidate): string {
  const form = commonest(c)
  const lower = form.toLowerCase()
  if (form === lower || (c.surfaces.get(lower) ?? 0) * 3 >= c.count) return lower
  // Capitals of a heading or of the first word of a sentence say nothing.
  const shouted =
    form === form.toUpperCase() && /\p{L}{4}/u.test(form) && (form.includes(' ') || form.length > 8)
  const opening = /^\p{Lu}\p{Ll}+(?: [^\p{Lu}]+)?$/u.test(form) && (c.count < 3 || c.surfaces.has(lower))
  const titled = /^\p{Lu}\p{Ll}+(?: \p{Lu}\p{Ll}+)+$/u.test(form) && (c.surfaces.get(lower) ?? 0) > 0
  return shouted || opening || titled ? lower : form
}

/** What a tag is called: a noun rather than the adjective that has its stem. */
function nameOf(c: Candidate): string {
  const form = surfaceOf(c)
  if (c.stems.length > 1 || !ADJECTIVE.test(form)) return form
  const nouns = new Map([...c.surfaces].filter(([surface]) => !ADJECTIVE.test(surface)))
  return nouns.size === 0 ? form : surfaceOf({ ...c, surfaces: nouns })
}

const ADJECTIVE = /(?:al|ic|ive|ous|ed|ary)$/i
