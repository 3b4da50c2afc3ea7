import type { PaperIndex } from './paper-index.js'
import { significantDigits, type ReadNumber } from './numbers.js'
import { compareUnits, type Unit } from './units.js'

/** Words of a statement that says it computed something. */
const COMPUTED =
  /\b(?:inference|inferred|comput\w*|calculat\w*|differ\w*|differs|gap|gain\w*|ratio|factor|times|fold|points?|pp|sum\w*|total\w*|together|combined|adds? up|increase\w*|decrease\w*|drop\w*|rise\w*|rose|fall\w*|fell|reduc\w*|improv\w*|margin|more|fewer|less|higher|lower|larger|smaller|faster|slower|double\w*|half|average|mean|share|of which|remaining|relative\w*|absolute|equals?|amounts?|implies|better|worse|ahead|behind|against|vs\.?|versus|lead|twice|advantage|in all)\b|=|×/i
const MAX_INPUTS = 60
const MAX_PASSAGES = 400

/**
 * Returns whether a number is the difference, sum, ratio, relative change or mean of two numbers: of the statement itself, or of one passage
 * on the pages claimed where the statement says that it computes; or, after a word like "about", such a value or a number of the pages rounded.
 *
 * @param repeated whether the statement only repeats a sentence of the paper, and so computes nothing.
 */
export function derivedFrom(
  index: PaperIndex,
  number: ReadNumber,
  pages: ReadonlySet<number> | null,
  statement: string,
  others: readonly ReadNumber[],
  about: boolean,
  repeated: () => boolean,
): boolean {
  const rest = others.slice(0, MAX_INPUTS).filter(({ value }) => value !== number.value)
  const significant = significantDigits(number)
  if (significant < 2 && number.decimals === 0 && !about) return false
  const computes = COMPUTED.test(statement)
  if (computes && fromPairs(number, rest)) return true
  if (about && rest.some((other) => equals(number, other.value))) return true
  if (about && significant >= 2 && roundsTo(index, number, pages)) return true
  if (pages === null || significant < 3 || !computes) return false
  if (repeated()) return false
  let looked = 0
  for (const passage of index.passages) {
    if (!pages.has(passage.page)) continue
    looked += 1
    if (looked > MAX_PASSAGES) break
    if (passage.numbers.length > 1 && fromPairs(number, passage.numbers.slice(0, MAX_INPUTS))) return true
  }
  return false
}

function fromPairs(number: ReadNumber, inputs: readonly ReadNumber[]): boolean {
  for (const [n, one] of inputs.entries()) {
    for (const other of inputs.slice(n + 1)) {
      if (combinations(number, one, other).some((value) => equals(number, value))) return true
    }
  }
  return false
}

function combinations(number: ReadNumber, one: ReadNumber, other: ReadNumber): number[] {
  const [a, b] = [one.value, other.value]
  const [high, low] = a > b ? [a, b] : [b, a]
  const values: number[] = []
  const isBare = number.unit === null || number.unit.kind === 'times'
  const isShare = number.unit === null || number.unit.kind === 'share' || number.unit.name === 'point'
  const alike = mayAdd(one.unit, other.unit)
  if (alike && [one, other].every(({ unit }) => mayAdd(unit, number.unit)))
    values.push(high - low, a + b, (a + b) / 2)
  if (alike && isShare) values.push((high - low) * 100)
  if (alike && isShare && low > 0)
    values.push(((high - low) / low) * 100, ((high - low) / high) * 100, (low / high) * 100)
  if (isBare && low > 0) values.push(high / low, low / high)
  if (isBare || [one, other].some(({ unit }) => unit !== null && compareUnits(unit, number.unit) === 'same'))
    values.push(a * b)
  return values
}

/** The difference of two shares is in points. */
function mayAdd(one: Unit | null, other: Unit | null): boolean {
  return (one?.kind === 'share' && other?.kind === 'share') || compareUnits(one, other) !== 'other'
}

/** Whether a value, rounded as the number is printed, is the number. */
function equals(number: ReadNumber, value: number): boolean {
  return Math.abs(Math.abs(value) - number.value) <= 0.5 * 10 ** -number.decimals * 1.000001
}

function roundsTo(index: PaperIndex, number: ReadNumber, pages: ReadonlySet<number> | null): boolean {
  let looked = 0
  for (const passage of index.passages) {
    if (pages !== null && !pages.has(passage.page)) continue
    looked += 1
    if (looked > MAX_PASSAGES) return false
    if (
      passage.numbers.some(
        (there) => (number.unit === null || there.unit?.name === number.unit.name) && rounds(number, there),
      )
    )
      return true
  }
  return false
}

function rounds(number: ReadNumber, { value }: ReadNumber): boolean {
  const digits = significantDigits(number)
  return (
    value !== 0 &&
    Number.isFinite(value) &&
    Number(value.toPrecision(Math.min(15, Math.max(1, digits)))) === number.value
  )
}
