import type { CorpusVocabulary } from '../../pipeline/vocabulary.js'
import { counted } from '../layout/counted.js'
import { renderTable } from '../layout/table.js'

const SHOWN = 100

/** Returns what a person reads of the terms of all reports: how many have each, and what was merged into it. */
export function renderVocabulary({ reports, terms, domains }: CorpusVocabulary): string {
  const rows = terms
    .slice(0, SHOWN)
    .map(({ term, reports: count, forms }) => [term, count, forms.map(({ form }) => form).join(', ')])
  const merged = terms.reduce((sum, { forms }) => sum + forms.length, 0)
  const fields = domains.slice(0, 10).map(({ domain, reports: count }) => `${domain} ${count}`)
  return [
    renderTable([{ head: 'TERM' }, { head: 'REPORTS', align: 'right' }, { head: 'WRITTEN ALSO' }], rows),
    ...(terms.length > SHOWN ? [`… and ${terms.length - SHOWN} more (--json has all)`] : []),
    `${counted(terms.length, 'term')} in ${counted(reports, 'report')}; ${counted(merged, 'other form')} merged into them`,
    ...(fields.length === 0 ? [] : [`fields: ${fields.join(', ')}`]),
  ].join('\n')
}
