import type { Related } from '../../pipeline/related.js'
import { renderTable } from '../layout/table.js'

const TITLE = 80

/** Returns what a person reads of what is near a paper. */
export function renderRelated({ signals, neighbors, duration_ms }: Related): string {
  const words = `looked for: ${signals.query_terms.join(', ')} (${duration_ms} ms)`
  if (neighbors.length === 0) return [signals.summary, words].join('\n')
  const right = (head: string) => ({ head, align: 'right' as const })
  const columns = [{ head: 'PAPER' }, right('SCORE'), right('CITED'), right('H-INDEX'), { head: 'TITLE' }]
  const rows = neighbors.map((near) => [
    near.arxiv_id,
    near.fmr_score?.toFixed(2) ?? '',
    near.cited_by_count ?? '',
    near.max_h_index ?? '',
    cut(near.retracted === true ? `retracted: ${near.title}` : near.title),
  ])
  const means = [signals.avg_fmr_score?.toFixed(2) ?? '', signals.avg_cited_by_count?.toFixed(1) ?? '']
  rows.push([
    'mean',
    ...means,
    '',
    `of ${signals.neighbors_considered} that are near, ${signals.neighbors_used} are used`,
  ])
  return [renderTable(columns, rows), words].join('\n')
}

function cut(title: string): string {
  return title.length <= TITLE ? title : `${title.slice(0, TITLE - 1)}…`
}
