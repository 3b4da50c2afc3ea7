import { packTexts } from './pack-texts.js'
import { countUnreferenced, deleteUnreferenced } from './prune-blobs.js'
import { countPrunable, deletePrunable } from './prune-checkpoints.js'
import type { PruneRule } from './prune-policy.js'
import type { Db } from '../engine/prepared.js'

export interface PruneResult {
  /** Rows of checkpoints. */
  checkpoints: number
  /** Texts to which no row refers. */
  blobs: number
  /** What both held in the DB, as stored. The file gets no smaller by that: SQLite uses the space again. */
  bytes: number
}

/** What is done now, and how much of it. */
export type PruneProgress =
  | { step: 'checkpoints'; deleted: number }
  | { step: 'looking' | 'packing' }
  | { step: 'texts'; done: number; total: number; deleted: number }

export interface PruneOptions extends PruneRule {
  /** Counts, and writes nothing. */
  dryRun: boolean
  /** Ends early, at a moment when all is consistent; the next prune goes on. */
  stop?: AbortSignal | undefined
  onProgress?: ((soFar: PruneProgress) => void) | undefined
}

/**
 * Deletes the checkpoints of papers that are done or have failed, as far as the rule lets them go, checkpoints that are
 * nobody's, and blobs to which no row refers; the others are packed more tightly. Other processes may write meanwhile: each transaction is short.
 */
export async function prune(db: Db, options: PruneOptions): Promise<PruneResult> {
  const { dryRun, stop, onProgress } = options
  if (dryRun) {
    const { ids, ...checkpoints } = await countPrunable(db, options)
    return resultOf(checkpoints, await countUnreferenced(db, ids))
  }
  const checkpoints = await deletePrunable(
    db,
    options,
    (deleted) => onProgress?.({ step: 'checkpoints', deleted }),
    stop,
  )
  onProgress?.({ step: 'looking' })
  const blobs = await deleteUnreferenced(db, (judged) => onProgress?.({ step: 'texts', ...judged }), stop)
  onProgress?.({ step: 'packing' })
  await packTexts(db, stop)
  return resultOf(checkpoints, blobs)
}

function resultOf(
  checkpoints: { rows: number; bytes: number },
  blobs: { rows: number; bytes: number },
): PruneResult {
  return { checkpoints: checkpoints.rows, blobs: blobs.rows, bytes: checkpoints.bytes + blobs.bytes }
}
