import { reapPhase, settleDeadCalls } from '../db/maintenance/reap.js'
import type { Db } from '../db/engine/prepared.js'
import type { BusyStatus, PhaseName } from '../core/phases.js'
import { BUSY_STATUSES, PHASES } from '../core/phases.js'

/** What `reap` prints with --json. */
export interface ReapResult {
  released: Record<BusyStatus, number>
  calls_settled: number
}

export interface ReapOptions {
  /** Phases to look at; empty: all. */
  phases: readonly PhaseName[]
  /** Replaces each phase's own age, milliseconds. */
  olderThanMs: number | null
  orphans: boolean
  dryRun: boolean
  now: number
}

/** Puts abandoned executions back and settles the requests of dead processes. */
export async function reap(db: Db, options: ReapOptions): Promise<ReapResult> {
  const released = Object.fromEntries(BUSY_STATUSES.map((status) => [status, 0])) as ReapResult['released']
  for (const phase of Object.values(PHASES)) {
    if (options.phases.length > 0 && !options.phases.includes(phase.name)) continue
    const staleMs = options.olderThanMs ?? phase.staleMs
    released[phase.busy] = await reapPhase(db, { ...phase, staleMs }, options)
  }
  return { released, calls_settled: await settleDeadCalls(db, options.now, options.dryRun) }
}
