export interface Row {
  /** Features, the first of them 1. */
  values: Float64Array
  yes: boolean
}

const STEPS = 25
/** Keeps features that say the same from growing against each other. */
const RIDGE = 1
const STILL = 1e-6

/** Returns the weights of a logistic regression, by Newton's method; the first is that of the features' 1. */
export function fitLogistic(rows: readonly Row[]): Float64Array {
  const size = rows[0]?.values.length ?? 0
  const weights = new Float64Array(size)
  for (let step = 0; step < STEPS; step += 1) {
    const slope = weights.map((weight, at) => (at === 0 ? 0 : -RIDGE * weight))
    const bend = Array.from({ length: size }, (_, at) => {
      const line = new Float64Array(size)
      line[at] = at === 0 ? 0 : RIDGE
      return line
    })
    for (const { values, yes } of rows) {
      let score = 0
      for (let i = 0; i < size; i += 1) score += values[i]! * weights[i]!
      const likely = 1 / (1 + Math.exp(-score))
      const share = likely * (1 - likely)
      for (let i = 0; i < size; i += 1) {
        const value = values[i]!
        if (value === 0) continue
        slope[i]! += value * ((yes ? 1 : 0) - likely)
        for (let k = 0; k <= i; k += 1) bend[i]![k]! += share * value * values[k]!
      }
    }
    for (let i = 0; i < size; i += 1) for (let k = i + 1; k < size; k += 1) bend[i]![k] = bend[k]![i]!
    const change = solve(bend, slope)
    change.forEach((by, at) => (weights[at]! += by))
    if (change.every((by) => Math.abs(by) < STILL)) break
  }
  return weights
}

/** Solves a system of linear equations by elimination; what nothing depends on is 0. */
export function solve(matrix: readonly Float64Array[], right: Float64Array): Float64Array {
  const size = right.length
  const rows = matrix.map((line, at) => new Float64Array([...line, right[at]!]))
  for (let at = 0; at < size; at += 1) {
    let best = at
    for (let i = at + 1; i < size; i += 1) if (Math.abs(rows[i]![at]!) > Math.abs(rows[best]![at]!)) best = i
    const pivot = rows[best]!
    rows[best] = rows[at]!
    rows[at] = pivot
    if (Math.abs(pivot[at]!) < 1e-12) continue
    for (let i = 0; i < size; i += 1) {
      if (i === at) continue
      const by = rows[i]![at]! / pivot[at]!
      if (by !== 0) for (let k = at; k <= size; k += 1) rows[i]![k]! -= by * pivot[k]!
    }
  }
  return Float64Array.from(rows, (line, at) => (Math.abs(line[at]!) < 1e-12 ? 0 : line[size]! / line[at]!))
}
