import { isoTime } from '../../core/clock.js'
import type { OutputColumn } from '../../core/phases.js'
import { OUTPUT_COLUMNS } from '../../core/phases.js'
import type { Db } from '../engine/prepared.js'
import type { ExecutionsTable } from '../engine/schema.js'
import { preparedWrite } from '../engine/prepared.js'
import { transact } from '../engine/steps.js'

/** What is known of a paper that changed after it was read. */
export type ChangedPaper = Pick<
  ExecutionsTable,
  'arxiv_id' | 'execution_id' | 'status' | 'newer_version' | 'withdrawn_at'
>

/** A paper that was read, and what is noted of later changes. */
export type ReadPaper = ChangedPaper & Pick<ExecutionsTable, 'paper_id' | 'redone_version' | OutputColumn>

/** What is to be noted of a paper. */
export interface PaperChange {
  execution_id: string
  newer_version: number | null
  withdrawn: boolean
}

const PAGE = 500

/** Yields the papers whose text was read, in pages. */
export async function* readPapers(db: Db): AsyncGenerator<ReadPaper[]> {
  for (let after = ''; ;) {
    const rows = await db
      .selectFrom('executions')
      .select([
        'arxiv_id',
        'execution_id',
        'status',
        'newer_version',
        'withdrawn_at',
        'paper_id',
        'redone_version',
        ...OUTPUT_COLUMNS,
      ])
      .where('prep_output', 'is not', null)
      .where('execution_id', '>', after)
      .orderBy('execution_id')
      .limit(PAGE)
      .execute()
    const last = rows.at(-1)
    if (last === undefined) return
    yield rows
    after = last.execution_id
  }
}

const setChange = preparedWrite<{
  execution_id: string
  newer_version: number | null
  withdrawn_at: string | null
}>((db, p) =>
  db
    .updateTable('executions')
    .set({ newer_version: p.newer_version, withdrawn_at: p.withdrawn_at })
    .where('execution_id', '=', p.execution_id),
)

/** Notes what changed; when a paper was found withdrawn stays what it was. */
export async function noteChanges(
  db: Db,
  changes: readonly (PaperChange & { withdrawn_at: string | null })[],
  now: number,
): Promise<void> {
  await transact(db, function* () {
    for (const { execution_id, newer_version, withdrawn, withdrawn_at } of changes) {
      const since = withdrawn ? (withdrawn_at ?? isoTime(now)) : null
      yield* setChange.step({ execution_id, newer_version, withdrawn_at: since })
    }
  })
}

/** Returns the papers that changed after they were read, by arXiv id. */
export async function changedPapers(db: Db): Promise<ChangedPaper[]> {
  return db
    .selectFrom('executions')
    .select(['arxiv_id', 'execution_id', 'status', 'newer_version', 'withdrawn_at'])
    .where((eb) => eb.or([eb('newer_version', 'is not', null), eb('withdrawn_at', 'is not', null)]))
    .orderBy('arxiv_id')
    .execute()
}
