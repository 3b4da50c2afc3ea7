import { FURTHEST_FIRST, PHASES } from '../core/phases.js'
import { dropWaits } from '../db/executions/waiting.js'
import { requireExecutions } from '../db/executions/named.js'
import { readyExecutions } from '../db/executions/ready.js'
import type { PhaseName } from '../db/engine/schema.js'
import type { DayKeeper } from './limits/day-keeper.js'
import type { PhaseMachine } from './prepare-phase.js'
import { openKeeper, preparePhase } from './prepare-phase.js'
import type { Phase } from '../core/phases.js'
import type { Resources } from './resources/resources.js'
import { emptyResult } from './result.js'
import type { PhaseResult } from './result.js'
import type { ClaimOptions } from './schedule/claim-paper.js'
import { claimFor } from './schedule/claim-paper.js'
import { papersAhead } from './schedule/ahead.js'
import { noteIdle } from './schedule/idle.js'
import { PhaseSource } from './schedule/phase-tasks.js'
import type { RunnerOptions } from './schedule/worker-pool.js'
import { Runner } from './schedule/worker-pool.js'
import type { Task } from './schedule/task-source.js'

export interface PhaseOptions extends Omit<RunnerOptions, 'keeper'> {
  /** Papers taken at most; undefined: no limit. */
  limit?: number | undefined
  /** arXiv ids or execution ids; empty: whatever is best. */
  ids: readonly string[]
  dryRun: boolean
  /** Papers that wait for their time are taken too. */
  now?: boolean | undefined
  /** Takes what papers further on need of the day's requests; named papers do in any case. */
  noReserve?: boolean
  /** Told how many papers there are to be taken, as far as the day's requests go. */
  onTotal?(papers: number): void
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
  return runPrepared(resources, await preparePhase(resources, phase), options)
}

/** The same for a phase that is loaded and checked already. */
export async function runPrepared(
  resources: Resources,
  prepared: PhaseMachine,
  options: PhaseOptions,
): Promise<PhaseResult> {
  const { phase } = prepared
  const ids = await executionIds(resources, options.ids)
  if (options.dryRun) return describe(resources, [phase], ids, options, phase.name)
  if (options.now === true) await dropWaits(resources.db, [phase.from], ids)
  const keeps = options.noReserve !== true && ids.length === 0
  const keeper = openKeeper(resources, [prepared], { keeps, windowMs: 0, insists: ids.length > 0 })
  options.onTotal?.(
    ids.length > 0 ? ids.length : await papersAhead(resources, prepared, keeper, options.limit),
  )
  return run(resources, [prepared], ids, { ...options, keeper }, {}, phase.name)
}

type Only = Omit<ClaimOptions, 'now'>
type Take = Only & { keeper: DayKeeper }

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
  const chosen = FURTHEST_FIRST.filter((name) => phases.length === 0 || phases.includes(name)).map(
    (name) => PHASES[name],
  )
  const ids = await executionIds(resources, options.ids)
  if (options.dryRun) return describe(resources, chosen, ids, options, 'resume', true)
  if (options.now === true) {
    await dropWaits(
      resources.db,
      chosen.map((phase) => phase.from),
      ids,
    )
  }
  const prepared: PhaseMachine[] = []
  for (const phase of chosen) prepared.push(await preparePhase(resources, phase))
  const keeper = openKeeper(resources, prepared, { keeps: false, windowMs: 0, insists: ids.length > 0 })
  if (options.onTotal !== undefined)
    options.onTotal((await describe(resources, chosen, ids, options, 'resume', true)).executions.length)
  return run(resources, prepared, ids, { ...options, keeper }, { interruptedOnly: true }, 'resume')
}

async function run(
  resources: Resources,
  phases: readonly PhaseMachine[],
  ids: string[],
  options: PhaseOptions & RunnerOptions,
  only: Only,
  name: PhaseResult['phase'],
): Promise<PhaseResult> {
  const back: string[] = []
  const take = { ...only, keeper: options.keeper }
  const again = queue(resources, phases, back, take)
  const fresh = ids.length === 0 ? anyOf(resources, phases, take) : queue(resources, phases, ids, take)
  const source = new PhaseSource(resources, phases, options.keeper, {
    limit: options.limit,
    claim: async (now) => (await again(now)) ?? (await fresh(now)),
    comeBack: (id) => void back.push(id),
  })
  return new Runner(resources, phases, source, options, name).run()
}

function anyOf(resources: Resources, phases: readonly PhaseMachine[], { keeper, ...options }: Take) {
  return async (now: number): Promise<Task | null> => {
    for (const prepared of phases) {
      const task = await claimFor(resources, prepared, keeper, { ...options, now })
      if (task !== null) return task
    }
    return null
  }
}

function queue(
  resources: Resources,
  phases: readonly PhaseMachine[],
  ids: string[],
  { keeper, ...options }: Take,
) {
  return async (now: number): Promise<Task | null> => {
    for (let executionId = ids.shift(); executionId !== undefined; executionId = ids.shift()) {
      const task = await anyOf(resources, phases, { ...options, keeper, executionId })(now)
      if (task !== null) return task
    }
    return null
  }
}

/**
 * Returns the execution ids of arXiv ids or execution ids.
 *
 * @throws UsageError `unknown_paper`.
 */
export async function executionIds(
  resources: Pick<Resources, 'db'>,
  wanted: readonly string[],
): Promise<string[]> {
  return (await requireExecutions(resources.db, wanted)).map((row) => row.execution_id)
}

/** Most papers a dry run lists. */
const LISTED = 1000

/** Returns what a run would take, without taking it. */
export async function describe(
  resources: Resources,
  phases: readonly Phase[],
  ids: readonly string[],
  options: Pick<PhaseOptions, 'limit' | 'now'>,
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
      waitingToo: options.now === true,
      interruptedOnly,
    })
    result.executions.push(...rows.map((row) => ({ ...row, duration_ms: 0 })))
  }
  await noteIdle(result, resources.db, phases, resources.clock.now())
  return result
}
