import { existsSync, readFileSync } from 'node:fs'
import { hostname } from 'node:os'

/**
 * Returns an id that names host, process and start of the process, so that a process id that was given away again is
 * not mistaken for the old process.
 */
export function processOwnerId(): string {
  return `${hostname()}:${process.pid}:${startOf(process.pid) ?? Math.round(performance.timeOrigin)}`
}

/**
 * Returns whether the owner is a process of this host that is running now. A stopped process counts as not running:
 * it renews nothing, and may sleep for ever.
 *
 * @returns false also where it cannot be known: another host, or a system without /proc.
 */
export function isRunningHere(ownerId: string): boolean {
  const match = /^(.*):(\d+):(\d+)$/.exec(ownerId)
  if (match === null || match[1] !== hostname()) return false
  const stat = readStat(Number(match[2]))
  return stat !== null && stat.start === match[3] && !'TtZX'.includes(stat.state)
}

/** Returns whether the owner is known to be gone: a process of this host that has ended, or is stopped. */
export function isGone(ownerId: string): boolean {
  return ownerId.startsWith(`${hostname()}:`) && existsSync('/proc/self/stat') && !isRunningHere(ownerId)
}

function startOf(pid: number): string | null {
  return readStat(pid)?.start ?? null
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
