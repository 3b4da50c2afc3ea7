import { UsageError } from '../core/errors.js'
import { findExecution } from '../db/executions.js'
import { claim } from '../db/claims.js'
import { readyExecutions } from '../db/ready.js'
import type { PhaseName } from '../db/schema.js'
import type { PhaseMachine } from './phase-machine.js'
import { preparePhase } from './phase-machine.js'
import type { Phase } from './phases.js'
import { PHASES } from './phases.js'
import type { Resources } from './resources.js'
import { emptyResult } from './result.js'
import type { PhaseResult } from './result.js'
import type { RunnerOptions, Task } from './runner.js'
import { Runner } from './runner.js'

export interface PhaseOptions extends RunnerOptions {
  /** arXiv ids or execution ids; empty: whatever is best. */
  ids: readonly string[]
  dryRun: boolean
}

/**
 * Takes papers through one phase until none is ready, a limit is reached, or there is a reason to stop.
 *
 * @returns what happened; failed papers are in it.
 * @throws RpaError where the command itself cannot go on; the papers in work have been put back then.
 */
export async function runPhase(
  resources: Resources,
  phase: Phase,
  options: PhaseOptions,
): Promise<PhaseResult> {
  const prepared = await preparePhase(resources, phase)
  const ids = await executionIds(resources, options.ids)
  if (options.dryRun) return describe(resources, [phase], ids, options, phase.name)
  const next =
    ids.length === 0 ? () => claimFor(resources, prepared, {}) : queue(resources, [prepared], ids, {})
  return new Runner(resources, [prepared], next, options, phase.name).run()
}

/** In the order in which continuing them frees the most that was paid for. */
const RESUMED: readonly PhaseName[] = ['wrap', 'analyze', 'prep']

/**
 * Continues executions that were interrupted, by a death or a stop, and begins nothing new.
 *
 * @returns what happened, over all phases.
 * @throws RpaError where the command itself cannot go on.
 */
export async function resume(
  resources: Resources,
  phases: readonly PhaseName[],
  options: PhaseOptions,
): Promise<PhaseResult> {
  const chosen = RESUMED.filter((name) => phases.length === 0 || phases.includes(name)).map(
    (name) => PHASES[name],
  )
  const ids = await executionIds(resources, options.ids)
  if (options.dryRun) return describe(resources, chosen, ids, options, 'resume', true)
  const prepared: PhaseMachine[] = []
  for (const phase of chosen) prepared.push(await preparePhase(resources, phase))
  const only = { interruptedOnly: true }
  const next = ids.length === 0 ? anyOf(resources, prepared, only) : queue(resources, prepared, ids, only)
  return new Runner(resources, prepared, next, options, 'resume').run()
}

interface ClaimOptions {
  executionId?: string
  interruptedOnly?: boolean
}

async function claimFor(
  resources: Resources,
  prepared: PhaseMachine,
  options: ClaimOptions,
): Promise<Task | null> {
  const { db, clock, settings, ownerId } = resources
  const { name, from, busy } = prepared.phase
  const request = { phase: name, from, busy, ownerId, ttl: settings.leaseTtl, now: clock.now(), ...options }
  const taken = await claim(db, request)
  return taken === null ? null : { prepared, claim: taken }
}

function anyOf(resources: Resources, phases: readonly PhaseMachine[], options: ClaimOptions) {
  return async (): Promise<Task | null> => {
    for (const prepared of phases) {
      const task = await claimFor(resources, prepared, options)
      if (task !== null) return task
    }
    return null
  }
}

function queue(resources: Resources, phases: readonly PhaseMachine[], ids: string[], options: ClaimOptions) {
  return async (): Promise<Task | null> => {
    for (let executionId = ids.shift(); executionId !== undefined; executionId = ids.shift()) {
      const task = await anyOf(resources, phases, { ...options, executionId })()
      if (task !== null) return task
    }
    return null
  }
}

async function executionIds(resources: Resources, wanted: readonly string[]): Promise<string[]> {
  const found: string[] = []
  for (const id of wanted) {
    const execution = await findExecution(resources.db, id)
    if (execution === null) {
      throw new UsageError('unknown_paper', `There is no execution of "${id}".`, {
        hint: `Seed it first: rpa seed --id ${id}`,
      })
    }
    found.push(execution.execution_id)
  }
  return found
}

/** Most papers a dry run lists. */
const LISTED = 1000

/** Returns what a run would take, without taking it. */
async function describe(
  resources: Resources,
  phases: readonly Phase[],
  ids: readonly string[],
  options: PhaseOptions,
  name: PhaseResult['phase'],
  interruptedOnly = false,
): Promise<PhaseResult> {
  const result = emptyResult(name)
  const limit = Math.min(options.limit ?? LISTED, LISTED)
  for (const phase of phases) {
    const rows = await readyExecutions(resources.db, phase, {
      ids,
      limit: limit - result.executions.length,
      now: resources.clock.now(),
      interruptedOnly,
    })
    result.executions.push(...rows.map((row) => ({ ...row, duration_ms: 0 })))
  }
  return result
}
