import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { loadJson } from '../../../src/db/checkpoints/blobs.js'
import { loadLatestCheckpoint } from '../../../src/db/checkpoints/checkpoints.js'
import { countByStatus } from '../../../src/db/executions/executions.js'
import { openDatabase } from '../../../src/db/engine/open.js'
import { ConfigError } from '../../../src/core/errors.js'
import { availabilityOf } from '../../../src/db/calls/circuit-states.js'
import { usedRequests } from '../../../src/db/calls/day-counts.js'
import { dump, executionOf, mustClaim, NOON, openFile, openTestDatabase } from '../../support/database.js'
import {
  EARLIER_ANALYSIS,
  EARLIER_PREP_OUTPUT,
  EARLIER_SNAPSHOT,
  EARLIER_STATUSES,
  writeEarlierDatabase,
} from '../../support/earlier-database.js'
import { bundleProgram, runProgram } from '../../support/processes.js'
import { MIGRATIONS, TABLES } from '../../support/migrations.js'
import { temporaryFolder } from '../../support/temp.js'
import { writeVersion1Database } from '../../support/version1-database.js'

async function openAndClose(path: string): Promise<void> {
  await (await openDatabase(path)).close()
}

describe('a new file', () => {
  it('gets every table, WAL, and one row for each migration', async () => {
    const path = join(temporaryFolder(), 'deep', 'folder', 'executions.sqlite')
    await openAndClose(path)
    const { rows } = dump(path)
    expect(Object.keys(rows).sort()).toEqual(TABLES)
    const applied_at = expect.stringMatching(/^\d{4}-.*Z$/) as string
    expect(rows['schema_migrations']).toEqual(MIGRATIONS.map((migration) => ({ ...migration, applied_at })))
    expect(openFile(path).pragma('journal_mode', { simple: true })).toBe('wal')
  })

  it('is the same after a second open', async () => {
    const path = join(temporaryFolder(), 'executions.sqlite')
    await openAndClose(path)
    const before = dump(path)
    await openAndClose(path)
    expect(dump(path)).toEqual(before)
  })

  it('is created for a sqlite: URL too', async () => {
    const path = join(temporaryFolder(), 'by url.sqlite')
    expect((await openTestDatabase(`sqlite://${path}`)).place).toBe(path)
    expect((await openTestDatabase(`sqlite:${path}`)).place).toBe(path)
  })

  it('holds an arXiv id once', async () => {
    const { path } = await openTestDatabase()
    const insert = openFile(path).prepare(
      'insert into executions (execution_id, arxiv_id, paper_id) values (?, ?, 1)',
    )
    insert.run('a', '2401.00001')
    expect(() => insert.run('b', '2401.00001')).toThrow(/UNIQUE/)
  })
})

describe.each([
  { name: "the earlier tool's file", older: false },
  { name: 'an older file, without priority, expensive_output and machine_configs', older: true },
])('$name', ({ older }) => {
  it('opens with every row as it was', async () => {
    const path = join(temporaryFolder(), 'executions.sqlite')
    writeEarlierDatabase(path, { older })
    const before = dump(path)
    await openAndClose(path)
    const after = dump(path)
    expect(Object.keys(after.rows).sort()).toEqual(TABLES)
    for (const [table, rows] of Object.entries(before.rows)) {
      const expected = older && table === 'executions' ? rows.map(withoutAnalysis) : rows
      expect(after.rows[table], table).toMatchObject(expected)
      expect(after.rows[table], table).toHaveLength(rows.length)
    }
  })

  it('is changed by the first open only', async () => {
    const path = join(temporaryFolder(), 'executions.sqlite')
    writeEarlierDatabase(path, { older })
    await openAndClose(path)
    const migrated = dump(path)
    await openAndClose(path)
    expect(dump(path)).toEqual(migrated)
  })

  it('can be worked with: counted, read, claimed with a higher token', async () => {
    const path = join(temporaryFolder(), 'executions.sqlite')
    writeEarlierDatabase(path, { older })
    const { db } = await openTestDatabase(path)
    const each = Object.fromEntries(EARLIER_STATUSES.map((status) => [status, 1]))
    const expected = older ? { ...each, prepped: 3, analyzed: 0, wrapping: 0 } : each
    expect(await countByStatus(db)).toEqual(expected)
    const prepped = await executionOf(db, '2301.00003')
    expect(await loadJson(db, prepped?.prep_output ?? '', 'old-3')).toEqual(JSON.parse(EARLIER_PREP_OUTPUT))
    expect(prepped?.attempts).toBe(0)
    expect(await loadLatestCheckpoint(db, 'old-2')).toEqual(JSON.parse(EARLIER_SNAPSHOT.toString()))
    const interrupted = await mustClaim(db)
    expect(interrupted).toMatchObject({ interrupted: true, lease: { executionId: 'old-2', fencingToken: 7 } })
    const ready = await mustClaim(db)
    expect(ready).toMatchObject({ interrupted: false, lease: { executionId: 'old-1', fencingToken: 1 } })
  })
})

describe("the earlier tool's failed analyses", () => {
  it('are undone, so that only what is missing is asked again', async () => {
    const path = join(temporaryFolder(), 'executions.sqlite')
    writeEarlierDatabase(path, { older: false })
    const raw = openFile(path)
    const analysis = JSON.parse(EARLIER_ANALYSIS) as Record<string, string>
    const broken: Record<string, string | null> = {
      '2301.00005': JSON.stringify({ ...analysis, open_questions: null }),
      '2301.00006': 'not json',
      '2301.00007': null,
    }
    for (const [id, output] of Object.entries(broken)) {
      raw.prepare('update executions set expensive_output = ? where arxiv_id = ?').run(output, id)
    }
    raw.close()
    const { db } = await openTestDatabase(path)
    const statusOf = async (id: string): Promise<string | undefined> => (await executionOf(db, id))?.status
    expect(await statusOf('2301.00005')).toBe('prepped')
    expect(await statusOf('2301.00006')).toBe('prepped')
    // A finished report is not taken back.
    expect(await statusOf('2301.00007')).toBe('done')
    expect(await statusOf('2301.00003')).toBe('prepped')
  })
})

