/** How well an extracted text covers a true one, after case, punctuation, ligatures and broken words are mended. */
export interface TextScore {
  f1: number
  /** Shares of the truth's pairs and runs of five words that the text holds. */
  bi: number
  five: number
  /** Longest common subsequence of words, 2·lcs / (n + m). */
  order: number
}

/** Returns the words of a text. */
export function wordsOf(text: string): string[] {
  return (
    text
      .normalize('NFKC')
      .replace(/(\p{L})[-\u00ad\u2010\ufffe]\s*\n\s*(?=\p{Ll})/gu, '$1')
      .toLowerCase()
      .match(/\p{L}{2,}/gu) ?? []
  )
}

/** Returns the scores of a text against the true one. */
export function scoreText(text: string, truth: string): TextScore {
  const got = wordsOf(text)
  const want = wordsOf(truth)
  const shared = common(counts(got, 1), counts(want, 1))
  return {
    f1: (2 * shared) / Math.max(1, got.length + want.length),
    bi: common(counts(got, 2), counts(want, 2)) / Math.max(1, want.length - 1),
    five: common(counts(got, 5), counts(want, 5)) / Math.max(1, want.length - 4),
    order: (2 * commonSubsequence(got, want)) / Math.max(1, got.length + want.length),
  }
}

function counts(words: readonly string[], run: number): Map<string, number> {
  const result = new Map<string, number>()
  for (let i = 0; i + run <= words.length; i++) {
    const key = words.slice(i, i + run).join(' ')
    result.set(key, (result.get(key) ?? 0) + 1)
  }
  return result
}

function common(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  let n = 0
  for (const [key, count] of b) n += Math.min(count, a.get(key) ?? 0)
  return n
}

/** Length of the longest common subsequence, 30 words a step (Hyyrö 2004, bit-parallel). */
function commonSubsequence(a: readonly string[], b: readonly string[]): number {
  const BITS = 30
  const blocks = Math.ceil(a.length / BITS)
  const mask = 2 ** BITS - 1
  const places = new Map<string, Map<number, number>>()
  for (const [i, word] of a.entries()) {
    const at = places.get(word) ?? new Map<number, number>()
    const block = Math.floor(i / BITS)
    at.set(block, (at.get(block) ?? 0) | (1 << (i % BITS)))
    places.set(word, at)
  }
  const rows = new Int32Array(blocks).fill(mask)
  for (const word of b) {
    const at = places.get(word)
    if (at === undefined) continue
    let carry = 0
    for (let k = 0; k < blocks; k++) {
      const row = rows[k]!
      const hit = row & (at.get(k) ?? 0)
      const sum = row + hit + carry
      carry = sum > mask ? 1 : 0
      rows[k] = (sum & mask) | (row & ~hit & mask)
    }
  }
  let length = 0
  for (const [k, row] of rows.entries()) {
    const bits = Math.min(BITS, a.length - k * BITS)
    for (let i = 0; i < bits; i++) if ((row & (1 << i)) === 0) length += 1
  }
  return length
}
