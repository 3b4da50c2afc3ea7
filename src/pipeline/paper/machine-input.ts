import { PaperError } from '../../core/errors.js'
import type { JsonObject } from '../../core/json.js'
import type { Phase, PhaseName, PipelineName } from '../../core/phases.js'
import { PHASE_NAMES, PHASES, phasesBefore } from '../../core/phases.js'
import { isObject } from '../../core/json.js'
import type { PaperInWork } from '../../db/executions/executions.js'
import { readSource } from '../../db/executions/pdf-papers.js'
import type { StoredResults } from '../../db/executions/results.js'
import { isEarlierOutput, missingOf, readResults } from '../../db/executions/results.js'
import { paperBrief } from '../../report/paper-brief.js'
import type { Db } from '../../db/engine/prepared.js'
import type { Snapshot } from '../../machines/types.js'
import { isEarlierWrap, readEarlierAnswers, readEarlierPrep, textOrNull } from './earlier-rows.js'

/**
 * Returns what a phase machine's `input.*` means: the paper, what earlier phases found and how they worked, and what an
 * earlier try of this phase had paid for before it failed. Rows of the earlier tool are read as ours would be.
 *
 * @throws PaperError `paper_text_missing`, `analysis_missing` if what an earlier phase has to give is not there; RpaError
 * `db_corrupt` if what is stored is damaged.
 */
export async function machineInput(
  db: Db,
  execution: PaperInWork,
  { phase, version }: { phase: Phase; version: string },
  latest: Snapshot | null,
  startedMs: number,
): Promise<JsonObject> {
  const stored = await readResults(db, execution)
  for (const name of phasesBefore(phase.name)) requireResult(name, stored[name], execution)
  return inputOf(db, execution, stored, { phase, version }, latest, startedMs)
}

/** Returns the same of results that were read, whatever is lacking in them. */
export async function inputOf(
  db: Db,
  execution: PaperInWork,
  stored: StoredResults,
  { phase, version }: { phase: Phase; version: string },
  latest: Snapshot | null,
  startedMs: number,
): Promise<JsonObject> {
  const before = phasesBefore(phase.name)
  const earlier = {
    prep: isEarlierOutput(stored.prep),
    analyze: isEarlierOutput(stored.analyze),
    wrap: latest !== null && isEarlierWrap(latest.machine_name),
  }
  const results = { ...stored, prep: earlier.prep ? readEarlierPrep(stored.prep) : stored.prep }
  const warm = phase.name === 'wrap' ? warmStart(latest) : {}
  const source = phase.name === 'prep' ? await readSource(db, execution) : {}
  const outputs = { ...source, ...joined(results, (result) => result), ...warm }
  const { execution_id, arxiv_id, paper_id, title, authors, abstract } = execution
  const answers = before.includes('prep') ? readEarlierAnswers(outputs, earlier) : {}
  return {
    ...outputs,
    ...answers,
    brief: paperBrief({ ...outputs, ...answers, title: execution.title, abstract: execution.abstract }),
    models: joined(results, (result) => asObject(result['models'])),
    text_cut: joined(results, (result) => asObject(result['text_cut'])),
    work: workSoFar(results, phase.name, version, { pipeline: execution.pipeline, started_ms: startedMs }),
    execution_id,
    arxiv_id,
    paper_id,
    title,
    authors,
    abstract,
  }
}

function requireResult(
  name: PhaseName,
  result: JsonObject,
  { arxiv_id: arxivId, pipeline }: Pick<PaperInWork, 'arxiv_id' | 'pipeline'>,
): void {
  const missing = missingOf(name, result, pipeline)
  if (missing.length === 0) return
  throw new PaperError(
    name === 'prep' ? 'paper_text_missing' : 'analysis_missing',
    `The stored result of ${name} for ${arxivId} lacks ${missing.join(', ')}.`,
    { hint: `Put it back with \`rpa retry\`: it goes through ${name} again.` },
  )
}

/**
 * Returns whether a machine has to begin anew: the last try came to a final state that says it failed, or gave blanks for
 * what the next phase needs, as earlier versions let pass; given again, it would come back for ever. What a failed try had
 * paid for is its warm start.
 */
export function beginsAnew(
  latest: Snapshot | null,
  machineName: string,
  phase: PhaseName,
  pipeline: PipelineName,
): boolean {
  if (latest === null || latest.machine_name !== machineName || latest.event !== 'machine_end') return false
  const output = asObject(latest.output)
  if (output['error'] !== null && output['error'] !== undefined) return true
  return missingOf(phase, { ...output, work: { pipeline } }, pipeline).length > 0
}

/** What later phases gave wins. */
function joined(results: StoredResults, of: (result: JsonObject) => JsonObject): JsonObject {
  return PHASE_NAMES.reduce<JsonObject>((all, name) => ({ ...all, ...of(results[name]) }), {})
}

function warmStart(latest: Snapshot | null): JsonObject {
  if (latest === null) return {}
  const earlier = isEarlierWrap(latest.machine_name)
  if (!PHASES.wrap.machines.includes(latest.machine_name)) return {}
  const context = asObject(latest.context)
  // The earlier tool's report was written by a model, so it is an answer like another; ours is put together from answers.
  const texts = [
    context['earlier_repair_text'],
    context['repair_text'],
    earlier ? context['report_body'] : null,
  ]
  return {
    limits_confidence: textOrNull(context['limits_confidence']),
    limits_confidence_model: context['limits_confidence_model'] ?? null,
    limits_confidence_text_cut: context['limits_confidence_text_cut'] ?? null,
    repair_model: context['repair_model'] ?? null,
    repair_text_cut: context['repair_text_cut'] ?? null,
    repair_text: textOrNull(texts.flatMap((text) => textOrNull(text) ?? []).join('\n\n')),
  }
}

function workSoFar(
  results: StoredResults,
  phase: string,
  version: string,
  now: { pipeline: PipelineName; started_ms: number },
): JsonObject {
  const config: JsonObject = {}
  let spent = 0
  for (const [name, output] of Object.entries(results)) {
    const work = asObject(output['work'])
    if (typeof work['version'] === 'string') config[name] = work['version']
    if (typeof work['duration_ms'] === 'number') spent += work['duration_ms']
  }
  return { config_versions: { ...config, [phase]: version }, spent_ms: spent, ...now }
}

function asObject(value: unknown): JsonObject {
  return isObject(value) ? value : {}
}
