import type { QueueChange } from '../../core/queue.js'
import type { ListedPaper, QueueList, QueueResult } from '../../pipeline/queue.js'
import { renderTable, type Column } from '../layout/table.js'
import { counted } from '../layout/counted.js'

const TITLE = 60
const SHOWN = 50
const DONE: Record<QueueChange['kind'], string> = {
  move: 'moved',
  hold: 'held',
  release: 'released',
  drop: 'dropped',
}

/** Returns the table of `queue list`. */
export function renderQueue({ total, papers }: QueueList): string {
  if (total === 0) return 'no paper that waits fits'
  const more = total > papers.length ? `; the first ${papers.length} are shown` : ''
  return `${renderPapers(papers)}\n${counted(total, 'paper')}${more}`
}

/** Returns what a person reads after a change of the queue. */
export function renderChange(result: QueueResult, change: QueueChange, dryRun: boolean): string {
  const { considered, changed, elsewhere, papers = [] } = result
  const lines: string[] = []
  if (papers.length > 0) lines.push(renderPapers(papers.slice(0, SHOWN)))
  const to = change.kind === 'move' ? ` to priority ${change.priority}` : ''
  const verb = dryRun ? `would have ${DONE[change.kind]}` : DONE[change.kind]
  lines.push(considered === 0 ? 'no paper that waits fits' : `${verb} ${counted(changed, 'paper')}${to}`)
  if (result.with_answers > 0) {
    const first = result.with_answers_first ?? []
    const more = result.with_answers > first.length ? ', …' : ''
    lines.push(
      `${result.with_answers} have answers already and stay: ${first.join(', ')}${more} (--force drops them too; the answers are kept)`,
    )
  }
  if (elsewhere.length > 0) {
    const rows = elsewhere.slice(0, SHOWN).map((row) => [row.arxiv_id, row.status])
    lines.push(renderTable([{ head: 'LEFT ALONE' }, { head: 'IS' }], rows))
  }
  return lines.join('\n')
}

function renderPapers(papers: readonly ListedPaper[]): string {
  const reasons = papers.some((paper) => paper.reasons.length > 0)
  const lean = papers.some((paper) => paper.pipeline !== 'full')
  const columns: Column[] = [
    { head: 'PAPER' },
    { head: 'STATUS' },
    ...(lean ? [{ head: 'PIPELINE' }] : []),
    { head: 'PRIORITY', align: 'right' },
    { head: 'TITLE' },
    ...(reasons ? [{ head: 'WHY' }] : []),
  ]
  const rows = papers.map((paper) => [
    paper.arxiv_id,
    paper.release_to === null ? paper.status : `${paper.status} (${paper.release_to})`,
    ...(lean ? [paper.pipeline] : []),
    paper.priority,
    paper.title.length <= TITLE ? paper.title : `${paper.title.slice(0, TITLE - 1)}…`,
    ...(reasons ? [paper.reasons.join('; ')] : []),
  ])
  return renderTable(columns, rows)
}
