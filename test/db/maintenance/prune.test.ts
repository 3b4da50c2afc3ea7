import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { loadJson, referencesIn, storeJson } from '../../../src/db/checkpoints/blobs.js'
import { textOf } from '../../../src/db/checkpoints/packed-texts.js'
import { newestTail } from '../../../src/db/checkpoints/runs.js'
import { TransitionLog } from '../../../src/db/checkpoints/transition-log.js'
import { claim } from '../../../src/db/executions/claims.js'
import { finishExecution } from '../../../src/db/leases/finish.js'
import type { Db } from '../../../src/db/engine/prepared.js'
import { prune } from '../../../src/db/maintenance/prune.js'
import type { KeepPolicy } from '../../../src/db/maintenance/prune-policy.js'
import { KEEP_POLICIES } from '../../../src/db/maintenance/prune-policy.js'
import type { Status } from '../../../src/db/engine/schema.js'
import { TRANSITIONS_A_RUN } from '../../../src/db/engine/schema.js'
import { processOwnerId } from '../../../src/core/processes/owner.js'
import {
  addPapers,
  dump,
  executionOf,
  mustClaim,
  NOON,
  openFile,
  openRaw,
  openTestDatabase,
} from '../../support/database.js'
import { ENGINE } from '../../support/postgres.js'
import { longText } from '../../support/long-text.js'
import { bundleProgram } from '../../support/processes.js'
import { startProgram } from '../../support/started-program.js'
import { temporaryFolder } from '../../support/temp.js'

const LATER = NOON + 3_600_000
const RULE = { keep: 'purge_all', endedBefore: LATER, now: LATER, dryRun: false } as const

interface Work {
  /** Machine of each checkpoint, oldest first. */
  machines: string[]
  status?: Status
  text?: string
  childText?: string
  prepOutput?: unknown
  expensiveOutput?: unknown
}

/** Claims the next paper and leaves it with the given checkpoints and outputs. Returns its execution_id. */
async function work(
  db: Db,
  { machines, status, text, childText, prepOutput, expensiveOutput }: Work,
): Promise<string> {
  const { lease } = await mustClaim(db)
  const log = new TransitionLog(db, lease)
  for (const machine of machines) await checkpoint(log, lease.executionId, machine, text)
  if (childText !== undefined) await checkpoint(log, `${lease.executionId}.2.ask`, 'ask', childText)
  if (status !== undefined) {
    await db.transaction().execute(async (trx) => {
      const outputs = {
        ...(prepOutput === undefined ? {} : { prep_output: await storeJson(trx, prepOutput) }),
        ...(expensiveOutput === undefined ? {} : { expensive_output: await storeJson(trx, expensiveOutput) }),
      }
      await finishExecution(trx, lease, { status, attempts: 'keep', ...outputs }, NOON)
    })
  }
  return lease.executionId
}

async function checkpoint(log: TransitionLog, id: string, machine: string, text = 'short'): Promise<void> {
  const document = {
    execution_id: id,
    machine_name: machine,
    event: 'execute',
    current_state: 's',
    created_at: new Date(NOON).toISOString(),
    context: { text },
  }
  await log.save(document, NOON)
}

async function idsWithCheckpoints(db: Db): Promise<string[]> {
  const rows = await db
    .selectFrom('machine_runs')
    .select(['run_id', 'execution_id'])
    .orderBy('execution_id')
    .execute()
  const transitions = await db.selectFrom('machine_transitions').select('transition_id').execute()
  const runs = new Set(transitions.map((row) => Math.floor(row.transition_id / TRANSITIONS_A_RUN)))
  expect(new Set(rows.map((row) => row.run_id))).toEqual(runs)
  return [...new Set(rows.map((row) => row.execution_id))]
}

