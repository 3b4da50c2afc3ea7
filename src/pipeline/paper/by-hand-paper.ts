import { UsageError } from '../../core/errors.js'
import type { JsonObject } from '../../core/json.js'
import type { Phase, PhaseName, PipelineName } from '../../core/phases.js'
import { PHASE_NAMES, PHASES, phasesBefore } from '../../core/phases.js'
import { paperInWork, requireSoundRow, type PaperInWork } from '../../db/executions/executions.js'
import { requireExecutions } from '../../db/executions/named.js'
import type { StoredResults } from '../../db/executions/results.js'
import { missingOf, readResults, statusByResults } from '../../db/executions/results.js'
import type { Db } from '../../db/engine/prepared.js'
import type { Lease } from '../../db/leases/leases.js'
import { inputNames } from '../../machines/input-names.js'
import type { LoadedMachine } from '../../machines/loaded.js'
import type { Action, ActionRegistry } from '../../machines/types.js'
import { createActions } from '../actions/index.js'
import type { Resources } from '../resources/resources.js'
import { DbCheckpointBackend } from './checkpoint-backend.js'
import { inputOf } from './machine-input.js'

/** A paper of the DB that a machine is run for by hand: it is read, never written. */
export interface ByHandPaper {
  row: PaperInWork
  pipeline: PipelineName
  stored: StoredResults
}

/**
 * Reads a paper of the DB with all that is stored of it.
 *
 * @param id arXiv or execution id.
 * @throws UsageError `unknown_paper`; RpaError `db_corrupt` if what is stored is damaged.
 */
export async function byHandPaper(db: Db, id: string): Promise<ByHandPaper> {
  const [named] = await requireExecutions(db, [id])
  const row = await paperInWork(db, named?.execution_id ?? id)
  await requireSoundRow(db, row)
  return { row, pipeline: row.pipeline, stored: await readResults(db, row) }
}

/**
 * Returns what a machine is given of a paper: its phase's input, or for a machine that is of no phase that of the phase
 * which the paper has come to. Answers that an earlier try of this phase had paid for are among it.
 *
 * @param given lies over it, and stands in for what is not stored.
 * @throws UsageError `input_missing` naming the phase that gives what the machine reads and the paper has not yet.
 */
export async function byHandInput(
  { db, clock }: Pick<Resources, 'db' | 'clock'>,
  machine: LoadedMachine,
  version: string,
  { row, pipeline, stored }: ByHandPaper,
  given: JsonObject,
): Promise<JsonObject> {
  const own = phaseOf(machine)
  const lacking = own === undefined ? PHASE_NAMES : phasesBefore(own)
  const reads = new Set(inputNames(machine))
  for (const name of machine.actions.has('extract_text') ? [] : lacking) {
    const missing = missingOf(name, { ...stored[name], ...given }, pipeline).filter((one) => reads.has(one))
    if (missing.length > 0) throw notYet(machine.name, row.arxiv_id, PHASES[name], missing)
  }
  const from = statusByResults(stored, pipeline)
  const phase = PHASES[own ?? PHASE_NAMES.find((name) => PHASES[name].from === from) ?? 'prep']
  const backend = new DbCheckpointBackend(db, NO_LEASE, clock)
  const latest = await backend.load(`${row.execution_id}/latest`)
  return { ...(await inputOf(db, row, stored, { phase, version }, latest, clock.now())), ...given }
}

/** Returns the phase whose machine one is, undefined where it is of none. */
export function phaseOf({ name }: LoadedMachine): PhaseName | undefined {
  return PHASE_NAMES.find((phase) => PHASES[phase].machines.includes(name))
}

/** Nothing is written by whoever holds none. */
const NO_LEASE: Lease = { executionId: '', ownerId: '', fencingToken: 0, ttl: 0 }

function notYet(machine: string, arxivId: string, { name }: Phase, missing: readonly string[]): UsageError {
  return new UsageError(
    'input_missing',
    `The machine ${machine} reads ${missing.join(', ')}, which ${arxivId} does not have yet: it comes from ${name}.`,
    { hint: `Run \`rpa ${name} --id ${arxivId}\` first, or give it: --set ${missing[0] ?? 'NAME'}=@FILE.` },
  )
}

/**
 * Returns the actions for a machine that is run by hand: they read what a phase's would, and the report is assembled but
 * written nowhere (`report_path` is null).
 *
 * @param executionId of the paper it is run for; null: of none.
 */
export function byHandActions(resources: Resources, executionId: string | null): ActionRegistry {
  const unnoted = { begin: () => Promise.resolve(), end: () => Promise.resolve() }
  const saved: Action = ({ context }) => Promise.resolve({ ...context, report_path: null })
  const actions: ActionRegistry = { ...createActions(resources, unnoted), save_report: saved }
  return Object.fromEntries(
    Object.entries(actions).map(([name, action]): [string, Action] => [
      name,
      (call) => action({ ...call, executionId: executionId ?? call.executionId }),
    ]),
  )
}
