import { isoTime } from '../../core/clock.js'
import { OUTPUT_COLUMNS, PHASES } from '../../core/phases.js'
import type { Db } from '../engine/prepared.js'
import { inTransaction } from '../engine/steps.js'
import { forgetRuns } from '../checkpoints/runs.js'
import { metadataColumns, type Metadata } from './executions.js'
import { storeReport } from './reports.js'

/** A paper that is done, and the version of it that is to be read. */
export interface Redo {
  execution_id: string
  version: number
  /** Of that version. */
  metadata: Metadata
  /** The report so far, where the DB does not hold it yet; null: it does, or it is nowhere. */
  report: string | null
}

/**
 * Puts papers that are done back in the queue, each once for a version. What was read and answered of the earlier version is
 * given up, the report stays until the next one is stored. One that somebody has in hand is left alone.
 *
 * @returns the execution ids of those that were put back.
 */
export async function redoPapers(db: Db, papers: readonly Redo[], now: number): Promise<Set<string>> {
  if (papers.length === 0) return new Set()
  return inTransaction(db, async (trx) => {
    const redone = new Set<string>()
    for (const { execution_id: id, version, metadata, report } of papers) {
      const { numUpdatedRows } = await trx
        .updateTable('executions')
        .set({
          ...metadataColumns(id, metadata),
          ...Object.fromEntries(OUTPUT_COLUMNS.map((column) => [column, null])),
          ...(report === null ? {} : { report: await storeReport(trx, report) }),
          status: PHASES.prep.from,
          attempts: 0,
          newer_version: null,
          withdrawn_at: null,
          redone_version: version,
          redone_at: isoTime(now),
          updated_at: isoTime(now),
        })
        .where('execution_id', '=', id)
        .where('status', '=', 'done')
        .where((eb) => eb.or([eb('redone_version', 'is', null), eb('redone_version', '<', version)]))
        .executeTakeFirst()
      if (Number(numUpdatedRows) !== 1) continue
      await forgetRuns(trx, id)
      redone.add(id)
    }
    return redone
  })
}
