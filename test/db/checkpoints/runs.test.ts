import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../src/core/json.js'
import { newestTail, snapshotsOf } from '../../../src/db/checkpoints/runs.js'
import { TransitionLog } from '../../../src/db/checkpoints/transition-log.js'
import type { TestDatabase } from '../../support/database.js'
import { TRANSITIONS_A_RUN } from '../../../src/db/engine/schema.js'
import type { Lease } from '../../../src/db/leases/leases.js'
import { addPapers, dump, mustClaim, NOON, openRaw, openTestDatabase } from '../../support/database.js'
import { longText } from '../../support/long-text.js'

interface Working {
  database: TestDatabase
  lease: Lease
  log: TransitionLog
  /** Of its own: what was read once is remembered. */
  text: string
}

async function begin(): Promise<Working> {
  const database = await openTestDatabase()
  await addPapers(database.db, 1)
  const { lease } = await mustClaim(database.db)
  return {
    database,
    lease,
    log: new TransitionLog(database.db, lease, 'hash'),
    text: `${randomUUID()} ${longText(1)}`,
  }
}

function snapshot({ lease, text }: Working, step: number, machine = 'prep'): JsonObject & Snapshot {
  return {
    execution_id: lease.executionId,
    machine_name: machine,
    created_at: new Date(NOON + step).toISOString(),
    step,
    context: { text, abstract: 'What it is about. '.repeat(50), [`found_${step}`]: `in step ${step}` },
  }
}
type Snapshot = Parameters<TransitionLog['save']>[0]

async function saveSteps(working: Working, ...steps: number[]): Promise<void> {
  for (const step of steps) await working.log.save(snapshot(working, step), NOON)
}

describe('a run', () => {
  it('holds its first snapshot whole, and of the others what changed', async () => {
    const working = await begin()
    await saveSteps(working, 1, 2, 3)
    const { rows } = dump(working.database.path)
    expect(rows['machine_runs']).toMatchObject([
      { execution_id: working.lease.executionId, machine_name: 'prep', config_hash: 'hash' },
    ])
    const [first, ...others] = rows['machine_transitions'] as { delta: string }[]
    expect(first?.delta).toContain('What it is about.')
    for (const { delta } of others) expect(delta).not.toMatch(/about|blob/)
    expect(
      (await snapshotsOf(working.database.db, working.lease.executionId)).map(({ step }) => step),
    ).toEqual([1, 2, 3])
  })

  it('is gone on with by the next process that takes the paper, from what it has read', async () => {
    const working = await begin()
    await saveSteps(working, 1, 2)
    const next = new TransitionLog(working.database.db, working.lease)
    expect(await next.latest(working.lease.executionId)).toEqual(snapshot(working, 2))
    await next.save(snapshot(working, 3), NOON)
    const { rows } = dump(working.database.path)
    expect(rows['machine_runs']).toHaveLength(1)
    expect(rows['machine_transitions']).toHaveLength(3)
    expect((await newestTail(working.database.db, working.lease.executionId))?.document).toEqual(
      snapshot(working, 3),
    )
  })

  it('is another one for the next machine, and for a process that has read nothing', async () => {
    const working = await begin()
    await saveSteps(working, 1)
    await working.log.save(snapshot(working, 2, 'analyze'), NOON)
    await new TransitionLog(working.database.db, working.lease).save(snapshot(working, 3, 'analyze'), NOON)
    const { rows } = dump(working.database.path)
    expect(rows['machine_runs']).toMatchObject([
      { machine_name: 'prep' },
      { machine_name: 'analyze' },
      { machine_name: 'analyze', config_hash: null },
    ])
    for (const { delta } of rows['machine_transitions'] as { delta: string }[])
      expect(delta).toContain('about')
    expect((await newestTail(working.database.db, working.lease.executionId))?.document).toEqual(
      snapshot(working, 3, 'analyze'),
    )
  })

  it('is begun anew after a commit that failed, so that no transition can be missing', async () => {
    const working = await begin()
    await saveSteps(working, 1)
    const raw = openRaw(working.database.path)
    raw.exec('alter table machine_transitions rename to away')
    await expect(saveSteps(working, 2)).rejects.toThrow()
    raw.exec('alter table away rename to machine_transitions')
    await saveSteps(working, 3)
    expect((await newestTail(working.database.db, working.lease.executionId))?.document).toEqual(
      snapshot(working, 3),
    )
    expect(
      (await snapshotsOf(working.database.db, working.lease.executionId)).map(({ step }) => step),
    ).toEqual([1, 3])
  })
})

describe('damage in a run', () => {
  const second = `transition_id = (select min(transition_id) + 1 from machine_transitions)`
  const damages: [string, string][] = [
    ['a letter of a delta', `update machine_transitions set delta = replace(delta, 'step 2', 'step 7')`],
    [
      'a delta that is no JSON any more',
      `update machine_transitions set delta = substr(delta, 2) where ${second}`,
    ],
    ['the time of a transition', `update machine_transitions set created_at = '2020' where ${second}`],
    ['a checksum', `update machine_transitions set checksum = checksum + 1 where ${second}`],
    ['a transition that is gone', `delete from machine_transitions where ${second}`],
    ['all of them gone', 'delete from machine_transitions'],
    [
      'one that is in the place of another',
      `delete from machine_transitions where ${second};
      update machine_transitions set transition_id = transition_id - 1 where transition_id % ${TRANSITIONS_A_RUN} = 2`,
    ],
    ['the name of the machine', `update machine_runs set machine_name = 'wrap'`],
    ['the hash of its file', `update machine_runs set config_hash = 'other'`],
    ['a text', `update blobs set data = substr(data, 2)`],
    ['a text that is gone', 'delete from blobs'],
  ]

  it.each(damages)('%s: the paper is named, and nothing is read from it', async (_, change) => {
    const working = await begin()
    await saveSteps(working, 1, 2, 3)
    openRaw(working.database.path).exec(change)
    const { db } = await openTestDatabase(working.database.path)
    const id = working.lease.executionId
    const error = { code: 'db_corrupt', message: expect.stringContaining('2401.00001') as string }
    await expect(new TransitionLog(db, working.lease).latest(id)).rejects.toMatchObject(error)
    await expect(newestTail(db, id)).rejects.toMatchObject(error)
  })

  it('of a run before the newest keeps nobody from going on', async () => {
    const working = await begin()
    await saveSteps(working, 1, 2)
    await working.log.save(snapshot(working, 3, 'analyze'), NOON)
    openRaw(working.database.path).exec(`update machine_transitions set delta = '{}' where ${second}`)
    const { db } = await openTestDatabase(working.database.path)
    expect((await newestTail(db, working.lease.executionId))?.document).toEqual(
      snapshot(working, 3, 'analyze'),
    )
  })
})
