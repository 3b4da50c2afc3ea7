/** One way of doing the work. */
export interface Leg {
  name: string
  /** Sets up one round; not timed. */
  prepare?(): void
  /** Does one round and returns how many operations that were. */
  run(): Promise<number> | number
}

/** Runs the legs in turns and returns each one's median rate, operations a second. */
export async function inTurns(legs: readonly Leg[], rounds: number): Promise<Map<string, number>> {
  const rates = new Map<string, number[]>(legs.map(({ name }) => [name, []]))
  for (let round = 0; round < rounds; round += 1) {
    // Whoever begins the round changes, so that none always runs behind the same one.
    for (let place = 0; place < legs.length; place += 1) {
      const leg = legs[(round + place) % legs.length] as Leg
      leg.prepare?.()
      const started = performance.now()
      const operations = await leg.run()
      const seconds = (performance.now() - started) / 1000
      if (round > 0) rates.get(leg.name)?.push(operations / seconds)
    }
  }
  return new Map([...rates].map(([name, values]) => [name, median(values)]))
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

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
