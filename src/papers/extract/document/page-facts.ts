import { arxivIdOf, readArxivId } from '../../../core/arxiv-id.js'
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

/** As arXiv writes it, whole: `arXiv:1706.03762v5 [cs.CL] 6 Dec 2017`, before 2007 without the class. */
const STAMP =
  /(?:^|\s)arXiv:\s?([a-z-]+(?:\.[A-Z]{2})?\/\d{7}v\d+|\d{4}\.\d{4,5}v\d+)(?:\s+\[[A-Za-z.-]+\])?\s+\d{1,2}\s+[A-Z][a-z]{2}\s+\d{4}(?=\s|$)/gu

/**
 * Returns the id with its version of the stamp among text that is turned against its page, null where there is none, or several:
 * a paper that only cites another does not do so along its margin.
 */
export function arxivStampIn(turned: string): string | null {
  const ids = new Set([...turned.matchAll(STAMP)].map(([, id = '']) => id))
  const [id = ''] = ids
  return ids.size === 1 && arxivIdOf(id) !== null ? readArxivId(id).full : null
}
