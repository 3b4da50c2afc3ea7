/** How well an extracted text covers a true one, after case, punctuation, ligatures and broken words are mended. */
export interface TextScore {
  /** Similarity of the whole texts as sequences of words, 2·lcs / (n + m): falls where the order is another. */
  lev: number
  /** Harmonic mean of the shares of words found and of words wanted. */
  f1: number
  /** Shares of the truth's pairs and runs of five words that the text holds; runs do not cross paragraphs. */
  bi: number
  five: number
}

/** `[12]`, `[3, 7–9]`, `[LCB98]`: a truth made from LaTeX has lost them. */
const CITATION =
  /\[\s*(?:[A-Z][A-Za-z]{0,5}\+?\d{2}[a-z]?|\d{1,3})(?:\s*[,;–-]\s*(?:[A-Z][A-Za-z]{0,5}\+?\d{2}[a-z]?|\d{1,3}))*\s*\]/gu

/**
 * Returns the words of a text, the same way for every tool and for the truth: ligatures resolved, hyphens between
 * letters gone (at line ends and inside, for some truths broke words wrongly), single letters, numbers and
 * citations in brackets left out, for formulas come out of every tool in another way.
 */
export function wordsOf(text: string): string[] {
  return (
    text
      .normalize('NFKC')
      .replace(CITATION, ' ')
      .replace(/(\p{L})[-\u00ad\u2010\u2011\ufffe]\s*(?=\p{L})/gu, '$1')
      .toLowerCase()
      .match(/\p{L}{2,}/gu) ?? []
  )
}

/** Returns the scores of a text against the paragraphs of the true one. */
export function scoreText(text: string, truth: readonly string[]): TextScore {
  const got = wordsOf(text)
  const paragraphs = truth.map(wordsOf)
  const want = paragraphs.flat()
  const shared = sum(common(counts([got], 1), counts([want], 1)))
  return {
    lev: (2 * commonSubsequence(got, want)) / Math.max(1, got.length + want.length),
    f1: (2 * shared) / Math.max(1, got.length + want.length),
    bi: share(got, paragraphs, 2),
    five: share(got, paragraphs, 5),
  }
}

function share(got: readonly string[], paragraphs: readonly string[][], run: number): number {
  const wanted = counts(paragraphs, run)
  return sum(common(counts([got], run), wanted)) / Math.max(1, sum(wanted.values()))
}

function counts(texts: readonly (readonly string[])[], run: number): Map<string, number> {
  const result = new Map<string, number>()
  for (const words of texts) {
    for (let i = 0; i + run <= words.length; i++) {
      const key = words.slice(i, i + run).join(' ')
      result.set(key, (result.get(key) ?? 0) + 1)
    }
  }
  return result
}

function* common(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): Generator<number> {
  for (const [key, count] of b) yield Math.min(count, a.get(key) ?? 0)
}

function sum(values: Iterable<number>): number {
  let n = 0
  for (const value of values) n += value
  return n
}

/** A heading of the list of references on a line of its own, as any tool prints it. */
const REFERENCES = /^[#\s]*(?:\d+\.?\s+|[IVX]+\.\s+)?(?:references|bibliography|literatur)\s*$/gim
/** So many words of the truth in a row say that a text is back in it. */
const RESUMES = 8

/**
 * Returns a text without its list of references, for truths that have none: from the last such heading to where
 * the truth's own words go on (an appendix), or to the end.
 */
export function withoutReferences(text: string, truth: readonly string[]): string {
  const heading = [...text.matchAll(REFERENCES)].at(-1)
  if (heading === undefined) return text
  const before = text.slice(0, heading.index)
  const after = fromTruth(text.slice(heading.index), truth)
  return after === null ? before : `${before}\n${after}`
}

/** Returns a text without what stands before the truth's own words, for truths without title and abstract. */
export function withoutFront(text: string, truth: readonly string[]): string {
  return fromTruth(text, truth) ?? text
}

function fromTruth(text: string, truth: readonly string[]): string | null {
  const known = counts(truth.map(wordsOf), RESUMES)
  const lines = text.split('\n')
  for (let i = 0; i < lines.length; i++) {
    const next = wordsOf(lines.slice(i, i + 6).join('\n')).slice(0, RESUMES)
    if (next.length === RESUMES && known.has(next.join(' '))) return lines.slice(i).join('\n')
  }
  return null
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
