import { randomInt } from 'node:crypto'
import { setImmediate as immediate, setTimeout as delay } from 'node:timers/promises'
import { sql } from 'kysely'
import { BLOBS_LOCK, referencesIn } from '../checkpoints/blobs.js'
import type { Db } from '../engine/prepared.js'
import { prepared, preparedWrite } from '../engine/prepared.js'
import type { DocumentColumn } from '../engine/schema.js'
import { DOCUMENT_COLUMNS, TRANSITIONS_A_RUN } from '../engine/schema.js'
import type { Removed } from './prune-checkpoints.js'
import { inShortTransactions, PAUSE_MS } from '../engine/short-transactions.js'
import type { Steps } from '../engine/steps.js'
import { takeLocks } from '../engine/steps.js'

/** Rows read at once: a few megabytes. */
const PAGE = 250
/** Hashes put on the list in one transaction: a few milliseconds. */
const LISTED_AT_ONCE = 1000

type Page = { after: string; limit: number }
type Checkpoint = { checkpoint_key: string; execution_id: string; snapshot_json: string | Uint8Array }
type Transition = { transition_id: number; execution_id: string | null; delta: string }
type Outputs = { execution_id: string } & Record<DocumentColumn, string | null>

const readCheckpoints = prepared<Page, Checkpoint>((db, p) =>
  db
    .selectFrom('machine_checkpoints')
    .select(['checkpoint_key', 'execution_id', 'snapshot_json'])
    .where('checkpoint_key', '>', p.after)
    .orderBy('checkpoint_key')
    .limit(p.limit),
)
const readTransitions = prepared<{ after: number; limit: number }, Transition>((db, p) =>
  db
    .selectFrom('machine_transitions as t')
    .leftJoin('machine_runs as r', (join) =>
      join.on('r.run_id', '=', sql<number>`t.transition_id / ${sql.lit(TRANSITIONS_A_RUN)}`),
    )
    .select(['t.transition_id', 'r.execution_id', 't.delta'])
    .where('t.transition_id', '>', p.after)
    .orderBy('t.transition_id')
    .limit(p.limit),
)
const readOutputs = prepared<Page, Outputs>((db, p) =>
  db
    .selectFrom('executions')
    .select(['execution_id', ...DOCUMENT_COLUMNS])
    .where('execution_id', '>', p.after)
    .orderBy('execution_id')
    .limit(p.limit),
)
const readHashes = prepared<Page, { hash: string }>((db, p) =>
  db.selectFrom('blobs').select('hash').where('hash', '>', p.after).orderBy('hash').limit(p.limit),
)
const readCondemned = prepared<Page & { run: number }, { hash: string }>((db, p) =>
  db
    .selectFrom('condemned_blobs')
    .select('hash')
    .where('hash', '>', p.after)
    .where('run', '=', p.run)
    .orderBy('hash')
    .limit(p.limit),
)
const blobSize = prepared<{ hash: string }, { bytes: number }>((db, p) =>
  db
    .selectFrom('blobs')
    .select(sql<number>`octet_length(data)`.as('bytes'))
    .where('hash', '=', p.hash),
)
const condemn = preparedWrite<{ from: string; to: string; run: number }>((db, p) =>
  db
    .insertInto('condemned_blobs')
    .columns(['hash', 'run'])
    .expression((eb) =>
      eb
        .selectFrom('blobs')
        .select(['hash', sql<number>`cast(${p.run} as bigint)`.as('run')])
        .where('hash', '>=', p.from)
        .where('hash', '<=', p.to),
    )
    .onConflict((conflict) => conflict.column('hash').doUpdateSet((eb) => ({ run: eb.ref('excluded.run') }))),
)
const unlist = prepared<{ hash: string; run: number }, { hash: string }>((db, p) =>
  db.deleteFrom('condemned_blobs').where('hash', '=', p.hash).where('run', '=', p.run).returning('hash'),
)
const deleteBlob = prepared<{ hash: string }, { bytes: number }>((db, p) =>
  db
    .deleteFrom('blobs')
    .where('hash', '=', p.hash)
    .returning(sql<number>`octet_length(data)`.as('bytes')),
)

/**
 * Deletes the blobs that no row refers to, while others write.
 *
 * All blobs are listed as condemned first. Whoever stores a reference to a blob takes it off the list, in the
 * transaction that commits the reference. What is referred to is read after that, without any lock. A blob that was
 * not seen and is still on the list can have no reference then: one from before the listing would have been seen, one
 * from after would have struck it off. A list that was left behind is harmless, and taken over by the next run.
 *
 * @param onProgress is told how many of all blobs were judged so far, and how many of these were deleted.
 */