/** The rows of a paper's checkpoints in the form of before, as many as there are machines. */
async function earlierWork(db: Db, { machines, status, text, childText }: Work): Promise<string> {
  const id = await work(db, { machines: [], ...(status === undefined ? {} : { status }) })
  const insert = async (
    execution_id: string,
    step: number,
    machine_name: string,
    of = 'short',
  ): Promise<void> => {
    const checkpoint_key = `${execution_id}/step_00000${step}_execute.json`
    const created_at = new Date(NOON).toISOString()
    const snapshot_json = await storeJson(db, { execution_id, machine_name, context: { text: of } })
    await db
      .insertInto('machine_checkpoints')
      .values({ checkpoint_key, execution_id, machine_name, event: 'execute', snapshot_json, created_at })
      .execute()
    await db
      .insertInto('machine_latest')
      .values({ execution_id, latest_key: checkpoint_key, updated_at: created_at })
      .onConflict((conflict) => conflict.column('execution_id').doUpdateSet({ latest_key: checkpoint_key }))
      .execute()
  }
  for (const [step, machine] of machines.entries()) await insert(id, step, machine, text)
  if (childText !== undefined) await insert(`${id}.2.ask`, 0, 'ask', childText)
  return id
}

async function earlierIds(db: Db): Promise<string[]> {
  const rows = await db
    .selectFrom('machine_checkpoints')
    .select('execution_id')
    .distinct()
    .orderBy('execution_id')
    .execute()
  const latest = await db
    .selectFrom('machine_latest')
    .select('execution_id')
    .orderBy('execution_id')
    .execute()
  expect(latest).toEqual(rows)
  return rows.map((row) => row.execution_id)
}

async function texts(db: Db): Promise<number> {
  return (await db.selectFrom('blobs').select('hash').execute()).length
}

/** Returns the hashes that some row refers to although the blob is gone. */
function dangling(path: string): string[] {
  const { rows } = dump(path)
  const blobs = new Set((rows['blobs'] as { hash: string }[]).map(({ hash }) => hash))
  const stored = [
    ...(rows['machine_checkpoints'] as { snapshot_json: string }[]).map((row) => row.snapshot_json),
    ...(rows['machine_transitions'] as { delta: string }[]).map((row) => row.delta),
    ...(rows['executions'] as { prep_output: string | null; expensive_output: string | null }[]).flatMap(
      (row) => [row.prep_output ?? '', row.expensive_output ?? ''],
    ),
  ]
  return stored.flatMap(referencesIn).filter((hash) => !blobs.has(hash))
}

