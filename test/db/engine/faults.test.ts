import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  appendFileSync,
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { describe, expect, it, onTestFinished } from 'vitest'
import { isoTime } from '../../../src/core/clock.js'
import { RpaError } from '../../../src/core/errors.js'
import { storeJson } from '../../../src/db/checkpoints/blobs.js'
import { newestTail, snapshotsOf } from '../../../src/db/checkpoints/runs.js'
import type { Lease } from '../../../src/db/leases/leases.js'
import { openDatabase } from '../../../src/db/engine/open.js'
import type { Db } from '../../../src/db/engine/prepared.js'
import { addPapers, executionOf, mustClaim, NOON, openTestDatabase } from '../../support/database.js'
import { saveSnapshot } from '../../support/save-snapshot.js'
import { bundleProgram, runProgram } from '../../support/processes.js'
import { temporaryFolder } from '../../support/temp.js'

async function failure(action: Promise<unknown>): Promise<RpaError> {
  const error: unknown = await action.then(
    () => new Error('it did not fail'),
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof RpaError)) throw error
  expect(error.hint).toMatch(/\w/)
  return error
}

async function save(db: Db, lease: Lease, step: number): Promise<void> {
  const document = {
    execution_id: lease.executionId,
    machine_name: 'prep',
    event: 'execute',
    current_state: 'extract',
    created_at: isoTime(NOON),
    step,
    context: { text: randomBytes(60_000).toString('hex') },
  }
  await saveSnapshot(db, lease, document, NOON)
}

describe('an unusable file', () => {
  it.each([
    ['a text file', 'This is not a database, only a text that is a little longer than a header.'.repeat(20)],
    ['random bytes', randomBytes(8192)],
    ['a header with nothing of a database behind it', `SQLite format 3\0${'x'.repeat(4096)}`],
  ])('is explained and left alone: %s', async (_, content) => {
    const path = join(temporaryFolder(), 'executions.sqlite')
    writeFileSync(path, content)
    const before = readFileSync(path)
    const error = await failure(openDatabase(path))
    expect(error.code).toBe('db_corrupt')
    expect(error.message).toContain(path)
    expect(readFileSync(path)).toEqual(before)
  })

  it('is explained when the damage shows only later', async () => {
    const { db, close, place: path } = await openDatabase(join(temporaryFolder(), 'executions.sqlite'))
    await addPapers(db, 500)
    await close()
    const file = openSync(path, 'r+')
    // Everything behind the schema's first page.
    for (let page = 10; page < 40; page += 1) writeSync(file, randomBytes(4096), 0, 4096, page * 4096)
    closeSync(file)
    const damaged = await openDatabase(path).catch((thrown: unknown) => thrown)
    if (damaged instanceof Error) {
      expect(damaged).toMatchObject({ code: 'db_corrupt' })
      return
    }
    const opened = await openTestDatabase(path)
    const read = opened.db.selectFrom('executions').selectAll().orderBy('abstract').execute()
    expect((await failure(read)).code).toBe('db_corrupt')
    expect((await failure(addPapers(opened.db, 600))).code).toBe('db_corrupt')
  })

  it('is explained: a folder in its place', async () => {
    const path = join(temporaryFolder(), 'executions.sqlite')
    mkdirSync(path)
    expect((await failure(openDatabase(path))).code).toBe('db_cannot_open')
  })

  it('is explained: a file in the place of its folder', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'file'), '')
    const error = await failure(openDatabase(join(folder, 'file', 'deep', 'executions.sqlite')))
    expect(error.code).toBe('data_folder')
    expect(error.message).toContain(join(folder, 'file', 'deep'))
  })

  it('is explained: a URL of another kind', async () => {
    const error = await failure(openDatabase('mysql://somewhere/rpa'))
    expect(error).toMatchObject({ code: 'database_url', exitCode: 78 })
  })
})

