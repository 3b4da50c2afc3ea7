import { expect } from 'vitest'
import type { Workspace } from '../support/workspace.js'
import type { Arrival, ModelLog } from './model-log.js'
import { inLetters, questionKey } from './model-log.js'

interface Row {
  title: string
  phase: string
  machine: string
  state: string
  outcome: string
  counted: number
  sent_at: string | null
}

/** The five questions of every paper. */
export const WRITERS = [
  'key_outcome',
  'why_hypotheses',
  'reproduction_notes',
  'open_questions',
  'limits_confidence',
]

/** Returns the questions whose answers are committed. */
export function committedQuestions(workspace: Workspace): Set<string> {
  return new Set(
    ledger(workspace)
      .filter(({ outcome }) => outcome === 'ok')
      .map(keyOf),
  )
}

/**
 * Compares the ledger with what the server saw. Each request that the server saw has its row, and each row was sent. Rows
 * beyond that are allowed only where a process died while its request went out: they are `aborted`, and count as spent.
 */
export function expectBooksAgree(workspace: Workspace, log: ModelLog): void {
  expect(log.repeated, 'committed questions that came again').toEqual([])
  const rows = groupBy(ledger(workspace), keyOf)
  const seen = groupBy(log.arrivals, ({ title, writer }) => questionKey(title, writer))
  for (const [question, arrivals] of seen) {
    expect(new Set(arrivals.map(({ prompt }) => prompt)).size, `prompts of ${question}`).toBe(1)
    const booked = rows.get(question) ?? []
    const aborted = booked.filter(({ outcome }) => outcome === 'aborted').length
    expect(booked.length, `bookings of ${question}`).toBeGreaterThanOrEqual(arrivals.length)
    expect(booked.length - aborted, `answers booked of ${question}`).toBeLessThanOrEqual(arrivals.length)
  }
  for (const [question, booked] of rows) {
    const outcomes = booked.map(({ outcome }) => outcome)
    const answered = (seen.get(question) ?? []).filter(({ answeredAt }) => answeredAt !== null).length
    const ok = outcomes.filter((outcome) => outcome === 'ok').length
    expect(ok, `committed answers to ${question}`).toBeLessThanOrEqual(Math.min(1, answered))
    expect(new Set(outcomes), `outcomes of ${question}`).toEqual(
      new Set(ok === 1 ? ['ok', ...outcomes] : outcomes),
    )
    if (ok === 1) expect(outcomes.at(-1), `last booking of ${question}`).toBe('ok')
    for (const { outcome, counted, sent_at } of booked) {
      expect(sent_at, `a booking of ${question}`).not.toBeNull()
      expect(['ok', 'aborted'], `a booking of ${question}`).toContain(outcome)
      expect(counted, `a booking of ${question}`).toBe(1)
    }
  }
  const total = workspace.query<{ n: number }>(
    'select coalesce(sum(total_calls), 0) as n from daily_usage',
  )[0]?.n
  expect(total, 'requests of daily_usage').toBe(ledger(workspace).length)
}

/** Every paper is done, once, whole, of the answers that were paid for; and nobody has left anything behind. */
export function expectAllDone(workspace: Workspace, log: ModelLog): void {
  const papers = workspace.query<{ arxiv_id: string; title: string; result_path: string }>(
    'select arxiv_id, title, result_path from executions',
  )
  expect(new Set(Object.values(workspace.statuses()))).toEqual(new Set(['done']))
  expectAtRest(workspace)
  expectBooksAgree(workspace, log)
  expect(workspace.reports(), 'files in the reports folder').toHaveLength(papers.length)
  for (const { arxiv_id, title, result_path } of papers) {
    expect(result_path).toContain(`${arxiv_id}_`)
    const report = workspace.report(arxiv_id)
    const quoted = new Set([...report.matchAll(/In answer (\w+) the paper says/g)].map((match) => match[1]))
    const last = WRITERS.map((writer) => inLetters(lastOf(log.arrivals, title, writer)))
    expect([...quoted].sort(), `answers in the report of ${arxiv_id}`).toEqual(last.sort())
  }
}

/** The DB is sound, and no work is under way or half put away. */
export function expectAtRest(workspace: Workspace): void {
  expect(workspace.integrity()).toBe('ok')
  expect(workspace.query('select * from execution_leases where lease_until > 0'), 'leases').toEqual([])
  expect(
    workspace.query("select * from llm_calls where outcome = 'in_flight'"),
    'requests in flight',
  ).toEqual([])
  expect(
    workspace.query("select * from executions where status in ('prepping', 'analyzing', 'wrapping')"),
    'busy executions',
  ).toEqual([])
}

function lastOf(arrivals: readonly Arrival[], title: string, writer: string): number {
  return arrivals.findLast((one) => one.title === title && one.writer === writer)?.number ?? 0
}

function ledger(workspace: Workspace): Row[] {
  return workspace.query<Row>(
    `select e.title, c.phase, c.machine, c.state, c.outcome, c.counted, c.sent_at
     from llm_calls c join executions e using (execution_id) order by c.started_at, coalesce(c.finished_at, '9999')`,
  )
}

function keyOf({ title, phase, machine, state }: Row): string {
  if (phase === 'prep') return questionKey(title, 'key_outcome')
  if (phase === 'wrap') return questionKey(title, state === 'repair' ? 'repair' : 'limits_confidence')
  return questionKey(title, machine.replace(/^ask-/, '').replaceAll('-', '_'))
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item])
  return groups
}
