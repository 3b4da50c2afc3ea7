import { areForms, isFragment, writtenOut, type Ranked } from './choose-terms.js'
import { rarity } from './stem-frequency.js'
import type { Candidate } from './term-candidates.js'
import { commonest } from './term-features.js'
import { GENERIC, OUTSIDE, SOFT } from './term-words.js'

/** Least likelihood of a tag, and of one where there are few: by hand; `bench/terms.ts` says what another costs. */
const LEAST_LIKELY = 0.18
const LEAST_OF_FEW = 0.12
const FEW = 4
/** Share of its occurrences that begin and end a phrase; for what has a hyphen, as modifiers have, and is one word. */
const LEAST_ENDS = 0.1
const LEAST_ENDS_OF_MODIFIER = 0.3
/** Share of a word's occurrences that a phrase with it needs to stand in its place. */
const LEAST_OF_PART = 0.3
/** How often a phrase is written for each time that it has a word more that names no subject. */
const LEAST_WITHOUT = 2
/** Long forms of more words are a sentence: there the short form is the name. */
const LONGEST_NAME = 4
/** Letters that two endings of a word have in common in front of them. */
const SAME_START = 5
/** One word that is in more than one of 2^7 abstracts names no subject; in a title alone, in more than one of 2^5. */
const LEAST_RARE = 7
const LEAST_RARE_OF_TITLE = 5
/** What follows a hyphen in an adjective: `memory-efficient`, `real-time`. */
const ADJECTIVAL =
  /-(?:aware|efficient|free|like|wise|wide|specific|agnostic|invariant|dependent|independent|intensive|sensitive|native|scale|type|time|order|level|shot|rate|term|dimensional|linear|parametric|optimal|complete|hard|blocking|step|stage|end|version|\p{L}+(?:al|ic|ive|ous))$/iu
/** What has such a word before its hyphen, has it for a noun behind it. */
const DEGREE =
  /^(?:low|high|short|long|large|small|multi|single|full|open|closed|first|second|two|three|non|well|fast)-/i
/** `transformers ranging from`: what the subject does. */
const PARTICIPLE = /\p{L}{3}(?<![sui])s \p{L}+ing$/u
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
  if (candidate.whole.has('keywords')) return candidate.stems.length > 1 || !isGeneric(commonest(candidate))
  if (isFragment(candidate, LEAST_ENDS)) return false
  const form = commonest(candidate)
  if (candidate.hyphenated && isModifier(candidate, form)) return false
  if (isGeneric(form) && (candidate.stems.length === 1 || !candidate.whole.has('title'))) return false
  if (candidate.stems.length > 1) return !PARTICIPLE.test(form) && !isTwoThings(form)
  // Of two capitals nobody knows what they are short for, unless the paper says so.
  if (ROMAN.test(form) || (/^\p{Lu}{2}$/u.test(form) && !forms.has(candidate.key))) return false
  const least = candidate.whole.has('title') ? LEAST_RARE_OF_TITLE : LEAST_RARE
  return rarity(candidate.key) >= least || /\p{Lu}.*\p{Lu}|\d/u.test(form)
}

/** Whether the second word begins what is said of the first: `challenges developers face`. */
function isTwoThings(form: string): boolean {
  const [, first] = /^(\p{Ll}+s) \p{Ll}+s(?: |$)/u.exec(form) ?? []
  return first !== undefined && (OUTSIDE.has(first) || SOFT.has(first))
}

/** Whether any paper could have it: `large model`, `training data`. */
function isGeneric(form: string): boolean {
  return form.split(' ').every((word) => SOFT.has(word.toLowerCase()) || GENERIC.has(word.toLowerCase()))
}

function isModifier({ ends, count }: Candidate, form: string): boolean {
  return (
    ADJECTIVAL.test(form) ||
    DEGREE.test(form) ||
    (/-\p{Ll}+$/u.test(form) && ends < LEAST_ENDS_OF_MODIFIER * count)
  )
}

/** Adds a tag, unless one that is there says as much; in the place of a word that it holds, where it is written often enough. */
function put(chosen: Ranked[], entry: Ranked, forms: ReadonlyMap<string, string>): void {
  const { candidate } = entry
  const near = [...chosen.entries()].filter(([, other]) => overlap(candidate, other.candidate, forms))
  const [first, ...more] = near
  if (first === undefined && !addsNothing(candidate, chosen)) chosen.push(entry)
  else if (first === undefined) return
  else if (more.length === 0 && !forms.has(first[1].candidate.key) && says(candidate, first[1].candidate))
    chosen[first[0]] = { candidate, score: first[1].score }
}

