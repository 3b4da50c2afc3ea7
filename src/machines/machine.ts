import type { JsonObject } from '../core/json.js'
import { MemoryCheckpointBackend } from './backends/memory.js'
import { Checkpoints } from './checkpoints.js'
import type { ChildRun } from './children.js'
import { Effort } from './effort.js'
import type { LoadedMachine } from './loaded.js'
import { MachineRun } from './run.js'
import type { CheckpointBackend, MachineResult, MachineServices, Snapshot } from './types.js'
import { CHECKPOINT_EVENTS } from './spec.js'
import type { RateLimitState } from '../core/rate-limit-state.js'

export interface RunOptions {
  executionId: string
  /** What `input.*` means. A resumed run needs the same input again: it is not part of the checkpoints. */
  input: JsonObject
  services: MachineServices
  /** Begins anew even if there is something to continue or to reuse; what was written before stays. */
  fresh?: boolean
  /** For a run inside another. */
  parent?: Parent
}

export interface Parent {
  executionId: string
  /** Whether the parent is checkpointed: the answer for a machine that does not say. */
  persistent: boolean
  /** Where runs without checkpoints keep what their retries need. */
  volatile: CheckpointBackend
  /** What the whole tree of runs may take. */
  effort: Effort
  onRateLimit(state: RateLimitState): void
}

/**
 * Runs a machine to its end. If the newest checkpoint of the execution is of this machine, the run continues
 * from it: after `execute` or `state_exit` with the stored output, else by entering the state again; after
 * `machine_end` nothing is done and the stored output is returned. Steps are numbered on from the newest
 * checkpoint of any machine of the execution, so that no checkpoint is overwritten.
 *
 * Where the file says `persistence: {enabled: false}` nothing is checkpointed; a child that does not say follows its parent.
 *
 * @throws AbortedError when the signal stops it; the error of the state when that has no `on_error`; what the
 * backend throws. No `machine_end` is written then: a later run continues from the last good checkpoint.
 */
export async function runMachine(machine: LoadedMachine, options: RunOptions): Promise<MachineResult> {
  return startMachine(machine, options).result
}

/** Starts a machine; what it has spent so far can be asked even if it fails. */
function startMachine(machine: LoadedMachine, options: RunOptions): ChildRun {
  const { executionId, services, parent } = options
  const persistent = machine.persistence.enabled ?? parent?.persistent ?? true
  const volatile = parent?.volatile ?? new MemoryCheckpointBackend()
  const effort = parent?.effort ?? new Effort()
  const checkpoints = new Checkpoints(
    persistent ? services.backend : volatile,
    persistent ? machine.persistence.checkpointOn : new Set(CHECKPOINT_EVENTS),
    {
      execution_id: executionId,
      machine_name: machine.name,
      spec_version: machine.specVersion,
      ...(parent === undefined ? {} : { parent_execution_id: parent.executionId }),
    },
    () => services.clock.now(),
  )
  const run: MachineRun = new MachineRun(machine, {
    executionId,
    input: options.input,
    services,
    checkpoints,
    effort,
    onRateLimit: (state) => parent?.onRateLimit(state),
    startChild: (child, childId, input, signal) =>
      startMachine(child.machine, {
        executionId: childId,
        input,
        services: { ...services, signal },
        parent: {
          executionId,
          persistent,
          volatile,
          effort,
          onRateLimit: (state) => run.noteRateLimit(state),
        },
      }),
  })
  return { result: begin(run, machine, checkpoints, options), spent: () => run.spent() }
}

async function begin(
  run: MachineRun,
  machine: LoadedMachine,
  checkpoints: Checkpoints,
  options: RunOptions,
): Promise<MachineResult> {
  const latest = await checkpoints.latest()
  const step = await checkpoints.freeStep(latest)
  if (latest === null || options.fresh === true || latest.machine_name !== machine.name)
    return run.start(step)
  if (!machine.states.has(latest.current_state)) {
    const where = `the checkpoint is in state "${latest.current_state}", which ${machine.name} no longer has`
    options.services.warn(`${options.executionId}: ${where}; it begins anew`)
    return run.start(step)
  }
  return latest.event === 'machine_end' ? reuse(run, latest) : run.resume(latest)
}

function reuse(run: MachineRun, latest: Snapshot): MachineResult {
  return { ...run.restore(latest), output: latest.output as JsonObject, reused: true }
}
