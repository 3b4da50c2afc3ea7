import type { Found } from './number-check.js'
import { referenceNumbersIn } from '../numbers/reference-numbers.js'
import { squash, type PaperIndex } from '../paper/paper-index.js'

/** An address or a cited work that a statement names. */
interface Source {
  text: string
  kind: 'url' | 'citation' | 'id'
  /** Of a citation: surname and year. */
  surname?: string
  year?: string
}

const URL_IN_TEXT = /(?:https?:\/\/|www\.)[^\s<>"'`)\]}]{3,300}/gi
const DOI_OR_ID =
  /\b(?:10\.\d{4,9}\/[^\s<>"')\]]{2,100}|arxiv[:\s]\s?(?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?\/\d{7}))/gi
const CITATION =
  /(?<![\p{L}\p{N}])(\p{Lu}[\p{L}'’-]{1,30})(?:,? (?:et al\.?|(?:and|&) \p{Lu}[\p{L}'’-]{1,30}))?,? [([]?((?:19|20)\d\d)[a-z]?[)\]]?(?!\d)/gu
/** Words that stand before a year without being an author. */
const NO_AUTHOR =
  /^(?:january|february|march|april|may|june|july|august|september|october|november|december|in|since|until|from|by|of|the|after|before|during|between|year|spring|summer|autumn|fall|winter|version|arxiv|around|about|section|table|figure|page|and|for|on|a|an|early|late|mid|as|at)$/i
const MAX_YEARS = 20_000
/** Integers in brackets, whatever stands before them. */
const BRACKETED = /\[\d{1,3}(?:\s?[,;–-]\s?\d{1,3}){0,20}\]/g
/** A paper that cites by number has so many different ones at least. */
const LEAST_NUMBERED = 8

/** Returns the addresses, identifiers and author–year citations that a text names, in order. */
function sourcesIn(text: string): Source[] {
  const sources: Source[] = []
  if (!/https?:|www\.|10\.\d|arxiv|(?:19|20)\d\d/i.test(text)) return sources
  for (const [whole] of text.matchAll(URL_IN_TEXT))
    sources.push({ text: whole.replace(/[.,;:!?*_]+$/, ''), kind: 'url' })
  for (const [whole] of text.replace(URL_IN_TEXT, ' ').matchAll(DOI_OR_ID))
    sources.push({ text: whole.replace(/[.,;:]+$/, ''), kind: 'id' })
  for (const match of text.matchAll(CITATION)) {
    const [whole, surname = '', year = ''] = match
    const isCitation = /et al|&|\band \p{Lu}/u.test(whole) || /[([,]/.test(whole)
    if (isCitation && !NO_AUTHOR.test(surname))
      sources.push({ text: whole.replace(/,?$/, ''), kind: 'citation', surname, year })
  }
  return sources
}

/** Looks up what a paper names: addresses as they are broken over lines, authors near their year. */
export class NamedSources {
  readonly #text: string
  readonly #about: string
  readonly #squashed: string
  #cited: Set<string> | null = null
  #lastNumber: number | null = null

  constructor(index: PaperIndex, about: string) {
    this.#text = index.text
    this.#about = about
    this.#squashed = index.squashed.text + squash(about)
  }

  /** Returns the sources that a text names, with what became of each. */
  factsIn(text: string): (Found & { kind: 'source'; text: string })[] {
    return [
      ...sourcesIn(text).map((source) => ({
        kind: 'source' as const,
        text: source.text,
        ...this.#locate(source),
      })),
      ...this.#unknownReferences(text).map((reference) => ({
        kind: 'source' as const,
        text: reference,
        verdict: 'missing' as const,
        why: 'the paper has no such reference',
      })),
    ]
  }

  #locate(source: Source): Found {
    const known =
      source.kind === 'citation' ? this.#isCited(source) : this.#squashed.includes(addressKey(source.text))
    return known
      ? { verdict: 'supported', why: '' }
      : { verdict: 'missing', why: 'the paper does not name it' }
  }

  /** Returns the numbers of references that a text names and the paper's list cannot have; [] where the paper cites by other means. */
  #unknownReferences(text: string): string[] {
    const named = referenceNumbersIn(text)
    if (named.length === 0) return []
    const last = (this.#lastNumber ??= lastReference(this.#text))
    return named.filter((one) => numbersOf(one).some((number) => number > last))
  }

  #isCited({ surname = '', year = '' }: Source): boolean {
    this.#cited ??= citedIn(`${this.#text}\n${this.#about}`)
    const name = squash(surname)
    // References are no part of the text that is read; where years are not cited beside names, the name must do.
    return (
      this.#cited.has(`${name}|${year}`) ||
      (!this.#cited.has(`|${year}`) && this.#squashed.includes(name) && this.#cited.size < 4)
    )
  }
}

function numbersOf(reference: string): number[] {
  return (reference.match(/\d+/g) ?? []).map(Number)
}

/** The highest number by which a paper cites; Infinity where its numbers in brackets are no run from 1 on. */
function lastReference(text: string): number {
  const cited = new Set((text.match(BRACKETED) ?? []).flatMap(numbersOf))
  const last = Math.max(...cited)
  return cited.size >= LEAST_NUMBERED && cited.size * 2 >= last ? last : Number.POSITIVE_INFINITY
}

function addressKey(address: string): string {
  return squash(
    address
      .replace(/^(?:https?:\/\/)?(?:www\.)?/i, '')
      .replace(/^arxiv[:\s]\s?/i, '')
      .replace(/#.*$/, ''),
  )
}

function citedIn(text: string): Set<string> {
  const cited = new Set<string>()
  let looked = 0
  for (const match of text.matchAll(/(?<!\d)(?:19|20)\d\d(?!\d)/g)) {
    looked += 1
    if (looked > MAX_YEARS) break
    const year = match[0]
    cited.add(`|${year}`)
    for (const [name] of text
      .slice(Math.max(0, match.index - 110), match.index)
      .matchAll(/\p{Lu}[\p{L}'’-]+/gu))
      cited.add(`${squash(name)}|${year}`)
  }
  return cited
}
