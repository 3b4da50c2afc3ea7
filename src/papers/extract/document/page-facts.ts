import { KEYWORDS } from '../../../text/keyword-lists.js'
import type { Block, Line } from '../model.js'
import { joinText, type Vocabulary } from './hyphens.js'
import { tidy } from './writer.js'

/** Codes of a classification, or a count of words, that follow on the same line. */
const CODES = /[\s.;,(]*\b(?:JEL|MSC|AMS|PACS|Word count)\b[^:;]{0,60}[:(].*$/su
/** What begins as another statement of the front page does: `Conflict of interest: …`. */
const OTHER_LABEL = /^\p{Lu}[\p{L} ]{2,50}:\s/u
const MAX_KEYWORD = 80
const MAX_KEYWORDS = 30
const DOI = /\b10\.\d{4,9}\/[^\s"<>{}|]+/gu

/** Returns the keywords that the authors gave, [] where there are none on the first two pages. */
export function keywordsOf(blocks: readonly Block[], words: Vocabulary): string[] {
  const early = blocks.filter((b) => b.page <= 2)
  for (const [i, block] of early.entries()) {
    const at = block.lines.findIndex((l) => KEYWORDS.test(l.text))
    if (at < 0) continue
    const listed = block.lines.slice(at).reduce((open, l) => joinText(open, l.text, words), '')
    const own = listed.replace(KEYWORDS, '')
    // The word alone on its line: the list is the next block, unless that is something else.
    const text =
      own === '' ? (early[i + 1]?.lines ?? []).reduce((open, l) => joinText(open, l.text, words), '') : own
    const keywords = own === '' && OTHER_LABEL.test(text) ? [] : partsOf(text.replace(CODES, ''))
    if (keywords.length > 0) return keywords
  }
  return []
}

function partsOf(text: string): string[] {
  const separator = /[;·•∙|]/u.test(text) ? /\s*[;·•∙|]\s*/u : /\s*[,\t]\s*|\s+[–—]\s+/u
  const parts = text.split(separator).map((part) => tidy(part).replace(/[.\s]+$/u, ''))
  return parts.filter((part) => part !== '' && part.length <= MAX_KEYWORD).slice(0, MAX_KEYWORDS)
}

/** Returns the DOI that a first page names as its own, null where it names none, or several. */
export function doiOf(firstPage: readonly Line[]): string | null {
  const found = new Set(
    firstPage.flatMap((l) =>
      (l.text.match(DOI) ?? []).map((doi) => doi.replace(/[.,;:)\]]+$/u, '').toLowerCase()),
    ),
  )
  const [doi] = found
  return found.size === 1 && doi !== undefined ? doi : null
}
