const UNIT_MS: readonly [RegExp, number][] = [
  [/^(?:ms|milli)/i, 1],
  [/^d/i, 86_400_000],
  [/^h/i, 3_600_000],
  [/^m/i, 60_000],
  [/^s/i, 1000],
]

/**
 * Returns the milliseconds of a span of time as servers write it: `6m0s`, `1.5s`, `120ms` (Go's durations, in OpenAI's and
 * Groq's headers), `39s` (Google's protobuf durations), `40 seconds`; null if it is none. A bare number has no unit.
 */
export function spanMs(text: string): number | null {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)/gi)]
  const rest = text.replace(/\d+(?:\.\d+)?\s*[a-z]+|[\s,]|\band\b/gi, '')
  if (parts.length === 0 || rest !== '') return null
  let sum = 0
  for (const [, number, unit = ''] of parts) {
    const ms = UNIT_MS.find(([name]) => name.test(unit))?.[1]
    if (ms === undefined) return null
    sum += Number(number) * ms
  }
  return Math.ceil(sum)
}
