import { findAcronyms, type Acronym } from '../../text/acronyms.js'
import { languageOf } from '../../text/language.js'
import { isGermanAdjective, isSmall, keyOf } from './german-words.js'
import {
  isLink,
  isRomance,
  joined,
  ROMANCE_STOPS,
  romanceWordsIn,
  withoutElisions,
  type RomanceWords,
} from './romance-words.js'
import { inRomance, isKnown, tokenOf, type Token } from './term-tokens.js'
import { NAMED_BY_AUTHORS, stopWordsFor } from './term-words.js'
import type { TermSource, Zone } from './term-zones.js'
import { verbsIn } from './verb-forms.js'

/** A phrase of a paper, its surface forms merged by their stems. */
export interface Candidate {
  key: string
  stems: string[]
  count: number
  /** Occurrences that are no part of a longer run of content words, and those that begin and end such a run. */
  alone: number
  begins: number
  ends: number
  /** One token with a hyphen, as compound modifiers are (`few-shot`). */
  hyphenated: boolean
  /** Whether its first and last word are of those that name no subject alone. */
  softFirst: boolean
  softLast: boolean
  /** Place of the first and last occurrence, 0–1. */
  first: number
  last: number
  /** Number of zones it occurs in. */
  spread: number
  lastZone: number
  sources: Map<TermSource, number>
  /** Kinds of zones where it is no part of a longer phrase. */
  whole: Set<TermSource>
  surfaces: Map<string, number>
}

