import { spawnSync } from 'node:child_process'
import {
  cpSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ensureBuilt, ROOT } from '../support/cli.js'
import { temporaryFolder } from '../support/temp.js'

/** A copy of the program, as it lies in a package: nothing was compiled yet. */
function installed(): {
  dist: string
  rpa: (args: string[], limits?: string) => string
  cache: () => string
} {
  ensureBuilt()
  const folder = temporaryFolder()
  for (const name of ['bin', 'config', 'package.json', 'oclif.manifest.json'])
    cpSync(join(ROOT, name), join(folder, name), { recursive: true })
  for (const name of ['rpa.cjs', 'extract-worker.js'])
    cpSync(join(ROOT, 'dist', name), join(folder, 'dist', name))
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  const dist = join(folder, 'dist')
  return {
    dist,
    rpa: (args, limits = 'true') => {
      const command = [process.execPath, join(folder, 'bin/run.js'), ...args]
      const { status, stdout, stderr } = spawnSync('sh', ['-c', `${limits}; exec "$@"`, 'sh', ...command], {
        cwd: folder,
        env: { PATH: process.env['PATH'], HOME: folder },
        encoding: 'utf8',
      })
      expect(stderr).toBe('')
      expect(status).toBe(0)
      return stdout
    },
    cache: () => {
      const [name, ...more] = readdirSync(dist).filter((file) => file.startsWith('rpa.cjs.'))
      expect(more).toEqual([])
      return join(dist, name ?? 'none')
    },
  }
}

function commandsOf(cache: string): unknown {
  const [head] = readFileSync(cache, 'latin1').split('\n', 1)
  return (JSON.parse(head ?? '') as { commands: unknown }).commands
}

describe('the code cache', () => {
  it('is made by the first process, used by the next, and extended by other commands', () => {
    const { rpa, cache } = installed()
    const checked = rpa(['machine', 'check'])
    const first = statSync(cache())
    expect(commandsOf(cache())).toEqual(['machine'])
    expect(rpa(['machine', 'check'])).toBe(checked)
    expect(statSync(cache())).toMatchObject({ ino: first.ino, mtimeMs: first.mtimeMs })
    expect(rpa(['help', 'seed'])).toContain('USAGE')
    expect(commandsOf(cache())).toEqual(['machine', 'seed'])
    expect(rpa(['machine', 'check'])).toBe(checked)
  })

  it('is made anew where it is damaged', () => {
    const { rpa, cache } = installed()
    const checked = rpa(['machine', 'check'])
    const whole = readFileSync(cache())
    const damages: (() => void)[] = [
      () => truncateSync(cache(), 0),
      () => truncateSync(cache(), whole.length - 1),
      () => writeFileSync(cache(), 'nothing of ours'),
      () =>
        writeFileSync(cache(), Buffer.from(whole).fill(0xff, whole.length >> 1, (whole.length >> 1) + 64)),
    ]
    for (const damage of damages) {
      damage()
      expect(rpa(['machine', 'check'])).toBe(checked)
      expect(commandsOf(cache())).toEqual(['machine'])
    }
  })

  it('of another build is not used', () => {
    const { dist, rpa, cache } = installed()
    const checked = rpa(['machine', 'check'])
    const old = cache()
    const bundle = join(dist, 'rpa.cjs')
    writeFileSync(bundle, readFileSync(bundle, 'utf8').replace(/^\/\/[0-9a-f]{16}/, `//${'0'.repeat(16)}`))
    expect(rpa(['machine', 'check'])).toBe(checked)
    expect(readFileSync(old)).not.toHaveLength(0)
    rmSync(old)
    expect(commandsOf(cache())).toEqual(['machine'])
  })

  it('is done without where it cannot be written', () => {
    const { dist, rpa } = installed()
    expect(rpa(['help', 'seed'], 'ulimit -f 0')).toContain('USAGE')
    expect(readdirSync(dist).sort()).toEqual(['extract-worker.js', 'rpa.cjs'])
  })
})
