import { areForms, isFragment, writtenOut, type Ranked } from './choose-terms.js'
import { rarity } from './stem-frequency.js'
import type { Candidate } from './term-candidates.js'
import { commonest } from './term-features.js'

/** Least likelihood of a tag, and of one where there are few. */
const LEAST_LIKELY = 0.22
const LEAST_OF_FEW = 0.12
const FEW = 4
/** Share of its occurrences that begin and end a phrase; for what has a hyphen, as modifiers have, and is one word. */
const LEAST_ENDS = 0.1
const LEAST_ENDS_OF_MODIFIER = 0.3
/** Share of a word's occurrences that a phrase with it needs to stand in its place. */
const LEAST_OF_PART = 0.3
/** How often a phrase is written for each time that it has a word more that names no subject. */
const LEAST_WITHOUT = 2
/** How often a phrase that begins another tag is written for each time that is. */
const LEAST_APART = 2
/** Long forms of more words are a sentence: there the short form is the name. */
const LONGEST_NAME = 4
/** One word that is in more than one of 2^7 abstracts names no subject; in a title alone, in more than one of 2^5. */
const LEAST_RARE = 7
const LEAST_RARE_OF_TITLE = 5
/** What follows a hyphen in an adjective: `memory-efficient`, `real-time`. */
const ADJECTIVAL =
  /-(?:aware|efficient|free|like|wise|wide|specific|agnostic|invariant|dependent|independent|intensive|sensitive|native|scale|type|time|order|level|shot|rate|term|dimensional|linear|parametric|optimal|complete|hard|blocking|step|stage|end|version)$/i
const ROMAN = /^[IVX]+$/

/**
 * Returns the tags among the candidates, best first: none within another, short forms and long ones once.
 *
 * @param forms key of a short form → key of its long form.
 */
export function chooseTags(
  ranked: readonly Ranked[],
  forms: ReadonlyMap<string, string>,
  max: number,
): Ranked[] {
  const chosen: Ranked[] = []
  const byKey = new Map(ranked.map(({ candidate }) => [candidate.key, candidate]))
  for (const entry of ranked) {
    const { score } = entry
    const candidate = longFormOf(entry.candidate, forms, byKey) ?? subjectOf(entry.candidate, byKey)
    if (chosen.length >= max) break
    const least = chosen.length < FEW ? LEAST_OF_FEW : LEAST_LIKELY
    if (score < least && !entry.candidate.whole.has('keywords')) continue
    if (!namesSubject(entry.candidate, forms)) continue
    const twin = chosen.find(
      (other) => other.candidate.key === candidate.key || areForms(candidate.key, other.candidate.key, forms),
    )
    if (twin === undefined) put(chosen, { candidate, score }, forms)
    else twin.candidate.sources.set('acronym', candidate.count)
  }
  return chosen
}

/** What a short form is short for, with the occurrences of both; null: it is none, or a name. */
function longFormOf(
  short: Candidate,
  forms: ReadonlyMap<string, string>,
  byKey: ReadonlyMap<string, Candidate>,
): Candidate | null {
  const key = forms.get(short.key)
  const long = key === undefined ? undefined : byKey.get(key)
  if (long === undefined || long.stems.length > LONGEST_NAME || !/\p{Lu}.*\p{Lu}/u.test(commonest(short)))
    return null
  const sources = new Map([...short.sources, ...long.sources, ['acronym' as const, short.count] as const])
  return { ...long, count: long.count + short.count, sources }
}

/** Without a word at its end that names no subject, where the paper mostly leaves it out: `route planning problems`. */
function subjectOf(candidate: Candidate, byKey: ReadonlyMap<string, Candidate>): Candidate {
  const core = byKey.get(coreOf(candidate))
  if (core === undefined || core.stems.length < 2) return candidate
  return core.count >= LEAST_WITHOUT * candidate.count ? core : candidate
}

function namesSubject(candidate: Candidate, forms: ReadonlyMap<string, string>): boolean {
  if (candidate.whole.has('keywords')) return true
  if (isFragment(candidate, LEAST_ENDS)) return false
  const form = commonest(candidate)
  if (candidate.hyphenated && isModifier(candidate, form)) return false
  if (candidate.stems.length > 1) return true
  // Of two capitals nobody knows what they are short for, unless the paper says so.
  if (ROMAN.test(form) || (/^\p{Lu}{2}$/u.test(form) && !forms.has(candidate.key))) return false
  const least = candidate.whole.has('title') ? LEAST_RARE_OF_TITLE : LEAST_RARE
  return rarity(candidate.key) >= least || /\p{Lu}.*\p{Lu}|\d/u.test(form)
}

function isModifier({ ends, count }: Candidate, form: string): boolean {
  return ADJECTIVAL.test(form) || (/-\p{Ll}+$/u.test(form) && ends < LEAST_ENDS_OF_MODIFIER * count)
}

/** Adds a tag, unless one that is there says as much; in the place of a word that it holds, where it is written often enough. */
function put(chosen: Ranked[], entry: Ranked, forms: ReadonlyMap<string, string>): void {
  const { candidate } = entry
  const near = [...chosen.entries()].filter(([, other]) => overlap(candidate, other.candidate, forms))
  const [first, ...more] = near
  if (first === undefined) chosen.push(entry)
  else if (more.length === 0 && !forms.has(first[1].candidate.key) && says(candidate, first[1].candidate))
    chosen[first[0]] = { candidate, score: first[1].score }
}

/** Whether one of two tags says no more than the other. */
function overlap(one: Candidate, other: Candidate, forms: ReadonlyMap<string, string>): boolean {
  return isWithin(one, other, forms) || isWithin(other, one, forms)
}

/**
 * Whether a tag is a word of another one, what that ends with, or hardly written outside of it; or both are the same but for a
 * word at their end that names no subject.
 */
function isWithin(inner: Candidate, outer: Candidate, forms: ReadonlyMap<string, string>): boolean {
  const isWord = inner.stems.length === 1 || inner.hyphenated
  if (isWord && holds(outer.key, inner.key)) return true
  const [part, whole] = [writtenOut(inner.key, forms), writtenOut(outer.key, forms)]
  if (writtenOut(coreOf(inner), forms) === writtenOut(coreOf(outer), forms)) return true
  if (whole.endsWith(` ${part}`)) return true
  // `optimal growth temperature`, `optimum growth temperature`
  if (differInOne(inner.stems, outer.stems)) return true
  return holds(whole, part) && inner.count < LEAST_APART * outer.count
}

/** Whether a phrase says more than the word that was chosen before. */
function says(candidate: Candidate, before: Candidate): boolean {
  return (
    before.stems.length === 1 &&
    candidate.stems.length > 1 &&
    !candidate.softLast &&
    candidate.count > LEAST_OF_PART * before.count
  )
}

/** What a tag names, without the word at its end that names no subject: `meta-learning problems`. */
function coreOf({ key, stems, softLast }: Candidate): string {
  return softLast && stems.length > 1 ? stems.slice(0, -1).join(' ') : key
}

function holds(outer: string, inner: string): boolean {
  return ` ${outer} `.includes(` ${inner} `)
}

/** Whether two phrases of three words or more have all but one in common. */
function differInOne(one: readonly string[], other: readonly string[]): boolean {
  if (one.length < 3 || one.length !== other.length) return false
  return one.filter((stem, at) => stem !== other[at]).length === 1
}
