import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { systemCode } from '../errors.js'

/** What a system tells of its processes; replaced in tests by what other systems tell. */
export interface ProcessSource {
  /** Whether a process has this id: signal 0, which every system knows. */
  exists(pid: number): boolean
  hasProc: boolean
  /** /proc/PID/stat, or null where it cannot be read. */
  stat(pid: number): string | null
  /** State and start of a process as `ps -o stat= -o lstart=` tells them in UTC and English, or null without ps. */
  ps(pid: number): string | null
  /** Milliseconds of a clock that nobody sets. */
  now(): number
}

/**
 * A process that is there: its state (proc(5), field 3) and its start, in clock ticks since boot where there is /proc,
 * which no change of the clock moves, else in milliseconds since 1970.
 */
export interface SeenProcess {
  state: string
  start: string
}

/** Looking by `ps` takes some milliseconds, and every claim looks. */
const PS_IS_FRESH_MS = 10_000

/** Returns a function that says what has a process id: null where nothing has it, `unknown` where it cannot be looked at. */
export function processTable(source: ProcessSource): (pid: number) => SeenProcess | 'unknown' | null {
  const asked = new Map<number, { at: number; seen: SeenProcess | 'unknown' }>()
  return (pid) => {
    if (!source.exists(pid)) {
      asked.delete(pid)
      return null
    }
    if (source.hasProc) {
      const text = source.stat(pid)
      if (text !== null) return readStat(text) ?? 'unknown'
      // It has ended since, or /proc hides the processes of others.
      return source.exists(pid) ? 'unknown' : null
    }
    const before = asked.get(pid)
    if (before !== undefined && source.now() - before.at < PS_IS_FRESH_MS) return before.seen
    const seen = readPs(source.ps(pid) ?? '') ?? 'unknown'
    asked.set(pid, { at: source.now(), seen })
    return seen
  }
}

/** Fields 3 and 22 of proc(5). */
function readStat(text: string): SeenProcess | null {
  // The command name in parentheses may hold blanks and parentheses itself.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [state] = fields
  const start = fields[19]
  return state === undefined || start === undefined ? null : { state, start }
}

/** `Ss   Thu Nov  6 08:11:30 2025` */
function readPs(text: string): SeenProcess | null {
  const [, state, start] = /^\s*([A-Za-z])\S*\s+(.*\S)\s*$/.exec(text) ?? []
  const ms = Date.parse(`${start ?? ''} UTC`)
  return state === undefined || Number.isNaN(ms) ? null : { state, start: String(ms) }
}

/** The system that we run on. */
export const thisSystem: ProcessSource = {
  exists(pid) {
    try {
      return process.kill(pid, 0)
    } catch (error) {
      // Somebody else's process may not be signalled, but is there.
      return systemCode(error) === 'EPERM'
    }
  },
  hasProc: existsSync('/proc/self/stat'),
  stat(pid) {
    try {
      return readFileSync(`/proc/${pid}/stat`, 'utf8')
    } catch {
      return null
    }
  },
  ps(pid) {
    if (process.platform === 'win32') return null
    try {
      return execFileSync('ps', ['-o', 'stat=', '-o', 'lstart=', '-p', String(pid)], {
        encoding: 'utf8',
        env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
        stdio: ['ignore', 'pipe', 'ignore'],
        timeout: 5000,
      })
    } catch {
      return null
    }
  },
  now: () => performance.now(),
}
