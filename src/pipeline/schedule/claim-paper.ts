import { claim } from '../../db/executions/claims.js'
import { needsProbe } from '../../db/calls/circuits.js'
import { circuitList } from '../limits/circuit-names.js'
import type { DayKeeper } from '../limits/day-keeper.js'
import type { PhaseMachine } from '../prepare-phase.js'
import type { Resources } from '../resources/resources.js'
import type { Task } from './task-source.js'

export interface ClaimOptions {
  executionId?: string
  interruptedOnly?: boolean
  /** Epoch milliseconds at which it must be ready. */
  now: number
}

/**
 * Claims the best paper of a phase, or null: there is none, or the day has not enough left to begin one.
 *
 * @throws RpaError `disk_full` where what it gives could not be stored.
 */
export async function claimFor(
  resources: Pick<Resources, 'db' | 'requireRoom' | 'settings' | 'ownerId'>,
  prepared: PhaseMachine,
  keeper: Pick<DayKeeper, 'mayBegin'>,
  options: ClaimOptions,
): Promise<Task | null> {
  const { db, settings, ownerId } = resources
  resources.requireRoom()
  const { name, from, busy } = prepared.phase
  const anyReady = await probesNext(resources, prepared)
  const request = {
    anyReady,
    mayBegin: await keeper.mayBegin(name),
    phase: name,
    from,
    busy,
    ownerId,
    ttl: settings.leaseTtl,
    ...options,
  }
  const taken = await claim(db, request)
  return taken === null ? null : { prepared, claim: taken }
}

/** Whether the next request to one of the phase's models is the probe of a circuit. */
async function probesNext({ db }: Pick<Resources, 'db'>, prepared: PhaseMachine): Promise<boolean> {
  const names = prepared.chains
    .flat()
    .flatMap((profile) => circuitList(profile, prepared.limitGroup(profile)))
  return needsProbe(db, names)
}
