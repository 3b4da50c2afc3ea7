import { sql } from 'kysely'
import { RpaError } from '../../core/errors.js'
import type { Db } from '../engine/prepared.js'

/** Something that was stored is not what is there now: the file was damaged, or changed by hand. */
export class DamageError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause })
  }
}

/** What to do about a damaged DB. */
export const DAMAGE_HINT =
  'The file was damaged or changed by hand: restore a backup (docs/maintenance.md). `rpa vacuum` names all papers concerned.'

/**
 * Returns the error that ends a command which met damage: `db_corrupt`, with the paper and the file.
 *
 * @param executionId the paper's, or that of a child of it (`<execution_id>.<rest>`).
 */
export async function damagedPaper(db: Db, executionId: string, cause: DamageError): Promise<RpaError> {
  const paper = await db
    .selectFrom('executions')
    .select('arxiv_id')
    .where((eb) =>
      eb.or([
        eb('execution_id', '=', executionId),
        sql<boolean>`cast(${executionId} as text) like execution_id || '.%'`,
      ]),
    )
    .executeTakeFirst()
  const whose = paper?.arxiv_id ?? executionId
  const message = `What the executions DB holds of ${whose} is damaged: ${cause.message}.`
  return new RpaError('db_corrupt', message, { hint: DAMAGE_HINT, cause })
}
