import type { ReadNumber } from '../numbers/numbers.js'
import type { Comparison } from './comparison.js'
import type { Place } from '../paper/paper-index.js'

/** What stands between the ends of a range, or a value and its error. */
const RANGE = /^\s?(?:-|to|±)\s?$/
/** Verbs that say which of the two numbers after "from" and "to" is the larger. */
const RISES =
  /\b(?:ris(?:es?|ing)|rose|rais(?:es?|ed|ing)|increas(?:es?|ed|ing)|grows?|grew|growing|climbs?|climbed)\b/i
const FALLS =
  /\b(?:falls?|fell|falling|drops?|dropped|dropping|decreas(?:es?|ed|ing)|lower(?:s|ed|ing)|reduc(?:es?|ed|ing)|shrinks?|shrank|declin(?:es?|ed|ing)|cuts?)\b/i
const FROM = /\bfrom (?:\p{L}+ ){0,2}$/u
const TO = /^ ?(?:\p{L}+ ){0,3}to (?:\p{L}+ ){0,2}$/u
const CLAUSE = 90

/** Returns whether a verb of rising or falling stands before two numbers ("falls from 210 ms to 85 ms") that go the other way. */
export function isTurnedDirection(statement: string, one: ReadNumber, other: ReadNumber): boolean {
  if (!TO.test(statement.slice(one.end, other.at)) || one.unit?.name !== (other.unit ?? one.unit)?.name)
    return false
  const before =
    statement
      .slice(Math.max(0, one.at - CLAUSE), one.at)
      .split(/[.;:()]/)
      .at(-1) ?? ''
  if (!FROM.test(before)) return false
  const [rises, falls] = [RISES.test(before), FALLS.test(before)]
  if (rises === falls || one.sign < 0 || other.sign < 0) return false
  return rises ? one.value > other.value : one.value < other.value
}

/**
 * Returns what an end of a range, or the error of a value, is in the paper, where two numbers of a statement ("2–20 m") are
 * none that stands on the pages claimed, but one of them is an end of another; null otherwise.
 */
export function otherEnd(
  comparison: Comparison,
  one: ReadNumber,
  other: ReadNumber,
): { odd: ReadNumber; meant: string } | null {
  const { index, statement } = comparison
  if (!RANGE.test(statement.slice(one.end, other.at)) || one.spelled || other.spelled) return null
  const [onePlaces, otherPlaces] = [comparison.places(one), comparison.places(other)]

  const ranges = (places: readonly Place[], step: 1 | -1): { place: Place; partner: ReadNumber }[] =>
    places.flatMap((place) => {
      const { text = '', numbers = [] } = index.passages[place.passage] ?? {}
      const partner = numbers[numbers.indexOf(place.number) + step]
      if (partner === undefined) return []
      const between =
        step === 1 ? text.slice(place.number.end, partner.at) : text.slice(partner.end, place.number.at)
      return RANGE.test(between) ? [{ place, partner }] : []
    })
  const [after, before] = [ranges(onePlaces, 1), ranges(otherPlaces, -1)]
  const isSaid = (found: readonly { partner: ReadNumber }[], { keys }: ReadNumber): boolean =>
    found.some(({ partner }) => partner.keys.some((key) => keys.includes(key)))
  const isJoined = after.some(({ place: { passage } }) =>
    before.some(({ place }) => place.passage === passage),
  )
  if (isSaid(after, other) || isSaid(before, one) || isJoined) return null
  if (after[0] !== undefined) return { odd: other, meant: after[0].partner.text.trim() }
  return before[0] === undefined ? null : { odd: one, meant: before[0].partner.text.trim() }
}

/** Returns whether the paper has the range, or the value and its error, that two numbers are, the other way round, and nowhere as it is. */
export function isRangeTurned(
  { statement, index: { passages } }: Comparison,
  one: ReadNumber,
  other: ReadNumber,
  own: readonly Place[],
  others: readonly Place[],
): boolean {
  const between = statement.slice(one.end, other.at)
  if (!RANGE.test(between)) return false
  const follows = (first: readonly Place[], second: readonly Place[]): boolean =>
    first.some(({ passage, number }) =>
      second.some(
        (place) =>
          place.passage === passage &&
          RANGE.test(passages[passage]?.text.slice(number.end, place.number.at) ?? ''),
      ),
    )
  return follows(others, own) && !follows(own, others)
}