function columnsOf(path: string, table: string): string[] {
  const columns = openFile(path).pragma(`table_info(${table})`) as { name: string }[]
  return columns.map(({ name }) => name).sort()
}

/** A paper is not analyzed when the file has nothing of an analysis. */
function withoutAnalysis(row: unknown): unknown {
  const { status, ...rest } = row as { status: string }
  return { ...rest, status: status === 'analyzed' || status === 'wrapping' ? 'prepped' : status }
}

describe('a file of the version before', () => {
  it('keeps every row, and gets what it lacks', async () => {
    const path = join(temporaryFolder(), 'executions.sqlite')
    await writeVersion1Database(path)
    const before = dump(path)
    expect(Object.keys(before.rows)).not.toContain('limit_states')
    await openAndClose(path)
    const after = dump(path)
    expect(Object.keys(after.rows).sort()).toEqual(TABLES)
    for (const [table, rows] of Object.entries(before.rows)) {
      expect(after.rows[table]?.slice(0, rows.length), table).toMatchObject(rows)
      if (table !== 'schema_migrations') expect(after.rows[table], table).toHaveLength(rows.length)
    }
    expect(after.rows['schema_migrations']).toHaveLength(MIGRATIONS.length)
    expect(after.rows['llm_calls']).toMatchObject([{ call_id: 'call-1', asked_model: null }])
    expect(after.rows['circuits']).toMatchObject([{ name: 'group:free', needs_probe: 0, openings: 0 }])
    const fresh = await openTestDatabase()
    for (const table of TABLES) expect(columnsOf(path, table), table).toEqual(columnsOf(fresh.path, table))
  })

  it('can be worked with: what was spent is spent, a pause that was noted ends by itself', async () => {
    const path = join(temporaryFolder(), 'executions.sqlite')
    await writeVersion1Database(path)
    const { db } = await openTestDatabase(path)
    expect(await usedRequests(db, '2026-03-04')).toBe(1)
    expect(await availabilityOf(db, ['group:free'], NOON, 1000)).toMatchObject({
      name: 'group:free',
      soon: false,
    })
    expect(await availabilityOf(db, ['group:free'], NOON + 600_000, 1000)).toEqual({ state: 'open' })
    expect(await mustClaim(db)).toMatchObject({ lease: { executionId: 'e-1' } })
  })
})

describe('a file of a newer program', () => {
  it('is refused and left alone', async () => {
    const path = join(temporaryFolder(), 'executions.sqlite')
    await openAndClose(path)
    const raw = openFile(path)
    raw.prepare("insert into schema_migrations values (99, 'future', '2030-01-01T00:00:00.000Z')").run()
    raw.close()
    const before = dump(path)
    const error: unknown = await openDatabase(path).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ConfigError)
    expect(error).toMatchObject({ code: 'db_newer', exitCode: 78 })
    expect((error as Error).message).toContain('99')
    expect(dump(path)).toEqual(before)
  })
})

describe('a migration that fails', () => {
  it('leaves the file as it was', async () => {
    const path = join(temporaryFolder(), 'executions.sqlite')
    writeEarlierDatabase(path, { older: true })
    const raw = openFile(path)
    raw.exec('drop index idx_executions_arxiv; update executions set arxiv_id = 1')
    raw.pragma('journal_mode = wal')
    raw.close()
    const before = dump(path)
    await expect(openDatabase(path)).rejects.toThrow()
    expect(dump(path)).toEqual(before)
  })
})

describe('several processes that open the same new file at once', () => {
  let program: string
  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rpa-open-'))
    program = await bundleProgram('test/db/processes/open.ts', folder)
    return () => rmSync(folder, { recursive: true, force: true })
  })

  it.each([2, 6])('%i processes, ten times: no error, each migration once', async (processes) => {
    for (let round = 0; round < 10; round += 1) {
      const path = join(temporaryFolder(), 'executions.sqlite')
      const startAt = String(Date.now() + 50 + processes * 50)
      const ended = await Promise.all(
        Array.from({ length: processes }, () => runProgram(program, [path, startAt])),
      )
      expect(ended).toEqual(Array.from({ length: processes }, () => ({ code: 0, stdout: '', stderr: '' })))
      const { rows } = dump(path)
      expect(Object.keys(rows).sort()).toEqual(TABLES)
      expect(rows['schema_migrations']).toHaveLength(MIGRATIONS.length)
    }
  })

  it.each([2, 6])("%i processes migrate the earlier tool's file once", async (processes) => {
    const path = join(temporaryFolder(), 'executions.sqlite')
    writeEarlierDatabase(path, { older: true })
    const startAt = String(Date.now() + 400)
    const ended = await Promise.all(
      Array.from({ length: processes }, () => runProgram(program, [path, startAt])),
    )
    expect(ended.map(({ stdout }) => stdout)).toEqual(Array.from({ length: processes }, () => ''))
    const { rows } = dump(path)
    expect(rows['schema_migrations']).toHaveLength(MIGRATIONS.length)
    expect(rows['executions']).toHaveLength(EARLIER_STATUSES.length)
  })
})
