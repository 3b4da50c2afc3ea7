import { createHash } from 'node:crypto'
import { crc32, deflateRawSync } from 'node:zlib'
import type BetterSqlite3 from 'better-sqlite3'
import type { SnapshotDocument } from '../src/db/checkpoints/transition-log.js'
import { TRANSITIONS_A_RUN } from '../src/db/engine/schema.js'

/** A state's snapshot: metadata and abstract, one more short field a state and, for the large kind, the paper. */
export interface Document extends SnapshotDocument {
  event: string
  current_state: string
  context: { paper_text?: string; [field: string]: string | undefined }
}

/** What one execution saves, in order. */
export interface Saves {
  executionId: string
  documents: Document[]
}

/** Cached statements, one immediate transaction a claim: the least that does a claim's work on these tables. */
export function rawClaim(handle: BetterSqlite3.Database): (owner: string, now: number) => unknown {
  const begin = handle.prepare('begin immediate')
  const commit = handle.prepare('commit')
  const take = handle.prepare(
    `update executions set status = 'prepping', updated_at = ?, attempts = attempts + 1
     where rowid = (select rowid from executions where status = 'pending' and (not_before is null or not_before <= ?)
                    order by priority desc, created_at, execution_id limit 1) returning *`,
  )
  const lease = handle.prepare(
    `insert into execution_leases (execution_id, owner_id, phase, lease_until, fencing_token, acquired_at, updated_at)
       values (?, ?, 'prep', ?, 1, ?, ?) on conflict (execution_id) do update set
       owner_id = excluded.owner_id, phase = excluded.phase, lease_until = excluded.lease_until,
       fencing_token = fencing_token + 1, acquired_at = excluded.acquired_at, updated_at = excluded.updated_at
     returning fencing_token`,
  )
  return (owner, now) => {
    const time = new Date(now).toISOString()
    begin.run()
    const execution = take.get(time, time) as { execution_id: string }
    const token = lease.get(execution.execution_id, owner, Math.floor(now / 1000) + 300, time, time)
    commit.run()
    return { execution, token }
  }
}

export type RawSave = (saves: Saves, now: number) => void

/** Serialise and insert whole snapshots under an integer key: the limit without lease, history pointer or dedupe. */
export function rawFull(handle: BetterSqlite3.Database): RawSave {
  handle.exec('create table if not exists raw_full (id integer primary key, snapshot text not null)')
  const insert = handle.prepare('insert into raw_full (snapshot) values (?)')
  return transactions(handle, (_, document) => insert.run(JSON.stringify(document)))
}

/** The same with the paper's text stored once by its hash. */
export function rawDedupe(handle: BetterSqlite3.Database, compress: boolean): RawSave {
  const table = compress ? 'raw_deflated' : 'raw_blobs'
  handle.exec(`create table if not exists ${table} (hash text primary key, data blob not null);
    create table if not exists raw_small (id integer primary key, snapshot text not null)`)
  const blob = handle.prepare(`insert or ignore into ${table} values (?, ?)`)
  const insert = handle.prepare('insert into raw_small (snapshot) values (?)')
  const detached = detacher(compress, (hash, data) => blob.run(hash, data))
  return transactions(handle, (_, document) => insert.run(JSON.stringify(detached(document))))
}

/**
 * The very rows that the store writes: fence (a lease that need not be renewed), blob, run, transition; what a state has
 * added is known here, and need not be looked for.
 */
export function rawSameRows(handle: BetterSqlite3.Database): RawSave {
  const fence = handle.prepare(
    `select lease_until from execution_leases
     where execution_id = ? and owner_id = ? and fencing_token = ? and lease_until > 0`,
  )
  const blob = handle.prepare(`insert into blobs values (?, 'deflate', ?, ?) on conflict (hash) do nothing`)
  const begin = handle.prepare(
    'insert into machine_runs (execution_id, machine_name, created_at) values (?, ?, ?)',
  )
  const transition = handle.prepare('insert into machine_transitions values (?, ?, ?, ?)')
  const detached = detacher(true, (hash, data, size) => blob.run(hash, size, data))
  let run = 0
  let checksum = 0
  return transactions(handle, (executionId, document, _, state) => {
    if (fence.get(executionId, 'bench', 1) === undefined) throw new Error('fence')
    const { machine_name, current_state, created_at, context } = document
    if (state === 0) {
      run = Number(begin.run(executionId, machine_name, created_at).lastInsertRowid)
      checksum = crc32(`${run} ${executionId} ${machine_name}`)
    }
    const field = `field_${state}`
    const json =
      state === 0
        ? JSON.stringify({ '+': detached(document) })
        : JSON.stringify({ '+': { current_state }, '~': { context: { '+': { [field]: context[field] } } } })
    checksum = crc32(created_at + json, checksum)
    transition.run(run * TRANSITIONS_A_RUN + state, created_at, checksum, json)
  })
}

type One = (executionId: string, document: Document, now: number, state: number) => void

function transactions(handle: BetterSqlite3.Database, one: One): RawSave {
  const begin = handle.prepare('begin immediate')
  const commit = handle.prepare('commit')
  return ({ executionId, documents }, now) => {
    for (const [state, document] of documents.entries()) {
      begin.run()
      one(executionId, document, now, state)
      commit.run()
    }
  }
}

/** Replaces the text by its hash; hashed and stored when it is first met, as somebody who knows where it stands would. */
function detacher(
  compress: boolean,
  store: (hash: string, data: Buffer, size: number) => void,
): (document: Document) => unknown {
  let known = ''
  let hash = ''
  return (document) => {
    const { paper_text, ...rest } = document.context
    if (paper_text === undefined) return document
    if (paper_text !== known) {
      const bytes = Buffer.from(paper_text)
      hash = createHash('sha256').update(bytes).digest('hex')
      store(hash, compress ? deflateRawSync(bytes, { level: 1 }) : bytes, bytes.length)
      known = paper_text
    }
    return { ...document, context: { ...rest, paper_text: { $blob: hash } } }
  }
}