/** Whether a tag begins or ends with all of a phrase but its last word, which names no subject: `QED effects` beside `QED corrections`. */
function addsNothing(candidate: Candidate, chosen: readonly Ranked[]): boolean {
  const last = commonest(candidate).split(' ').at(-1) ?? ''
  if (candidate.stems.length < 2 || !(candidate.softLast || GENERIC.has(last))) return false
  const core = candidate.stems.slice(0, -1).join(' ')
  return chosen.some(({ candidate: { key } }) => key.startsWith(`${core} `) || key.endsWith(` ${core}`))
}

/** Whether one of two tags says no more than the other. */
function overlap(one: Candidate, other: Candidate, forms: ReadonlyMap<string, string>): boolean {
  return (
    isWithin(one, other, forms) ||
    isWithin(other, one, forms) ||
    goesOnAs(one.stems, other.stems) ||
    goesOnAs(other.stems, one.stems)
  )
}

/** Whether both are cut out of one longer phrase: `mixed serialization graph` beside `serialization graph testing`. */
function goesOnAs(one: readonly string[], other: readonly string[]): boolean {
  return (
    one.length > 2 && other.length > 2 && one.slice(1).join(' ') === other.slice(0, one.length - 1).join(' ')
  )
}

/** Whether another tag holds all of a tag, or both are the same but for a word at their end that names no subject. */
function isWithin(inner: Candidate, outer: Candidate, forms: ReadonlyMap<string, string>): boolean {
  // In whatever order: `interactive service` beside `interactive online service`.
  if (inner.stems.every((stem) => outer.stems.includes(stem))) return true
  if (abbreviates(commonest(inner), commonest(outer))) return true
  if (isPartOfNamed(commonest(inner), commonest(outer))) return true
  if (isInitials(commonest(inner), outer)) return true
  const [part, whole] = [writtenOut(inner.key, forms), writtenOut(outer.key, forms)]
  if (writtenOut(coreOf(inner), forms) === writtenOut(coreOf(outer), forms)) return true
  if (areSpellings(inner.stems, outer.stems)) return true
  // `HBM access` beside `high bandwidth memory`
  if (outer.stems.some((stem) => forms.get(stem) === inner.key)) return true
  return holds(whole, part)
}

/** Whether a phrase says more than what was chosen before: than one word, or a phrase that is no phrase of the title. */
function says(candidate: Candidate, before: Candidate): boolean {
  const isOfTitle = candidate.whole.has('title') && !before.whole.has('title')
  return (
    (before.stems.length === 1 || isOfTitle) &&
    candidate.stems.length > before.stems.length &&
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

/** Whether two phrases differ in one word alone, and in its ending: `optimal growth temperature`, `optimum growth temperature`. */
function areSpellings(one: readonly string[], other: readonly string[]): boolean {
  if (one.length !== other.length) return false
  const at = one.findIndex((stem, n) => stem !== other[n])
  const [a = '', b = ''] = [one[at], other[at]]
  if (at < 0 || one.slice(at + 1).join(' ') !== other.slice(at + 1).join(' ')) return false
  if (a.length >= 4 && b.length >= 4 && (a.startsWith(b) || b.startsWith(a))) return true
  return one.length > 1 && a.length >= SAME_START && a.slice(0, SAME_START) === b.slice(0, SAME_START)
}

/** Whether a name is made of the first letters of a phrase, though the paper does not say so. */
function isInitials(name: string, { stems }: Candidate): boolean {
  return /^\p{Lu}{3,6}$/u.test(name) && stems.map((stem) => stem[0]).join('') === name.toLowerCase()
}

/** Whether one is the other with a letter behind its number: the planet `WASP-4b` of `WASP-4`. */
function isPartOfNamed(name: string, whole: string): boolean {
  return (
    /\d$/.test(name) && whole.length === name.length + 1 && whole.startsWith(name) && /\p{Ll}$/u.test(whole)
  )
}

/** Whether two phrases differ in their first word alone, and one has capitals for it: `PL scramblase`, `phospholipid scramblase`. */
function abbreviates(short: string, long: string): boolean {
  const [capitals = '', ...rest] = short.split(' ')
  const [word = '', ...more] = long.split(' ')
  if (rest.length === 0 || !/^\p{Lu}{2,4}$/u.test(capitals) || rest.join(' ') !== more.join(' ')) return false
  return new RegExp(`^${[...capitals].join('.*')}`, 'iu').test(word)
}