describe('checkpoints', () => {
  const kept: Record<KeepPolicy, string[]> = {
    purge_all: ['waiting', 'busy'],
    keep_wrap_failed: ['waiting', 'busy', 'failed in wrap', 'failed in the earlier wrap'],
    keep_failed: ['waiting', 'busy', 'failed in wrap', 'failed in the earlier wrap', 'failed in analyze'],
    keep_all: [
      'waiting',
      'busy',
      'failed in wrap',
      'failed in the earlier wrap',
      'failed in analyze',
      'done',
    ],
  }

  it.each(
    KEEP_POLICIES.flatMap((keep) => [
      [keep, 'transitions', work, idsWithCheckpoints, 'machine_transitions'] as const,
      [keep, 'in the form of before', earlierWork, earlierIds, 'machine_checkpoints'] as const,
    ]),
  )('%s keeps those of the papers it names: %s', async (keep, _, leave, idsLeft, table) => {
    const { db } = await openTestDatabase()
    await addPapers(db, 6)
    const names = new Map<string, string>()
    const machinesOf = new Map<string, number>()
    const add = async (name: string, machines: string[], status?: Status): Promise<void> => {
      const id = await leave(db, { machines, ...(status === undefined ? {} : { status }) })
      names.set(id, name)
      machinesOf.set(id, machines.length)
    }
    await add('done', ['prep', 'analyze', 'wrap'], 'done')
    await add('failed in analyze', ['prep', 'wrap', 'analyze'], 'failed')
    await add('failed in wrap', ['prep', 'analyze', 'wrap'], 'failed')
    await add('failed in the earlier wrap', ['prep-pipeline', 'wrap-pipeline'], 'failed')
    await add('waiting', ['prep'], 'prepped')
    await add('busy', ['prep'])
    const rows = async (): Promise<number> => (await db.selectFrom(table).selectAll().execute()).length
    const before = await rows()
    const result = await prune(db, { ...RULE, keep })
    const left = await idsLeft(db)
    expect(left.map((id) => names.get(id)).sort()).toEqual([...kept[keep]].sort())
    // Papers that keep theirs keep all of them.
    expect(await rows()).toBe(left.reduce((sum, id) => sum + (machinesOf.get(id) ?? 0), 0))
    expect(result.checkpoints).toBe(before - (await rows()))
  })

  it('of a failed paper without a newest pointer are judged by the last one', async () => {
    const { db } = await openTestDatabase()
    await addPapers(db, 2)
    await earlierWork(db, { machines: ['prep'], status: 'failed' })
    const wrapped = await earlierWork(db, { machines: ['prep', 'wrap'], status: 'failed' })
    await db.deleteFrom('machine_latest').execute()
    await prune(db, { ...RULE, keep: 'keep_wrap_failed' })
    expect(await db.selectFrom('machine_checkpoints').select('execution_id').distinct().execute()).toEqual([
      { execution_id: wrapped },
    ])
  })

  it('go only when the paper ended long enough ago', async () => {
    const { db } = await openTestDatabase()
    await addPapers(db, 1)
    await work(db, { machines: ['prep'], status: 'done' })
    expect(await prune(db, { ...RULE, endedBefore: NOON - 1 })).toEqual({
      checkpoints: 0,
      blobs: 0,
      bytes: 0,
    })
    expect(await prune(db, { ...RULE, endedBefore: NOON })).toMatchObject({ checkpoints: 1 })
  })

  it('of the earlier tool, whose times have no zone, count as UTC', async () => {
    const { db } = await openTestDatabase()
    await addPapers(db, 1)
    await work(db, { machines: ['prep'], status: 'done' })
    await db.updateTable('executions').set({ updated_at: '2026-03-04T12:00:00.000001' }).execute()
    expect(await prune(db, { ...RULE, endedBefore: NOON - 1 })).toMatchObject({ checkpoints: 0 })
    expect(await prune(db, { ...RULE, endedBefore: NOON })).toMatchObject({ checkpoints: 1 })
  })

  it('of children go with their parent, and nobody else', async () => {
    const { db } = await openTestDatabase()
    await addPapers(db, 3)
    const done = await work(db, { machines: ['prep'], status: 'done', childText: longText(1) })
    const busy = await work(db, { machines: ['prep'], childText: longText(2) })
    // An execution whose id begins like a child's of the finished one.
    const nested = await work(db, { machines: ['prep'] })
    for (const table of ['executions', 'execution_leases', 'machine_runs'] as const) {
      await db
        .updateTable(table)
        .set({ execution_id: `${done}.5` })
        .where('execution_id', '=', nested)
        .execute()
    }
    expect(await prune(db, RULE)).toMatchObject({ checkpoints: 2, blobs: 1 })
    expect(await idsWithCheckpoints(db)).toEqual([`${done}.5`, busy, `${busy}.2.ask`].sort())
  })

  it.each<[string, number, string]>([
    ['its time is not up', Math.floor(LATER / 1000) + 60, 'elsewhere:1:1'],
    ['its owner is seen running', 1, processOwnerId()],
  ])('stay while the paper is leased: %s', async (_, until, owner) => {
    const { db } = await openTestDatabase()
    await addPapers(db, 1)
    await work(db, { machines: ['prep'], status: 'done', childText: longText(1) })
    await db.updateTable('execution_leases').set({ lease_until: until, owner_id: owner }).execute()
    expect(await prune(db, RULE)).toEqual({ checkpoints: 0, blobs: 0, bytes: 0 })
    await db.updateTable('execution_leases').set({ lease_until: 0 }).execute()
    expect(await prune(db, RULE)).toMatchObject({ checkpoints: 2, blobs: 1 })
  })

  it("that are nobody's go, whatever their age; a child of a waiting paper is not nobody's", async () => {
    const { db } = await openTestDatabase()
    await addPapers(db, 2)
    const gone = await work(db, { machines: ['prep'], status: 'prepped', childText: longText(1) })
    const waiting = await work(db, { machines: ['prep'], status: 'prepped', childText: longText(2) })
    await db.deleteFrom('executions').where('execution_id', '=', gone).execute()
    expect(await prune(db, { ...RULE, keep: 'keep_failed', endedBefore: 0 })).toMatchObject({
      checkpoints: 2,
      blobs: 1,
    })
    expect(await idsWithCheckpoints(db)).toEqual([waiting, `${waiting}.2.ask`])
  })
})

