import type { Comparison } from './comparison.js'
import { UNIT_DIFFERS } from './number-check.js'
import { isRangeTurned, isTurnedDirection, otherEnd } from './number-order.js'
import { isYear, type ReadNumber } from '../numbers/numbers.js'
import { keyOf } from '../numbers/plain-numbers.js'
import type { Passage, Place } from '../paper/paper-index.js'
import { areRowsTurned } from './row-names.js'
import { compareUnits } from '../numbers/units.js'

/** At most so many numbers of a statement are compared. */
const MAX_NUMBERS = 24
/** Numbers change places with their neighbours. */
const MAX_APART = 4
/** Nobody mistakes numbers that are this many times one another. */
const MOST_TIMES = 50
/** By how much, and how well, the words of two numbers must agree with those of one another. */
const BETTER = 1.2
const LEAST_AGREEMENT = 4

/**
 * Returns the numbers that stand on the pages claimed, but whose words there are those of another number: two of the
 * statement in each other's place, or one that another number of the pages should stand for; each with what is odd.
 */
export function misplacedIn(comparison: Comparison, numbers: readonly ReadNumber[]): Map<ReadNumber, string> {
  const odd = new Map<ReadNumber, string>()
  const claims = numbers
    .filter(({ role, value, spelled }) => !spelled && (role === 'claim' || value >= 10))
    .slice(0, MAX_NUMBERS)
  const passages = comparison.sameSentences()
  for (const [n, one] of numbers.slice(0, MAX_NUMBERS).entries()) {
    const next = numbers[n + 1]
    const end = next === undefined ? null : otherEnd(comparison, one, next)
    if (end !== null) odd.set(end.odd, `the paper has ${end.meant} there`)
    const said = saidOf(passages, one)
    if (said !== null) odd.set(one, said)
  }
  for (const [n, one] of claims.entries()) {
    for (const other of claims.slice(n + 1, n + 1 + MAX_APART)) {
      if (!mayBeSwapped(one, other) || !areSwapped(comparison, passages, numbers, one, other)) continue
      const why = `"${one.text.trim()}" and "${other.text.trim()}" seem to have changed places`
      odd.set(one, why).set(other, why)
    }
  }
  const said = new Set(numbers.flatMap(({ keys }) => keys))
  for (const claim of numbers.slice(0, MAX_NUMBERS)) {
    if (odd.has(claim) || !isTelling(claim) || passages.some((passage) => orderOf(passage, claim) >= 0))
      continue
    const meant = comparison.rival(claim, said)
    if (meant !== null) odd.set(claim, `the paper has ${meant.text.trim()} there`)
  }
  return odd
}

/** Why a number is not that of the sentence which a statement repeats: it has it with another unit, or on the other side of it; else null. */
function saidOf(passages: readonly Passage[], { keys, unit, limit, spelled }: ReadNumber): string | null {
  const there = passages.flatMap(({ numbers }) =>
    numbers.filter((one) => one.keys.some((key) => keys.includes(key))),
  )
  const isOdd = (one: ReadNumber): boolean =>
    (unit?.kind !== 'scale' && one.unit?.kind !== 'scale' && compareUnits(one.unit, unit) === 'other') ||
    (limit !== '' && one.limit !== '' && one.limit !== limit)
  const [first] = there
  if (first === undefined || spelled || !there.every(isOdd)) return null
  const isLimited = first.limit !== limit
  return `${isLimited ? '' : UNIT_DIFFERS}the sentence has ${isLimited ? `${first.limit} ` : ''}${first.text.trim()}`
}

function mayBeSwapped(one: ReadNumber, other: ReadNumber): boolean {
  return (
    keyOf(one.value) !== keyOf(other.value) &&
    Math.max(one.value, other.value) <= Math.min(one.value, other.value) * MOST_TIMES &&
    [one, other].every(
      ({ decimals, value, unit }) => decimals > 0 || value >= 10 || unit?.kind === 'measure',
    ) &&
    one.decimals > 0 === other.decimals > 0 &&
    compareUnits(one.unit, other.unit) !== 'other'
  )
}

/** Small integers and years stand everywhere, and with all sorts of words. */
function isTelling(claim: ReadNumber): boolean {
  if (claim.unit?.kind === 'count') return true
  return (
    !claim.spelled &&
    !isYear(claim) &&
    (claim.decimals > 0 || claim.value >= 10 || (claim.role === 'claim' && claim.value >= 3))
  )
}

/** Whether each of two numbers has the words around it that the paper has around the other. */
function areSwapped(
  comparison: Comparison,
  passages: readonly Passage[],
  numbers: readonly ReadNumber[],
  one: ReadNumber,
  other: ReadNumber,
): boolean {
  const { statement } = comparison
  if (isTurnedDirection(statement, one, other)) return true
  const [onePlaces, otherPlaces] = [comparison.places(one), comparison.places(other)]
  if (onePlaces.length === 0 || otherPlaces.length === 0) return false
  const mayBeCell = [...onePlaces, ...otherPlaces].some((place) => comparison.isRow(place))
  const unitsDiffer = unitsTell(one, onePlaces, otherPlaces) || unitsTell(other, otherPlaces, onePlaces)
  if (unitsDiffer && !mayBeCell) return true
  if (isRangeTurned(comparison, one, other, onePlaces, otherPlaces)) return true
  if (areRowsTurned(comparison, one, other, onePlaces, otherPlaces)) return true
  const [asOne, asOther] = [comparison.best(one, onePlaces), comparison.best(other, otherPlaces)]
  const [forOne, forOther] = [comparison.best(one, otherPlaces), comparison.best(other, onePlaces)]
  const changed = forOne + forOther
  const isTurned =
    passages.some((passage) => isTurnedIn(passage, one, other)) &&
    [one, other].every((number) => isOnce(numbers, number))
  if (isTurned) return changed >= asOne + asOther
  if ([...onePlaces, ...otherPlaces].some((place) => comparison.isCellOf(place))) return false
  return (
    changed >= LEAST_AGREEMENT && forOne > asOne && forOther > asOther && changed > (asOne + asOther) * BETTER
  )
}

/** The paper gives the unit of a number to the other one alone. */
function unitsTell(
  { unit, relation, text }: ReadNumber,
  own: readonly Place[],
  others: readonly Place[],
): boolean {
  const has = (places: readonly Place[]): boolean =>
    places.some(({ number }) => number.unit?.name === unit?.name && number.relation === relation)
  return unit?.kind === 'measure' && /\p{L}/u.test(text) && !has(own) && has(others)
}

function isTurnedIn({ numbers }: Passage, one: ReadNumber, other: ReadNumber): boolean {
  const [first, second] = [orderOf({ numbers }, one), orderOf({ numbers }, other)]
  return second >= 0 && first > second
}

function isOnce(numbers: readonly ReadNumber[], { value }: ReadNumber): boolean {
  return numbers.filter((one) => one.value === value).length === 1
}

/** Which of the passage's numbers a claim is, or -1. */
function orderOf({ numbers }: Pick<Passage, 'numbers'>, { keys }: ReadNumber): number {
  return numbers.findIndex((there) => there.role !== 'name' && there.keys.some((key) => keys.includes(key)))
}
