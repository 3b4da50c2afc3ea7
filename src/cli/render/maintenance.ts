import { formatBytes } from '../../core/bytes.js'
import { isPostgresUrl } from '../../core/database-url.js'
import type { PruneProgress, PruneResult } from '../../db/maintenance/prune.js'
import type { VacuumResult } from '../../db/maintenance/vacuum.js'
import type { ProgressState } from './progress.js'

/** Returns how a prune is getting on. */
export function pruneProgress(soFar: PruneProgress): ProgressState {
  const doing = 'prune'
  if (soFar.step === 'checkpoints')
    return { doing: `${doing}: checkpoints`, done: soFar.deleted, unit: 'deleted' }
  if (soFar.step !== 'texts')
    return {
      doing: `${doing}: ${soFar.step === 'looking' ? 'looking which texts are used' : 'packing texts'}`,
    }
  const { done, total, deleted } = soFar
  return { doing: `${doing}: texts`, done, total, more: [`${deleted} deleted`] }
}

/** Returns what a person reads after a prune. */
export function renderPrune({ checkpoints, blobs, bytes }: PruneResult, dryRun: boolean): string {
  const what = `${checkpoints} checkpoints and ${blobs} unused texts, ${formatBytes(bytes)}`
  return dryRun ? `would delete ${what}` : `deleted ${what}`
}

/** Returns what a person reads after a vacuum. */
export function renderVacuum(result: VacuumResult): string {
  const { before_bytes: before, after_bytes: after, integrity, path } = result
  if (isPostgresUrl(path)) {
    return `${path}: ${formatBytes(after)}, texts ${integrity}; the room of deleted rows is free for new ones (PostgreSQL also sees to that by itself)`
  }
  return `${path}: ${formatBytes(before)} → ${formatBytes(after)}, integrity ${integrity}`
}
