import chalk from 'chalk'
import { formatDuration } from '../../core/duration.js'
import { isObject } from '../../core/json.js'
import type { SeenRateLimit, UsageRow } from '../../db/usage/usage.js'
import type { DayUsage } from '../../db/usage/usage-by-day.js'
import type { BudgetReport } from '../../pipeline/overview/budget-report.js'
import type { Synced } from '../../pipeline/overview/sync-budget.js'
import { circuitLines, forecastLines, minuteLines, reservedLines } from './limits.js'
import type { Column } from '../layout/table.js'
import { renderTable } from '../layout/table.js'
import { readableTime } from '../layout/times.js'

/** Returns what a person reads of a day's budget, at 80 columns. */
export function renderBudget(report: BudgetReport, now: string): string {
  const sections = [
    [headline(report, now), ...accountLines(report), ...reservedLines(report), ...providerLines(report, now)],
    breakdown('ROLE', report.by_role),
    breakdown('PHASE', report.by_phase),
    breakdown('MODEL', report.by_model),
    [...uncountedLine(report.by_role), ...report.rate_limits.map((seen) => rateLimitLine(seen, now))],
    [...minuteLines(report.minute, now), ...circuitLines(report.circuits, now), ...forecastLines(report)],
  ]
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}

/** Returns a table of days with a bar for the requests of each. */
export function renderDays(days: readonly DayUsage[]): string {
  const most = Math.max(1, ...days.map(({ used }) => used))
  const heads = ['DAY', 'REQUESTS', 'CHEAP', 'EXPENSIVE', 'FAILED', 'PAPERS']
  const columns: Column[] = heads.map((head, index) => ({ head, align: index === 0 ? 'left' : 'right' }))
  return renderTable(
    [...columns, { head: '' }],
    days.map(({ date, used, cheap, expensive, failed, papers }) => [
      date,
      used,
      cheap,
      expensive,
      failed,
      papers,
      bar(used / most),
    ]),
  )
}

/** Returns what a person reads of what the endpoints said. */
export function renderSync(synced: readonly Synced[]): string {
  if (synced.length === 0) return 'Everything works offline: there is no provider to ask.'
  return synced.map(syncLine).join('\n')
}

function syncLine(said: Synced): string {
  const { endpoint, answered, free_used, free_limit, is_free_tier, credits_left } = said
  if (!answered)
    return chalk.yellow(
      `${endpoint} told no count: it keeps none, or was not reached (\`rpa doctor\`). Only the ledger counts.`,
    )
  const parts = [
    free_used === null
      ? 'tells no count of free requests'
      : `counts ${free_used}${free_limit === null ? '' : ` of ${free_limit}`} free requests today`,
    is_free_tier === true ? 'no credits bought yet' : null,
    credits_left === null ? null : `${credits_left.toFixed(2)} USD left for this key`,
  ]
  return `${endpoint} ${parts.filter((part) => part !== null).join('; ')}.`
}

function headline({ date, used, limit, remaining, resets_at }: BudgetReport, now: string): string {
  const of = limit === 0 ? '(no limit)' : `of ${limit}`
  const left = remaining === null ? '' : `, ${chalk.bold(String(remaining))} left`
  const wait = Date.parse(resets_at) - Date.parse(now)
  const resets = wait > 0 ? `; resets in ${formatDuration(wait)}` : ''
  return `${date} (UTC): ${chalk.bold(String(used))} requests ${of}${left}${resets}`
}

/** Where the account has less left than the budget, that is what counts. */
function accountLines({ groups, limit, used }: BudgetReport): string[] {
  const left = limit === 0 ? Infinity : limit - used
  return groups
    .filter((group) => group.limit - group.used < left)
    .map((group) => {
      const rest = Math.max(0, group.limit - group.used)
      return `The account has less: ${group.group} ${group.used} of ${group.limit}, ${rest} left.`
    })
}

function providerLines({ provider }: BudgetReport, now: string): string[] {
  return provider.map(({ group, limit, used, ledger_used: ours, elsewhere, checked_at }) => {
    const told = `The provider counts ${used}${limit === null ? '' : ` of ${limit}`} for ${group}`
    const asked = `${told} (asked at ${readableTime(checked_at, now)})`
    if (elsewhere === 0) return `${asked},\nas this ledger did then.`
    const meaning =
      elsewhere > 0 ? `${elsewhere} sent elsewhere` : `${-elsewhere} not counted there, or not yet`
    return `${asked},\nthis ledger ${ours}: ${chalk.yellow(meaning)}.`
  })
}

function breakdown(head: string, usage: Record<string, UsageRow>): string[] {
  const rows = Object.entries(usage)
  if (rows.length === 0) return []
  const heads = [head, 'REQUESTS', 'OK', 'FAILED', 'IN', 'OUT']
  const columns: Column[] = heads.map((name, index) => ({
    head: name,
    align: index === 0 ? 'left' : 'right',
  }))
  return [
    renderTable(
      columns,
      rows.map(([name, row]) => [
        middleCut(name, LONGEST_NAME),
        row.requests,
        row.ok,
        row.failed,
        compact(row.prompt_tokens),
        compact(row.completion_tokens),
      ]),
    ),
  ]
}

const LONGEST_NAME = 40

/** The end of a model's name says as much as its beginning. */
function middleCut(text: string, longest: number): string {
  if (text.length <= longest) return text
  const tail = Math.floor(longest / 3)
  return `${text.slice(0, longest - tail - 1)}…${text.slice(-tail)}`
}

/** Tokens, in at most five characters. */
function compact(count: number): string {
  if (count < 10_000) return String(count)
  if (count < 999_500) return `${Math.round(count / 1000)}k`
  return count < 99_950_000 ? `${(count / 1e6).toFixed(1)}M` : `${Math.round(count / 1e6)}M`
}

function uncountedLine(usage: Record<string, UsageRow>): string[] {
  const count = Object.values(usage).reduce((sum, { uncounted }) => sum + uncounted, 0)
  if (count === 0) return []
  return [`${count} ${count === 1 ? 'request' : 'requests'} never reached a provider; they do not count.`]
}

function rateLimitLine({ model, at, limited, retry_after, windows }: SeenRateLimit, now: string): string {
  const parts = [
    ...windows.flatMap((window) => (isObject(window) ? [windowText(window, now)] : [])),
    ...(retry_after === null ? [] : [`retry after ${retry_after} s`]),
  ]
  const said = [limited ? 'refused' : 'answered', ...parts].join(', ')
  return `Last limit seen: ${model} at ${readableTime(at, now)}:\n  ${said}`
}

function windowText(window: Record<string, unknown>, now: string): string {
  const { name, remaining, limit, reset_at } = window
  const known = (value: unknown): string => (typeof value === 'number' ? String(value) : '?')
  const reset =
    typeof reset_at === 'number'
      ? `, resets at ${readableTime(new Date(reset_at * 1000).toISOString(), now)}`
      : ''
  return `${known(remaining)} of ${known(limit)} left in the ${String(name)}${reset}`
}

/** Beside the columns of numbers this fits 80 columns. */
const BAR_WIDTH = 20
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']

function bar(share: number): string {
  const eighths = Math.round(share * BAR_WIDTH * 8)
  // What is not nothing is to be seen.
  if (share > 0 && eighths === 0) return '▏'
  return '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '')
}
