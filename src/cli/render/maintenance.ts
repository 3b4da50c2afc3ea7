import { formatBytes } from '../../core/bytes.js'
import type { PruneResult } from '../../db/maintenance/prune.js'
import type { VacuumResult } from '../../db/maintenance/vacuum.js'

/** Returns what a person reads after a prune. */
export function renderPrune({ checkpoints, blobs, bytes }: PruneResult, dryRun: boolean): string {
  const what = `${checkpoints} checkpoints and ${blobs} unused texts, ${formatBytes(bytes)}`
  return dryRun ? `would delete ${what}` : `deleted ${what}`
}

/** Returns what a person reads after a vacuum. */
export function renderVacuum(result: VacuumResult): string {
  const { before_bytes: before, after_bytes: after, integrity, path } = result
  return `${path}: ${formatBytes(before)} → ${formatBytes(after)}, integrity ${integrity}`
}
