import { sql } from 'kysely'
import { deleteRuns, sizesOfRuns } from '../checkpoints/runs.js'
import type { Db } from '../engine/prepared.js'
import { prepared } from '../engine/prepared.js'
import { holdPaper } from '../leases/leases.js'
import type { PruneRule } from './prune-policy.js'
import { mayPrune, ownerOf } from './prune-policy.js'
import { inShortTransactions } from '../engine/short-transactions.js'
import type { Steps } from '../engine/steps.js'
import { perform } from '../engine/steps.js'

const PAGE = 500

export interface Removed {
  rows: number
  bytes: number
}

type Sized = { bytes: number }
type Range = { from: string; below: string }

/** What was written before there were transitions comes second. */
const TABLES = ['machine_runs', 'machine_checkpoints'] as const

type Listed = { execution_id: string }

const listIds = TABLES.map((table) =>
  prepared<{ after: string; limit: number }, Listed>((db, p) =>
    db
      .selectFrom(table)
      .select('execution_id')
      .distinct()
      .where('execution_id', '>', p.after)
      .orderBy('execution_id')
      .limit(p.limit),
  ),
)
const listChildren = TABLES.map((table) =>
  prepared<Range, Listed>((db, p) =>
    db
      .selectFrom(table)
      .select('execution_id')
      .distinct()
      .where('execution_id', '>=', p.from)
      .where('execution_id', '<', p.below),
  ),
)
const sizesOf = prepared<{ id: string }, Sized>((db, p) =>
  db
    .selectFrom('machine_checkpoints')
    .select(sql<number>`octet_length(snapshot_json)`.as('bytes'))
    .where('execution_id', '=', p.id),
)
const deleteCheckpoints = prepared<{ id: string }, Sized>((db, p) =>
  db
    .deleteFrom('machine_checkpoints')
    .where('execution_id', '=', p.id)
    .returning(sql<number>`octet_length(snapshot_json)`.as('bytes')),
)
const deleteLatest = prepared<{ id: string }, { execution_id: string }>((db, p) =>
  db.deleteFrom('machine_latest').where('execution_id', '=', p.id).returning('execution_id'),
)

/**
 * Deletes the checkpoints of every paper that the rule lets go, and those that are nobody's. A paper's rows go in one
 * transaction, in which it is asked again whether they may.
 *
 * @param onProgress is told the number of rows deleted so far.
 */
export async function deletePrunable(
  db: Db,
  rule: PruneRule,
  onProgress: (rows: number) => void,
  stop?: AbortSignal,
): Promise<Removed> {
  const total: Removed = { rows: 0, bytes: 0 }
  for await (const papers of prunablePapers(db, rule)) {
    if (stop?.aborted === true) break
    for (const removed of await inShortTransactions(db, papers, (id) => removeSteps(id, rule), stop)) {
      total.rows += removed.rows
      total.bytes += removed.bytes
    }
    onProgress(total.rows)
  }
  return total
}

/** Counts what {@link deletePrunable} would delete. `ids` are the execution_ids of all those rows. */
export async function countPrunable(db: Db, rule: PruneRule): Promise<Removed & { ids: Set<string> }> {
  const total = { rows: 0, bytes: 0, ids: new Set<string>() }
  for await (const papers of prunablePapers(db, rule)) {
    for (const paper of papers) {
      for (const id of await perform(db, idsOf(paper))) {
        if (total.ids.has(id)) continue
        total.ids.add(id)
        const rows = await sizesOf(db, { id })
        const bytes = [...rows.map((row) => row.bytes), ...(await perform(db, sizesOfRuns(id)))]
        total.rows += bytes.length
        total.bytes += sum(bytes)
      }
    }
  }
  return total
}

/** Yields pages of papers whose checkpoints can go, by what is in the indexes of the checkpoints: a pruned paper costs nothing. */
async function* prunablePapers(db: Db, rule: PruneRule): AsyncGenerator<string[]> {
  if (rule.keep === 'keep_all') return
  for (const list of listIds) {
    for (let after: string | undefined = ''; after !== undefined;) {
      const ids: string[] = (await list(db, { after, limit: PAGE })).map((row) => row.execution_id)
      const papers = new Set<string>()
      for (const id of ids) papers.add((await perform(db, ownerOf(id))) ?? id)
      const prunable: string[] = []
      for (const paper of papers) if (await perform(db, mayPrune(paper, rule))) prunable.push(paper)
      if (prunable.length > 0) yield prunable
      after = ids.at(-1)
    }
  }
}

function* removeSteps(paper: string, rule: PruneRule): Steps<Removed> {
  const removed: Removed = { rows: 0, bytes: 0 }
  yield* holdPaper(paper)
  if (!(yield* mayPrune(paper, rule))) return removed
  for (const id of yield* idsOf(paper)) {
    const rows = yield* deleteCheckpoints.step({ id })
    yield* deleteLatest.step({ id })
    const bytes = [...rows.map((row) => row.bytes), ...(yield* deleteRuns(id))]
    removed.rows += bytes.length
    removed.bytes += sum(bytes)
  }
  return removed
}

/** Returns a paper's own id and its children's, for whom `.` continues it and no other paper is nearer. */
function* idsOf(paper: string): Steps<string[]> {
  // "/" is the character after ".".
  const children = new Set<string>()
  for (const list of listChildren) {
    for (const row of yield* list.step({ from: `${paper}.`, below: `${paper}/` }))
      children.add(row.execution_id)
  }
  const ids = [paper]
  const owner = yield* ownerOf(paper)
  for (const id of children) if ((yield* ownerOf(id)) === owner) ids.push(id)
  return ids
}

function sum(bytes: readonly number[]): number {
  return bytes.reduce((total, one) => total + one, 0)
}
