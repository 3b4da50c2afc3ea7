import type { JsonObject } from '../../core/json.js'
import { isObject } from '../../core/json.js'
import type { Writer } from '../../core/report-sections.js'
import { loadJson } from '../checkpoints/blobs.js'
import { DamageError, damagedPaper } from '../checkpoints/damage.js'
import type { Db } from '../engine/prepared.js'
import type { Status } from '../../core/phases.js'
import type { Execution } from './executions.js'

/** What earlier phases have stored of a paper; empty where there is nothing. */
export interface StoredResults {
  prep: JsonObject
  analyze: JsonObject
}

/** What analyze has to give. */
export const ANALYSES: readonly Writer[] = ['why_hypotheses', 'reproduction_notes', 'open_questions']

/**
 * Reads the results of earlier phases. One of the earlier tool that is no JSON is none.
 *
 * @throws RpaError `db_corrupt` if what this program wrote is damaged, and what reading the DB throws.
 */
export async function readResults(
  db: Db,
  row: Pick<Execution, 'execution_id' | 'prep_output' | 'expensive_output'>,
): Promise<StoredResults> {
  return {
    prep: await readOutput(db, row.prep_output, row.execution_id),
    analyze: await readOutput(db, row.expensive_output, row.execution_id),
  }
}

async function readOutput(db: Db, column: string | null, executionId: string): Promise<JsonObject> {
  if (column === null) return {}
  try {
    const value = await loadJson(db, column, executionId)
    return isObject(value) ? value : {}
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    if (!OURS.test(column)) return {}
    throw await damagedPaper(db, executionId, new DamageError('a result is no JSON', error))
  }
}

/** Results that were stored before they had a checksum. */
const OURS = /"work":\{"version":"/

/** Returns whether an output was stored by the earlier tool: ours tell how they came about. */
export function isEarlierOutput(output: JsonObject): boolean {
  return Object.keys(output).length > 0 && !isObject(output['work'])
}

/** Returns what analyze and wrap need of prep and do not find; empty: all is there. */
export function missingOfPrep({ prep }: StoredResults): string[] {
  // The first versions of the earlier tool kept the paper's text under another name.
  const missing = isBlank(prep['paper_text']) && isBlank(prep['section_text']) ? ['paper_text'] : []
  if (isEarlierOutput(prep) && isBlank(prep['key_outcome'])) missing.push('key_outcome')
  return missing
}

/**
 * Returns what wrap needs of analyze and does not find; empty: all is there. Some runs of the earlier tool stored nulls
 * or blanks for answers that had failed; a machine of ours that ended has given what it gives.
 */
export function missingOfAnalyze({ analyze }: StoredResults): string[] {
  const missing = ANALYSES.filter((writer) => isBlank(analyze[writer]))
  const begun = !isEarlierOutput(analyze) && Object.keys(analyze).length > 0
  return begun && missing.length < ANALYSES.length ? [] : missing
}

/** Returns the status from which a paper goes on with what is stored. */
export function statusByResults(results: StoredResults): Extract<Status, 'pending' | 'prepped' | 'analyzed'> {
  if (missingOfPrep(results).length > 0) return 'pending'
  return missingOfAnalyze(results).length > 0 ? 'prepped' : 'analyzed'
}

function isBlank(value: unknown): boolean {
  return typeof value !== 'string' || value.trim() === ''
}
