import type { PaperIndex } from '../paper/paper-index.js'
import { significantDigits, type ReadNumber } from '../numbers/numbers.js'
import { compareUnits, type Unit } from '../numbers/units.js'

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
  if (about && rest.some(({ value }) => roundedTo(number)(value))) return true
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
  const isIt = roundedTo(number)
  for (let n = 0; n < inputs.length; n += 1) {
    for (let m = n + 1; m < inputs.length; m += 1) {
      const [one, other] = [inputs[n], inputs[m]]
      if (one !== undefined && other !== undefined && combine(number, one, other, isIt)) return true
    }
  }
  return false
}

/** Whether one of the values that two numbers give together is the number. */
function combine(
  number: ReadNumber,
  one: ReadNumber,
  other: ReadNumber,
  isIt: (value: number) => boolean,
): boolean {
  const [a, b] = [one.value, other.value]
  const high = Math.max(a, b)
  const low = Math.min(a, b)
  const { unit } = number
  const isBare = unit === null || unit.kind === 'times'
  if (mayAdd(one.unit, other.unit)) {
    if (mayAdd(one.unit, unit) && mayAdd(other.unit, unit)) {
      if (isIt(high - low) || isIt(a + b) || isIt((a + b) / 2)) return true
    }
    if (unit === null || unit.kind === 'share' || unit.name === 'point') {
      if (isIt((high - low) * 100)) return true
      if (low > 0 && (isIt(((high - low) / low) * 100) || isIt(((high - low) / high) * 100))) return true
      if (low > 0 && isIt((low / high) * 100)) return true
    }
  }
  if (isBare && low > 0 && (isIt(high / low) || isIt(low / high))) return true
  return (isBare || isOf(one, unit) || isOf(other, unit)) && isIt(a * b)
}

function isOf({ unit }: ReadNumber, wanted: Unit | null): boolean {
  return unit !== null && compareUnits(unit, wanted) === 'same'
}

/** The difference of two shares is in points. */
function mayAdd(one: Unit | null, other: Unit | null): boolean {
  return (one?.kind === 'share' && other?.kind === 'share') || compareUnits(one, other) !== 'other'
}

/** Returns whether a value, rounded as the number is printed, is the number. */
function roundedTo({ value: printed, decimals }: ReadNumber): (value: number) => boolean {
  const half = 0.5 * 10 ** -decimals * 1.000001
  return (value) => Math.abs(Math.abs(value) - printed) <= half
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
