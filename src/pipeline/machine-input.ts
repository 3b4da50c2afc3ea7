import type { JsonObject } from '../core/json.js'
import { isObject } from '../core/json.js'
import { loadJson } from '../db/blobs.js'
import type { Execution } from '../db/executions.js'
import type { Db } from '../db/prepared.js'
import type { Snapshot } from '../machines/types.js'
import { defuse } from '../report/injection.js'
import type { PhaseMachine } from './phase-machine.js'

/**
 * Returns what a phase machine's `input.*` means: the paper, what earlier phases found and how they worked, and what an
 * earlier try of this phase had paid for before it failed.
 */
export async function machineInput(
  db: Db,
  execution: Execution,
  { phase, version }: PhaseMachine,
  latest: Snapshot | null,
  startedMs: number,
): Promise<JsonObject> {
  const prep = await readOutput(db, execution.prep_output)
  const analyze = await readOutput(db, execution.expensive_output)
  const { execution_id, arxiv_id, paper_id, title, authors, abstract } = execution
  return defuseAll({
    ...prep,
    // The first versions of the earlier tool kept the paper's text under another name.
    paper_text: prep['paper_text'] ?? prep['section_text'],
    ...analyze,
    ...(phase.name === 'wrap' ? warmStart(latest) : {}),
    models: { ...asObject(prep['models']), ...asObject(analyze['models']) },
    work: workSoFar({ prep, analyze }, phase.name, version, startedMs),
    execution_id,
    arxiv_id,
    paper_id,
    title,
    authors,
    abstract,
  })
}

/**
 * Returns whether a machine has to begin anew: the last try came to a final state that says it failed. What it had paid
 * for is its warm start.
 */
export function endedInFailure(latest: Snapshot | null, machineName: string): boolean {
  if (latest === null || latest.machine_name !== machineName || latest.event !== 'machine_end') return false
  const error = isObject(latest.output) ? latest.output['error'] : null
  return error !== null && error !== undefined
}

/** The earlier tool's name of the wrap machine is known too: its failed wraps hold answers worth keeping. */
const WRAP_MACHINES = ['wrap', 'wrap-pipeline']

function warmStart(latest: Snapshot | null): JsonObject {
  if (latest === null || !WRAP_MACHINES.includes(latest.machine_name)) return {}
  const { context } = latest
  const repairs = [context['earlier_repair_text'], context['repair_text'], reportOfEarlierTool(latest)]
  const repairText = repairs.filter((text) => typeof text === 'string' && text !== '').join('\n\n')
  return {
    limits_confidence: context['limits_confidence'] ?? null,
    limits_confidence_model: context['limits_confidence_model'] ?? null,
    repair_model: context['repair_model'] ?? null,
    repair_text: repairText === '' ? null : repairText,
  }
}

/** Its report was written by a model, so it is an answer like another; ours is put together from answers. */
function reportOfEarlierTool({ machine_name, context }: Snapshot): unknown {
  return machine_name === 'wrap-pipeline' ? context['report_body'] : null
}

function workSoFar(
  outputs: { prep: JsonObject; analyze: JsonObject },
  phase: string,
  version: string,
  startedMs: number,
): JsonObject {
  const config: JsonObject = {}
  let spent = 0
  for (const [name, output] of Object.entries(outputs)) {
    const work = asObject(output['work'])
    if (typeof work['version'] === 'string') config[name] = work['version']
    if (typeof work['duration_ms'] === 'number') spent += work['duration_ms']
  }
  return { config_versions: { ...config, [phase]: version }, spent_ms: spent, started_ms: startedMs }
}

async function readOutput(db: Db, column: string | null): Promise<JsonObject> {
  return column === null ? {} : asObject(await loadJson(db, column))
}

/** Text from papers, metadata and models goes into prompts between tags: none of it may close them. */
function defuseAll<T>(value: T): T {
  if (typeof value === 'string') return defuse(value) as T
  if (Array.isArray(value)) return value.map(defuseAll) as T
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, defuseAll(item)])) as T
}

function asObject(value: unknown): JsonObject {
  return isObject(value) ? value : {}
}
