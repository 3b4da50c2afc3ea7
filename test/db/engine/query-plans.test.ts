import { Kysely } from 'kysely'
import BetterSqlite3 from 'better-sqlite3'
import { expect, it, onTestFinished } from 'vitest'
import { ASIDE_STATUSES, PHASE_NAMES, PHASES } from '../../../src/core/phases.js'
import { QUEUE_STATUSES } from '../../../src/core/queue.js'
import { claim } from '../../../src/db/executions/claims.js'
import { queueById, queueInOrder } from '../../../src/db/executions/queue.js'
import type { Db } from '../../../src/db/engine/prepared.js'
import { applyPragmas, ImmediateSqliteDialect } from '../../../src/db/engine/sqlite.js'
import { reserveCall } from '../../../src/db/calls/booking.js'
import { settlement } from '../../../src/db/calls/settle.js'
import { addPapers, mustClaim, NOON, openTestDatabase, prepClaim } from '../../support/database.js'
import { callRequest, callResult, callWindow, PLAIN } from '../../support/ledger.js'

const ROWS = 50_000

/** Rows in all statuses, many of one priority, a few held by leases that ran out. */
const FILL = `
  with recursive n(i) as (select 1 union all select i + 1 from n where i < ${ROWS})
  insert into executions (execution_id, arxiv_id, paper_id, status, priority, created_at)
  select 'e' || i, 'a' || i, i,
    case i % 10 ${PHASE_NAMES.map((name, n) => `when ${n} then '${PHASES[name].to}'`).join(' ')} else 'pending' end,
    i % 7, strftime('%Y-%m-%dT%H:%M:%fZ', 1700000000 + i, 'unixepoch') from n`

const EACH = Object.values(PHASES)

/** A DB of many rows, and the statements that ran on it. */
async function filledDatabase(
  fill: string,
): Promise<{ db: Db; handle: BetterSqlite3.Database; ran: string[] }> {
  const { path } = await openTestDatabase()
  const ran: string[] = []
  const handle = new BetterSqlite3(path, { verbose: (sql) => ran.push(String(sql)) })
  await applyPragmas(handle)
  const db: Db = new Kysely({ dialect: new ImmediateSqliteDialect(handle) })
  onTestFinished(() => db.destroy())
  handle.exec(fill)
  return { db, handle, ran }
}

it.each(EACH)(
  `a claim for $name among ${ROWS} rows reads indexes only`,
  async ({ name: phase, from, busy }) => {
    const { db, handle, ran } = await filledDatabase(FILL)
    // One of the phase's busy rows is interrupted, one is held.
    const first = await claim(db, prepClaim({ phase, from, busy }))
    await claim(db, prepClaim({ phase, from, busy }))
    handle
      .prepare('update execution_leases set lease_until = ? where execution_id = ?')
      .run(NOON / 1000 - 10, first?.lease.executionId)
    ran.length = 0
    expect(await claim(db, prepClaim({ phase, from, busy }))).toMatchObject({ interrupted: true })
    expect(await claim(db, prepClaim({ phase, from, busy }))).toMatchObject({ interrupted: false })
    expect(await claim(db, prepClaim({ phase, from, busy, interruptedOnly: true }))).toBeNull()
    const statements = [...new Set(ran)].filter((sql) => /^(select|update|insert)/i.test(sql))
    expect(statements.length).toBeGreaterThanOrEqual(4)
    const plans = statements.map((sql) => explain(handle, sql))
    expect(plans.join('\n')).toContain(`USING INDEX idx_executions_${from} (status=?)`)
    expect(plans.join('\n')).toContain(`USING COVERING INDEX idx_executions_${busy} (status=?)`)
    for (const plan of plans) {
      expect(plan).not.toMatch(/\bSCAN\b(?! CONSTANT ROW)/)
      expect(plan).not.toMatch(/TEMP B-TREE/)
    }
  },
)

