import chalk from 'chalk'
import type { Budget, UsageRow } from '../db/usage.js'
import { renderTable } from './table.js'

/** Returns what a person reads of a day's budget. */
export function renderBudget(budget: Budget): string {
  const of = budget.limit === 0 ? 'no limit' : `of ${budget.limit}`
  const left = budget.remaining === null ? '' : `, ${chalk.bold(String(budget.remaining))} left`
  const lines = [
    `${budget.date} (UTC): ${chalk.bold(String(budget.used))} requests ${of}${left}; resets at ${budget.resets_at}`,
    `cheap ${budget.cheap}, expensive ${budget.expensive}`,
  ]
  if (budget.requests_per_paper !== null)
    lines.push(`requests per finished paper: ${budget.requests_per_paper}`)
  lines.push(...breakdown('PHASE', budget.by_phase), ...breakdown('MODEL', budget.by_model))
  for (const circuit of budget.circuits.filter(({ state }) => state !== 'closed')) {
    lines.push(
      `circuit ${circuit.name} is ${circuit.state} until ${circuit.retry_at ?? 'further notice'}: ${circuit.reason ?? ''}`,
    )
  }
  return lines.join('\n')
}

function breakdown(head: string, usage: Record<string, UsageRow>): string[] {
  const rows = Object.entries(usage)
  if (rows.length === 0) return []
  const columns = [head, 'REQUESTS', 'OK', 'FAILED', 'TOKENS IN', 'TOKENS OUT'].map((name, index) => ({
    head: name,
    align: index === 0 ? ('left' as const) : ('right' as const),
  }))
  return [
    renderTable(
      columns,
      rows.map(([name, row]) => [
        name,
        row.requests,
        row.ok,
        row.failed,
        row.prompt_tokens,
        row.completion_tokens,
      ]),
    ),
  ]
}
