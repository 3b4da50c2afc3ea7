import { randomFillSync } from 'node:crypto'
import { closeSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { formatBytes } from '../../core/bytes.js'
import { diskHint } from '../../core/files/disk-error.js'
import { RpaError } from '../../core/errors.js'

const MEGABYTE = 1024 * 1024
/** More than the write-ahead log takes, with what its pages add to the file. */
const RESERVE_BYTES = 8 * MEGABYTE
/** Where less would be left the reserve is not made: it is for disks that fill up, not to fill them. */
const LEFT_BESIDE_RESERVE = 24 * MEGABYTE
/** What answers under way, and papers that go back, need at most. */
const LEAST_BYTES = 2 * MEGABYTE

function reserveOf(path: string): string {
  return `${path}-reserve`
}

/**
 * Makes sure that a DB has a reserve beside it: a file that holds nothing, and gives its room to what must be written once
 * the disk is full. Without one, SQLite could not even delete: each change is written to its log first. Never throws.
 *
 * @param path of the DB.
 */
export function keepReserve(path: string): void {
  const reserve = reserveOf(path)
  try {
    if (statSync(reserve, { throwIfNoEntry: false }) !== undefined) return
    if (freeBytes(path) < RESERVE_BYTES + LEFT_BESIDE_RESERVE) return
    const descriptor = openSync(reserve, 'wx', 0o600)
    try {
      // Chance is what no file system can store in less room.
      const piece = randomFillSync(Buffer.alloc(MEGABYTE))
      for (let bytes = 0; bytes < RESERVE_BYTES; bytes += MEGABYTE) writeSync(descriptor, piece)
    } finally {
      closeSync(descriptor)
    }
  } catch {
    // Whoever needs room will say so.
  }
}

/** Gives the reserve's room to whoever writes next. Returns whether there is room now. */
export function regainRoom(path: string): boolean {
  try {
    rmSync(reserveOf(path), { force: true })
    return freeBytes(path) >= LEAST_BYTES
  } catch {
    return false
  }
}

/**
 * @param path of the DB.
 * @throws RpaError `disk_full` where there is no room for what would have to be stored: a request that is paid for would be lost.
 */
export function requireRoom(path: string): void {
  const free = freeBytes(path)
  if (free >= LEAST_BYTES) return
  throw new RpaError(
    'disk_full',
    `${formatBytes(free)} are free on the disk of ${path}, too few to store what comes next: nothing more was sent.`,
    { hint: `${diskHint('ENOSPC', 'point --db elsewhere')} \`rpa prune\` makes room in the DB.` },
  )
}

function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(dirname(path))
  return bavail * bsize
}