it.each(QUEUE_STATUSES)(
  `each page of %s papers among ${ROWS} is found in their own index`,
  async (status) => {
    const { db, handle, ran } = await filledDatabase(FILL)
    handle.exec(
      `update executions set status = '${status}', release_to = 'pending' where status = 'pending' and paper_id % 2 = 0`,
    )
    ran.length = 0
    let papers = 0
    for await (const page of queueInOrder(db, status, 500)) papers += page.length
    expect(papers).toBeGreaterThan(1000)
    const index = (ASIDE_STATUSES as readonly string[]).includes(status) ? 'aside' : status
    const plans = [...new Set(ran)].map((sql) => explain(handle, sql))
    expect(plans.length).toBeGreaterThanOrEqual(3)
    for (const plan of plans) {
      expect(plan).toContain(`USING INDEX idx_executions_${index} (status=?`)
      expect(plan).not.toMatch(/\bSCAN\b|TEMP B-TREE/)
    }
    expect(plans.join('\n')).toContain('(status=? AND priority=? AND (created_at,execution_id)>(?,?))')
  },
)

it(`each page of papers by id among ${ROWS} goes on where the one before ended`, async () => {
  const { db, handle, ran } = await filledDatabase(FILL)
  ran.length = 0
  let papers = 0
  for await (const page of queueById(db, QUEUE_STATUSES, 500)) papers += page.length
  expect(papers).toBe(45_000)
  const plans = [...new Set(ran)].map((sql) => explain(handle, sql))
  for (const plan of plans) {
    expect(plan).toContain('(execution_id>?)')
    expect(plan).not.toMatch(/TEMP B-TREE/)
  }
})

/** Requests of two days, of several models and groups, nearly all of them settled. */
const FILL_LEDGER = `
  with recursive n(i) as (select 1 union all select i + 1 from n where i < ${ROWS})
  insert into llm_calls (call_id, execution_id, phase, role, model, asked_model, usage_date, started_at, finished_at, outcome, limit_group)
  select 'c' || i, 'e' || i, 'prep', 'cheap', 'm' || (i % 3), 'm' || (i % 3), '2026-03-0' || (3 + i % 2),
    strftime('%Y-%m-%dT%H:%M:%fZ', ${NOON / 1000} - i, 'unixepoch'),
    strftime('%Y-%m-%dT%H:%M:%fZ', ${NOON / 1000} - i, 'unixepoch'), 'ok', 'g' || (i % 2) from n`

it(`booking and settling a request among ${ROWS} reads what it needs by index`, async () => {
  const { db, handle, ran } = await filledDatabase(FILL_LEDGER)
  await addPapers(db, 1)
  const { lease } = await mustClaim(db)
  ran.length = 0
  const window = callWindow(20, { group: 'g1', perDay: 1_000_000, concurrency: 4 })
  const request = callRequest(lease, { model: 'm1', circuits: ['model:m1'], window, budget: 1_000_000 })
  const reservation = await reserveCall(db, request)
  if (reservation.kind === 'wait') throw new Error(reservation.reason)
  const about = { name: 'model:m1', errorClass: 'timeout', reason: 'no answer', outageClasses: ['timeout'] }
  const openings = [
    { ...about, when: 'dense', retryAt: null },
    { ...about, name: 'group:g1', when: 'dense', retryAt: null },
    { ...about, when: 'outage', retryAt: null },
  ] as const
  const result = callResult({ outcome: 'error', errorClass: 'timeout' })
  const consequences = { ...PLAIN, alive: false, openings }
  await settlement(db, reservation.callId, result, consequences, NOON).commit()
  const statements = [...new Set(ran)].filter((sql) => /^(select|update|insert)/i.test(sql))
  expect(statements.filter((sql) => sql.includes('llm_calls')).length).toBeGreaterThanOrEqual(8)
  for (const plan of statements.map((sql) => explain(handle, sql))) {
    expect(plan).not.toMatch(
      /\bSCAN (?!CONSTANT ROW|o\b|circuits|limit_states|c USING INDEX idx_llm_calls_in_flight)/,
    )
    expect(plan).not.toMatch(/TEMP B-TREE/)
  }
})

function explain(handle: BetterSqlite3.Database, sql: string): string {
  const rows = handle.prepare(`explain query plan ${sql}`).all() as { detail: string }[]
  return `${sql}\n${rows.map(({ detail }) => `  ${detail}`).join('\n')}`
}
