import { locate, type Found } from './number-check.js'
import type { ReadNumber } from '../numbers/numbers.js'
import { indexPaper, type PaperIndex } from '../paper/paper-index.js'

const SECTION = /^#{2,4} abstract\b[^\n]*\n([\s\S]{40,8000}?)(?=\n#{2,4} )/im
/** Words of a statement, by how rare they are, that an abstract must share; so many more than another passage does. */
const LEAST_SHARE = 0.45
const CLEARLY = 0.15
const LEAST_WORDS = 4

/** Returns the abstract that stands in a paper's text, and the one that the metadata have, as an index; null where there is neither. */
export function indexAbstract(text: string, known: string): PaperIndex | null {
  const printed = SECTION.exec(text)?.[1]?.replace(/\[p\. \d+\]/g, ' ') ?? ''
  return printed + known === '' ? null : indexPaper(`${printed}\n\n${known}`)
}

/** Returns what becomes of the numbers of a statement that names the abstract as its place. */
export function numbersOfAbstract(
  index: PaperIndex,
  abstract: PaperIndex,
  text: string,
  numbers: readonly ReadNumber[],
): (Found & { kind: 'number'; text: string })[] {
  const said = { statement: text, head: '', title: '', others: numbers, repeated: () => true }
  return numbers.map((number) => {
    const there = locate(abstract, number, null, said)
    const isThere = there.verdict === 'supported' || there.verdict === 'derived'
    const found = isThere ? there : locate(index, number, null, said)
    const isElsewhere = !isThere && found.verdict === 'supported'
    return {
      kind: 'number',
      text: number.text.trim(),
      ...found,
      ...(isElsewhere
        ? {
            verdict: 'elsewhere' as const,
            why: `${found.why || 'it stands in the paper'}, not in the abstract`,
          }
        : {}),
    }
  })
}

/**
 * Tells whether a statement that names the abstract as its place stands there: not if it shares few of its words with it and
 * clearly more with another passage.
 *
 * @param words keys of the statement's words.
 */
export function judgeAbstract(index: PaperIndex, abstract: PaperIndex, words: ReadonlySet<string>): Found {
  const passages = new Map<number, number>()
  let [total, shared, known] = [0, 0, 0]
  for (const word of words) {
    const there = index.words.get(word)
    if (there === undefined) continue
    const weight = Math.log((index.passages.length + 1) / there.length)
    known += 1
    total += weight
    if (abstract.words.has(word)) shared += weight
    for (const passage of there) passages.set(passage, (passages.get(passage) ?? 0) + weight)
  }
  const [best, most] = [...passages].reduce((one, other) => (other[1] > one[1] ? other : one), [-1, 0])
  const isThere = known < LEAST_WORDS || shared >= total * LEAST_SHARE || most < shared + total * CLEARLY
  return isThere
    ? { verdict: 'supported', why: '' }
    : {
        verdict: 'elsewhere',
        why: `it seems to stand on p. ${index.passages[best]?.page ?? 0}, not in the abstract`,
      }
}