const LONGEST = 4
const TOKEN = /[\p{L}\p{N}]+(?:['’\u00AD–-][\p{L}\p{N}]+)*(?:\+\+|#)?|[^\s\p{L}\p{N}]/gu
/** Words long enough to be hyphenated, without a hyphen. */
const WHOLE_WORD = /(?<![\p{L}-])\p{L}{5,}(?![\p{L}-])/gu
/** Runs without a blank that are no words; they would also make the patterns below slow. */
const ENDLESS = /\S{90,}/g
const NOISE =
  /\b(?:Table|Figure|Fig\.|Section|Eq\.) ?\(?\d[\d.]*\)?|https?:\S+|www\.\S+|\S+@\S+|\barxiv ?:\s?\S+|\bdoi:\S+|\[p\. \d+\]|\[\d[\d,;\s–-]*\]|\[\p{Lu}[\p{L}+]{0,9}\d\d[a-z]?(?:[,;] ?[\p{L}+]{1,10}\d\d[a-z]?)*\]|\b\p{Ll}{3,}(?:19|20)\d\d\p{Ll}*\b|\bstate[- ]of[- ]the[- ]art\b|&(?:lt|gt|amp|quot|nbsp);|\([^()]{0,200}\b(?:19|20)\d\d[a-z]?\)/giu
/** `Smith et al.`, `Smith and Jones (2010)`, `(Smith, 2010`: who, not what. */
const CITED_NAME =
  /(\p{Lu}[\p{L}'’-]+)(?:,? (?:and|&) (\p{Lu}[\p{L}'’-]+),?\s?(?:\[\d|\(?(?:19|20)\d\d)|,? et al\b|,? \(?(?:19|20)\d\d[a-z]?\)|\s\((?:19|20)\d\d)/gu

/** Returns all phrases of up to four content words without names of the authors or cited, the short forms the text introduces, and whether it is German. */
export function candidatesOf(
  zones: readonly Zone[],
  authors = '',
): { candidates: Candidate[]; acronyms: Acronym[]; isGerman: boolean } {
  const plain = zones.map((zone) => zone.text.normalize('NFC').replace(ENDLESS, ' ').replaceAll('\u00AD', ''))
  const language = languageOf(plain.join('\n'))
  const isGerman = language === 'de'
  const texts = isRomance(language) ? plain.map(withoutElisions) : plain
  const romance = isRomance(language) ? romanceWordsIn(texts, language) : null
  const names = citedNames(texts)
  const stops = new Set([
    ...stopWordsFor(texts),
    ...verbsIn(texts),
    ...(romance === null ? [] : ROMANCE_STOPS),
  ])
  for (const [name] of authors.matchAll(/[\p{L}'’-]{3,}/gu)) names.add(name.toLowerCase())
  const collector = new Collector(texts, isGerman, romance)
  texts.forEach((text, i) => {
    collector.zone(zones[i]?.source ?? 'text', text.replace(NOISE, ' , '), names, stops)
  })
  return {
    candidates: [...collector.found.values()],
    acronyms: findAcronyms(texts.join('\n')),
    isGerman,
  }
}

function citedNames(texts: readonly string[]): Set<string> {
  const names = new Set<string>()
  for (const text of texts) {
    for (const match of text.matchAll(CITED_NAME))
      for (const name of match.slice(1)) if (name !== undefined) names.add(name.toLowerCase())
  }
  return names
}

class Collector {
  readonly found = new Map<string, Candidate>()
  /** A paper says a few thousand words again and again. */
  readonly #tokens = new Map<string, Token>()
  #offset = 0
  #zoneNumber = 0

  readonly #total: number
  readonly #words: ReadonlySet<string>
  readonly #isGerman: boolean
  readonly #romance: RomanceWords | null

  constructor(texts: readonly string[], isGerman: boolean, romance: RomanceWords | null) {
    this.#isGerman = isGerman
    this.#romance = romance
    this.#total = texts.reduce((sum, text) => sum + text.length, 0)
    this.#words = new Set(texts.flatMap((text) => text.toLowerCase().match(WHOLE_WORD) ?? []))
  }

  zone(source: TermSource, text: string, names: ReadonlySet<string>, stops: ReadonlySet<string>): void {
    this.#zoneNumber++
    let run: Token[] = []
    let link = ''
    for (const match of text.matchAll(TOKEN)) {
      if (this.#romance !== null && run.length > 0 && isLink(match[0], link)) {
        link = `${link} ${match[0]}`.trim()
        continue
      }
      let token = this.#tokens.get(match[0])
      if (token === undefined) this.#tokens.set(match[0], (token = this.#token(match[0], names, stops)))
      if (this.#isGerman && isSmall(token.text) && !isSmall(run.at(-1)?.text ?? 'x')) {
        this.#run(source, run, match.index)
        run = []
      }
      if (source === 'keywords' && NAMED_BY_AUTHORS.has(token.text.toLowerCase()))
        token = { ...token, role: 3 }
      if (token.role > 0) {
        run.push(link === '' ? token : { ...token, link })
        link = ''
        continue
      }
      this.#run(source, run, match.index)
      run = []
      link = ''
    }
    this.#run(source, run, text.length)
    this.#offset += text.length
  }

  #token(text: string, names: ReadonlySet<string>, stops: ReadonlySet<string>): Token {
    const token = tokenOf(this.#joined(text), names, stops)
    if (this.#romance !== null) return inRomance(token, this.#romance, stops)
    if (!this.#isGerman || token.role === 0) return token
    const german = { ...token, key: keyOf(token.text, true) }
    return isSmall(token.text) ? { ...german, role: isGermanAdjective(token.text) ? 2 : 0 } : german
  }

  /** A word without its hyphen where the paper has it so, too, or its end is no word: `pre-training`, `ex-periments`. */
  #joined(text: string): string {
    const parts = text.split('-')
    if (parts.length === 1) return text
    const joined = parts.join('')
    const isWord = isKnown(joined) && !isKnown(parts.at(-1) ?? '') && /^\p{Ll}+$/u.test(joined)
    return isWord || this.#words.has(joined.toLowerCase()) ? joined : text
  }

  #run(source: TermSource, run: readonly Token[], at: number): void {
    const place = (this.#offset + at) / Math.max(1, this.#total)
    const begin = run.findIndex(({ role }) => role > 1)
    const end = run.findLastIndex(({ role }) => role === 3)
    for (let i = 0; i < run.length; i++) {
      const first = run[i]!
      if (first.role < 2 || first.onlyBehind === true) continue
      let [key, surface, words] = ['', '', 0]
      for (let j = i; j < Math.min(run.length, i + LONGEST); j++) {
        const last = run[j]!
        key = j === i ? last.key : `${key} ${last.key}`
        surface = j === i ? last.text : `${surface}${joined(last.link ?? '')}${last.text}`
        words += last.parts.length
        if (last.role !== 3 || (i === j && last.isSoft)) continue
        if (words > LONGEST + 1 || key.length - words + 1 < 2) continue
        const candidate = this.found.get(key) ?? this.#fresh(key, run.slice(i, j + 1), place)
        const isWhole = i === begin && j >= end
        // A part of what the authors listed is none of their keywords.
        const found = source === 'keywords' && !isWhole ? 'text' : source
        count(candidate, found, surface, place, this.#zoneNumber)
        if (i === begin) candidate.begins++
        if (j >= end) candidate.ends++
        if (!isWhole) continue
        candidate.alone++
        candidate.whole.add(source)
      }
    }
  }

  #fresh(key: string, tokens: readonly Token[], place: number): Candidate {
    const stems = tokens.flatMap((token) => token.parts)
    const candidate = fresh(key, stems, place)
    candidate.hyphenated = tokens.length === 1 && stems.length > 1
    candidate.softFirst = tokens[0]?.isSoft ?? false
    candidate.softLast = tokens.at(-1)?.isSoft ?? false
    this.found.set(key, candidate)
    return candidate
  }
}

function count(candidate: Candidate, source: TermSource, surface: string, place: number, zone: number): void {
  candidate.count++
  candidate.last = place
  if (candidate.lastZone !== zone) {
    candidate.lastZone = zone
    candidate.spread++
  }
  candidate.sources.set(source, (candidate.sources.get(source) ?? 0) + 1)
  candidate.surfaces.set(surface, (candidate.surfaces.get(surface) ?? 0) + 1)
}

function fresh(key: string, stems: string[], place: number): Candidate {
  return {
    key,
    stems,
    count: 0,
    alone: 0,
    begins: 0,
    ends: 0,
    hyphenated: false,
    softFirst: false,
    softLast: false,
    first: place,
    last: place,
    spread: 0,
    lastZone: 0,
    sources: new Map(),
    whole: new Set(),
    surfaces: new Map(),
  }
}
