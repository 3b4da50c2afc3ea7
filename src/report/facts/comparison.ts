import { isYear, type ReadNumber } from '../numbers/numbers.js'
import { keyOf } from '../numbers/plain-numbers.js'
import type { PaperIndex, Passage, Place } from '../paper/paper-index.js'
import { compareUnits } from '../numbers/units.js'
import { stemsOf, type Around } from '../numbers/word-keys.js'
import { Agreement, SYMBOL_WEIGHT } from './agreement.js'
import { sentenceOf } from './around.js'

const MAX_PASSAGES = 3
/** Share of a statement's words that a passage must hold before its numbers are taken for the ones meant. */
const SAME_SENTENCE = 0.8
const LEAST_WORDS = 4
/** What another number's words must agree at least with those of a claim, and by how much better than its own. */
const LEAST_AGREEMENT = 3
const BETTER = 1.5
/** Rivals of what is counted count the same, which says something already. */
const LEAST_OF_COUNT = 2
/** Share of the words of a sentence that a passage must hold before one of its numbers may be the one meant. */
const ALIKE = 0.35
const MAX_TRIED = 60
/** A row that is more numbers than words is one of a table, however it was read. */
const NUMBERS_PER_WORD = 0.5

/** Of a number that has no place. */
const NO_PASSAGE = { text: '', words: [] }

/** A statement beside the pages that it claims. */
export class Comparison {
  readonly index: PaperIndex
  readonly statement: string
  readonly words: ReadonlySet<string>
  readonly pages: ReadonlySet<number>
  #same: readonly number[] | null = null
  readonly #agreement: Agreement

  /** @param words keys of the statement's words, each once. */
  constructor(index: PaperIndex, statement: string, words: ReadonlySet<string>, pages: ReadonlySet<number>) {
    this.index = index
    this.statement = statement
    this.words = words
    this.pages = pages
    this.#agreement = new Agreement(index, statement)
  }

  /** Returns the passages on the pages claimed that say much the same as the statement. */
  sameSentences(): readonly Passage[] {
    return this.#sameOnes().flatMap((passage) => this.index.passages[passage] ?? [])
  }

  #sameOnes(): readonly number[] {
    return (this.#same ??= this.#findSame())
  }

