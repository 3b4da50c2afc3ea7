import { stem } from '../src/text/stems.js'
import { words } from '../src/text/words.js'

/** Returns phrases as the measure compares them: stems of `[a-z0-9]+`, no duplicates, in order. */
export function normalised(phrases: readonly string[]): string[] {
  return [...new Set(phrases.map((phrase) => words(phrase).map(stem).join(' ')).filter((key) => key !== ''))]
}

/** Returns the F1 of normalised phrases against gold ones. */
export function f1(found: readonly string[], gold: ReadonlySet<string>): number {
  const hits = found.filter((key) => gold.has(key)).length
  if (hits === 0) return 0
  const precision = hits / found.length
  const recall = hits / gold.size
  return (2 * precision * recall) / (precision + recall)
}
