import chalk from 'chalk'
import { STATUSES } from '../../core/phases.js'
import { nextStep } from '../../pipeline/failures/next-steps.js'
import { waitWords as putBackFor } from '../../pipeline/failures/wait-words.js'
import type { StatusReport, WorkingExecution } from '../../pipeline/overview/status-report.js'
import { roughDuration } from '../../core/duration.js'
import { printable } from '../errors.js'
import { circuitLines, forecastLines, minuteLines, reservedLines } from './limits.js'
import { renderTable } from '../layout/table.js'
import { readableTime } from '../layout/times.js'
import { counted } from '../layout/counted.js'

const SHOWN = 20

/** Returns what a person reads of the state of things. */
export function renderStatus(report: StatusReport): string {
  if (report.total === 0) return 'No executions yet. Start with `rpa seed`.'
  const { budget, now } = report
  const rows = STATUSES.map((status) => [status, report.executions[status] ?? 0] as const).filter(
    ([, papers]) => papers > 0,
  )
  const lines = [
    renderTable([{ head: 'STATUS' }, { head: 'PAPERS', align: 'right' }], [...rows, ['total', report.total]]),
    ...workLines(report),
    budgetLine(budget, now),
    ...reservedLines(budget),
    ...forecastLines(report),
    ...paceLines(report),
    ...inFlightLines(report.in_flight, now),
    ...minuteLines(report.minute, now),
    ...circuitLines(report.circuits, now),
    ...waitLines(report.waits, now),
    ...ownerLines(report, now),
    ...workingLines(report.working, now),
    ...people('STUCK', report.stuck, now),
  ]
  if (report.stuck.length > 0) {
    lines.push(
      chalk.yellow('Stuck work is continued by the next run of its phase, once its lease has ended.'),
    )
  }
  if (report.failures.length > 0) {
    lines.push(
      renderTable(
        [{ head: 'FAILED BECAUSE' }, { head: 'PAPERS', align: 'right' }, { head: 'WHAT TO DO' }],
        report.failures.map((row) => [row.error_class, row.count, nextStep(row.error_class, 'ID')]),
      ),
    )
  }
  lines.push(...changedLines(report.changed), ...commandLines(report.commands, now))
  return lines.join('\n')
}

/** Papers that changed at arXiv after they were read. */
function changedLines({ papers }: StatusReport['changed']): string[] {
  if (papers.length === 0) return []
  const rows = papers.map(({ arxiv_id, status, newer_version, withdrawn_at }) => [
    arxiv_id,
    status,
    withdrawn_at === null
      ? `version ${newer_version ?? ''}`
      : `withdrawn, known since ${withdrawn_at.slice(0, 10)}`,
  ])
  return [renderTable([{ head: 'CHANGED SINCE' }, { head: 'STATUS' }, { head: 'NOW' }], rows)]
}

/** What of a phase's papers is free, what waits for which failure, and what is held; nothing where all is free. */
function workLines({ work, now }: StatusReport): string[] {
  return work.flatMap(({ phase, free, waiting, held }) => {
    if (waiting.length === 0 && held.length === 0) return []
    const waits = waiting.map(
      (one) => `${one.papers} waiting until ${readableTime(one.until, now)} (${putBackFor(one.error_class)})`,
    )
    const holds = held.map(
      (one) => `${one.papers} held by ${one.owner === 'gone' ? 'an owner that is gone' : one.owner_id}`,
    )
    return [`${phase}: ${[`${free} free`, ...waits, ...holds].join(', ')}`]
  })
}

function budgetLine({ used, limit, remaining, resets_at }: StatusReport['budget'], now: string): string {
  if (remaining === null) return `${used} requests today, no limit`
  const of = limit === 0 ? `${used} requests used` : `${used} of ${limit} requests used`
  const isLess = limit > 0 && remaining < limit - used
  const left = isLess ? `; the account has less: ${remaining} left` : `, ${remaining} left`
  return `${of} today${left}; resets at ${readableTime(resets_at, now)}`
}

function inFlightLines(calls: StatusReport['in_flight'], now: string): string[] {
  const sent = calls.filter(({ booked }) => !booked)
  const booked = calls.filter((call) => call.booked)
  const requests = (count: number): string => `${count} ${count === 1 ? 'request' : 'requests'}`
  return [
    ...(sent[0] === undefined
      ? []
      : [
          `${requests(sent.length)} with the provider, the oldest since ${readableTime(sent[0].started_at, now)}`,
        ]),
    ...(booked[0] === undefined
      ? []
      : [`${requests(booked.length)} booked, the first for ${readableTime(booked[0].started_at, now)}`]),
  ]
}

function waitLines(waits: StatusReport['waits'], now: string): string[] {
  return waits.map(({ phase, message, until }) => {
    const end = until === null ? '' : `; until ${readableTime(until, now)}`
    return chalk.yellow(`${phase} waits: ${message}${end}`)
  })
}