  #findSame(): number[] {
    const shared = new Map<number, number>()
    let total = 0
    for (const word of this.words) {
      const passages = this.index.words.get(word)
      if (passages === undefined) continue
      total += 1
      for (const passage of passages) {
        if (this.pages.has(this.index.passages[passage]?.page ?? -1))
          shared.set(passage, (shared.get(passage) ?? 0) + 1)
      }
    }
    const enough = Math.max(LEAST_WORDS, total * SAME_SENTENCE)
    const found = [...shared]
      .filter(([, count]) => count >= enough)
      .sort(([, a], [, b]) => b - a)
      .slice(0, MAX_PASSAGES)
    const least = (found[0]?.[1] ?? 0) * 0.9
    return found.filter(([, count]) => count >= least).map(([passage]) => passage)
  }

  /** Returns where a number stands on the pages claimed; the names that hold it (`LED-4096`) are no such place. */
  places(number: ReadNumber): Place[] {
    return number.keys.flatMap((key) =>
      [...this.pages].flatMap((page) =>
        (this.index.numbers.get(key)?.get(page) ?? []).filter((place) => place.number.role !== 'name'),
      ),
    )
  }

  /** Returns how well the words around a claim agree with those around the best of these places. */
  best(claim: ReadNumber, places: readonly Place[]): number {
    return places.reduce((most, place) => Math.max(most, this.#agreement.of(claim, place)), 0)
  }

  /**
   * Returns the number on the pages claimed around which the paper has the words that the statement has around a claim, if
   * they are clearly not those around the claim's own places there; null if there is none, or if no words can tell: the cell
   * of a table whose row the statement names.
   *
   * @param said keys of the statement's numbers, which are no rivals.
   */
  rival(claim: ReadNumber, said: ReadonlySet<string>): ReadNumber | null {
    const places = this.places(claim)
    if (places.length === 0) return null
    const own = this.best(claim, places)
    const same = this.#nearest(claim, said, this.#sameOnes(), Math.max(LEAST_AGREEMENT, own))
    if (same !== null || places.some((place) => this.isCellOf(place))) return same
    const isCount = claim.unit?.kind === 'count' && claim.value < 100
    const least = isCount ? Math.max(LEAST_OF_COUNT, own) : Math.max(LEAST_AGREEMENT, own * BETTER)
    const passages = this.#passagesWith(this.#agreement.aroundClaim(claim), least)
    const words = this.#sentenceWords(claim)
    return this.#nearest(claim, said, passages, least, (passage) => this.#isAlike(words(), passage))
  }

  /** The number of these passages around which the words agree best with those around a claim, if better than this. */
  #nearest(
    claim: ReadNumber,
    said: ReadonlySet<string>,
    passages: readonly number[],
    least: number,
    isAlike: (passage: number) => boolean = () => true,
  ): ReadNumber | null {
    const elided = this.#elidedUnits(claim)
    let [best, most]: [ReadNumber | null, number] = [null, least]
    for (const passage of passages) {
      if (elided.has(passage)) continue
      for (const there of this.index.passages[passage]?.numbers ?? []) {
        if (there.role === 'name' || there.keys.some((key) => said.has(key)) || !areAlike(there, claim))
          continue
        const agreement = this.#agreement.of(claim, { number: there, passage })
        if (agreement > most && isAlike(passage)) [best, most] = [there, agreement]
      }
    }
    return best
  }

  /** Passages in which a number counts what the one before it counts ("takes 10161 steps, ours 1658"): the words are all with that one. */
  #elidedUnits(claim: ReadNumber): Set<number> {
    if (claim.unit?.kind !== 'count') return new Set()
    return new Set(this.places(claim).flatMap(({ number, passage }) => (number.unit === null ? passage : [])))
  }

  /** The words of a claim's sentence that the paper has, found when first asked for. */
  #sentenceWords(claim: ReadNumber): () => ReadonlySet<string> {
    let words: Set<string> | null = null
    return () =>
      (words ??= new Set(
        stemsOf(sentenceOf(this.statement, claim)[0]).filter((word) => this.index.words.has(word)),
      ))
  }

  /** Whether a passage says a good third of what these words say: others lend a number single words. */
  #isAlike(words: ReadonlySet<string>, passage: number): boolean {
    const there = this.index.passages[passage]?.words ?? []
    let shared = 0
    for (const word of words) if (there.includes(word)) shared += 1
    return shared >= words.size * ALIKE
  }

  /** Passages on the pages claimed that could agree this well. */
  #passagesWith({ left, right }: Around, least: number): number[] {
    const possible = new Map<number, number>()
    for (const word of new Set([...left, ...right])) {
      for (const passage of this.index.words.get(word) ?? []) {
        if (this.pages.has(this.index.passages[passage]?.page ?? -1))
          possible.set(passage, (possible.get(passage) ?? 0) + this.#agreement.rarity(word))
      }
    }
    return [...possible]
      .filter(([, weight]) => weight + SYMBOL_WEIGHT >= least)
      .sort(([, a], [, b]) => b - a)
      .slice(0, MAX_TRIED)
      .map(([passage]) => passage)
  }

  /** Returns whether a place is in a row of a table, where the head says what units there are. */
  isRow({ passage }: Place): boolean {
    return this.index.passages[passage]?.text.startsWith('> |') === true
  }

  /** Returns whether a place is a cell of a table whose row the statement names, so that the words around it tell nothing. */
  isCellOf({ passage }: Place): boolean {
    const { text, words } = this.index.passages[passage] ?? NO_PASSAGE
    if (text.startsWith('> |')) {
      const name = text.slice(3, text.indexOf('|', 3)).trim()
      const named = stemsOf(name)
      return named.length > 0
        ? named.some((word) => this.words.has(word))
        : name === '' || /^[\d.%-]+$/.test(name) || this.statement.includes(name)
    }
    const numbers = text.match(/\d+/g)?.length ?? 0
    const isRow = numbers > words.length * NUMBERS_PER_WORD
    return words.length < 3 || (isRow && words.some((word) => this.words.has(word)))
  }
}

/** Whether two numbers could be taken for one another: both with decimals or none, both a share, a year, of one unit. */
function areAlike(there: ReadNumber, claim: ReadNumber): boolean {
  if (there.decimals > 0 !== claim.decimals > 0 || isYear(there) !== isYear(claim)) return false
  const [one, other] = [there.unit, claim.unit]
  if (
    [one, other].some((unit) => unit?.kind === 'share' || unit?.kind === 'measure') ||
    other?.kind === 'count'
  )
    return one?.name === other?.name
  return (
    compareUnits(one, other) !== 'other' &&
    (claim.role === 'claim' || keyOf(there.value).length > 1 || there.unit !== null || there.decimals > 0)
  )
}