describe('a place that cannot be written', () => {
  const READ_ONLY = { uid: 65_534 }

  /** Opens and writes as somebody without the right to write: root has it everywhere. */
  async function writeUnprivileged(path: string): Promise<unknown> {
    const program = await bundleProgram('test/db/processes/open.ts', temporaryFolder())
    const ended = await runProgram(program, [path, '0', 'written'], process.getuid?.() === 0 ? READ_ONLY : {})
    expect(ended.stderr).toBe('')
    return JSON.parse(ended.stdout)
  }

  function locked(folder: string): void {
    chmodSync(folder, 0o555)
    onTestFinished(() => chmodSync(folder, 0o755))
  }

  it('is explained: a folder for a new file', async () => {
    const folder = temporaryFolder()
    locked(folder)
    expect(await writeUnprivileged(join(folder, 'executions.sqlite'))).toMatchObject({
      code: 'db_cannot_open',
      message: expect.stringContaining(folder) as string,
      hint: expect.stringContaining('--db') as string,
    })
  })

  it('is explained: a folder to be created in it', async () => {
    const folder = temporaryFolder()
    locked(folder)
    expect(await writeUnprivileged(join(folder, 'data', 'executions.sqlite'))).toMatchObject({
      code: 'data_folder',
    })
  })

  it('is explained: a file that may only be read', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'executions.sqlite')
    await (await openDatabase(path)).close()
    chmodSync(path, 0o444)
    chmodSync(folder, 0o777)
    expect(await writeUnprivileged(path)).toMatchObject({ code: 'db_read_only' })
  })

  it('is explained: file and folder', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'executions.sqlite')
    await (await openDatabase(path)).close()
    chmodSync(path, 0o444)
    locked(folder)
    expect(await writeUnprivileged(path)).toMatchObject({
      code: expect.stringMatching(/^db_(read_only|cannot_open)$/) as string,
    })
  })
})

describe('a full disk', () => {
  it('is explained, keeps what was written, and work goes on when there is room again', async () => {
    const { db } = await openTestDatabase()
    await addPapers(db, 1)
    const { lease } = await mustClaim(db)
    await save(db, lease, 1)
    const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(db)
    await sql.raw(`pragma max_page_count = ${(rows[0]?.page_count ?? 0) + 3}`).execute(db)
    expect(await failure(save(db, lease, 2))).toMatchObject({ code: 'disk_full', exitCode: 1 })
    const ordinary = db.transaction().execute(async (trx) => {
      await storeJson(trx, randomBytes(60_000).toString('hex'))
    })
    expect((await failure(ordinary)).code).toBe('disk_full')
    expect(await newestTail(db, lease.executionId)).toMatchObject({ document: { step: 1 } })
    expect((await executionOf(db, '2401.00001'))?.status).toBe('prepping')
    await sql.raw('pragma max_page_count = 100000').execute(db)
    await save(db, lease, 3)
    expect(await newestTail(db, lease.executionId)).toMatchObject({ document: { step: 3 } })
  })

  it('is explained on a file system without space left', async (context) => {
    const folder = temporaryFolder()
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder])
    if (mounted.status !== 0) {
      context.skip('a full file system was not tried: mounting one needs root')
    }
    onTestFinished(() => void spawnSync('umount', ['-l', folder]))
    const { db } = await openTestDatabase(join(folder, 'executions.sqlite'))
    await addPapers(db, 1)
    const { lease } = await mustClaim(db)
    await save(db, lease, 1)
    const fill = async (): Promise<void> => {
      for (let step = 2; step < 100; step += 1) await save(db, lease, step)
    }
    expect((await failure(fill())).code).toBe('disk_full')
    expect((await failure(fill())).code).toBe('disk_full')
    expect((await snapshotsOf(db, lease.executionId))[0]).toMatchObject({ step: 1 })
    expect(() => {
      for (;;) appendFileSync(join(folder, 'ballast'), Buffer.alloc(512))
    }).toThrow(/ENOSPC/)
    const another = await failure(openDatabase(join(folder, 'another.sqlite')))
    expect(another.code).toMatch(/^(disk_full|db_cannot_open)$/)
  })
})
