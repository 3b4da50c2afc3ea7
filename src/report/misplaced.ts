import { keyOf, type ReadNumber } from './numbers.js'
import type { PaperIndex, Passage, Place } from './paper-index.js'
import { compareUnits } from './units.js'
import { keysAround, type Around } from './word-keys.js'

/** Passages that agree best with a statement, and at most so many numbers of it, are compared. */
const MAX_PASSAGES = 3
const MAX_NUMBERS = 24
/** Numbers change places with their neighbours. */
const MAX_APART = 4
const MAX_RIVALS = 40
/** Share of a statement's words that a passage must hold before its numbers are taken for the ones meant. */
const SAME_SENTENCE = 0.8
const LEAST_WORDS = 4
/** By how much the words around another number must agree better. */
const BETTER = 2
const LEAST_AGREEMENT = 5

/**
 * Returns the numbers that stand on the pages claimed, but whose words there are those of another number: two of the
 * statement in each other's place, or one that another number of the same sentence should stand for; each with what is odd.
 */
export function misplacedIn(comparison: Comparison, numbers: readonly ReadNumber[]): Map<ReadNumber, string> {
  const odd = new Map<ReadNumber, string>()
  const claims = numbers
    .filter(({ role, value, spelled }) => !spelled && (role === 'claim' || value >= 10))
    .slice(0, MAX_NUMBERS)
  const said = new Set(numbers.map(({ value }) => keyOf(value)))
  const passages = comparison.sameSentences()
  for (const [n, one] of claims.entries()) {
    for (const other of claims.slice(n + 1, n + 1 + MAX_APART)) {
      if (keyOf(one.value) === keyOf(other.value) || one.decimals > 0 !== other.decimals > 0) continue
      const turned =
        passages.some((passage) => isTurned(passage, one, other)) &&
        [one, other].every((number) => isOnce(numbers, number))
      if (comparison.areSwapped(one, other, turned)) {
        const why = `"${one.text.trim()}" and "${other.text.trim()}" seem to have changed places`
        odd.set(one, why).set(other, why)
      }
    }
  }
  for (const claim of claims) {
    if (odd.has(claim) || passages.some((passage) => orderOf(passage, claim) >= 0)) continue
    const meant = passages.flatMap((passage) => comparison.rival(claim, passage, said) ?? [])[0]
    if (meant !== undefined) odd.set(claim, `the sentence has ${meant.text.trim()}`)
  }
  return odd
}

function isTurned({ numbers }: Pick<Passage, 'numbers'>, one: ReadNumber, other: ReadNumber): boolean {
  const [first, second] = [orderOf({ numbers }, one), orderOf({ numbers }, other)]
  return second >= 0 && first > second && isOnce(numbers, one) && isOnce(numbers, other)
}

function isOnce(numbers: readonly ReadNumber[], { value }: ReadNumber): boolean {
  return numbers.filter((one) => one.value === value).length === 1
}

/** Which of the passage's numbers a claim is, or -1. */
function orderOf({ numbers }: Pick<Passage, 'numbers'>, { keys }: ReadNumber): number {
  return numbers.findIndex((there) => there.keys.some((key) => keys.includes(key)))
}

/** A statement beside the pages that it claims. */
export class Comparison {
  readonly #index: PaperIndex
  readonly #statement: string
  readonly #words: ReadonlySet<string>
  readonly #pages: ReadonlySet<number>
  #same: Passage[] | null = null
  readonly #rare = new Map<string, number>()
  readonly #around = new Map<ReadNumber, Around>()

  /** @param words keys of the statement's words, each once. */
  constructor(index: PaperIndex, statement: string, words: ReadonlySet<string>, pages: ReadonlySet<number>) {
    this.#index = index
    this.#statement = statement
    this.#words = words
    this.#pages = pages
  }

