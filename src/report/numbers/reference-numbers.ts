const REFERENCE = /\[\d{1,3}(?:\s?[,;-]\s?\d{1,3}){0,20}\]/g
const BEFORE_REFERENCE = /[\p{L}.,;:)”"’'] ?$/u
const BEFORE_INTERVAL = /\b(?:in|interval|range|over|on|from) $/

/** Returns a text without its reference numbers (integers in brackets behind a word), which say nothing of what was measured; nothing else moves. */
export function withoutReferences(text: string): string {
  return text.replace(REFERENCE, (whole, at: number) =>
    isReference(text, at) ? ' '.repeat(whole.length) : whole,
  )
}

/** Returns the reference numbers of a text, as they stand there: `[3]`, `[3, 7]`, `[3-7]`. */
export function referenceNumbersIn(text: string): string[] {
  return [...text.matchAll(REFERENCE)].flatMap(({ 0: whole, index }) =>
    isReference(text, index) ? [whole] : [],
  )
}

function isReference(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - 12), at)
  return BEFORE_REFERENCE.test(before) && !BEFORE_INTERVAL.test(before)
}
