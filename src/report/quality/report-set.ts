import { createHash } from 'node:crypto'
import { splitSentences } from '../../text/sentences.js'
import { countWords } from '../sections/completeness.js'
import type { Finding } from './report-findings.js'
import type { ReadReport } from '../read-report.js'

/** Words that make an opener, and how many reports may begin a section with the same ones. */
const OPENER_WORDS = 6
const MOST_ALIKE = 2

/** What reports of one set share. Of each report it keeps how its sections begin, and no more. */
export class ReportSet {
  readonly #openers = new Map<string, Set<number>>()
  readonly #own: { section: string; opener: string; key: string }[][] = []
  /** Text or paper → the first report that has it. */
  readonly #texts = new Map<string, string>()
  readonly #ids = new Map<string, string>()
  readonly #duplicates: Finding[][] = []

  /** @param name what the report is called among the others. */
  add(report: ReadReport, name: string): void {
    const at = this.#own.length
    // What was made offline says so, and begins as its rules do: all there is to know.
    const sections = madeOffline(report) ? [] : [...report.sections]
    const own = sections.flatMap(([section, body]) => {
      const opener = openerOf(body)
      return opener === null ? [] : [{ section, opener, key: `${section}\0${opener}` }]
    })
    for (const { key } of own) this.#openers.set(key, (this.#openers.get(key) ?? new Set()).add(at))
    this.#own.push(own)
    this.#duplicates.push(this.#duplicatesOf(report, name))
  }

  /** Returns, for each report in the order added, what is wrong with it beside the others: sections that begin alike, the same report again. */
  findings(): Finding[][] {
    return this.#own.map((own, at) => [
      ...own.flatMap(({ section, opener, key }): Finding[] => {
        const alike = this.#openers.get(key)?.size ?? 0
        return alike > MOST_ALIKE
          ? [{ kind: 'opener', section, text: `"${opener} …" begins this section in ${alike} reports` }]
          : []
      }),
      ...(this.#duplicates[at] ?? []),
    ])
  }

  #duplicatesOf({ sections, arxiv_id: id }: ReadReport, name: string): Finding[] {
    const text = [...sections.values()].join('\n')
    const digest = countWords(text) === 0 ? null : createHash('sha256').update(text).digest('base64')
    const twin = digest === null ? undefined : this.#texts.get(digest)
    const other = id === null ? undefined : this.#ids.get(id)
    if (digest !== null && twin === undefined) this.#texts.set(digest, name)
    if (id !== null && other === undefined) this.#ids.set(id, name)
    const words =
      twin !== undefined
        ? `the same text as ${twin}`
        : other !== undefined
          ? `${other} is another report of ${id}`
          : null
    return words === null ? [] : [{ kind: 'duplicate', section: null, text: words }]
  }
}

function madeOffline({ frontmatter }: ReadReport): boolean {
  return frontmatter !== null && frontmatter !== 'broken' && frontmatter['offline'] === true
}

/** The first words of a body, without marks of lists and emphasis; null for a short one, a table, or a label. */
function openerOf(body: string): string | null {
  const line = body.split('\n').find((one) => one.trim() !== '' && !/^\s*\|/.test(one)) ?? ''
  const plain = line.replace(/^\s*(?:[-*+]|\d{1,2}[.)])\s+/, '').replace(/\*\*[^*]*\*\*:?|[*_`"“”]/g, ' ')
  const words = (splitSentences(plain)[0]?.text ?? plain).toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
  return words.length < OPENER_WORDS ? null : words.slice(0, OPENER_WORDS).join(' ')
}
