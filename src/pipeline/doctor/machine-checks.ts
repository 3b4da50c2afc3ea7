import { accessSync, constants, existsSync, readFileSync, statfsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { diskHint } from '../../core/files/disk-error.js'
import { nativeModuleError, systemCode } from '../../core/errors.js'
import { packageRoot } from '../../core/package.js'
import type { Settings } from '../../core/settings/settings.js'
import type { Finding } from './finding.js'

/** A few hundred PDFs, and their texts. */
const LITTLE_MEGABYTES = 500

/** Returns whether this Node is one that the program is made for. */
export function nodeCheck(): Finding {
  const { engines } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as {
    engines: { node: string }
  }
  const wanted = engines.node.replace('>=', '')
  const [found, least] = [process.versions.node, wanted].map((version) => version.split('.').map(Number))
  const isNewer = compare(found ?? [], least ?? []) >= 0
  return {
    check: 'Node',
    state: isNewer ? 'good' : 'bad',
    message: `${process.versions.node} on ${process.platform} ${process.arch}`,
    ...(isNewer ? {} : { todo: `Install Node ${wanted} or newer.` }),
  }
}

function compare(a: readonly number[], b: readonly number[]): number {
  const place = [0, 1, 2].find((index) => (a[index] ?? 0) !== (b[index] ?? 0))
  return place === undefined ? 0 : (a[place] ?? 0) - (b[place] ?? 0)
}

/** Returns whether SQLite can be loaded: it is a module made for one version of Node. */
export async function sqliteCheck(): Promise<Finding> {
  try {
    const { sqliteVersion } = await import('../../db/engine/sqlite-version.js')
    return { check: 'SQLite', state: 'good', message: sqliteVersion() }
  } catch (error) {
    const native = nativeModuleError(error)
    if (native === null) throw error
    return {
      check: 'SQLite',
      state: 'bad',
      message: native.message,
      ...(native.hint === undefined ? {} : { todo: native.hint }),
    }
  }
}

/** Returns whether this user may write where things are kept, and how much room there is. */
export function folderChecks({ dataDir, reportsDir }: Settings): Finding[] {
  return [dataDir, reportsDir].map((folder) => {
    const check = folder === dataDir ? 'data folder' : 'reports folder'
    const there = nearest(folder)
    try {
      accessSync(there, constants.W_OK | constants.X_OK)
    } catch (error) {
      const message = `${there} cannot be written (${systemCode(error) ?? 'unknown error'})`
      return { check, state: 'bad', message, todo: diskHint(error, 'choose another one with --data-dir') }
    }
    const { bavail, bsize } = statfsSync(there)
    const free = Math.floor((bavail * bsize) / 1024 ** 2)
    const message = `${folder}${there === folder ? '' : ' will be made'}, ${free} MB free`
    return free >= LITTLE_MEGABYTES
      ? { check, state: 'good', message }
      : { check, state: 'note', message, todo: 'A paper takes 2 MB with its PDF; rpa prune makes room.' }
  })
}

function nearest(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearest(dirname(folder))
}
