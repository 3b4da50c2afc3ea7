import type { Line } from '../model.js'
import { SIDE } from '../layout/sidebars.js'
import { isAffiliation, isProse, isStreet } from './prose.js'
import { tidy } from './writer.js'

export interface Byline {
  authors: string[]
  affiliations: string[]
}

const DATE =
  /^\W*(?:dated|received|accepted|published|revised|submitted|draft|version|by\s)|^\W*(?:\d{1,2}\s)?(?:january|february|march|april|may|june|july|august|september|october|november|december)\s/iu
const MAX_NAMES = 400
/** Of the size: baselines so near are one row. */
const ROW = 0.5
const MAX_AFFILIATIONS = 60
/** Raised signs and numbers that point to an affiliation or a note. */
const MARKS = /[*∗†‡§¶‖♯♮⋆★✩☆⇤⋄⋅·•×¹²³⁰⁴-⁹⁺⁾⁽˒´`✉#|^]+/gu
/** Looks like a postal code. */
const YEAR = /\b(?:19|20)\d\d\b/gu
const LEADING_MARK = /^[∗*†‡§¶‖¹²³⁴-⁹]\s?\p{L}/u
const NUMBER_MARKS = /(?<=\p{L}[.]?)\s*\d{1,2}(?:\s*,\s*\d{1,2})*(?!\d)/gu
/** Numbers stand before the names, not behind them. */
const LEADING_NUMBERS = /^1\s?\p{Lu}.*,\s*[²2]\s?\p{Lu}/u
const LEADING_NUMBER = /(?<=^|,\s*)\d{1,2}\s?(?=\p{Lu})/gu
const BRACKET_MARKS = /[([](?:[\d¹²³⁴-⁹](?:,\s?[\d¹²³⁴-⁹])*|\p{Lu}?)[)\]]|(?<=[,\s¹²³⁴-⁹])[a-f]\)/gu
const LETTER_MARKS = /\s+(?:\(?[a-e]\)?)(?:,\s*(?:[a-e]|\d))*(?=\s*(?:,|;|$|\band\b))/gu
const TITLES =
  /(?<=^|,\s?)\d{1,2}(?:st|nd|rd|th)\s(?=\p{Lu})|^(?:Authors?|Author\(s\)):\s|\b(?:M\.\s?Sc|Dr|Prof|Professor|PhD|Ph\.D|M\.?D|MSc|Member|Senior Member|Student Member|Fellow|IEEE|ACM)\b\.?,?|(?<=,\s?)(?:[BM]\.\s?(?:[AS]|Sc|Ed|Tech|Eng)\.|[BM](?:Sc|Ed|Tech|Pharm)|BDS|MDS|DDS|DMD|MBBS|MPH|MBA|DVM|Pharm\.?\s?D|R\.?N\.?|CCC-SLP|D\.?Sc)\.?(?=\s*(?:$|[,;&[(¹²³⁴-⁹*]))/gu
const SEPARATOR =
  /\s*(?:,|;|\t|\s&\s|\s+(?:and|AND|And|und|UND|et|ET)\s+|(?<=\p{Lu}[\p{L}.]+\s\p{Lu}\p{L}+)\s+[ey]\s+(?=\p{Lu}\p{Ll}+\s\p{Lu})|^(?:and|AND|And|by|BY|By|[ey])\s+)\s*/u
const PARTICLE = 'van|von|der|den|de|del|della|di|da|dos|do|du|la|le|el|al|bin|ibn|ter|ten|zu|y|e|af|st'
const NAME = new RegExp(
  `^(?:\\p{Lu}[\\p{L}\\p{M}.’'‐–-]*|${PARTICLE}|\\p{Lu}\\.)(?:\\s+(?:\\p{Lu}[\\p{L}\\p{M}.’'‐–-]*|${PARTICLE}|\\(\\p{Lu}[\\p{L} ]+\\)|I{2,3}|[JS]r\\.?))+$`,
  'u',
)
/** `NXP Semiconductors`, `UC Berkeley`: an acronym beside a word in small letters is no name. */
const INSTITUTION = /^(?:\p{Lu}{3,}|U[CM])\s\p{Lu}\p{Ll}+(?:\s\p{L}+)?$/u
/** Words of institutions, places and notes that look like names. */
const NO_NAME =
  /\b(Abstract|Equal|Contribution|Corresponding|Preprint|Draft|Version|Received|Accepted|Submitted|Published|Dated|(?:January|February|March|April|May|June|July|August|September|October|November|December)(?=\s\d|$)|Group|Grupo|Team|Cent(?:er|re)|Notes?|Article Info|Profile|Summary|Collaboration|Project|Report|Conference|Workshop|Proceedings|Journal|Volume|USA|U\.S\.A|China|Germany|France|Japan|Italy|Spain|Canada|India|Korea|Brazil|Russia|Netherlands|Switzerland|Sweden|Austria|Australia|Israel|Taiwan|R\.O\.C|Mexico|Colombia|Pakistan|Bangladesh|Indonesia|Malaysia|Vietnam|Thailand|Saudi Arabia|Singapore|Hong Kong|City|Campus|Kingdom|Republic|States|England|Road|Street|Avenue|Keywords?|Departament|Board|Citation|Editor|Manuscript|Open Access|License|Copyright|Introduction|Student(?!\sMember)|Supervisors?|Advisors?|Committee)\b/u

/** Returns a byline without the signs that point to notes. */
export function withoutMarks(text: string): string {
  return text.replace(MARKS, '').replace(/\s+/g, ' ').trim()
}

/**
 * Returns the authors and the affiliations among the lines between title and text, in their order: row by row, as names
 * side by side are read. Beside the abstract stand authors only where none stand below the title.
 */
export function readByline(lines: readonly Line[]): Byline {
  const below = read(lines.filter((l) => l.column !== SIDE))
  const all = read(lines)
  return below.authors.length > 0 ? { ...all, authors: below.authors } : all
}

function read(lines: readonly Line[]): Byline {
  const authors: string[] = []
  const affiliations: string[] = []
  // Cells of the last row of names: a row of as many that names a place names places.
  let width = 0
  const rows = wholeRows(inRows(lines))
  for (const [index, text] of rows.entries()) {
    const cells = isStreet(rows, index) ? [] : cellsOf(text)
    const places = cells.filter(isPlaceName).length
    const isOfPlaces = cells.length > 1 && (cells.length === width ? places > 0 : places > 0.5 * cells.length)
    const known = authors.length
    for (const cell of cells) {
      // What a mark leads on is where those above work.
      const isPlace = isOfPlaces || (authors.length > 0 && LEADING_MARK.test(cell))
      const placed = namesWithPlaces(cell)
      const names = isPlace ? [] : (placed?.names ?? namesIn(nameBefore(cell)))
      if (names.length > 0) {
        authors.push(...names)
        affiliations.push(...(placed?.places ?? []))
      } else if (isAffiliation(cell) && !isProse(cell) && !isContact(cell) && !DATE.test(cell))
        affiliations.push(withoutMark(cell))
    }
    if (authors.length - known >= cells.length) width = cells.length
  }
  if (authors.length === 0) authors.push(...collective(lines))
  return {
    authors: [...new Set(withoutKeys(authors, lines))].slice(0, MAX_NAMES),
    affiliations: [...new Set(affiliations)].slice(0, MAX_AFFILIATIONS),
  }
}

/** Lines of a page top down, those of one row from left to right: a gutter runs through a row of names, too. */
function inRows(lines: readonly Line[]): Line[] {
  const rows: Line[][] = []
  for (const line of lines.toSorted((a, b) => a.page - b.page || b.base - a.base)) {
    const first = rows.at(-1)?.[0]
    const isBeside =
      first !== undefined &&
      first.page === line.page &&
      first.base - line.base < ROW * Math.min(first.size, line.size)
    if (isBeside) rows.at(-1)?.push(line)
    else rows.push([line])
  }
  return rows.flatMap((row) => row.toSorted((a, b) => a.x0 - b.x0))
}

/** A raised letter at the head of an address. */
const KEY = /(?:^|[;,.]\s)([a-h])\s?\p{Lu}\p{Ll}/gu
const MIN_KEYED = 2

/** Returns names without the raised letters that stick to each of them, where addresses begin with such letters. */
function withoutKeys(names: readonly string[], lines: readonly Line[]): readonly string[] {
  const keys = new Set(lines.flatMap((l) => [...l.text.matchAll(KEY)].map((m) => m[1]!)))
  const isKeyed = keys.size > 1 && names.length >= MIN_KEYED && names.every((name) => keys.has(name.at(-1)!))
  return isKeyed ? names.map((name) => name.slice(0, -1)) : names
}

function isPlaceName(cell: string): boolean {
  return !isContact(cell) && isAffiliation(cell.replace(YEAR, ''))
}

/** Ends within a name: `Daan`, `J.R.S.`, `Christine van`. */
const OPEN_NAME = new RegExp(
  `(?:^|[,;·]\\s*|\\s(?:and|[ey])\\s|[¹²³⁴-⁹∗†‡§*]\\s*)(\\p{Lu}[\\p{L}.’'‐-]*(?:\\s(?:${PARTICLE}))*)$`,
  'u',
)
/** Begins with the rest of one, and what follows a name. */
const REST_OF_NAME = /^(?:\p{Lu}[\p{L}’'‐-]*\.?\s){0,2}\p{Lu}[\p{L}’'‐-]+\s*(?:$|[,;¹²³⁴-⁹∗†‡§*]|and\s)/u

/** Returns the rows of a byline; a name that is broken over the end of its row stands whole in the first of them. */
function wholeRows(lines: readonly Line[]): string[] {
  const rows: string[] = []
  for (const line of lines) {
    const before = rows.at(-1) ?? ''
    const isList = /[,;·]/u.test(before) && !before.includes('\t') && !isAffiliation(before)
    if (isList && OPEN_NAME.test(before) && REST_OF_NAME.test(line.text))
      rows.splice(-1, 1, `${before} ${line.text}`)
    else rows.push(line.text)
  }
  return rows
}

/** `Ada Author – University of Somewhere`. */
const DASHED = /^(.{3,50}?)\s[–—]\s(.+)$/u
/** `Ada Author (ada@somewhere.edu)`. */
const MAIL = /[(<[{]\s?\S+@\S+\s?[)>\]}]/u

/** `ADA AUTHOR, University of Somewhere`: the name; any other cell as it is. */
function nameBefore(printed: string): string {
  const cell = printed.replace(MAIL, ' ').trim()
  const dashed = DASHED.exec(cell)
  if (dashed !== null && NAME.test(dashed[1]!) && isAffiliation(dashed[2]!)) return dashed[1]!
  const comma = cell.indexOf(',')
  const [name, rest] = [cell.slice(0, comma), cell.slice(comma + 1)]
  const isCaps = name === name.toUpperCase() && NAME.test(inNameCase(name))
  return comma > 0 && isCaps && isAffiliation(inNameCase(rest)) ? name : cell
}

/** Names up to `and Carl Third`, and what follows them. */
const LISTED = /^((?:[^,;]+,\s)*[^,;]+?,?\sand\s[^,;]+),\s(.+)$/u
const PLACED = /^([^,;]+),\s(.+)$/u

/** `Ada Author, Bob Writer, and Carl Third, University of Somewhere; Dan Fourth, Elsewhere Inc.`, as on USENIX's covers. */
function namesWithPlaces(cell: string): { names: string[]; places: string[] } | null {
  const pieces = cell.split(/;\s/)
  const parted = pieces.map((piece) => LISTED.exec(piece) ?? (pieces.length > 1 ? PLACED.exec(piece) : null))
  const found = parted.flatMap((match) => {
    if (match === null || !isAffiliation(match[2]!)) return []
    const names = namesIn(match[1]!)
    return names.length === 0 ? [] : [{ names, place: match[2]! }]
  })
  if (found.length < pieces.length) return null
  return { names: found.flatMap(({ names }) => names), places: found.map(({ place }) => place) }
}

/** Many authors under one name, which is no person's: `The ATLAS Collaboration`, `Gemini Team`. */
const COLLECTIVE = /^\p{L}[\p{L}\d.’'‐ -]{1,60} (?:authors|collaboration|consortium|contributors|team)$/iu

function collective(lines: readonly Line[]): string[] {
  const cells = lines.flatMap(({ text }) => cellsOf(text)).map((cell) => cell.replace(MARKS, ' ').trim())
  return cells.filter((cell) => COLLECTIVE.test(cell)).slice(0, 1)
}

/** Authors side by side stand in cells. */
function cellsOf(text: string): string[] {
  return text
    .split('\t')
    .map(tidy)
    .filter((cell) => /\p{L}{2}/u.test(cell))
}

/** Returns the names of a line, [] if it is no list of names. */
function namesIn(printed: string): string[] {
  const cell = LEADING_NUMBERS.test(printed) ? printed.replace(LEADING_NUMBER, '') : printed
  if (isContact(cell) || NO_NAME.test(cell) || NO_NAME.test(inNameCase(cell))) return []
  const plain = cell
    .replace(TITLES, ' ')
    .replace(/,\s*(?=(?:Jr|Sr)\b)/gu, ' ')
    .replace(BRACKET_MARKS, ',')
    .replace(/(?<=(?:^|[\s.,])\p{Lu}\.)(?=\p{Lu}\p{L})/gu, ' ')
    .replace(NUMBER_MARKS, ',')
    .replace(LETTER_MARKS, '')
    .replace(MARKS, ',')
  const parts = plain
    .split(SEPARATOR)
    .map((part) => part.replace(/^[\s.,;]*(?:(?:and|by|und|[ey]|&)\s+)?|(?:\s&|\sand|[\s,;])+$/gu, ''))
    .filter((part) => /\p{L}/u.test(part) && !/^(?:[a-h]|[iI]D)$/u.test(part))
  const plainCell = cell.replace(MARKS, '').replace(NUMBER_MARKS, '')
  if (isAffiliation(plainCell) || isAffiliation(inNameCase(plainCell)) || INSTITUTION.test(cell)) return []
  const names = inOrder(parts).filter((part) => NAME.test(part) && part.length <= 50)
  if (names.length === 0 || names.length < 0.6 * inOrder(parts).length) return []
  return names.map((name) => (name === name.toUpperCase() ? inNameCase(name) : name))
}

/** `Author, A., Writer, B.` → `A. Author`, `B. Writer`. */
function inOrder(parts: readonly string[]): string[] {
  const names: string[] = []
  for (const part of parts) {
    const last = names.at(-1)
    if (last !== undefined && INITIALS.test(part) && !last.includes(' '))
      names.splice(-1, 1, `${part} ${last}`)
    else names.push(part)
  }
  return names
}

const INITIALS = /^\p{Lu}\.(?:[\s-]?\p{Lu}\.)*$/u

/** `K. HE` → `K. He`. */
function inNameCase(name: string): string {
  return name.replace(/(?<=\p{Lu})[\p{Lu}\p{M}]+(?!\.)/gu, (rest) => rest.toLowerCase())
}

/** Returns whether a text names several persons, or one with a mark, and nothing else. */
export function isNames(text: string): boolean {
  const names = cellsOf(text).map(namesIn)
  const isMarked = text.replace(MARKS, '') !== text
  return names.flat().length > (isMarked ? 0 : 1) && names.every((found) => found.length > 0)
}

function isContact(text: string): boolean {
  return /\S@\S|https?:|www\.|^e-?mails?\b|orcid/iu.test(text)
}

function withoutMark(text: string): string {
  return text.replace(/^(?:[¹²³⁴-⁹*∗†‡§¶]+|\(?[a-z\d]{1,2}\)?(?=\s?\p{Lu}))\s*/u, '').replace(/[,;.]$/u, '')
}
