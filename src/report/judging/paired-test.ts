/** Two measurements of the same things, compared pair by pair. */
export interface PairedTest {
  pairs: number
  /** Of the second less the first. */
  mean_difference: number
  /** Matched-pairs rank-biserial correlation, -1 to 1: the share of rank sums that speaks for the second, less that for the first. */
  effect: number
  /** Two-sided; 1 where no pair differs. */
  p: number
}

/** Above so many pairs that differ the sum of ranks is as good as normal, and the exact distribution takes long. */
const EXACT = 150

/**
 * Wilcoxon's signed-rank test of pairs (F. Wilcoxon, Individual comparisons by ranking methods, Biometrics Bulletin 1(6),
 * 1945: pairs that do not differ are left out, ties share their mean rank). The p-value is exact, given the ties: all 2^n signs
 * of the ranks are counted; from 150 pairs on it is the normal approximation with the correction for ties and continuity. The effect is
 * (W+ - W-) / (W+ + W-) (D. S. Kerby, The simple difference formula, Comprehensive Psychology 3, 2014).
 */
export function pairedTest(first: readonly number[], second: readonly number[]): PairedTest {
  const all = first.map((one, n) => (second[n] ?? Number.NaN) - one)
  const differences = all.filter((one) => Math.abs(one) > 1e-12)
  const mean = all.length === 0 ? 0 : all.reduce((sum, one) => sum + one, 0) / all.length
  if (differences.length === 0) return { pairs: all.length, mean_difference: mean, effect: 0, p: 1 }
  const ranks = doubledRanks(differences.map(Math.abs))
  const total = ranks.reduce((sum, one) => sum + one, 0)
  const plus = ranks.reduce((sum, one, n) => sum + ((differences[n] ?? 0) > 0 ? one : 0), 0)
  const least = Math.min(plus, total - plus)
  const p = differences.length <= EXACT ? exact(ranks, least) : approximate(ranks, least)
  return { pairs: all.length, mean_difference: mean, effect: (2 * plus - total) / total, p: Math.min(1, p) }
}

/** Share of comparisons of equal sets that may show a difference. */
const LEVEL = 0.05

/** Returns the least number of pairs with which one of several measures can tell a difference, all of them together: all pairs differ one way. */
export function leastPairs(measures: number): number {
  return Math.ceil(1 - Math.log2(LEVEL / Math.max(1, measures)))
}

/** Returns which of several p-values tell a difference at a level, all of them together (S. Holm, Scandinavian Journal of Statistics 6, 1979). */
export function significant(ps: readonly number[], level = LEVEL): boolean[] {
  const order = ps.map((p, at) => ({ p, at })).sort((one, other) => one.p - other.p)
  const fails = order.findIndex(({ p }, n) => p > level / (ps.length - n))
  const found = new Set(order.slice(0, fails === -1 ? undefined : fails).map(({ at }) => at))
  return ps.map((_, at) => found.has(at))
}

/** Twice the ranks: means of two ranks are whole numbers then. */
function doubledRanks(values: readonly number[]): number[] {
  const sorted = [...values].sort((one, other) => one - other)
  return values.map((value) => {
    const below = sorted.filter((one) => one < value - 1e-12).length
    const same = sorted.filter((one) => Math.abs(one - value) <= 1e-12).length
    return 2 * below + same + 1
  })
}

function exact(ranks: readonly number[], least: number): number {
  const total = ranks.reduce((sum, one) => sum + one, 0)
  const ways = new Float64Array(total + 1)
  ways[0] = 1
  for (const rank of ranks) {
    for (let sum = total; sum >= rank; sum -= 1) ways[sum] = ((ways[sum] ?? 0) + (ways[sum - rank] ?? 0)) / 2
    for (let sum = 0; sum < rank; sum += 1) ways[sum] = (ways[sum] ?? 0) / 2
  }
  let tail = 0
  for (let sum = 0; sum <= least; sum += 1) tail += ways[sum] ?? 0
  return 2 * tail
}

function approximate(ranks: readonly number[], least: number): number {
  const total = ranks.reduce((sum, one) => sum + one, 0)
  // The sum of squares of the ranks given holds the correction for ties.
  const deviation = Math.sqrt(ranks.reduce((sum, one) => sum + one * one, 0) / 4)
  return 2 * normalTail((total / 2 - least - 1) / deviation)
}

/** Upper tail of the standard normal distribution (Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.17; error below 1e-7). */
function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z)
  const t = 1 / (1 + 0.2316419 * z)
  const series =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return (Math.exp(-(z * z) / 2) / Math.sqrt(2 * Math.PI)) * series
}
