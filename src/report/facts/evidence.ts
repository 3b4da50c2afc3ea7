import { labelsIn } from '../paper/labels.js'
import { significantDigits, type ReadNumber } from '../numbers/numbers.js'
import type { PaperIndex } from '../paper/paper-index.js'

/** How well each page of the paper agrees with a statement; the sum of logs of how rare the words and numbers are that both have. */
export interface Evidence {
  pages: ReadonlyMap<number, number>
  /** Whether numbers or quotations are among it, which tell more than words. */
  strong: boolean
  /** Pages that hold a number of the statement which is hardly there by chance. */
  telling: ReadonlySet<number>
}

/** A number weighs as much as so many words; a quotation, a label as much as that. */
const NUMBER_WEIGHT = 2
const QUOTE_WEIGHT = 20
const LABEL_WEIGHT = 4

/** Returns what speaks for each page: words and numbers that stand on it, and once more those that stand together in one passage. */
export function evidenceFor(
  index: PaperIndex,
  statement: string,
  words: ReadonlySet<string>,
  numbers: readonly ReadNumber[],
  quotePages: Iterable<number>,
): Evidence {
  const pages = new Map<number, number>()
  const passages = new Float64Array(index.passages.length)
  const add = (map: Map<number, number>, key: number, weight: number): void =>
    void map.set(key, (map.get(key) ?? 0) + weight)
  const pageCount = index.pages.size + 1
  const passageCount = index.passages.length + 1
  for (const stem of words) {
    const [inPages, inPassages] = [index.wordPages.get(stem), index.words.get(stem)]
    if (inPages === undefined || inPassages === undefined) continue
    const [pageWeight, passageWeight] = [
      Math.log(pageCount / inPages.length),
      Math.log(passageCount / inPassages.length),
    ]
    for (const page of inPages) add(pages, page, pageWeight)
    for (const passage of inPassages) passages[passage]! += passageWeight
  }
  let strong = false
  const telling = new Set<number>()
  for (const number of numbers) {
    const isStrong = number.role === 'claim' || number.value >= 10
    const places = placesOf(index, number)
    if (places.size === 0) continue
    strong ||= isStrong
    const factor = isStrong ? NUMBER_WEIGHT : 1
    const total = [...places.values()].reduce((sum, one) => sum + one.size, 0)
    const tells = significantDigits(number) >= 3
    for (const [page, one] of places) {
      if (tells) telling.add(page)
      add(pages, page, Math.log(Math.max(1, pageCount / places.size)) * factor)
      const weight = Math.log(Math.max(1, passageCount / total)) * factor * 0.5
      for (const passage of one) passages[passage]! += weight
    }
  }
  for (const { key } of labelsIn(statement)) {
    index.labels.get(key)?.forEach((page, n) => add(pages, page, n === 0 ? LABEL_WEIGHT : LABEL_WEIGHT / 2))
  }
  for (const page of quotePages) {
    strong = true
    add(pages, page, QUOTE_WEIGHT)
  }
  const best = new Map<number, number>()
  for (let passage = 0; passage < passages.length; passage += 1) {
    const weight = passages[passage] ?? 0
    if (weight === 0) continue
    const page = index.passages[passage]?.page ?? 0
    if (weight > (best.get(page) ?? 0)) best.set(page, weight)
  }
  for (const [page, weight] of best) add(pages, page, weight)
  return { pages, strong, telling }
}

function placesOf(index: PaperIndex, number: ReadNumber): Map<number, Set<number>> {
  const places = new Map<number, Set<number>>()
  for (const key of number.keys) {
    for (const [page, there] of index.numbers.get(key) ?? []) {
      const known = places.get(page) ?? new Set<number>()
      for (const { passage } of there) known.add(passage)
      places.set(page, known)
    }
  }
  return places
}
