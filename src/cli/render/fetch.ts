import type { FetchCounts } from '../../corpus/arxiv/fetch-papers.js'
import type { CorpusFetch } from '../../pipeline/fetch-corpus.js'
import type { ProgressState } from './progress.js'
import type { CorpusUpdate } from '../../pipeline/update-corpus.js'
import { counted } from '../layout/counted.js'

/** Returns what a person reads after metadata were fetched. */
export function renderFetch(result: CorpusFetch): string {
  const { inserted, updated, unchanged, removed, invalid, older, unknown, corpus, papers } = result
  const parts = [
    `${inserted} new`,
    `${updated} updated`,
    `${unchanged} unchanged`,
    ...(removed > 0 ? [`${removed} removed by arXiv`] : []),
    ...(older > 0 ? [`${counted(older, 'other')} that changed left out`] : []),
    ...(invalid > 0 ? [`${invalid} unreadable`] : []),
    ...(unknown.length > 0 ? [`${unknown.length} unknown to arXiv`] : []),
  ]
  return `${parts.join(', ')}\n${corpus} holds ${counted(papers, 'paper')}`
}

/** Returns how fetching is getting on. */
export function fetchProgress(
  { read, older, inserted }: FetchCounts,
  total: number | null,
): Omit<ProgressState, 'doing'> {
  return { done: read + older, total, unit: 'records', more: [`${inserted} new`] }
}

const SHOWN = 10

/** Returns what a person reads after an update. */
export function renderUpdate({ fetched, newer_versions, withdrawn, redone }: CorpusUpdate): string {
  const lines = [
    ...(fetched === null ? [] : [renderFetch(fetched)]),
    ...newsLine(newer_versions, 'newer version', 'of papers that were read'),
    ...newsLine(redone, 'paper', 'to be read again, in a newer version'),
    ...newsLine(withdrawn, 'paper', 'withdrawn after being read'),
  ]
  if (newer_versions.length + withdrawn.length + redone.length === 0)
    lines.push('no news of papers that were read')
  return lines.join('\n')
}

function newsLine(ids: readonly string[], noun: string, what: string): string[] {
  if (ids.length === 0) return []
  const more = ids.length > SHOWN ? ' …' : ''
  return [`${counted(ids.length, noun)} ${what}: ${ids.slice(0, SHOWN).join(', ')}${more}`]
}