  /**
   * Whether each of two numbers has the words around it that the paper has around the other.
   *
   * @param turned whether they stand the other way round in the sentence that the statement repeats.
   */
  areSwapped(one: ReadNumber, other: ReadNumber, turned: boolean): boolean {
    if (compareUnits(one.unit, other.unit) === 'other') return false
    const [onePlaces, otherPlaces] = [this.#places(one), this.#places(other)]
    if (onePlaces.length === 0 || otherPlaces.length === 0) return false
    if (this.#unitsTell(one, onePlaces, otherPlaces) || this.#unitsTell(other, otherPlaces, onePlaces))
      return true
    if (this.#isRangeTurned(one, other, onePlaces, otherPlaces)) return true
    const [asOne, asOther] = [this.#best(one, onePlaces), this.#best(other, otherPlaces)]
    const [forOne, forOther] = [this.#best(one, otherPlaces), this.#best(other, onePlaces)]
    const changed = forOne + forOther
    if (turned) return changed >= asOne + asOther
    return (
      changed >= LEAST_AGREEMENT &&
      forOne > asOne &&
      forOther > asOther &&
      changed > (asOne + asOther) * BETTER
    )
  }

  /** The paper gives the unit of a number to the other one alone. */
  #unitsTell({ unit, relation, text }: ReadNumber, own: readonly Place[], others: readonly Place[]): boolean {
    const has = (places: readonly Place[]): boolean =>
      places.some(({ number }) => number.unit?.name === unit?.name && number.relation === relation)
    return unit?.kind === 'measure' && /\p{L}/u.test(text) && !has(own) && has(others)
  }

  #isRangeTurned(
    one: ReadNumber,
    other: ReadNumber,
    own: readonly Place[],
    others: readonly Place[],
  ): boolean {
    const isRange = /^\s?-\s?$/.test(this.#statement.slice(one.end, other.at))
    return (
      isRange &&
      own.some(({ passage, number }) =>
        others.some(
          (place) =>
            place.passage === passage && number.at > place.number.at && number.at - place.number.end < 4,
        ),
      )
    )
  }

  /** Passages on the pages claimed that say much the same as the statement. */
  sameSentences(): readonly Passage[] {
    return (this.#same ??= this.#findSame())
  }

  #findSame(): Passage[] {
    const shared = new Map<number, number>()
    let total = 0
    for (const word of this.#words) {
      const passages = this.#index.words.get(word)
      if (passages === undefined) continue
      total += 1
      for (const passage of passages) {
        if (this.#pages.has(this.#index.passages[passage]?.page ?? -1))
          shared.set(passage, (shared.get(passage) ?? 0) + 1)
      }
    }
    const enough = Math.max(LEAST_WORDS, total * SAME_SENTENCE)
    const found = [...shared]
      .filter(([, count]) => count >= enough)
      .sort(([, a], [, b]) => b - a)
      .slice(0, MAX_PASSAGES)
    const least = (found[0]?.[1] ?? 0) * 0.9
    return found
      .filter(([, count]) => count >= least)
      .flatMap(([passage]) => this.#index.passages[passage] ?? [])
  }

  /** The number of a passage whose words are those around a claim, if the claim is not it. */
  rival(claim: ReadNumber, passage: Passage, said: ReadonlySet<string>): ReadNumber | null {
    const own = this.#best(claim, this.#places(claim))
    let best: ReadNumber | null = null
    let most = Math.max(LEAST_AGREEMENT, own)
    for (const there of passage.numbers.slice(0, MAX_RIVALS)) {
      if (
        there.role === 'name' ||
        said.has(keyOf(there.value)) ||
        there.decimals > 0 !== claim.decimals > 0 ||
        there.unit?.name !== claim.unit?.name
      )
        continue
      const agreement = this.#agreement(this.#aroundClaim(claim), this.#aroundPlace(there, passage))
      if (agreement > most) [best, most] = [there, agreement]
    }
    return best
  }

  #places(number: ReadNumber): Place[] {
    return number.keys.flatMap((key) =>
      [...this.#pages].flatMap((page) => this.#index.numbers.get(key)?.get(page) ?? []),
    )
  }

  #best(claim: ReadNumber, places: readonly Place[]): number {
    const around = this.#aroundClaim(claim)
    return places.reduce(
      (most, { number, passage }) =>
        Math.max(most, this.#agreement(around, this.#aroundPlace(number, this.#index.passages[passage]!))),
      0,
    )
  }

  #aroundClaim(number: ReadNumber): Around {
    return this.#cached(number, () => keysAround(this.#statement, number.at, number.end, 8))
  }

  #aroundPlace(number: ReadNumber, { text }: Passage): Around {
    return this.#cached(number, () => {
      const around = keysAround(text, number.at, number.end, 8)
      if (!text.startsWith('> |')) return around
      // The name of the row stands as near to its last cell as to its first.
      const name = keysAround(text, text.indexOf('|', 3), text.length, 8).left
      return { left: [...around.left, ...name], right: [...name, ...around.right] }
    })
  }

  #cached(number: ReadNumber, make: () => Around): Around {
    let around = this.#around.get(number)
    if (around === undefined) this.#around.set(number, (around = make()))
    return around
  }

  #agreement(one: Around, other: Around): number {
    return (
      this.#shared(one.left, other.left) +
      this.#shared(one.right, other.right) +
      (this.#shared(one.left, other.right) + this.#shared(one.right, other.left)) * 0.25
    )
  }

  /** Words that both have, rarer ones and nearer ones first. */
  #shared(one: readonly string[], other: readonly string[]): number {
    let sum = 0
    for (const [n, word] of one.entries()) {
      const at = other.indexOf(word)
      if (at < 0) continue
      sum += this.#rarity(word) / (1 + 0.25 * (n + at))
    }
    return sum
  }

  #rarity(word: string): number {
    let rare = this.#rare.get(word)
    if (rare === undefined) {
      rare = Math.log((this.#index.passages.length + 1) / (this.#index.words.get(word)?.length ?? 1))
      this.#rare.set(word, rare)
    }
    return rare
  }
}