describe('texts', () => {
  it('go when no row refers to them; what is left can be read', async () => {
    const { db, path } = await openTestDatabase()
    await addPapers(db, 4)
    const mentions = { text: `{"$blob":"${'a'.repeat(64)}"}`, $blob: 'b'.repeat(64), long: longText(3) }
    await work(db, {
      machines: ['prep'],
      text: longText(1),
      status: 'done',
      prepOutput: { text: longText(2) },
    })
    const kept = await work(db, {
      machines: ['prep'],
      text: longText(2),
      status: 'done',
      expensiveOutput: [mentions],
    })
    const busy = await work(db, { machines: ['prep'], text: longText(4), childText: longText(5) })
    await storeJson(db, { left: longText(6) })
    await work(db, { machines: ['prep'], text: longText(6), status: 'failed' })
    expect(await texts(db)).toBe(6)
    expect(await prune(db, RULE)).toMatchObject({ blobs: 2 })
    expect(await texts(db)).toBe(4)
    expect(dangling(path)).toEqual([])
    const execution = await executionOf(db, kept)
    expect(await loadJson(db, execution?.expensive_output ?? '', kept)).toEqual([mentions])
    expect(await newestTail(db, busy)).toMatchObject({ document: { context: { text: longText(4) } } })
    expect(await db.selectFrom('condemned_blobs').selectAll().execute()).toEqual([])
  })

  it('that a bytes column refers to, as the earlier tool stored it, stay', async () => {
    const { db, path } = await openTestDatabase()
    await addPapers(db, 1)
    await earlierWork(db, { machines: ['prep'], text: longText(1) })
    // On PostgreSQL there are no others.
    if (ENGINE === 'sqlite')
      openRaw(path).exec('update machine_checkpoints set snapshot_json = cast(snapshot_json as blob)')
    expect(await prune(db, RULE)).toEqual({ checkpoints: 0, blobs: 0, bytes: 0 })
  })

  it('are off the list of the condemned as soon as a reference to them is stored', async () => {
    const { db } = await openTestDatabase()
    for (const number of [1, 2]) await storeJson(db, longText(number))
    const hashes = (await db.selectFrom('blobs').select('hash').execute()).map((row) => row.hash)
    await db
      .insertInto('condemned_blobs')
      .values(hashes.map((hash) => ({ hash, run: 1 })))
      .execute()
    const stored = await storeJson(db, { again: longText(1) })
    const listed = await db.selectFrom('condemned_blobs').select('hash').execute()
    expect(listed.map((row) => row.hash)).toEqual(hashes.filter((hash) => !stored.includes(hash)))
  })

  it('listed by a prune that was killed go with the next one', async () => {
    const { db } = await openTestDatabase()
    await storeJson(db, longText(1))
    const [blob] = await db.selectFrom('blobs').select('hash').execute()
    await db
      .insertInto('condemned_blobs')
      .values({ hash: blob?.hash ?? '', run: 1 })
      .execute()
    expect(await prune(db, RULE)).toMatchObject({ blobs: 1 })
    expect(await db.selectFrom('condemned_blobs').selectAll().execute()).toEqual([])
  })
})

it('a dry run says what a prune would do, and writes nothing', async () => {
  const { db, path } = await openTestDatabase()
  await addPapers(db, 5)
  await work(db, { machines: ['prep', 'wrap'], text: longText(1), childText: longText(2), status: 'done' })
  await work(db, {
    machines: ['prep'],
    text: longText(3),
    status: 'failed',
    prepOutput: { text: longText(1) },
  })
  await work(db, { machines: ['prep'], text: longText(4) })
  await earlierWork(db, { machines: ['prep'], text: longText(6), status: 'done' })
  await storeJson(db, longText(5))
  const before = dump(path)
  const raw = openRaw(path)
  // What stays is packed anew: a table of the sizes as they are.
  raw.exec('create temp table sizes as select hash, length(data) as bytes from blobs')
  const sizes = raw
    .prepare(
      `select (select coalesce(sum(octet_length(snapshot_json)), 0) from machine_checkpoints)
         + (select coalesce(sum(octet_length(delta)), 0) from machine_transitions)
         + (select coalesce(sum(bytes), 0) from sizes where hash in (select hash from blobs)) as bytes`,
    )
    .pluck()
  const bytesBefore = sizes.get() as number
  const expected = await prune(db, { ...RULE, dryRun: true })
  expect(dump(path)).toEqual(before)
  expect(await prune(db, RULE)).toEqual(expected)
  expect(expected).toMatchObject({ checkpoints: 5, blobs: 4 })
  expect(bytesBefore - (sizes.get() as number)).toBe(expected.bytes)
})

