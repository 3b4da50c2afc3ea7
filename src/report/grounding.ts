import { numberKeys, readNumbers } from './numbers.js'

export interface Grounding {
  numbers: { total: number; found: number }
  quotes: { total: number; found: number }
  /** Page anchors `[p. N]`; not counted where the paper's text carries no page marks. */
  pages: { total: number; valid: number }
  /** Share of all of these that stand in the paper, 0 to 1, three decimals; null if the report has none. */
  score: number | null
  /** The first ten that do not, as they stand in the report. */
  ungrounded: string[]
}

const MAX_UNGROUNDED = 10
/** A shorter quotation is a term, not evidence. */
const MIN_QUOTE_WORDS = 4
const MAX_SHOWN = 160
const PAGE_MARK = /\[p\. (\d+)\]/g
const PAGE_ANCHOR = /[[(]pp?\.?\s?(\d{1,4}(?:\s?(?:[,;&–-]|and)\s?(?:pp?\.?\s?)?\d{1,4}){0,20})\s?[\])]/gi
const QUOTED = /[“„«]([^“”„«»\n]+)[”“»]|"([^"\n]+)"/g

/**
 * Checks a report against its paper without a model: every number with a decimal, percent sign, unit or thousands
 * separator and every quotation of four words or more must occur in the paper's text, every page anchor must exist.
 * White space, hyphens, ligatures, case, thousands separators and the way powers of ten are set do not matter.
 */
export function checkGrounding(sections: ReadonlyMap<string, string>, paperText: string): Grounding {
  const bodies = [...sections].filter(([heading]) => heading !== 'Quick Facts').map(([, body]) => body)
  const ungrounded: string[] = []
  const miss = (ok: boolean, shown: string): boolean => {
    if (!ok && !ungrounded.includes(shown)) ungrounded.push(shown)
    return ok
  }
  const pages = checkPages(bodies, paperText, miss)
  const numbers = checkNumbers(bodies, paperText, miss)
  const quotes = checkQuotes(bodies, paperText, miss)
  const total = numbers.total + quotes.total + pages.total
  const good = numbers.found + quotes.found + pages.valid
  return {
    numbers,
    quotes,
    pages,
    score: total === 0 ? null : Math.round((good / total) * 1000) / 1000,
    ungrounded: ungrounded.slice(0, MAX_UNGROUNDED),
  }
}

type Miss = (ok: boolean, shown: string) => boolean

function checkNumbers(bodies: readonly string[], paperText: string, miss: Miss): Grounding['numbers'] {
  const known = numberKeys(paperText.replace(PAGE_MARK, ' '))
  const claimed = bodies.flatMap((body) => readNumbers(body.replace(PAGE_ANCHOR, ' ')))
  const found = claimed.filter((number) =>
    miss(
      number.keys.some((key) => known.has(key)),
      number.text,
    ),
  )
  return { total: claimed.length, found: found.length }
}

function checkQuotes(bodies: readonly string[], paperText: string, miss: Miss): Grounding['quotes'] {
  const plain = paperText.replace(PAGE_MARK, ' ')
  const cited = plain.replace(/\[\d{1,3}(?:\s?[,;–-]\s?\d{1,3}){0,20}\]/g, ' ')
  const raised = cited.replace(/(?<=\p{L}[.,;:)]?)\d{1,3}(?:[,–-]\d{1,3}){0,10}(?=\s)/gu, ' ')
  // As it stands, then without reference numbers, which writers leave out: `[12]` and a raised 12 set flat (`so.12 `).
  const texts = [plain, cited, raised].map(squash)
  const quotes = bodies.flatMap(quotations)
  const found = quotes.filter((quote) => {
    const ok = texts.some((text) => holds(text, quote))
    const shown = quote.replace(/\s+/g, ' ')
    return miss(ok, `"${shown.length > MAX_SHOWN ? `${shown.slice(0, MAX_SHOWN)}…` : shown}"`)
  })
  return { total: quotes.length, found: found.length }
}

function checkPages(bodies: readonly string[], paperText: string, miss: Miss): Grounding['pages'] {
  const marks = new Set([...paperText.matchAll(PAGE_MARK)].map((mark) => Number(mark[1])))
  if (marks.size === 0) return { total: 0, valid: 0 }
  const cited = bodies.flatMap((body) =>
    [...body.matchAll(PAGE_ANCHOR)].flatMap((anchor) => (anchor[1] ?? '').match(/\d+/g) ?? []),
  )
  const valid = cited.filter((page) => miss(marks.has(Number(page)), `[p. ${page}]`))
  return { total: cited.length, valid: valid.length }
}

/** Returns the quotations of a text that are long enough to be evidence, without their page anchors. */
export function quotations(text: string): string[] {
  return [...text.matchAll(QUOTED)]
    .map((match) => (match[1] ?? match[2] ?? '').replace(PAGE_ANCHOR, ' '))
    .filter((quote) => (quote.match(/[\p{L}\p{N}]+/gu)?.length ?? 0) >= MIN_QUOTE_WORDS)
}

/** Whether the parts of a quotation (around `…` and `[editorial words]`) stand in the text in their order. */
function holds(text: string, quote: string): boolean {
  let from = 0
  const parts = quote.split(/\[[^\]]*\]|…|\.{3,}/).map(squash)
  return parts.every((part) => {
    if (part === '') return true
    const at = text.indexOf(part, from)
    from = at + part.length
    return at >= 0
  })
}

/** Letters and digits alone, lower case, ligatures taken apart. */
function squash(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '')
}
