import parse from 'parse-prometheus-text-format'
import { expect, it } from 'vitest'
import { renderMetrics } from '../../../src/cli/render/metrics.js'
import { isoTime } from '../../../src/core/clock.js'
import { packageVersion } from '../../../src/core/package.js'
import { resolveSettings } from '../../../src/core/settings/resolve-settings.js'
import { processOwnerId } from '../../../src/core/processes/owner.js'
import type { Db } from '../../../src/db/engine/prepared.js'
import { noteBegin, noteEnd } from '../../../src/db/maintenance/command-runs.js'
import { metricFamilies } from '../../../src/pipeline/overview/metrics.js'
import { call, FAILED } from '../../db/calls/calls.js'
import { addPapers, mustClaim, NOON, openRaw, openTestDatabase } from '../../support/database.js'
import { temporaryFolder } from '../../support/temp.js'

/** Returns what a parser that is not ours reads of the metrics: values by name and labels. */
async function scraped(
  db: Db,
  flags: Record<string, string> = {},
): Promise<Map<string, Record<string, number>>> {
  const { settings } = await resolveSettings(flags, {}, temporaryFolder())
  const text = `${renderMetrics(await metricFamilies(db, settings, NOON))}\n`
  for (const line of text.trimEnd().split('\n')) expect(line).toMatch(/^# (HELP|TYPE) rpa_|^rpa_/)
  return new Map(
    parse(text).map(({ name, type, help, metrics }) => {
      expect(help).not.toBe('')
      expect(type).toBe(name.endsWith('_total') ? 'COUNTER' : 'GAUGE')
      return [
        name,
        Object.fromEntries(
          metrics.map(({ value, labels = {} }) => [Object.values(labels).join(), Number(value)] as const),
        ),
      ]
    }),
  )
}

it('an empty DB has metrics too, and no limit is no number', async () => {
  const { db } = await openTestDatabase()
  const found = await scraped(db, { budget: '0', profile: 'offline' })
  expect(found.get('rpa_build_info')).toEqual({ [packageVersion()]: 1 })
  expect(found.get('rpa_papers')).toMatchObject({ pending: 0, done: 0 })
  expect(found.get('rpa_requests_total')).toEqual({ cheap: 0, expensive: 0 })
  expect(found.get('rpa_papers_stuck')).toEqual({ '': 0 })
  for (const name of ['rpa_budget_limit_requests', 'rpa_budget_remaining_requests', 'rpa_day_requests'])
    expect([...found.keys()]).not.toContain(name)
})

it('tells papers, requests, the budget, circuits and commands', async () => {
  const { db, path } = await openTestDatabase()
  await addPapers(db, 5)
  const { lease } = await mustClaim(db, { now: NOON })
  await call(db, { lease, now: NOON, result: {} })
  await call(db, { lease, now: NOON, result: FAILED })
  openRaw(path).exec(
    `update executions set status = 'failed', error_class = 'pdf_not_found' where arxiv_id = '2401.00005';
     insert into circuits (name, state, opened_at, retry_at, reason, error_class, needs_probe, openings)
     values ('model:x', 'open', '${isoTime(NOON)}', '${isoTime(NOON + 60_000)}', 'no', 'timeout', 1, 1)`,
  )
  const run = await noteBegin(db, 'prep', processOwnerId(), NOON - 90_000)
  await noteEnd(db, run, { exitCode: 75, result: '{}' }, NOON - 30_000)
  await noteBegin(db, 'wrap', `${processOwnerId()}1`, NOON - 10_000)
  const found = await scraped(db)
  expect(found.get('rpa_papers')).toMatchObject({ pending: 3, prepping: 1, failed: 1 })
  expect(found.get('rpa_papers_failed')).toEqual({ pdf_not_found: 1 })
  expect(found.get('rpa_papers_ready')).toMatchObject({ prep: 3 })
  expect(found.get('rpa_papers_working')).toEqual({ '': 1 })
  expect(found.get('rpa_requests_total')).toEqual({ cheap: 2, expensive: 0 })
  expect(Object.values(found.get('rpa_day_requests') ?? {})).toEqual([2])
  expect(Object.values(found.get('rpa_day_requests_failed') ?? {})).toEqual([1])
  expect(found.get('rpa_budget_used_requests')).toEqual({ '': 2 })
  expect(found.get('rpa_budget_limit_requests')).toEqual({ '': 1000 })
  expect(found.get('rpa_budget_reset_timestamp_seconds')).toEqual({
    '': Date.parse('2026-03-05T00:00:00Z') / 1000,
  })
  expect(found.get('rpa_circuit_open')).toEqual({ 'model:x': 1 })
  expect(found.get('rpa_command_last_exit_code')).toEqual({ prep: 75 })
  expect(found.get('rpa_command_last_duration_seconds')).toEqual({ prep: 60 })
  expect(found.get('rpa_command_last_killed')).toEqual({ prep: 0, wrap: 1 })
  expect(found.get('rpa_command_last_start_timestamp_seconds')).toMatchObject({
    prep: (NOON - 90_000) / 1000,
  })
})

it('a name from outside ends no line and no label', () => {
  const hostile = 'a"b\\c\nrpa_papers{} 7\u001b[31m'
  const text = renderMetrics([
    {
      name: 'rpa_x',
      type: 'gauge',
      help: 'Two\nlines.',
      samples: [{ labels: { model: hostile }, value: 1 }],
    },
  ])
  expect(text.split('\n')).toHaveLength(3)
  expect(text).toContain(String.raw`rpa_x{model="a\"b\\c\nrpa_papers{} 7 [31m"} 1`)
  expect(parse(`${text}\n`)).toHaveLength(1)
})
