import { sql } from 'kysely'
import { crc32 } from 'node:zlib'
import type { JsonObject } from '../../core/json.js'
import { attachTexts } from './blobs.js'
import { DamageError, damagedPaper } from './damage.js'
import type { Delta } from './delta.js'
import { applyDelta } from './delta.js'
import type { Db } from '../engine/prepared.js'
import { prepared } from '../engine/prepared.js'
import type { MachineRunsTable, MachineTransitionsTable } from '../engine/schema.js'
import { TRANSITIONS_A_RUN } from '../engine/schema.js'
import { perform, type Steps } from '../engine/steps.js'

/** A run as it is stored. */
export type Run = Pick<MachineRunsTable, 'execution_id' | 'machine_name' | 'config_hash' | 'created_at'> & {
  run_id: number
}

/** Where a run stands. */
export interface Tail {
  run: Run
  /** Transitions that it has. */
  count: number
  /** Of the newest. */
  checksum: number
  /** The snapshot after the newest. */
  document: JsonObject
}

/** More than there are: PostgreSQL refuses SQLite's word for no limit, -1. */
const ALL = 2 ** 31

const selectRuns = prepared<{ id: string; limit: number }, Run>((db, p) =>
  db
    .selectFrom('machine_runs')
    .selectAll()
    .where('execution_id', '=', p.id)
    .orderBy('run_id', 'desc')
    .limit(p.limit),
)
const selectTransitions = prepared<{ from: number; below: number }, MachineTransitionsTable>((db, p) =>
  db
    .selectFrom('machine_transitions')
    .selectAll()
    .where('transition_id', '>=', p.from)
    .where('transition_id', '<', p.below)
    .orderBy('transition_id'),
)
const selectIds = prepared<{ from: string; below: string }, { execution_id: string }>((db, p) =>
  db
    .selectFrom('machine_runs')
    .select('execution_id')
    .distinct()
    .where('execution_id', '>=', p.from)
    .where('execution_id', '<', p.below)
    .orderBy('execution_id'),
)

const deleteTransitions = prepared<{ from: number; below: number }, { bytes: number }>((db, p) =>
  db
    .deleteFrom('machine_transitions')
    .where('transition_id', '>=', p.from)
    .where('transition_id', '<', p.below)
    .returning(sql<number>`octet_length(delta)`.as('bytes')),
)
const sizesOf = prepared<{ from: number; below: number }, { bytes: number }>((db, p) =>
  db
    .selectFrom('machine_transitions')
    .select(sql<number>`octet_length(delta)`.as('bytes'))
    .where('transition_id', '>=', p.from)
    .where('transition_id', '<', p.below),
)
const deleteRun = prepared<{ run: number }, { run_id: number }>((db, p) =>
  db.deleteFrom('machine_runs').where('run_id', '=', p.run).returning('run_id'),
)

/** Returns what the checksum of a run's first transition builds on: a row that gets under another run does not fit there. */
export function checksumOf({ run_id, execution_id, machine_name, config_hash, created_at }: Run): number {
  return crc32([run_id, execution_id, machine_name, config_hash ?? '', created_at].join('\0'))
}

/** Returns the checksum of a transition: it holds for all transitions before it too, so that none can be missing. */
export function nextChecksum(before: number, createdAt: string, delta: string): number {
  return crc32(createdAt + delta, before)
}

/**
 * Returns where the newest run of an execution stands; null if there is none.
 *
 * @throws RpaError `db_corrupt`, naming the paper, if one of its transitions is damaged or missing.
 */
export async function newestTail(db: Db, executionId: string): Promise<Tail | null> {
  const [run] = await selectRuns(db, { id: executionId, limit: 1 })
  if (run === undefined) return null
  return naming(db, executionId, async () => {
    const tail = (await fold(db, run)).at(-1)
    if (tail === undefined) throw new DamageError('its newest checkpoint is gone')
    return { ...tail, document: (await attachTexts(db, tail.document)) as JsonObject }
  })
}

/**
 * Returns all snapshots of an execution, oldest first; long texts are left as references.
 *
 * @throws RpaError `db_corrupt` as {@link newestTail}.
 */
export async function snapshotsOf(db: Db, executionId: string): Promise<JsonObject[]> {
  const runs = await selectRuns(db, { id: executionId, limit: ALL })
  return naming(db, executionId, async () => {
    const snapshots: JsonObject[] = []
    for (const run of runs.reverse()) {
      for (const { document } of await fold(db, run)) snapshots.push(document)
    }
    return snapshots
  })
}

/** Returns a snapshot of {@link snapshotsOf} with its texts. */
export async function withTexts(db: Db, executionId: string, snapshot: JsonObject): Promise<JsonObject> {
  return naming(db, executionId, async () => (await attachTexts(db, snapshot)) as JsonObject)
}

/** Returns the ids, of papers and of children of them, that begin with the prefix and have runs. */
export async function idsWithRuns(db: Db, prefix: string): Promise<string[]> {
  // The last code point sorts after every id that begins with the prefix.
  const rows = await selectIds(db, { from: prefix, below: `${prefix}\u{10ffff}` })
  return rows.map((row) => row.execution_id)
}

/** Deletes all runs of a paper and of its children: else its machines would find what they gave before, and give it again. */
export async function forgetRuns(trx: Db, executionId: string): Promise<void> {
  for (const id of await idsWithRuns(trx, executionId)) await perform(trx, deleteRuns(id))
}

/** Deletes all runs of an execution. Returns the bytes that each of their transitions held. */
export function* deleteRuns(executionId: string): Steps<number[]> {
  const bytes: number[] = []
  for (const { run_id: run } of yield* selectRuns.step({ id: executionId, limit: ALL })) {
    bytes.push(...(yield* deleteTransitions.step(transitionsOf(run))).map((row) => row.bytes))
    yield* deleteRun.step({ run })
  }
  return bytes
}

/** Returns the bytes that {@link deleteRuns} would return. */
export function* sizesOfRuns(executionId: string): Steps<number[]> {
  const bytes: number[] = []
  for (const { run_id: run } of yield* selectRuns.step({ id: executionId, limit: ALL })) {
    bytes.push(...(yield* sizesOf.step(transitionsOf(run))).map((row) => row.bytes))
  }
  return bytes
}

function transitionsOf(run: number): { from: number; below: number } {
  const from = run * TRANSITIONS_A_RUN
  return { from, below: from + TRANSITIONS_A_RUN }
}

/** Returns where a run stood after each of its transitions. */
async function fold(db: Db, run: Run): Promise<Tail[]> {
  const rows = await selectTransitions(db, transitionsOf(run.run_id))
  const tails: Tail[] = []
  let checksum = checksumOf(run)
  let document: JsonObject = {}
  for (const [number, row] of rows.entries()) {
    checksum = nextChecksum(checksum, row.created_at, row.delta)
    if (row.transition_id !== run.run_id * TRANSITIONS_A_RUN + number || row.checksum !== checksum)
      throw new DamageError('a checkpoint does not match its checksum')
    document = { ...applyDelta(document, JSON.parse(row.delta) as Delta), created_at: row.created_at }
    tails.push({ run, count: number + 1, checksum, document })
  }
  return tails
}

async function naming<T>(db: Db, executionId: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof DamageError ? await damagedPaper(db, executionId, error) : error
  }
}

/** Returns the name of the machine whose run is the newest of an execution, for a query over executions. */
export function newestMachineOf(executionId: string): ReturnType<typeof sql<string | null>> {
  return sql<
    string | null
  >`(select machine_name from machine_runs where execution_id = ${sql.ref(executionId)} order by run_id desc limit 1)`
}
