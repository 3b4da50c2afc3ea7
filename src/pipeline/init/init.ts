import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { diskError } from '../../core/files/disk-error.js'
import { systemCode, UsageError } from '../../core/errors.js'
import { makeFolders } from '../../core/files/make-folders.js'
import { packageRoot } from '../../core/package.js'
import { placeSamples, sampleList, SAMPLE_SETTINGS } from './samples.js'
import { crontab, systemdUnits } from './schedules.js'
import { settingsFile } from './settings-file.js'

export interface NewWorkspace {
  folder: string
  /** Files and folders, by their paths in it. */
  created: string[]
  /** What was there already, and is as it was. */
  kept: string[]
}

const KEYS_EXAMPLE = `# Copy it to .env (cp .env.example .env && chmod 600 .env) and fill it in: every command run in this folder, or below, reads
# it, so that cron needs no exports. What the environment sets wins.
OPENROUTER_API_KEY=
# Work without a key, from the papers' own sentences:
# RPA_PROFILE=offline
# HTTPS_PROXY=http://proxy.example:3128
`

const ELSEWHERE = 'name another folder: rpa init DIR'

/** Neither keys nor what can be made anew. */
const IGNORED = '.env\n/data/\n/backup/\n'

/**
 * Makes a workspace, or completes one: what is there is never changed, whoever else is doing the same.
 *
 * @param samples whether it is one of the sample papers, which must be new.
 * @throws UsageError `not_a_folder` where a file is in the way; `workspace_exists` where samples are asked for in a workspace.
 * @throws RpaError of a disk error's class, naming the file that cannot be written.
 */
export async function initWorkspace(path: string, samples: boolean): Promise<NewWorkspace> {
  const folder = resolve(path)
  requireFolder(folder)
  if (samples && existsSync(join(folder, 'rpa.yml'))) {
    throw new UsageError('workspace_exists', `${folder} is a workspace already.`, {
      hint: '`rpa init NEW_FOLDER --samples` makes one of the samples beside it.',
    })
  }
  const place = { folder, node: process.execPath, script: join(packageRoot(), 'bin', 'run.js') }
  const files: Record<string, string> = {
    'rpa.yml': `${samples ? SAMPLE_SETTINGS : ''}${await settingsFile(folder)}`,
    '.env.example': KEYS_EXAMPLE,
    '.gitignore': IGNORED,
    'crontab.example': crontab(place),
    ...systemdUnits(place),
    ...(samples ? { 'papers.txt': sampleList() } : {}),
  }
  const result: NewWorkspace = { folder, created: [], kept: [] }
  for (const name of ['data', 'backup']) {
    const isThere = statSync(join(folder, name), { throwIfNoEntry: false }) !== undefined
    if (!isThere) make(join(folder, name), makeFolders)
    result[isThere ? 'kept' : 'created'].push(`${name}/`)
  }
  for (const [name, text] of Object.entries(files)) {
    const isNew = make(join(folder, name), (file) => createFile(file, text))
    result[isNew ? 'created' : 'kept'].push(name)
  }
  if (samples) {
    try {
      await placeSamples(folder)
    } catch (error) {
      throw diskError(error, folder, 'write', ELSEWHERE)
    }
    result.created.push('pdf/')
  }
  return result
}

/** A file in the way would be told of by each thing that is looked for behind it. */
function requireFolder(folder: string): void {
  for (let path = folder; ; path = dirname(path)) {
    // A path through a file is no path: the system says so, or that there is nothing.
    const stat = existsSync(path) ? statSync(path) : undefined
    if (stat?.isDirectory() === false) {
      throw new UsageError('not_a_folder', `${path} is a file, and a workspace is a folder.`, {
        hint: 'Name a folder, one that is there or a new one: rpa init DIR',
      })
    }
    if (stat !== undefined || dirname(path) === path) return
  }
}

function make<T>(path: string, work: (path: string) => T): T {
  try {
    return work(path)
  } catch (error) {
    throw diskError(error, path, 'write', ELSEWHERE)
  }
}

/** Returns false where there is a file of that name. */
function createFile(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, { flag: 'wx' })
    return true
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false
    // Half a file would be taken for a whole one the next time.
    rmSync(file, { force: true })
    throw error
  }
}
