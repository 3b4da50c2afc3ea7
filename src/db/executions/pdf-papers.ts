import type { JsonObject } from '../../core/json.js'
import { isObject } from '../../core/json.js'
import { loadJson, storeJsonSteps } from '../checkpoints/blobs.js'
import { preparedWrite, type Db } from '../engine/prepared.js'
import { transact } from '../engine/steps.js'
import { insertSteps, type Execution, type NewExecution } from './executions.js'

const setSource = preparedWrite<{ id: string; source: string }>((db, p) =>
  db.updateTable('executions').set({ source_text: p.source }).where('arxiv_id', '=', p.id),
)

/**
 * Adds a pending execution of a PDF that was seeded itself, with what was read of it; one that is there is left as it is.
 *
 * @returns whether it is new.
 */
export async function insertPdfPaper(
  db: Db,
  paper: Omit<NewExecution, 'paper_id'>,
  source: JsonObject,
  now: number,
): Promise<boolean> {
  return transact(db, function* () {
    // No row of a corpus has this number.
    const inserted = yield* insertSteps([{ ...paper, paper_id: 0 }], now)
    if (inserted > 0) yield* setSource.step({ id: paper.arxiv_id, source: yield* storeJsonSteps(source) })
    return inserted > 0
  })
}

/**
 * Returns what was read of a PDF that was seeded itself; {} for other papers.
 *
 * @throws RpaError `db_corrupt` if it is damaged.
 */
export async function readSource(
  db: Db,
  { source_text, execution_id }: Pick<Execution, 'source_text' | 'execution_id'>,
): Promise<JsonObject> {
  if (source_text === null) return {}
  const value = await loadJson(db, source_text, execution_id)
  return isObject(value) ? value : {}
}

/** Returns whether all papers in a status are PDFs that were seeded themselves; where none is there, all papers that are known, one at least. */
export async function areAllOwn(db: Db, status: Execution['status']): Promise<boolean> {
  const all = db.selectFrom('executions').select('arxiv_id').limit(1)
  const inStatus = all.where('status', '=', status)
  const known = (await inStatus.executeTakeFirst()) === undefined ? all : inStatus
  if ((await known.where('arxiv_id', 'like', 'local:%').executeTakeFirst()) === undefined) return false
  return (await known.where('arxiv_id', 'not like', 'local:%').executeTakeFirst()) === undefined
}
