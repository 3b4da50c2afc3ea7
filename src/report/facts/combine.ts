import { Odds } from './odds.js'
import { significantDigits, type ReadNumber } from '../numbers/numbers.js'
import { compareUnits, type Unit } from '../numbers/units.js'

const MAX_INPUTS = 40

/** A number to be worked out. */
export interface Target {
  number: ReadNumber
  ops: Ops
  /** By how much it would differ in its last digit. */
  step: number
}

/** How two numbers may give it. */
export interface Ops {
  difference: boolean
  sum: boolean
  mean: boolean
  ratio: boolean
  share: boolean
  product: boolean
}

export const NO_OPS: Ops = {
  difference: false,
  sum: false,
  mean: false,
  ratio: false,
  share: false,
  product: false,
}
export const ALL_OPS: Ops = {
  difference: true,
  sum: true,
  mean: true,
  ratio: true,
  share: true,
  product: true,
}

/** Returns a number with its scale worked in: 1.2 million is 1,200,000. */
export function amountOf({ value, unit }: ReadNumber): number {
  return unit?.kind === 'scale' ? value * unit.factor : value
}

/** Returns by how much a number would differ in its last digit; zeros at its end are none. */
export function stepOf(number: ReadNumber, about: boolean): number {
  const { value, decimals, unit } = number
  const factor = unit?.kind === 'scale' ? unit.factor : 1
  if (decimals > 0 || value === 0) return 10 ** -decimals * factor
  const zeros = /0*$/.exec(value.toFixed(0))?.[0].length ?? 0
  if (significantDigits(number) >= 2) return 10 ** zeros * factor
  return 10 ** (about ? Math.max(0, zeros - 1) : 0) * factor
}

/** Returns how values are counted that come near the number. */
export function oddsOf({ number, step }: Target): Odds {
  return new Odds(amountOf(number), step)
}

/** Returns whether one or two of the inputs give the number; the first forty are tried. */
export function fromPairs(target: Target, inputs: readonly ReadNumber[], most: number): boolean {
  const odds = oddsOf(target)
  const some = inputs.slice(0, MAX_INPUTS)
  for (let n = 0; n < some.length; n += 1) {
    alone(odds, target, some[n]!)
    for (let m = n + 1; m < some.length; m += 1) combine(odds, target, some[n]!, some[m]!)
  }
  return odds.tells(most)
}

/** What a number leaves of a whole, its double and its half. */
function alone(odds: Odds, { ops, number }: Target, one: ReadNumber): void {
  const amount = amountOf(one)
  if (one.unit?.kind === 'share' || (ops.share && number.unit !== null)) odds.add(100 - amount)
  if (amount < 1) odds.add(1 - amount)
  if (ops.product && mayAdd(one.unit, number.unit)) {
    odds.add(amount * 2)
    odds.add(amount / 2)
  }
}

/** Adds the values that two numbers give together. */
export function combine(odds: Odds, { number, ops }: Target, one: ReadNumber, other: ReadNumber): void {
  // Of two numbers that share a scale (`15.3/19.6 billion`) it stands behind the last one alone.
  const isShared = one.unit === null || other.unit === null
  const a = isShared ? one.value : amountOf(one)
  const b = isShared ? other.value : amountOf(other)
  const high = Math.max(a, b)
  const low = Math.min(a, b)
  const { unit } = number
  if (ops.difference && mayAdd(one.unit, other.unit) && mayAdd(one.unit, unit) && mayAdd(other.unit, unit)) {
    odds.add(high - low)
    if (high <= 1 && unit?.kind !== 'count') odds.add((high - low) * 100)
  }
  if (ops.sum) odds.add(a + b)
  if (ops.mean) odds.add((a + b) / 2)
  if (low <= 0) return
  if (ops.ratio) {
    odds.add(high / low)
    odds.add(low / high)
  }
  if (ops.share) {
    odds.add((low / high) * 100)
    odds.add(((high - low) / low) * 100)
    odds.add(((high - low) / high) * 100)
  }
  if (ops.product) {
    const share = one.unit?.name === '%' ? a : other.unit?.name === '%' ? b : null
    if (share === null) odds.add(amountOf(one) * amountOf(other))
    else {
      const whole = one.unit?.name === '%' ? b : a
      odds.add((whole * share) / 100)
      odds.add((whole * (100 - share)) / 100)
    }
  }
}

/** The difference of two shares is in points. */
function mayAdd(one: Unit | null, other: Unit | null): boolean {
  return (
    (one?.kind === 'share' && other?.kind === 'share') ||
    one?.kind === 'scale' ||
    other?.kind === 'scale' ||
    compareUnits(one, other) !== 'other'
  )
}

/** Adds the total and the mean of three values or more, where the number may be one. */
export function addTotals(odds: Odds, { ops }: Target, values: readonly number[]): void {
  if (values.length < 3) return
  const sum = values.reduce((total, value) => total + value, 0)
  if (ops.sum) odds.add(sum)
  if (ops.mean) odds.add(sum / values.length)
}
