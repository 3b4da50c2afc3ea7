import type { RetryResult } from '../../db/maintenance/retry.js'
import { renderTable } from '../layout/table.js'

const SHOWN = 50

/** Returns what a person reads after a retry. */
export function renderRetry(result: RetryResult, dryRun: boolean): string {
  const { retried, considered, exhausted, executions, classes } = result
  const named = result.not_failed ?? []
  // Others were named, and only changed their pipeline.
  const failed = executions.every(({ error_class }) => error_class !== null) ? 'failed ' : ''
  const verb = dryRun ? 'would put back' : 'put back'
  const lines: string[] = []
  if (classes !== undefined) lines.push(renderNone(classes))
  else if (considered === 0)
    lines.push(named.length > 0 ? 'nothing to put back' : 'no paper of another pipeline fits')
  else
    lines.push(
      `${verb} ${retried} of ${considered} ${failed}papers${exhausted === 0 ? '' : `; ${exhausted} failed too often (name them to try all the same: rpa retry ${firstOf(result)})`}`,
    )
  if (executions.length > 0) {
    const columns = [
      { head: 'PAPER' },
      { head: 'GOES ON FROM' },
      { head: 'PIPELINE' },
      { head: 'HAD FAILED WITH' },
    ]
    const rows = executions
      .slice(0, SHOWN)
      .map((row) => [row.arxiv_id, row.status, row.pipeline, row.error_class ?? ''])
    lines.push(renderTable(columns, rows))
  }
  if (named.length > 0) {
    const rows = named.slice(0, SHOWN).map((row) => [row.arxiv_id, row.status])
    lines.push(renderTable([{ head: 'HAS NOT FAILED' }, { head: 'IS' }], rows))
  }
  return lines.join('\n')
}

function firstOf({ exhausted, exhausted_first: first = [] }: RetryResult): string {
  return `${first.join(' ')}${exhausted > first.length ? ' …' : ''}`
}

function renderNone(classes: NonNullable<RetryResult['classes']>): string {
  if (classes.length === 0) return 'no paper has failed'
  const known = classes.map(({ error_class, count }) => `${error_class} (${count})`).join(', ')
  return `no failed paper fits; papers failed with: ${known}`
}
