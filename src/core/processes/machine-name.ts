import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { makeFolders } from '../files/make-folders.js'

const SYSTEM_IDS = ['/etc/machine-id', '/var/lib/dbus/machine-id']

/**
 * Returns a name of this machine that stays when its host name changes, or null where there is none: a hash of
 * machine-id(5), which is not to be shown itself, else an id of our own in `folder`.
 *
 * @param folder where an id of our own is kept, null for none.
 * @param make whether it may be written.
 */
export function machineName(
  folder: string | null,
  make: boolean,
  systemIds: readonly string[] = SYSTEM_IDS,
): string | null {
  const own = folder === null ? [] : [join(folder, 'machine-id')]
  for (const file of [...systemIds, ...own]) {
    const id = idIn(file)
    if (id !== null) return hashed(id)
  }
  if (folder === null || !make || !keepId(folder)) return null
  return machineName(folder, false, systemIds)
}

/**
 * Returns a name of this boot of this machine: a hash of what its kernel drew when it began. Where none is told, one by
 * which this process alone is known.
 */
export function bootName(): string {
  return hashed(bootId() ?? randomBytes(16).toString('hex'))
}

function bootId(): string | null {
  try {
    if (process.platform === 'linux')
      return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim() || null
    if (process.platform !== 'darwin') return null
    const id = execFileSync('sysctl', ['-n', 'kern.bootsessionuuid'], { encoding: 'utf8', timeout: 5000 })
    return id.trim() || null
  } catch {
    return null
  }
}

function hashed(id: string): string {
  return createHash('sha256').update(`rpa ${id}`).digest('hex').slice(0, 16)
}

/** Returns the folder where programs of this user keep what they know of this machine. */
export function stateFolder(env: NodeJS.ProcessEnv = process.env): string {
  return join(env['XDG_STATE_HOME'] || env['LOCALAPPDATA'] || join(homedir(), '.local', 'state'), 'rpa')
}

function idIn(file: string): string | null {
  try {
    return /^[0-9a-f]{32}$/.exec(readFileSync(file, 'utf8').trim())?.[0] ?? null
  } catch {
    return null
  }
}

/** Writes a new id whole, and only where there is none: two processes may begin at once. */
function keepId(folder: string): boolean {
  const id = randomBytes(16).toString('hex')
  const temporary = join(folder, `.machine-id.${id}`)
  try {
    makeFolders(folder)
    writeFileSync(temporary, `${id}\n`)
    try {
      linkSync(temporary, join(folder, 'machine-id'))
    } finally {
      rmSync(temporary, { force: true })
    }
    return true
  } catch {
    return idIn(join(folder, 'machine-id')) !== null
  }
}
