import type { JsonObject } from '../../core/json.js'
import { isObject } from '../../core/json.js'
import type { Writer } from '../../core/report-sections.js'
import { WHOLE_REPORT } from '../../core/report-sections.js'
import { loadJson } from '../checkpoints/blobs.js'
import { DamageError, damagedPaper } from '../checkpoints/damage.js'
import type { Db } from '../engine/prepared.js'
import type { OutputColumn, PhaseName, PipelineName, Status } from '../../core/phases.js'
import { forPhases, PHASE_NAMES, PHASES } from '../../core/phases.js'
import type { Execution } from './executions.js'

/** What phases have stored of a paper; empty where there is nothing. */
export type StoredResults = Record<PhaseName, JsonObject>

/** What analyze has to give. */
export const ANALYSES: readonly Writer[] = ['why_hypotheses', 'reproduction_notes', 'open_questions']

/**
 * Reads the results of all phases. One of the earlier tool that is no JSON is none.
 *
 * @throws RpaError `db_corrupt` if what this program wrote is damaged, and what reading the DB throws.
 */
export async function readResults(
  db: Db,
  row: Pick<Execution, 'execution_id' | OutputColumn>,
): Promise<StoredResults> {
  const stored: StoredResults = forPhases(() => ({}))
  for (const name of PHASE_NAMES) {
    const { output } = PHASES[name]
    if (output !== null) stored[name] = await readOutput(db, row[output], row.execution_id)
  }
  return stored
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

/**
 * Returns what later phases need of a phase's result and do not find; empty: all is there, or it keeps none.
 *
 * @param pipeline through which the paper goes on: a lean result is not all that the full one needs.
 */
export function missingOf(phase: PhaseName, result: JsonObject, pipeline: PipelineName): string[] {
  if (phase === 'prep') return missingOfPrep(result, pipeline)
  if (phase === 'analyze' && pipeline === 'lean') return isBlank(result[WHOLE_REPORT]) ? [WHOLE_REPORT] : []
  if (phase === 'analyze') return missingOfAnalyze(result)
  const { output } = PHASES[phase]
  return output !== null && Object.keys(result).length === 0 ? [output] : []
}

function missingOfPrep(prep: JsonObject, pipeline: PipelineName): string[] {
  // The first versions of the earlier tool kept the paper's text under another name.
  const missing = isBlank(prep['paper_text']) && isBlank(prep['section_text']) ? ['paper_text'] : []
  const owesOutcome = isEarlierOutput(prep) || (pipeline === 'full' && isLean(prep))
  if (owesOutcome && isBlank(prep['key_outcome'])) missing.push('key_outcome')
  return missing
}

function isLean({ work }: JsonObject): boolean {
  return isObject(work) && work['pipeline'] === 'lean'
}

/**
 * Some runs of the earlier tool stored nulls or blanks for answers that had failed; a machine of ours that ended has given
 * what it gives.
 */
function missingOfAnalyze(analyze: JsonObject): string[] {
  const missing = ANALYSES.filter((writer) => isBlank(analyze[writer]))
  const begun = !isEarlierOutput(analyze) && Object.keys(analyze).length > 0
  return begun && missing.length < ANALYSES.length ? [] : missing
}

/** Returns the status from which a paper goes on with what is stored: that of the phase after the last whose result is there. */
export function statusByResults(results: StoredResults, pipeline: PipelineName): Status {
  let status: Status = PHASES.prep.from
  for (const name of PHASE_NAMES) {
    if (PHASES[name].output === null) continue
    if (missingOf(name, results[name], pipeline).length > 0) break
    status = PHASES[name].to
  }
  return status
}

function isBlank(value: unknown): boolean {
  return typeof value !== 'string' || value.trim() === ''
}

/** What prep stored of a paper that its report can be checked by. */
export interface PaperText {
  text: string
  title: string
  abstract: string
  authors: string
  /** The authors' own. */
  keywords: string[]
  /** Near papers that the writers were shown. */
  neighbors: { arxiv_id: string; title: string; line?: string | null }[]
}

/** Returns the text of a paper as prep stored it, with what its metadata say; null where there is none. Throws as `readResults`. */
export async function paperTextOf(db: Db, executionId: string): Promise<PaperText | null> {
  const row = await db
    .selectFrom('executions')
    .selectAll()
    .where('execution_id', '=', executionId)
    .executeTakeFirst()
  if (row === undefined) return null
  const { prep } = await readResults(db, row)
  const text = prep['paper_text']
  if (typeof text !== 'string' || text === '') return null
  const near = prep['corpus_neighbors']
  const neighbors = Array.isArray(near) ? (near as unknown as PaperText['neighbors']) : []
  const { title, abstract, authors } = row
  const about = isObject(prep['paper']) ? prep['paper']['keywords'] : []
  const keywords = Array.isArray(about) ? about.filter((one) => typeof one === 'string') : []
  return { text, title, abstract, authors, keywords, neighbors }
}
