import { readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { bootName, machineName, stateFolder } from './machine-name.js'
import type { ProcessSource } from './process-table.js'
import { processTable, thisSystem } from './process-table.js'

/** Every process of a Linux host sees this namespace of process ids, but for those in containers (include/linux/proc_ns.h). */
const HOST_NAMESPACE = 'pid:[4026531836]'

function containerName(): string {
  try {
    const namespace = readlinkSync('/proc/self/ns/pid')
    return namespace === HOST_NAMESPACE ? '' : `/${namespace.replace(/\D/g, '')}`
  } catch {
    return ''
  }
}

/** Names where process ids mean the same processes: the host, or one container on it, which may have the host's name. */
interface Place {
  host: string
  /** What stays when the host is called otherwise; null where nothing does. */
  machine: string | null
  container: string
  /** Of this boot of this machine alone: clones of one image share all but this. */
  boot: () => string
}

type State = 'running' | 'stopped' | 'ended' | 'unknown'

/**
 * `HOST@MACHINE/CONTAINER:PID:START`; without `@MACHINE` where it has no name, and in rows from before it had one. In a DB
 * that machines share, `HOST@MACHINE~BOOT/CONTAINER:PID:START`, all of which must be the same: else it is another machine,
 * or this one before it was started anew, and only the lease can tell.
 */
const OWNER = /^(?:([^@]*)@)?(.*):(\d+):(\d+)$/

/** Between the start that a process knows of itself and the one that ps tells, which is in whole seconds. */
const SAME_START_MS = 5000

/** Returns what is known of owners on a system: `idOf` a process, and the `stateOf` one that an id names. */
export function ownersOn(
  place: Place,
  source: ProcessSource,
): { idOf(pid: number): string; sharedIdOf(pid: number): string; stateOf(ownerId: string): State } {
  const look = processTable(source)
  const { host, machine, container, boot } = place
  const isHere = (name: string | undefined, rest: string): boolean => {
    if (name === undefined) return rest === `${host}${container}`
    if (rest.includes('~')) return name === host && rest === `${machine ?? ''}~${boot()}${container}`
    return rest === `${machine ?? ''}${container}`
  }
  const isStart = (start: string, told: string): boolean =>
    source.hasProc ? start === told : Math.abs(Number(start) - Number(told)) <= SAME_START_MS
  const startOf = (pid: number): number => {
    const seen = source.hasProc || pid !== process.pid ? look(pid) : null
    return seen === null || seen === 'unknown' ? Math.round(performance.timeOrigin) : Number(seen.start)
  }
  return {
    idOf: (pid) => `${host}${machine === null ? '' : `@${machine}`}${container}:${pid}:${startOf(pid)}`,
    sharedIdOf: (pid) => `${host}@${machine ?? ''}~${boot()}${container}:${pid}:${startOf(pid)}`,
    stateOf(ownerId) {
      const [, name, rest = '', pid, start = ''] = OWNER.exec(ownerId) ?? []
      if (pid === undefined || !isHere(name, rest)) return 'unknown'
      const seen = look(Number(pid))
      if (seen === 'unknown') return 'unknown'
      if (seen === null || !isStart(start, seen.start) || 'ZX'.includes(seen.state)) return 'ended'
      return 'Tt'.includes(seen.state) ? 'stopped' : 'running'
    },
  }
}

type Owners = ReturnType<typeof ownersOn>

let known: Owners | undefined
let named = false
let boot: string | undefined

/** @param make who works gives a machine without a name one; who only looks writes nothing. */
function owners(make = false): Owners {
  if (known !== undefined && (named || !make)) return known
  // Where there is /proc there is a machine-id too, but in containers, which are told apart as they are.
  const folder = thisSystem.hasProc ? null : stateFolder()
  const machine = machineName(folder, make)
  const place = { host: hostname(), machine, container: containerName(), boot: () => (boot ??= bootName()) }
  known = ownersOn(place, thisSystem)
  named = make
  return known
}

/**
 * Returns an id that names host, process and start of the process, so that a process id that was given away again is
 * not mistaken for the old process.
 *
 * @param pid of a process of this host; by default this one.
 */
export function processOwnerId(pid = process.pid): string {
  return owners(true).idOf(pid)
}

/**
 * Returns the same for a DB that many machines share: it also names what clones of one image do not share.
 *
 * @param pid of a process of this host; by default this one.
 */
export function sharedOwnerId(pid = process.pid): string {
  return owners(true).sharedIdOf(pid)
}

/** Returns the host that an owner names; the whole id where it is none of ours. */
export function hostOfOwner(ownerId: string): string {
  const [, name, rest] = OWNER.exec(ownerId) ?? []
  return name ?? rest ?? ownerId
}

/**
 * Returns whether the owner is a process of this host that is running now. A stopped process counts as not running:
 * it renews nothing, and may sleep for ever.
 *
 * @returns false also where it cannot be known: another host, or a system that tells nothing of when a process began.
 */
export function isRunningHere(ownerId: string): boolean {
  return owners().stateOf(ownerId) === 'running'
}

/** Returns whether the owner is known to be gone: a process of this host that has ended, or is stopped. */
export function isGone(ownerId: string): boolean {
  return ['ended', 'stopped'].includes(owners().stateOf(ownerId))
}

/** Returns whether the owner is known to have ended: what it held can be taken at once. One that is stopped may come back. */
export function hasEnded(ownerId: string): boolean {
  return owners().stateOf(ownerId) === 'ended'
}

/** Returns a function that remembers what another one said of an owner: for one look at many rows. */
export function remembered(ask: (ownerId: string) => boolean): (ownerId: string) => boolean {
  const answers = new Map<string, boolean>()
  return (ownerId) => {
    const answer = answers.get(ownerId) ?? ask(ownerId)
    answers.set(ownerId, answer)
    return answer
  }
}
