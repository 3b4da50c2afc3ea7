import chalk from 'chalk'
import { STATUSES } from '../db/schema.js'
import type { StatusReport } from '../pipeline/status.js'
import { renderTable } from './table.js'

const SHOWN = 20

/** Returns what a person reads of the state of things. */
export function renderStatus(report: StatusReport): string {
  if (report.total === 0) return 'No executions yet. Start with `rpa seed`.'
  const { budget } = report
  const rows = STATUSES.filter((status) => report.executions[status] > 0).map((status) => [
    status,
    report.executions[status],
  ])
  const lines = [
    renderTable([{ head: 'STATUS' }, { head: 'PAPERS', align: 'right' }], [...rows, ['total', report.total]]),
    budget.remaining === null
      ? `${budget.used} requests today, no limit`
      : `${budget.used} of ${budget.limit} requests used today; resets at ${budget.resets_at}`,
  ]
  if (report.in_flight.length > 0)
    lines.push(`${report.in_flight.length} requests with the provider right now`)
  lines.push(...people('WORKING', report.working), ...people('STUCK', report.stuck))
  if (report.stuck.length > 0) {
    lines.push(chalk.yellow('Stuck work is continued by the next run of its phase.'))
  }
  if (report.failures.length > 0) {
    lines.push(
      renderTable(
        [{ head: 'FAILED BECAUSE' }, { head: 'PAPERS', align: 'right' }],
        report.failures.map((row) => [row.error_class, row.count]),
      ),
    )
  }
  for (const circuit of report.circuits.filter(({ state }) => state !== 'closed')) {
    lines.push(
      chalk.yellow(
        `circuit ${circuit.name} is ${circuit.state} until ${circuit.retry_at ?? 'further notice'}: ${circuit.reason ?? ''}`,
      ),
    )
  }
  return lines.join('\n')
}

function people(head: string, rows: StatusReport['working']): string[] {
  if (rows.length === 0) return []
  return [
    renderTable(
      [{ head }, { head: 'STATUS' }, { head: 'BY' }, { head: 'SINCE' }],
      rows.slice(0, SHOWN).map((row) => [row.arxiv_id, row.status, row.owner_id ?? 'nobody', row.updated_at]),
    ),
  ]
}
