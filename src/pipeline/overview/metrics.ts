import { packageVersion } from '../../core/package.js'
import type { Settings } from '../../core/settings/settings.js'
import { utcDay } from '../../core/clock.js'
import { requestTotals } from '../../db/usage/usage-by-day.js'
import type { UsageRow } from '../../db/usage/usage.js'
import type { Db } from '../../db/engine/prepared.js'
import { budgetReport } from './budget-report.js'
import type { StatusReport } from './status-report.js'
import { statusReport } from './status-report.js'

export interface Sample {
  labels: Record<string, string>
  value: number
}

/** Samples of one name, in the terms of Prometheus. */
export interface MetricFamily {
  name: string
  type: 'counter' | 'gauge'
  help: string
  samples: Sample[]
}

/** Returns what there is to be measured, as it is now; families without a sample are left out. */
export async function metricFamilies(db: Db, settings: Settings, now: number): Promise<MetricFamily[]> {
  const status = await statusReport(db, settings, now)
  const { by_model: models } = await budgetReport(db, settings, utcDay(now), now)
  return [
    gauge('rpa_build_info', 'The version of rpa that wrote this.', [one({ version: packageVersion() })]),
    ...paperFamilies(status),
    counter('rpa_requests_total', 'Requests that count against a day, of all days.', [
      ...each(await requestTotals(db), 'role', (value) => value),
    ]),
    ...dayFamilies(models),
    ...limitFamilies(status),
    ...commandFamilies(status),
  ].filter(({ samples }) => samples.length > 0)
}

function paperFamilies({ executions, failures, working, stuck, work }: StatusReport): MetricFamily[] {
  const waiting = work.flatMap(({ phase, waiting: some }) =>
    some.map((row) => ({ labels: { phase, error_class: row.error_class ?? '' }, value: row.papers })),
  )
  return [
    gauge(
      'rpa_papers',
      'Papers by status.',
      each(executions, 'status', (value) => value),
    ),
    gauge(
      'rpa_papers_failed',
      'Failed papers by what they failed for.',
      failures.map(({ error_class, count }) => ({ labels: { error_class }, value: count })),
    ),
    gauge('rpa_papers_waiting', 'Papers that wait for their time after a failure.', waiting),
    gauge(
      'rpa_papers_ready',
      'Papers that a phase could take now.',
      work.map(({ phase, free }) => ({ labels: { phase }, value: free })),
    ),
    gauge('rpa_papers_working', 'Papers that somebody works on.', [one({}, working.length)]),
    gauge('rpa_papers_stuck', 'Papers in work that nobody works on any more.', [one({}, stuck.length)]),
  ]
}

/** Of the UTC day: they begin anew at midnight. */
function dayFamilies(models: Record<string, UsageRow>): MetricFamily[] {
  const tokens = (type: string, of: (row: UsageRow) => number): Sample[] =>
    each(models, 'model', of).map(({ labels, value }) => ({ labels: { ...labels, type }, value }))
  return [
    gauge(
      'rpa_day_requests',
      'Requests of this UTC day that count, by model.',
      each(models, 'model', (row) => row.requests),
    ),
    gauge(
      'rpa_day_requests_failed',
      'Of these, requests that failed.',
      each(models, 'model', (row) => row.failed),
    ),
    gauge('rpa_day_tokens', 'Tokens of this UTC day, by model.', [
      ...tokens('prompt', (row) => row.prompt_tokens),
      ...tokens('completion', (row) => row.completion_tokens),
    ]),
    gauge(
      'rpa_day_cost_dollars',
      'What the requests of this UTC day cost, by model.',
      each(models, 'model', (row) => row.cost_usd),
    ),
  ]
}

function limitFamilies({ budget, circuits, waits, in_flight: calls }: StatusReport): MetricFamily[] {
  const booked = calls.filter((call) => call.booked).length
  return [
    gauge(
      'rpa_budget_limit_requests',
      'Requests that a UTC day may have; absent: any number.',
      known(budget.limit || null),
    ),
    gauge('rpa_budget_used_requests', 'Requests of this UTC day that count.', [one({}, budget.used)]),
    gauge(
      'rpa_budget_remaining_requests',
      'Requests that can still be sent today, by the budget and the account; absent: no limit.',
      known(budget.remaining),
    ),
    gauge('rpa_budget_reset_timestamp_seconds', 'When the day of the budget ends.', [
      one({}, seconds(budget.resets_at)),
    ]),
    gauge('rpa_requests_in_flight', 'Requests with a provider, and those that wait for their slot.', [
      one({ state: 'sent' }, calls.length - booked),
      one({ state: 'booked' }, booked),
    ]),
    gauge(
      'rpa_circuit_open',
      '1 where a circuit is open or probed, 0 where it is closed.',
      circuits.map(({ name, state }) => one({ name }, state === 'closed' ? 0 : 1)),
    ),
    gauge(
      'rpa_phase_kept',
      '1 where papers of a phase do not move, with the reason.',
      waits.map(({ phase, reason }) => one({ phase, reason })),
    ),
  ]
}

function commandFamilies({ commands }: StatusReport): MetricFamily[] {
  const ended = commands.flatMap(({ command, started_at, ended_at, exit_code }) =>
    ended_at === null
      ? []
      : [{ labels: { command }, took: seconds(ended_at) - seconds(started_at), exit_code }],
  )
  return [
    gauge(
      'rpa_command_last_start_timestamp_seconds',
      'When the last run of a command began.',
      commands.map(({ command, started_at }) => one({ command }, seconds(started_at))),
    ),
    gauge(
      'rpa_command_last_duration_seconds',
      'How long the last run of a command took, if it ended.',
      ended.map(({ labels, took }) => one(labels, Math.max(0, took))),
    ),
    gauge(
      'rpa_command_last_exit_code',
      'The exit code of the last run of a command, if it ended.',
      ended.map(({ labels, exit_code }) => one(labels, exit_code ?? 0)),
    ),
    gauge(
      'rpa_command_last_killed',
      '1 where the process of the last run of a command ended without a word.',
      commands.map(({ command, state }) => one({ command }, state === 'killed' ? 1 : 0)),
    ),
  ]
}

function gauge(name: string, help: string, samples: Sample[]): MetricFamily {
  return { name, type: 'gauge', help, samples }
}

function counter(name: string, help: string, samples: Sample[]): MetricFamily {
  return { name, type: 'counter', help, samples }
}

function one(labels: Record<string, string>, value = 1): Sample {
  return { labels, value }
}

function known(value: number | null): Sample[] {
  return value === null ? [] : [one({}, value)]
}

function each<V>(values: Record<string, V>, label: string, of: (value: V) => number): Sample[] {
  return Object.entries(values).map(([name, value]) => ({ labels: { [label]: name }, value: of(value) }))
}

function seconds(iso: string): number {
  return Date.parse(iso) / 1000
}
