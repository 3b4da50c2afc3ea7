import { existsSync, readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** Every process of a Linux host sees this namespace of process ids, but for those in containers (include/linux/proc_ns.h). */
const HOST_NAMESPACE = 'pid:[4026531836]'

let here: string | undefined

/** Names where process ids mean the same processes: the host, or one container on it, which may have the host's name. */
function place(): string {
  here ??= `${hostname()}${containerName()}`
  return here
}

function containerName(): string {
  try {
    const namespace = readlinkSync('/proc/self/ns/pid')
    return namespace === HOST_NAMESPACE ? '' : `/${namespace.replace(/\D/g, '')}`
  } catch {
    return ''
  }
}

/**
 * Returns an id that names host, process and start of the process, so that a process id that was given away again is
 * not mistaken for the old process.
 *
 * @param pid of a process of this host; by default this one.
 */
export function processOwnerId(pid = process.pid): string {
  return `${place()}:${pid}:${readStat(pid)?.start ?? Math.round(performance.timeOrigin)}`
}

/**
 * Returns whether the owner is a process of this host that is running now. A stopped process counts as not running:
 * it renews nothing, and may sleep for ever.
 *
 * @returns false also where it cannot be known: another host, or a system without /proc.
 */
export function isRunningHere(ownerId: string): boolean {
  const state = stateOf(ownerId)
  return state !== null && !'TtZX'.includes(state)
}

/** Returns whether the owner is known to be gone: a process of this host that has ended, or is stopped. */
export function isGone(ownerId: string): boolean {
  return isOfHere(ownerId) && !isRunningHere(ownerId)
}

/** Returns whether the owner is known to have ended: what it held can be taken at once. One that is stopped may come back. */
export function hasEnded(ownerId: string): boolean {
  if (!isOfHere(ownerId)) return false
  const state = stateOf(ownerId)
  return state === null || 'ZX'.includes(state)
}

/** Returns a function that remembers what another one said of an owner: for one look at many rows. */
export function remembered(ask: (ownerId: string) => boolean): (ownerId: string) => boolean {
  const known = new Map<string, boolean>()
  return (ownerId) => {
    const answer = known.get(ownerId) ?? ask(ownerId)
    known.set(ownerId, answer)
    return answer
  }
}

function isOfHere(ownerId: string): boolean {
  return ownerId.startsWith(`${place()}:`) && existsSync('/proc/self/stat')
}

/** The state of a process of this host (proc(5), field 3), or null where there is no such process. */
function stateOf(ownerId: string): string | null {
  const match = /^(.*):(\d+):(\d+)$/.exec(ownerId)
  if (match === null || match[1] !== place()) return null
  const stat = readStat(Number(match[2]))
  return stat?.start === match[3] ? (stat?.state ?? null) : null
}

/** State and start time (clock ticks since boot, which no change of the clock moves) of a process; proc(5), fields 3 and 22. */
function readStat(pid: number): { state: string; start: string } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The command name in parentheses may hold blanks and parentheses itself.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const [state] = fields
    const start = fields[19]
    return state === undefined || start === undefined ? null : { state, start }
  } catch {
    return null
  }
}