export async function deleteUnreferenced(
  db: Db,
  onProgress: (judged: { done: number; total: number; deleted: number }) => void,
  stop?: AbortSignal,
): Promise<Removed> {
  const run = randomInt(1, 2 ** 48 - 1)
  const total: Removed = { rows: 0, bytes: 0 }
  const all = await condemnAll(db, run, stop)
  let done = 0
  const seen = await referencedBlobs(db, () => true, stop)
  const list = (page: Page): Promise<{ hash: string }[]> => readCondemned(db, { ...page, run })
  for await (const rows of pages(list, 'hash', LISTED_AT_ONCE)) {
    if (stop?.aborted === true) break
    const steps = (row: { hash: string }): Steps<Removed> =>
      judgeSteps(row.hash, run, seen.has(pack(row.hash)))
    for (const removed of await inShortTransactions(db, rows, steps, stop)) {
      total.rows += removed.rows
      total.bytes += removed.bytes
    }
    done += rows.length
    onProgress({ done, total: Math.max(all, done), deleted: total.rows })
  }
  return total
}

/**
 * Counts the blobs to which no row refers.
 *
 * @param without execution_ids whose checkpoints are passed over, as if they were deleted.
 */
export async function countUnreferenced(db: Db, without: ReadonlySet<string>): Promise<Removed> {
  const seen = await referencedBlobs(db, (id) => !without.has(id))
  const total: Removed = { rows: 0, bytes: 0 }
  for await (const rows of pages((page) => readHashes(db, page), 'hash', LISTED_AT_ONCE)) {
    for (const { hash } of rows) {
      if (seen.has(pack(hash))) continue
      total.rows += 1
      total.bytes += (await blobSize(db, { hash }))[0]?.bytes ?? 0
    }
  }
  return total
}

/** Returns how many blobs there are. */
async function condemnAll(db: Db, run: number, stop?: AbortSignal): Promise<number> {
  let all = 0
  for await (const rows of pages((page) => readHashes(db, page), 'hash', LISTED_AT_ONCE)) {
    if (stop?.aborted === true) return all
    all += rows.length
    const range = { from: rows[0]?.hash ?? '', to: rows.at(-1)?.hash ?? '' }
    await inShortTransactions(db, [range], function* ({ from, to }) {
      yield* takeLocks({ name: BLOBS_LOCK })
      return yield* condemn.step({ from, to, run })
    })
    await delay(PAUSE_MS)
  }
  return all
}

/** Each page is read by itself, so that nobody's WAL has to grow until the last one was. */
async function referencedBlobs(
  db: Db,
  counts: (executionId: string) => boolean,
  stop?: AbortSignal,
): Promise<Set<string>> {
  const seen = new Set<string>()
  const add = (stored: string | Uint8Array | null): void => {
    if (stored !== null) for (const hash of referencesIn(stored)) seen.add(pack(hash))
  }
  for await (const rows of pages((page) => readOutputs(db, page), 'execution_id', PAGE)) {
    if (stop?.aborted === true) break
    for (const row of rows) for (const column of DOCUMENT_COLUMNS) add(row[column])
    await immediate()
  }
  for await (const rows of pages((page) => readCheckpoints(db, page), 'checkpoint_key', PAGE)) {
    if (stop?.aborted === true) break
    for (const row of rows) if (counts(row.execution_id)) add(row.snapshot_json)
    await immediate()
  }
  let after = 0
  for (;;) {
    const rows = await readTransitions(db, { after, limit: PAGE })
    for (const row of rows) if (counts(row.execution_id ?? '')) add(row.delta)
    const last = rows.at(-1)
    if (last === undefined || stop?.aborted === true) break
    after = last.transition_id
    await immediate()
  }
  return seen
}

function* judgeSteps(hash: string, run: number, referenced: boolean): Steps<Removed> {
  yield* takeLocks({ name: BLOBS_LOCK, shared: true })
  const listed = yield* unlist.step({ hash, run })
  if (referenced || listed.length === 0) return { rows: 0, bytes: 0 }
  const [deleted] = yield* deleteBlob.step({ hash })
  return deleted === undefined ? { rows: 0, bytes: 0 } : { rows: 1, bytes: deleted.bytes }
}

/** Yields rows in pages, in the order of their key, until there are no more. */
async function* pages<K extends string, R extends Record<K, string>>(
  read: (page: Page) => Promise<R[]>,
  key: K,
  limit: number,
): AsyncGenerator<R[]> {
  for (let after = ''; ;) {
    const rows = await read({ after, limit })
    const last = rows.at(-1)
    if (last === undefined) return
    yield rows
    after = last[key]
  }
}

/** Half as long as the hex text, and no slice that keeps the whole document in memory. */
function pack(hash: string): string {
  return Buffer.from(hash, 'hex').toString('latin1')
}
