import type { Candidate } from './term-candidates.js'

export interface Ranked {
  candidate: Candidate
  /** How likely it is a keyphrase, 0–1. */
  score: number
}

/** Share of its occurrences before and behind which the phrase ends. */
const LEAST_ENDS = 0.1
/** Share of its occurrences a part of a chosen term needs outside of it to be a term too. */
const LEAST_APART = 0.2

/**
 * Returns the best candidates, best first; of a short form and its long form only the better one.
 *
 * @param forms key of a short form → key of its long form.
 */
export function chooseTerms(
  ranked: readonly Ranked[],
  forms: ReadonlyMap<string, string>,
  max: number,
): Ranked[] {
  const chosen: Ranked[] = []
  for (const entry of ranked) {
    if (chosen.length >= max) break
    const { candidate } = entry
    if (isFragment(candidate, LEAST_ENDS)) continue
    const twin = chosen.find((other) => areForms(candidate.key, other.candidate.key, forms))
    if (twin !== undefined) twin.candidate.sources.set('acronym', candidate.count)
    else if (!chosen.some((other) => repeats(candidate, other.candidate))) chosen.push(entry)
  }
  return chosen
}

/** Returns whether two terms are one when short forms are written out: `LM program`, `language model program`. */
export function areForms(one: string, other: string, forms: ReadonlyMap<string, string>): boolean {
  return forms.size > 0 && one !== other && writtenOut(one, forms) === writtenOut(other, forms)
}

/** Returns the key of a term with its short forms written out. */
export function writtenOut(key: string, forms: ReadonlyMap<string, string>): string {
  return key
    .split(' ')
    .map((word) => forms.get(word) ?? word)
    .join(' ')
}

/**
 * Returns whether a candidate is nearly always a part of something longer: `deep residual` of `deep residual learning`.
 *
 * @param least share of its occurrences that begin and end a phrase.
 */
export function isFragment({ stems, begins, ends, count }: Candidate, least: number): boolean {
  return ends < least * count || (stems.length > 1 && begins < least * count)
}

/** Whether a candidate is part of a chosen term and hardly occurs outside of it. */
function repeats(inner: Candidate, outer: Candidate): boolean {
  if (inner.stems.length >= outer.stems.length || !` ${outer.key} `.includes(` ${inner.key} `)) return false
  return inner.count - outer.count < LEAST_APART * inner.count
}
