import {
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { storeJson } from '../../../src/db/checkpoints/blobs.js'
import { openDatabase } from '../../../src/db/engine/open.js'
import { vacuumInto } from '../../../src/db/maintenance/vacuum-into.js'
import { vacuumInPlace } from '../../../src/db/maintenance/vacuum.js'
import { addPapers, dump } from '../../support/database.js'
import { bundleProgram } from '../../support/processes.js'
import { startProgram } from '../../support/started-program.js'
import { temporaryFolder } from '../../support/temp.js'

/** Makes a DB of 300 papers, most of whose pages are free, and closes it. Returns its path. */
async function looseDatabase(): Promise<string> {
  const path = join(temporaryFolder(), 'executions.sqlite')
  const { db, close } = await openDatabase(path)
  await addPapers(db, 300)
  for (let n = 0; n < 100; n += 1) {
    // Nothing for deflate to make small.
    const text = Array.from({ length: 5000 }, (_, i) =>
      String.fromCharCode(0x4e00 + ((i * (n + 7) * 7919) % 20_000)),
    )
    await storeJson(db, text.join(''))
  }
  await db.deleteFrom('blobs').where('hash', '>', '2').execute()
  await close()
  return path
}

async function hold(path: string, how: 'idle' | 'reading' | 'written'): Promise<() => Promise<void>> {
  const program = await bundleProgram('test/db/processes/hold.ts', temporaryFolder())
  return (await startProgram(program, [path, how])).kill
}

describe('in place', () => {
  it('the file gets smaller, and holds the same', async () => {
    const path = await looseDatabase()
    const before = dump(path)
    const size = statSync(path).size
    const result = await vacuumInPlace(path)
    expect(result).toEqual({ before_bytes: size, after_bytes: statSync(path).size, integrity: 'ok', path })
    expect(result.after_bytes).toBeLessThan(size / 2)
    expect(dump(path)).toEqual(before)
    expect(readdirSync(dirname(path))).toEqual([basename(path)])
    const { close } = await openDatabase(path)
    await close()
  })

  it.each(['idle', 'reading'] as const)(
    'nothing is done while another process has it open, %s',
    async (how) => {
      const path = await looseDatabase()
      const content = readFileSync(path)
      const release = await hold(path, how)
      await expect(vacuumInPlace(path)).rejects.toMatchObject({ code: 'db_in_use', exitCode: 75 })
      expect(readFileSync(path).equals(content)).toBe(true)
      await release()
      expect((await vacuumInPlace(path)).after_bytes).toBeLessThan(content.length / 2)
    },
  )

  it('what a killed process left in the log is kept, and counted', async () => {
    const path = await looseDatabase()
    const kill = await hold(path, 'written')
    await kill()
    const log = statSync(`${path}-wal`).size
    expect(log).toBeGreaterThan(0)
    const result = await vacuumInPlace(path)
    expect(result.before_bytes).toBeGreaterThan(result.after_bytes + log)
    expect(dump(path).rows['circuits']).toMatchObject([{ name: 'from-the-log' }])
  })

  it('where there is no DB none is made', async () => {
    const folder = temporaryFolder()
    await expect(vacuumInPlace(join(folder, 'executions.sqlite'))).rejects.toMatchObject({
      code: 'db_missing',
      exitCode: 78,
    })
    await expect(vacuumInto(join(folder, 'x.sqlite'), join(folder, 'y.sqlite'), false)).rejects.toMatchObject(
      { code: 'db_missing' },
    )
    expect(readdirSync(folder)).toEqual([])
  })

  it('another database, or no database at all, is left alone', async () => {
    const folder = temporaryFolder()
    const other = join(folder, 'corpus.sqlite')
    const handle = new BetterSqlite3(other)
    handle.exec('create table papers (id integer)')
    handle.close()
    const text = join(folder, 'notes.txt')
    writeFileSync(text, 'no database. '.repeat(1000))
    await expect(vacuumInPlace(other)).rejects.toMatchObject({ code: 'db_foreign' })
    await expect(vacuumInPlace(text)).rejects.toMatchObject({ code: 'db_corrupt' })
  })

  it('a damaged DB is reported', async () => {
    const path = await looseDatabase()
    const content = readFileSync(path)
    content.fill(0xab, 4096 * 10, 4096 * 60)
    writeFileSync(path, content)
    await expect(vacuumInPlace(path)).rejects.toMatchObject({ code: 'db_corrupt' })
    const copy = join(dirname(path), 'copy.sqlite')
    await expect(vacuumInto(path, copy, false)).rejects.toMatchObject({ code: 'db_corrupt' })
    expect(readdirSync(dirname(path))).toEqual([basename(path)])
  })
})

describe('into a copy', () => {
  it('is whole, compact, and alone in its folder, while others have the DB open', async () => {
    const path = await looseDatabase()
    const release = await hold(path, 'reading')
    const folder = join(dirname(path), 'backup')
    mkdirSync(folder)
    const copy = join(folder, 'copy.sqlite')
    const result = await vacuumInto(path, copy, false)
    await release()
    const { rows } = dump(path)
    expect(result).toMatchObject({ integrity: 'ok', path: copy, after_bytes: statSync(copy).size })
    expect(result.after_bytes).toBeLessThan(result.before_bytes / 2)
    expect(result.rows).toEqual(
      Object.fromEntries(Object.entries(rows).map(([table, list]) => [table, list.length])),
    )
    expect(dump(copy)).toEqual(dump(path))
    expect(readdirSync(folder)).toEqual(['copy.sqlite'])
  })

  it('is one moment of a DB that others write to', async () => {
    const path = await looseDatabase()
    const writer = await startProgram(await bundleProgram('test/db/processes/churn.ts', temporaryFolder()), [
      path,
      'w',
    ])
    const copies: string[] = []
    for (let n = 0; n < 3; n += 1) {
      const copy = join(dirname(path), `copy-${n}.sqlite`)
      copies.push((await vacuumInto(path, copy, false)).path)
    }
    expect(await writer.ended).toBe(0)
    for (const copy of copies) {
      const { rows } = dump(copy)
      const ended = (rows['executions'] as { status: string }[]).filter(
        ({ status }) => status === 'done' || status === 'failed',
      )
      // A paper ends with four checkpoints; at most one is under way.
      const checkpoints = rows['machine_transitions']?.length ?? 0
      expect(checkpoints - 4 * ended.length).toBeGreaterThanOrEqual(0)
      expect(checkpoints - 4 * ended.length).toBeLessThanOrEqual(4)
    }
  })

  it('replaces nothing unless told to', async () => {
    const path = await looseDatabase()
    const copy = join(dirname(path), 'copy.sqlite')
    writeFileSync(copy, 'precious')
    await expect(vacuumInto(path, copy, false)).rejects.toMatchObject({ code: 'into_exists' })
    expect(readFileSync(copy, 'utf8')).toBe('precious')
    await vacuumInto(path, copy, true)
    expect(dump(copy)).toEqual(dump(path))
    expect(readdirSync(dirname(path)).sort()).toEqual(['copy.sqlite', basename(path)])
  })

  it('makes the folder it is to go to', async () => {
    const path = await looseDatabase()
    const copy = join(dirname(path), 'backup', 'today', 'copy.sqlite')
    await vacuumInto(path, copy, false)
    expect(dump(copy)).toEqual(dump(path))
  })

  it('is refused where it would do harm', async () => {
    const path = await looseDatabase()
    const folder = dirname(path)
    symlinkSync(path, join(folder, 'link.sqlite'))
    mkdirSync(join(folder, 'folder'))
    writeFileSync(join(folder, 'open.sqlite-wal'), 'log')
    const before = readdirSync(folder)
    const refused: [string, string][] = [
      [path, 'into_same_file'],
      [join(folder, 'link.sqlite'), 'into_same_file'],
      [join(folder, 'folder'), 'into_exists'],
      [join(folder, 'open.sqlite'), 'into_in_use'],
    ]
    for (const [target, code] of refused) {
      await expect(vacuumInto(path, target, true), target).rejects.toMatchObject({ code })
    }
    expect(readdirSync(folder)).toEqual(before)
    expect(dump(path).rows['executions']).toHaveLength(300)
  })

  // A file system that says of itself that nothing is free.
  it('is not begun where the disk has no room for it', async () => {
    const path = await looseDatabase()
    await expect(vacuumInto(path, '/proc/copy.sqlite', false)).rejects.toMatchObject({
      code: 'disk_low',
      message: expect.stringMatching(/\d kB must be free in \/proc for that; 0 bytes are/) as string,
    })
  })

  it('removes what a killed one left behind, but not what another is writing', async () => {
    const path = await looseDatabase()
    const copy = join(dirname(path), 'copy.sqlite')
    writeFileSync(`${copy}.partial-11`, 'left behind')
    utimesSync(`${copy}.partial-11`, new Date(0), new Date(0))
    writeFileSync(`${copy}.partial-12`, 'under way')
    await vacuumInto(path, copy, false)
    expect(readdirSync(dirname(path)).sort()).toEqual([
      'copy.sqlite',
      'copy.sqlite.partial-12',
      basename(path),
    ])
  })
})
