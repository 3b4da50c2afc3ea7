import BetterSqlite3 from 'better-sqlite3'
import { Kysely } from 'kysely'
import { apply } from '../../src/db/engine/migrate.js'
import { initial } from '../../src/db/engine/migrations/0001-initial.js'
import type { Db } from '../../src/db/engine/schema.js'
import { applyPragmas, ImmediateSqliteDialect } from '../../src/db/engine/sqlite.js'

/** Writes a file as the first version of the schema left it: a paper, its request, and a circuit that is open till 12:05. */
export async function writeVersion1Database(path: string): Promise<void> {
  const handle = new BetterSqlite3(path)
  await applyPragmas(handle)
  const db: Db = new Kysely({ dialect: new ImmediateSqliteDialect(handle) })
  await db.transaction().execute((trx) => apply(trx, initial))
  handle.exec(ROWS)
  await db.destroy()
}

const ROWS = `
  insert into executions (execution_id, arxiv_id, paper_id, title, created_at)
    values ('e-1', '2401.00001', 1, 'A Paper', '2026-03-01T00:00:00.000Z');
  insert into llm_calls (call_id, execution_id, phase, role, model, usage_date, started_at, finished_at, outcome, limit_group)
    values ('call-1', 'e-1', 'prep', 'cheap', 'vendor/model:free', '2026-03-04', '2026-03-04T11:59:00.000Z',
      '2026-03-04T11:59:30.000Z', 'ok', 'free');
  insert into daily_usage values ('2026-03-04', 1, 1, 0);
  insert into circuits (name, state, opened_at, retry_at, reason)
    values ('group:free', 'open', '2026-03-04T11:59:30.000Z', '2026-03-04T12:05:00.000Z', 'too many');`