/** Who works where; nothing where all work on this host, whose processes the papers name. */
function ownerLines({ owners, working }: StatusReport, now: string): string[] {
  if (!working.some(({ owner }) => owner === 'unknown')) return []
  return [
    renderTable(
      [{ head: 'HOST' }, { head: 'PROCESS' }, { head: 'PAPERS', align: 'right' }, { head: 'LAST HEARD OF' }],
      owners
        .slice(0, SHOWN)
        .map((one) => [one.host, one.owner_id, one.papers, readableTime(one.heartbeat, now)]),
    ),
  ]
}

/** Two lines a paper: where it stands, and what it is. */
function workingLines(rows: readonly WorkingExecution[], now: string): string[] {
  if (rows.length === 0) return []
  const more = rows.length - SHOWN
  return [
    'WORKING',
    ...rows.slice(0, SHOWN).flatMap((row) => {
      const age = row.acquired_at === null ? '' : ` for ${since(row.acquired_at, now)}`
      return [
        `${row.arxiv_id}  ${row.state ?? row.status}${age}${waitWords(row, now)}`,
        chalk.dim(`  ${printable(row.title)}`),
      ]
    }),
    ...(more > 0 ? [`… and ${more} more`] : []),
  ]
}

function waitWords({ waits_for: waits }: WorkingExecution, now: string): string {
  if (waits === null) return ''
  return waits.what === 'answer'
    ? `, asked ${printable(waits.model)} ${since(waits.at, now)} ago`
    : `, may ask in ${roughDuration(Date.parse(waits.at) - Date.parse(now))}`
}

function since(then: string, now: string): string {
  return roughDuration(Date.parse(now) - Date.parse(then))
}

const LEVELS = '▁▂▃▄▅▆▇█'

/** Returns a graph of one line: the highest number is the highest bar, and only nothing has the lowest. */
export function sparkline(numbers: readonly number[]): string {
  const most = Math.max(...numbers)
  const level = (value: number): number =>
    value === 0 ? 0 : Math.max(1, Math.round((value / most) * (LEVELS.length - 1)))
  return numbers.map((value) => LEVELS[level(value)]).join('')
}

/** What was done in the last day, and where that leads. */
function paceLines({ throughput, now }: StatusReport): string[] {
  const { requests_by_hour: hours, papers_last_hour, papers_last_day, finish_at } = throughput
  const most = Math.max(...hours)
  const end = finish_at === null ? '' : `; at that pace all are done by ${readableTime(finish_at, now)}`
  return [
    ...(most === 0 ? [] : [`${sparkline(hours)} requests an hour, 24 h, most ${most}`]),
    ...(papers_last_day === 0
      ? []
      : [
          `${counted(papers_last_day, 'paper')} done in 24 h, ${papers_last_hour} of them in the last hour${end}`,
        ]),
  ]
}

/** The last run of each command. */
function commandLines(commands: StatusReport['commands'], now: string): string[] {
  if (commands.length === 0) return []
  const rows = commands.map(({ command, started_at, ended_at, state, exit_code, result }) => [
    command,
    readableTime(started_at, now),
    ended_at === null ? '' : roughDuration(Date.parse(ended_at) - Date.parse(started_at)),
    state === 'ended' ? `exit ${exit_code ?? ''}${resultWords(result, now)}` : state,
  ])
  return [renderTable([{ head: 'LAST RUN' }, { head: 'BEGAN' }, { head: 'TOOK' }, { head: 'RESULT' }], rows)]
}

/** Of what came of it, what is not nothing. */
function resultWords(result: Record<string, unknown> | null, now: string): string {
  const words = Object.entries(result ?? {})
    .filter(([name, value]) => Boolean(value) && !UNTOLD.has(name))
    .map(([name, value]) => {
      if (typeof value !== 'string') return `${String(value)} ${name}`
      return name === 'retry_at' ? `go on after ${readableTime(value, now)}` : `${name} ${printable(value)}`
    })
  return words.length === 0 ? '' : `: ${words.join(', ')}`
}

/** Said elsewhere in the line, or of no use in it. */
const UNTOLD = new Set(['phase', 'duration_ms', 'bytes', 'reason'])

function people(head: string, rows: readonly WorkingExecution[], now: string): string[] {
  if (rows.length === 0) return []
  return [
    renderTable(
      [{ head }, { head: 'STATUS' }, { head: 'BY' }, { head: 'SINCE' }],
      rows
        .slice(0, SHOWN)
        .map((row) => [row.arxiv_id, row.status, whose(row), readableTime(row.updated_at, now)]),
    ),
  ]
}

function whose({ owner_id, owner }: WorkingExecution): string {
  if (owner_id === null) return 'nobody'
  return owner === 'gone' ? 'owner gone' : owner_id
}
