import type { ReadNumber } from '../numbers/numbers.js'
import type { PaperIndex, Place } from '../paper/paper-index.js'
import { stemsOf, type Around } from '../numbers/word-keys.js'
import { aroundOf, sentenceOf } from './around.js'

/** Words on the other side of a number say less of it, and further ones less than nearer ones. */
const CROSSED = 0.15
const DECAY = 1
/** A letter before a number (`H > 26`) says as much as a rare word. */
export const SYMBOL_WEIGHT = 3

/** Words around the numbers of a paper; each is read when first needed. */
const aroundPlaces = new WeakMap<ReadNumber, Around>()

/** How well the words around the numbers of a statement agree with those around the numbers of the paper. */
export class Agreement {
  readonly #index: PaperIndex
  readonly #statement: string
  readonly #rare = new Map<string, number>()
  readonly #around = new Map<ReadNumber, Around>()

  constructor(index: PaperIndex, statement: string) {
    this.#index = index
    this.#statement = statement
  }

  /** Returns how well they agree around a claim and a place: the weights of the words that both have, 0 where there are none. */
  of(claim: ReadNumber, place: Pick<Place, 'number' | 'passage'>): number {
    const [one, other] = [this.aroundClaim(claim), this.#aroundPlace(place)]
    return (
      this.#shared(one.left, other.left) +
      this.#shared(one.right, other.right) +
      (this.#shared(one.left, other.right) + this.#shared(one.right, other.left)) * CROSSED
    )
  }

  /** Returns the words around a number of the statement, in its sentence. */
  aroundClaim(number: ReadNumber): Around {
    let around = this.#around.get(number)
    if (around === undefined)
      this.#around.set(number, (around = aroundOf(...sentenceOf(this.#statement, number))))
    return around
  }

  /** Returns the weight of a word: the rarer it is in the paper, the more it says. */
  rarity(word: string): number {
    let rare = this.#rare.get(word)
    if (rare === undefined) {
      rare = word.startsWith('=')
        ? SYMBOL_WEIGHT
        : Math.log((this.#index.passages.length + 1) / ((this.#index.words.get(word)?.length ?? 0) + 1))
      this.#rare.set(word, rare)
    }
    return rare
  }

  #aroundPlace({ number, passage }: Pick<Place, 'number' | 'passage'>): Around {
    let around = aroundPlaces.get(number)
    if (around !== undefined) return around
    const text = this.#index.passages[passage]?.text ?? ''
    around = aroundOf(text, number)
    if (text.startsWith('> |')) {
      // The name of the row stands as near to its last cell as to its first.
      const name = stemsOf(text.slice(3, text.indexOf('|', 3))).slice(-4)
      around = { left: [...name.reverse(), ...around.left], right: around.right }
    }
    aroundPlaces.set(number, around)
    return around
  }

  /** Words that both have, rarer ones and nearer ones first. */
  #shared(one: readonly string[], other: readonly string[]): number {
    let sum = 0
    for (let n = 0; n < one.length; n += 1) {
      const word = one[n]!
      const at = other.indexOf(word)
      if (at >= 0) sum += this.rarity(word) / (1 + DECAY * (n + at))
    }
    return sum
  }
}
