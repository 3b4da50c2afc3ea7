import type { PipelineName } from '../../core/phases.js'
import type { Db } from '../engine/prepared.js'
import type { ExecutionLeasesTable, ExecutionsTable } from '../engine/schema.js'

/** How a paper stands, and who holds it. */
export type PaperAndHolder = Pick<
  ExecutionsTable,
  | 'arxiv_id'
  | 'title'
  | 'status'
  | 'not_before'
  | 'error_class'
  | 'error'
  | 'created_at'
  | 'updated_at'
  | 'result_path'
> & { attempts: number; pipeline: PipelineName } & {
  [column in 'owner_id' | 'lease_until']: ExecutionLeasesTable[column] | null
}

/** Returns how an execution stands, and who holds it: null for nobody. Throws where there is no such execution. */
export async function paperAndHolder(db: Db, executionId: string): Promise<PaperAndHolder> {
  return db
    .selectFrom('executions as e')
    .leftJoin('execution_leases as l', (join) =>
      join.onRef('l.execution_id', '=', 'e.execution_id').on('l.lease_until', '>', 0),
    )
    .select([
      'e.arxiv_id',
      'e.title',
      'e.status',
      'e.pipeline',
      'e.attempts',
      'e.not_before',
      'e.error_class',
      'e.error',
      'e.created_at',
      'e.updated_at',
      'e.result_path',
      'l.owner_id',
      'l.lease_until',
    ])
    .where('e.execution_id', '=', executionId)
    .executeTakeFirstOrThrow()
}
