import { splitSentences } from '../text/sentences.js'
import { countWords } from './completeness.js'
import type { Finding } from './judge-report.js'
import type { ReadReport } from './read-report.js'

/** Words that make an opener, and how many reports may begin a section with the same ones. */
const OPENER_WORDS = 6
const MOST_ALIKE = 2

/** Returns, for each report of a set, what is wrong with it beside the others: sections that begin alike, the same report again. */
export function judgeSet(reports: readonly ReadReport[]): Finding[][] {
  const openers = new Map<string, Set<number>>()
  const own = reports.map(({ sections }, at) =>
    [...sections].flatMap(([section, body]) => {
      const opener = openerOf(body)
      if (opener === null) return []
      const key = `${section}\0${opener}`
      openers.set(key, (openers.get(key) ?? new Set()).add(at))
      return [{ section, opener, key }]
    }),
  )
  const texts = new Map<string, number>()
  const ids = new Map<string, number>()
  return reports.map((report, at) => [
    ...(own[at] ?? []).flatMap(({ section, opener, key }): Finding[] => {
      const alike = openers.get(key)?.size ?? 0
      return alike > MOST_ALIKE
        ? [{ kind: 'opener', section, text: `"${opener} …" begins this section in ${alike} reports` }]
        : []
    }),
    ...duplicates(report, at, texts, ids),
  ])
}

function duplicates(
  { sections, arxiv_id: id }: ReadReport,
  at: number,
  texts: Map<string, number>,
  ids: Map<string, number>,
): Finding[] {
  const text = [...sections.values()].join('\n')
  const twin = countWords(text) === 0 ? undefined : texts.get(text)
  const other = id === null ? undefined : ids.get(id)
  if (twin === undefined) texts.set(text, at)
  if (id !== null && other === undefined) ids.set(id, at)
  const words =
    twin !== undefined
      ? `the same text as report ${twin + 1} of the set`
      : other !== undefined
        ? `another report of ${id} is number ${other + 1} of the set`
        : null
  return words === null ? [] : [{ kind: 'duplicate', section: null, text: words }]
}

/** The first words of a body, without marks of lists and emphasis; null for a short one, a table, or a label. */
function openerOf(body: string): string | null {
  const line = body.split('\n').find((one) => one.trim() !== '' && !/^\s*\|/.test(one)) ?? ''
  const plain = line.replace(/^\s*(?:[-*+]|\d{1,2}[.)])\s+/, '').replace(/\*\*[^*]*\*\*:?|[*_`"“”]/g, ' ')
  const words = (splitSentences(plain)[0]?.text ?? plain).toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
  return words.length < OPENER_WORDS ? null : words.slice(0, OPENER_WORDS).join(' ')
}
