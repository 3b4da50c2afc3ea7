/** One way of doing the work. */
export interface Leg {
  name: string
  /** Sets up one round; not timed. */
  prepare?(): void
  /** Does one round and returns how many operations that were. */
  run(): Promise<number> | number
}

/** What one leg's rounds came to, in the order of the rounds. */
export interface Measured {
  /** Operations a second. */
  rates: number[]
  /** Microseconds of processor time an operation: what is left when others use the machine as well. */
  cpu: number[]
}

/** Runs the legs in turns, so that what else happens on the machine befalls all of them. */
export async function inTurns(legs: readonly Leg[], rounds: number): Promise<Map<string, Measured>> {
  const measured = new Map<string, Measured>(legs.map(({ name }) => [name, { rates: [], cpu: [] }]))
  for (let round = 0; round < rounds; round += 1) {
    // Whoever begins the round changes, so that none always runs behind the same one.
    for (let place = 0; place < legs.length; place += 1) {
      const leg = legs[(round + place) % legs.length] as Leg
      leg.prepare?.()
      const started = performance.now()
      const before = process.cpuUsage()
      const operations = await leg.run()
      const { user, system } = process.cpuUsage(before)
      const seconds = (performance.now() - started) / 1000
      // The first round warms up.
      if (round === 0) continue
      measured.get(leg.name)?.rates.push(operations / seconds)
      measured.get(leg.name)?.cpu.push((user + system) / operations)
    }
  }
  return measured
}

/** Returns the median of what the rounds give pairwise: `of[n] / to[n]`. */
export function medianRatio(of: readonly number[], to: readonly number[]): number {
  return median(of.map((value, round) => value / (to[round] ?? NaN)))
}

/** Prints rows in columns; the first row is the head. */
export function printTable(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  )
  for (const row of rows) {
    console.log(
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  '),
    )
  }
}

/** Returns the middle value. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
