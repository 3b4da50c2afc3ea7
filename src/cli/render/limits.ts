import chalk from 'chalk'
import type { BudgetReport } from '../../pipeline/overview/budget-report.js'
import { readableTime } from '../layout/times.js'
import { counted } from '../layout/counted.js'

/** Returns one line for each limit group whose minute is in use. */
export function minuteLines(minute: BudgetReport['minute'], now: string): string[] {
  return minute.map(({ group, used, booked, limit, next_at }) => {
    const ahead = booked > 0 ? `, ${booked} booked` : ''
    const next = next_at === null ? '' : `; the next may begin at ${readableTime(next_at, now)}`
    return `This minute: ${group} ${used} of ${limit} requests${ahead}${next}`
  })
}

/** Returns one line for each circuit that is not closed. */
export function circuitLines(circuits: BudgetReport['circuits'], now: string): string[] {
  return circuits
    .filter(({ state }) => state !== 'closed')
    .map(({ name, state, retry_at, reason, needs_probe }) => {
      const until = readableTime(retry_at, now)
      const due = Date.parse(retry_at ?? '') <= Date.parse(now)
      const what =
        state === 'half_open'
          ? `is being probed, until ${until} at most`
          : due
            ? 'is open; the next request probes it'
            : `is open until ${until}${needs_probe ? ', then one request probes it' : ''}`
      return chalk.yellow(`Circuit ${name} ${what}: ${reason ?? 'no reason noted'}`)
    })
}

/** Returns one line on what is kept for papers further on, or none. */
export function reservedLines({
  reserved,
  remaining,
}: Pick<BudgetReport, 'reserved' | 'remaining'>): string[] {
  if (reserved === 0 || remaining === null) return []
  return [`${reserved} of the ${remaining} left are kept for papers further on than prep.`]
}

/** Returns one sentence on what the requests that are left mean in papers, or none where there is nothing to say. */
export function forecastLines(report: Pick<BudgetReport, 'forecast' | 'requests_per_paper'>): string[] {
  if (report.forecast === null) return []
  const { queue, papers_today, days_until_empty: days } = report.forecast
  const waiting = sum(queue)
  if (waiting === 0) return ['The queue is empty.']
  if (sum(report.forecast.requests_per_phase) === 0)
    return [`${counted(waiting, 'paper')} in the queue; no request is needed for them.`]
  const each = costWords(report.forecast, report.requests_per_paper)
  if (papers_today === null)
    return [`${counted(waiting, 'paper')} in the queue, and no limit a day (${each}).`]
  const time = days === null ? '' : `: ${days} ${days === 1 ? 'day' : 'days'} at this rate`
  const papers = papers_today === 1 ? 'paper' : 'papers'
  return [`About ${papers_today} ${papers} more today; ${waiting} in the queue${time}`, `(${each}).`]
}

/** Where papers go through both pipelines, one number would be that of none of them. */
function costWords(
  { basis, requests_per_phase, pipelines }: NonNullable<BudgetReport['forecast']>,
  perPaper: number | null,
): string {
  const used = Object.entries(pipelines).filter(([, { papers }]) => papers > 0)
  const [alone] = used
  const each =
    used.length > 1
      ? used
          .map(([name, one]) => `${rounded(sum(one.requests_per_phase))} for ${one.papers} ${name}`)
          .join(', ')
      : basis === 'planned' || alone?.[0] !== 'full'
        ? rounded(sum(requests_per_phase))
        : perPaper
  return `${basis}: ${each} requests a paper`
}

function rounded(requests: number): number {
  return Math.round(requests * 100) / 100
}

function sum(numbers: Readonly<Record<string, number>>): number {
  return Object.values(numbers).reduce((all, one) => all + one, 0)
}
