import { kindOfWholeTitle } from '../../../text/section-titles.js'
import type { Block } from '../model.js'
import type { Heading } from './headings.js'

const RUN_IN =
  /^(?:(abstract|summary|zusammenfassung|a\s?b\s?s\s?t\s?r\s?a\s?c\s?t)(?![\s.·…]*(?:\d{1,3}|[ivxl]{1,5})$)\s*[.:/—–-]*|(?:resumen|resumo|résumé|riassunto|sommario|kurzfassung|аннотация|резюме)\s*[.:/—–-]+|[【[]?(?:摘\s*要|要\s*[旨約约]|초\s*록)[】\]]?\s*[.:：/—–-]*)\s*(?=\S)/iu
const BARE_WORD =
  /^(abstract|a\s?b\s?s\s?t\s?r\s?a\s?c\s?t|article\s*info\s+abstract|[【[]?(?:摘\s*要|要\s*[旨約约]|초\s*록)[】\]]?)\W*$/iu
/** A heading that stands over an abstract before the first section, and over conclusions behind it. */
const BARE_SUMMARY = /^(?:executive\s)?summary\W*$/iu
const SUMMARY_PAGES = 2
/** Of several in different languages, that in the language of the reports. */
const ENGLISH = /^(?:abstract|summary|a\s?b\s?s\s?t\s?r\s?a\s?c\s?t|article\s*info)/iu
/** A first line that is larger than those below it, as if it were a heading. */
const LOUD_RUN_IN = /^(abstract|summary|zusammenfassung|resumen|resumo|résumé)\s*[.:—–-]+\s*\S.{20}/iu
/** Returns whether a block is the heading of an abstract, or begins with the word; null if neither. */
export function nameIn(
  block: Block,
  headings: ReadonlyMap<Block, Heading>,
  isBeforeSections: boolean,
): 'heading' | 'run-in' | null {
  const heading = headings.get(block)
  const first = block.lines[0]?.text ?? ''
  const isAlone = block.lines.length === 1
  if (heading !== undefined && kindOfWholeTitle(heading.title) === 'abstract') return 'heading'
  if (isAlone && BARE_WORD.test(first)) return 'heading'
  const isSummary = isAlone && isBeforeSections && block.page <= SUMMARY_PAGES && BARE_SUMMARY.test(first)
  if (isSummary && heading !== undefined) return 'heading'
  const isNamed =
    block.kind === 'heading' ? LOUD_RUN_IN.test(first) : RUN_IN.test(first) || BARE_WORD.test(first)
  return isNamed ? 'run-in' : null
}

/** Returns whether the word in a block that begins an abstract is English. */
export function isEnglish(block: Block): boolean {
  return ENGLISH.test(block.lines[0]!.text)
}

/** Returns whether a line is the word for an abstract and nothing else. */
export function isBareName(line: string): boolean {
  return BARE_WORD.test(line)
}

/** Returns the first line of an abstract without the word that names it. */
export function withoutName(line: string): string {
  return line.replace(RUN_IN, '')
}
