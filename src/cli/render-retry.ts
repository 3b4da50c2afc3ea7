import type { RetryResult } from '../db/maintenance/retry.js'
import { renderTable } from './table.js'

const SHOWN = 50

/** Returns what a person reads after a retry. */
export function renderRetry(result: RetryResult, dryRun: boolean): string {
  const { retried, considered, exhausted, executions, classes } = result
  if (classes !== undefined) return renderNone(classes)
  const verb = dryRun ? 'would put back' : 'put back'
  const lines = [
    `${verb} ${retried} of ${considered} failed papers${exhausted === 0 ? '' : `; ${exhausted} failed too often (name them with --id to try all the same)`}`,
  ]
  if (executions.length > 0) {
    const columns = [{ head: 'PAPER' }, { head: 'GOES ON FROM' }, { head: 'HAD FAILED WITH' }]
    const rows = executions.slice(0, SHOWN).map((row) => [row.arxiv_id, row.status, row.error_class ?? ''])
    lines.push(renderTable(columns, rows))
  }
  return lines.join('\n')
}

function renderNone(classes: NonNullable<RetryResult['classes']>): string {
  if (classes.length === 0) return 'no paper has failed'
  const known = classes.map(({ error_class, count }) => `${error_class} (${count})`).join(', ')
  return `no failed paper fits; papers failed with: ${known}`
}