it('a prune that is stopped has done a part; the next one does the rest', async () => {
  const { db, path } = await openTestDatabase()
  await addPapers(db, 600)
  for (let n = 0; n < 600; n += 1)
    await work(db, { machines: ['prep'], text: longText(n % 3), status: 'done' })
  const stop = new AbortController()
  const part = await prune(db, { ...RULE, stop: stop.signal, onProgress: () => stop.abort() })
  expect(part.checkpoints).toBeGreaterThan(0)
  expect(part.checkpoints).toBeLessThan(600)
  expect(part.blobs).toBe(0)
  expect(dangling(path)).toEqual([])
  expect(await prune(db, RULE)).toMatchObject({ checkpoints: 600 - part.checkpoints, blobs: 3 })
})

it('two processes prune in a loop while two others write: no reference is left dangling', async () => {
  const { db, path } = await openTestDatabase()
  await addPapers(db, 1200)
  const writer = await bundleProgram('test/db/processes/churn.ts', temporaryFolder())
  const pruner = await bundleProgram('test/db/processes/prune-loop.ts', temporaryFolder())
  const programs = await Promise.all([
    startProgram(writer, [path, 'w1']),
    startProgram(writer, [path, 'w2']),
    startProgram(pruner, [path]),
    startProgram(pruner, [path]),
  ])
  expect(await Promise.all(programs.map(({ ended }) => ended))).toEqual([0, 0, 0, 0])
  expect(dangling(path)).toEqual([])
  if (ENGINE === 'sqlite') expect(openFile(path).pragma('integrity_check', { simple: true })).toBe('ok')
  expect(
    await claim(db, {
      phase: 'prep',
      from: 'pending',
      busy: 'prepping',
      ownerId: 'x',
      ttl: 1,
      now: Date.now(),
    }),
  ).toBeNull()
  await prune(db, { ...RULE, now: Date.now(), endedBefore: Date.now() })
  expect(await idsWithCheckpoints(db)).toEqual([])
  const outputs = await db
    .selectFrom('executions')
    .select('prep_output')
    .where('prep_output', 'is not', null)
    .execute()
  for (const row of outputs) expect(await loadJson(db, row.prep_output ?? '', '')).toHaveProperty('text')
  expect(await texts(db)).toBe(new Set(outputs.map((row) => row.prep_output)).size)
})

describe('texts that stay', () => {
  it('are packed more tightly, and read as before', async () => {
    const { db, path } = await openTestDatabase()
    await addPapers(db, 1)
    const text = `${randomUUID()} ${longText(1)}`
    const id = await work(db, { machines: ['prep'], status: 'done', prepOutput: { text } })
    const before = openRaw(path).prepare('select length(data) from blobs').pluck().get() as number
    await prune(db, RULE)
    const row = await db.selectFrom('blobs').selectAll().executeTakeFirstOrThrow()
    expect(row.codec).toBe('brotli')
    expect(row.data.length).toBeLessThan(before)
    const execution = await executionOf(db, id)
    expect(await loadJson(db, execution?.prep_output ?? '', id)).toEqual({ text })
    expect(textOf(row)).toBe(text)
    // Stored again, it is the one that is there.
    await storeJson(db, { text })
    expect(await texts(db)).toBe(1)
  })

  it('stay as they are where they are damaged, and are found by whoever reads them', async () => {
    const { db, path } = await openTestDatabase()
    await addPapers(db, 1)
    await work(db, { machines: ['prep'], status: 'done', prepOutput: { text: longText(1) } })
    openRaw(path).prepare('update blobs set data = ?').run(Buffer.alloc(100))
    const before = dump(path).rows['blobs']
    await prune(db, RULE)
    expect(dump(path).rows['blobs']).toEqual(before)
  })
})
