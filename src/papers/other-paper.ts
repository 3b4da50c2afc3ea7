import { languageOf } from '../text/language.js'
import { withoutTex } from '../text/tex-accents.js'
import { contentStems, letterWords } from '../text/words.js'
import type { ExtractedPaper } from './types.js'

/** What the metadata say of a paper; '' for what they do not. */
export interface KnownPaper {
  title: string
  authors: string
}

/** Characters at the head of the text in which a paper names itself, be there a cover before it. */
const HEAD_CHARS = 6_000
/** Of the words of a title that was changed, more are found. */
const MAX_FOUND = 0.4
/** Fewer words say nothing. */
const MIN_TITLE_WORDS = 3
const MIN_HEAD_WORDS = 150
/** Shorter names are words of every language. */
const MIN_NAME = 3
/** Such are found in a text that lost spaces or has too many. */
const LONG_NAME = 5

/**
 * Returns what a PDF says it is where it cannot be the paper that the metadata describe, else null: neither most words of the
 * title nor one of its authors stand at its head. Titles change, and readers and scanners misread;
 * in doubt it is the paper.
 */
export function otherPaper(known: KnownPaper, paper: ExtractedPaper): string | null {
  const title = new Set(contentStems(plain(known.title)))
  if (title.size < MIN_TITLE_WORDS || namesIn(known.authors).length === 0) return null
  const head = plain(headOf(paper))
  const found = letterWords(head)
  // Metadata are English; other languages say titles and names in their own way.
  if (languageOf(head) !== 'en' || found.length < MIN_HEAD_WORDS) return null
  if (isNamed(known, head)) return null
  return paper.title ?? `${(paper.front || paper.text).replace(/\s+/gu, ' ').trim().slice(0, 80)} …`
}

/** Returns whether most words of a paper's title, or one of its authors, stand in a text. */
export function isNamed(known: KnownPaper, text: string): boolean {
  const read = plain(text)
  const title = new Set(contentStems(plain(known.title)))
  const stems = new Set(contentStems(read))
  const shared = [...title].filter((word) => stems.has(word)).length
  if (shared > MAX_FOUND * title.size) return true
  const found = letterWords(read)
  const joined = found.join('')
  return namesIn(known.authors).some((name) =>
    name.length < LONG_NAME ? found.includes(name) : joined.includes(name),
  )
}

function headOf(paper: ExtractedPaper): string {
  const parts = [paper.title, ...paper.authors, ...paper.affiliations, paper.abstract, paper.front]
  return [...parts.filter((part) => part !== null), paper.text.slice(0, HEAD_CHARS)].join(' ')
}

/** Last names, or all parts of a name where that comes first. */
function namesIn(authors: string): string[] {
  const parts = plain(authors).split(/[,;]|\sand\s/u)
  return parts.flatMap((part) => letterWords(part).slice(-1)).filter((word) => word.length >= MIN_NAME)
}

/** Without accents, which metadata and PDFs print in many ways. */
function plain(text: string): string {
  return withoutTex(text)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/ł/gu, 'l')
    .replace(/Ł/gu, 'L')
    .replace(/ø/gu, 'o')
    .replace(/Ø/gu, 'O')
}
