import { findAcronyms, type Acronym } from '../text/acronyms.js'
import { stem } from '../text/stems.js'
import { STOP_WORDS } from '../text/words.js'
import type { TermSource, Zone } from './term-zones.js'

/** A phrase of a paper, its surface forms merged by their stems. */
export interface Candidate {
  key: string
  stems: string[]
  count: number
  /** Occurrences that are no part of a longer run of content words. */
  alone: number
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
  surfaces: Map<string, number>
}

const LONGEST = 4
const TOKEN = /[\p{L}\p{N}]+(?:['’\u00AD-][\p{L}\p{N}]+)*(?:\+\+|#)?|[^\s\p{L}\p{N}]/gu
/** Runs without a blank that are no words; they would also make the patterns below slow. */
const ENDLESS = /\S{90,}/g
const NOISE =
  /\b(?:Table|Figure|Fig\.|Section|Eq\.) ?\(?\d[\d.]*\)?|https?:\S+|www\.\S+|\S+@\S+|\barxiv ?:\s?\S+|\bdoi:\S+|\[p\. \d+\]|\[\d[\d,;\s–-]*\]|&(?:lt|gt|amp|quot|nbsp);|\([^()]{0,200}\b(?:19|20)\d\d[a-z]?\)/giu
/** `Smith et al.`, `Smith and Jones (2010)`, `(Smith, 2010`: who, not what. */
const CITED_NAME =
  /(\p{Lu}[\p{L}'’-]+)(?:,? (?:and|&) (\p{Lu}[\p{L}'’-]+),?\s?(?:\[\d|\(?(?:19|20)\d\d)|,? et al\b|,? \(?(?:19|20)\d\d[a-z]?\)|\s\((?:19|20)\d\d)/gu

/** Words of scientific prose that are part of no term: they end a phrase. */
const NEVER = new Set(
  `paper papers section sections example examples way ways case cases fact author authors arxiv preprint https http www com
  org proceedings university department introduction conclusion conclusions references appendix acknowledgments
  acknowledgements chapter figure show propose consider describe provide require give take become allow follow means mean
  acm ieee vol pp proc int conf copyright rights reserved permission page pages lemma theorem proof proposition corollary
  remark assume let thus hence respect respectively thing things reason reasons people person today day days april august
  december february january july june march november october september monday st nd rd th mr dr mev gev kev tev ghz mhz khz obtain define denote
  represent contrast addition introduce introduces introduced introducing generate generates evaluate evaluates
  utilize utilizes contains contained outperform outperforms outperforming develop develops developing indicate indicates
  demonstrate demonstrates achieve achieves achieved improves yield yields suggest suggests performs enable enables explore
  explores investigate investigates compute computes choose apply applies applied solve solves extend extends exploit
  exploits employ employs leverage leverages focus focuses lead leads aim aims remain remains provides requires
  considers proposes presents describes gives makes takes becomes allows 1st 2nd 3rd kind kinds importance author's`.split(
    /\s+/,
  ),
)

/** Words that name a subject only together with others, and are no term by themselves. */
const SOFT = new Set(
  `approach approaches work works result results number numbers set sets type types part parts step steps value values order
  point points time times term terms problem problems issue issues study studies method methods technique techniques
  property properties conference journal workshop abstract discussion related experiment experiments experimental
  evaluation performance new novel different various first second large small high low good better best important possible
  main general specific similar simple common able available based proposed existing current previous recent following
  present need find get make increase decrease improve reduce compare contain right left top bottom long short key full
  total single multiple certain particular significant corresponding respective additional effective efficient definition
  equation use user users goal goals idea ideas advantage question questions research researchers field area areas level
  levels amount rest change changes difference effect effects future year years system systems model models algorithm
  algorithms data process function functions application applications information analysis structure group groups design
  framework case solution solutions name names object objects size rate test tests quality environment environments
  operation operations implementation tool tools technology development context space component components class classes
  element elements item items event events rule rules state states line lines form forms content feature features
  table tables many much several very less greater larger smaller higher lower bigger`.split(/\s+/),
)
const WEAK_END =
  /(?:ly|ed|ous|ful|less|able|ible|ish|est|(?:larg|small|high|low|bigg|great|few|long|short|strong|weak|near|deep)er)$/
const NOUNS_DESPITE_THEIR_END =
  /^(?:family|assembly|anomaly|variable|table|seed|speed|feed|embed|test|request|interest|forest|bed|breed|need|need|cable|supply|reply|poly\w+|butterfly|timetable|deed|weed|harvest|manifest|quest|west|east|nest|guest|chest|contest)$/

interface Token {
  text: string
  parts: string[]
  /** The parts as one. */
  key: string
  isSoft: boolean
  /** 0 = ends a run, 1 = may stand inside a phrase, 2 = may begin one, 3 = may also end one. */
  role: 0 | 1 | 2 | 3
}

/** Returns all phrases of up to four content words without names of the authors or cited, and the short forms the text introduces. */
export function candidatesOf(
  zones: readonly Zone[],
  authors = '',
): { candidates: Candidate[]; acronyms: Acronym[] } {
  const texts = zones.map((zone) => zone.text.normalize('NFC').replace(ENDLESS, ' ').replaceAll('\u00AD', ''))
  const names = citedNames(texts)
  const stops = stopWordsFor(texts)
  for (const [name] of authors.matchAll(/[\p{L}'’-]{3,}/gu)) names.add(name.toLowerCase())
  const collector = new Collector(texts.reduce((sum, text) => sum + text.length, 0))
  texts.forEach((text, i) => {
    collector.zone(zones[i]?.source ?? 'text', text.replace(NOISE, ' , '), names, stops)
  })
  return { candidates: [...collector.found.values()], acronyms: findAcronyms(texts.join('\n')) }
}

/** German, French, Spanish and Italian function words; only looked at where a text is full of them. */
const FOREIGN = new Set(
  `der die das den dem des ein eine einer eines einem einen und oder ist sind war wird werden wurde von für mit auf im am zu
  zur zum nicht auch sich als wenn dann durch bei kann aus nach über sei gilt es er sie wir man dass ob vom hat haben diese
  dieser dieses jede jeder alle nur noch so wie le la les un une du de et est sont dans pour que qui sur par avec ce cette
  ces nous on il elle pas plus au aux ou se el los las una para con por del es son como al lo y o il gli di da che nel
  della dei delle per non una`.split(/\s+/),
)
const FOREIGN_SHARE = 0.12

function stopWordsFor(texts: readonly string[]): ReadonlySet<string> {
  const sample =
    texts
      .join(' ')
      .slice(0, 40_000)
      .toLowerCase()
      .match(/\p{L}+/gu) ?? []
  const foreign = sample.filter((word) => FOREIGN.has(word)).length
  return foreign > FOREIGN_SHARE * sample.length ? new Set([...STOP_WORDS, ...FOREIGN]) : STOP_WORDS
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

  constructor(total: number) {
    this.#total = total
  }

  zone(source: TermSource, text: string, names: ReadonlySet<string>, stops: ReadonlySet<string>): void {
    this.#zoneNumber++
    let run: Token[] = []
    for (const match of text.matchAll(TOKEN)) {
      let token = this.#tokens.get(match[0])
      if (token === undefined) this.#tokens.set(match[0], (token = tokenOf(match[0], names, stops)))
      if (token.role > 0) {
        run.push(token)
        continue
      }
      this.#run(source, run, match.index)
      run = []
    }
    this.#run(source, run, text.length)
    this.#offset += text.length
  }

  #run(source: TermSource, run: readonly Token[], at: number): void {
    const place = (this.#offset + at) / Math.max(1, this.#total)
    for (let i = 0; i < run.length; i++) {
      const first = run[i]!
      if (first.role < 2) continue
      let [key, surface, words] = ['', '', 0]
      for (let j = i; j < Math.min(run.length, i + LONGEST); j++) {
        const last = run[j]!
        key = j === i ? last.key : `${key} ${last.key}`
        surface = j === i ? last.text : `${surface} ${last.text}`
        words += last.parts.length
        if (last.role !== 3 || (i === j && last.isSoft)) continue
        if (words > LONGEST + 1 || key.length - words + 1 < 2) continue
        const candidate = this.found.get(key) ?? this.#fresh(key, run.slice(i, j + 1), place)
        count(candidate, source, surface, place, this.#zoneNumber)
        if (i === 0 && j === run.length - 1) candidate.alone++
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
    hyphenated: false,
    softFirst: false,
    softLast: false,
    first: place,
    last: place,
    spread: 0,
    lastZone: 0,
    sources: new Map(),
    surfaces: new Map(),
  }
}

function tokenOf(text: string, names: ReadonlySet<string>, stops: ReadonlySet<string>): Token {
  const bare = text.replace(/['’]s$/u, '')
  const lower = bare.toLowerCase()
  const words = /[\p{L}\p{N}]/u.test(text) ? (lower.match(/[\p{L}\p{N}]+(?:\+\+|#)?/gu) ?? []) : []
  const parts = words.map(stem)
  return {
    text: bare,
    parts,
    key: parts.join(' '),
    isSoft: SOFT.has(lower),
    role: words.length === 0 ? 0 : roleIn(bare, lower, words, names, stops),
  }
}

function roleIn(
  bare: string,
  lower: string,
  words: readonly string[],
  names: ReadonlySet<string>,
  stops: ReadonlySet<string>,
): Token['role'] {
  if (stops.has(lower) || words.every((word) => /^\d+$/.test(word)) || isSymbol(bare)) return 0
  if (names.has(lower) && /^\p{Lu}/u.test(bare)) return 1
  return roleOf(bare, lower, words.at(-1) ?? lower)
}

/** `x`, `c1`, `φp`: letters of a formula, no words. */
function isSymbol(text: string): boolean {
  if (text.length === 1 || /^\p{L}\d{1,2}$/u.test(text)) return true
  return text.length === 2 && !/^(?:[A-Z]{2}|[a-z]{2}|\d[A-Z])$/.test(text)
}

function roleOf(text: string, lower: string, lastWord: string): Token['role'] {
  if (NEVER.has(lower)) return 0
  // `ad hoc` is a term, `fp` is a symbol.
  if (/^[a-z]{2}$/.test(text)) return 2
  if (/ly$/.test(lower) && !NOUNS_DESPITE_THEIR_END.test(lower)) return 1
  if (NEVER.has(lastWord) || STOP_WORDS.has(lastWord)) return 2
  return WEAK_END.test(lastWord) && !NOUNS_DESPITE_THEIR_END.test(lastWord) ? 2 : 3
}
