import { createHash } from 'node:crypto'
import { copyFileSync, rmSync, statSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import BetterSqlite3 from 'better-sqlite3'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runCli, startCli, type Running } from '../support/cli.js'
import { dump } from '../support/database.js'
import { writeEarlierDatabase } from '../support/earlier-database.js'
import { MIGRATIONS } from '../support/migrations.js'
import { temporaryFolder } from '../support/temp.js'

const KILLS = 10
/** A command that writes, and has nothing to write here but the migration. */
const OPEN = ['prune', '--keep', 'keep_all']
/** So many that bringing the file up to date takes a good second. */
const ROWS = 150_000

it(`an earlier tool's file, killed ${KILLS} times while it is brought up to date, is as it was; then it is whole`, async () => {
  const folder = temporaryFolder()
  const untouched = join(folder, 'untouched.sqlite')
  writeManyRows(untouched)
  const whole = join(folder, 'whole.sqlite')
  copyFileSync(untouched, whole)
  const written = await largestLog(whole, startCli([...OPEN, '--db', whole], { cwd: folder }))
  expect(written).toBeGreaterThan(1_000_000)

  const path = join(folder, 'killed.sqlite')
  copyFileSync(untouched, path)
  const before = rowsOf(path)
  let undone = 0
  for (let kill = 0; kill < KILLS; kill++) {
    const running = startCli([...OPEN, '--db', path], { cwd: folder })
    // How far it has come can be seen from outside: the log of its one transaction grows.
    await largestLog(path, running, (written * (kill + 0.5)) / KILLS)
    await running.ended
    // The last time nobody but the next command sees what the killed one left.
    if (kill === KILLS - 1) break
    if (isMigrated(path)) {
      // The kill came after the commit; then all of it is there.
      expect(digestOf(path), `after kill ${kill + 1}`).toBe(digestOf(whole))
      for (const end of ['', '-wal', '-shm']) rmSync(`${path}${end}`, { force: true })
      copyFileSync(untouched, path)
    } else {
      expect(rowsOf(path), `after kill ${kill + 1}`).toEqual(before)
      undone += 1
    }
  }
  expect(undone).toBeGreaterThanOrEqual(KILLS / 2)
  const { code, stderr } = await runCli([...OPEN, '--db', path, '--json'], { cwd: folder })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(digestOf(path)).toBe(digestOf(whole))
  expect(dump(path).rows['schema_migrations']).toHaveLength(MIGRATIONS.length)
})

/** Returns the size to which the write-ahead log grew; with `killAt` the process is killed when it is as large as that. */
async function largestLog(path: string, running: Running, killAt = Infinity): Promise<number> {
  let ended = false
  let largest = 0
  void running.ended.then(() => (ended = true))
  while (!ended) {
    const size = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0
    largest = Math.max(largest, size)
    if (size >= killAt) {
      running.kill('SIGKILL')
      break
    }
    // Without any pause it would take the core that the process needs.
    await delay(1)
  }
  return largest
}

function writeManyRows(path: string): void {
  writeEarlierDatabase(path, { older: false })
  const db = new BetterSqlite3(path)
  db.prepare(
    `with recursive n(i) as (select 1 union all select i + 1 from n where i < ?)
     insert into executions (execution_id, arxiv_id, paper_id, title, authors, abstract, status, created_at, updated_at, priority, expensive_output)
     select 'more-' || i, '2302.' || i, i, 'Paper ' || i, 'Author', 'Abstract', case i % 3 when 0 then 'pending' when 1 then 'analyzed' else 'done' end,
       '2026-03-04T08:00:00+00:00', '2026-03-04T08:00:00+00:00', i % 100, case i % 3 when 1 then '{"why_hypotheses":null}' end from n`,
  ).run(ROWS)
  db.close()
}

/** What users have in the file; an open by itself may change how it is kept. */
function rowsOf(path: string): unknown {
  const db = new BetterSqlite3(path)
  try {
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
    return [
      db.prepare("select name, sql from sqlite_master where type = 'table' order by name").all(),
      db
        .prepare(
          'select status, count(*), sum(paper_id), sum(length(expensive_output)) from executions group by status',
        )
        .all(),
      db.prepare('select * from execution_leases').all(),
      db.prepare('select * from machine_checkpoints').all(),
      db.prepare('select * from daily_usage').all(),
    ]
  } finally {
    db.close()
  }
}

function isMigrated(path: string): boolean {
  const db = new BetterSqlite3(path)
  try {
    return db.prepare("select 1 from sqlite_master where name = 'schema_migrations'").get() !== undefined
  } finally {
    db.close()
  }
}

/** Everything in the file but the time of its migration. */
function digestOf(path: string): string {
  const { schema, rows } = dump(path)
  return (
    createHash('sha256')
      // When migrations and commands ran is another time each.
      .update(JSON.stringify([schema, { ...rows, schema_migrations: null, command_runs: null }]))
      .digest('hex')
  )
}
