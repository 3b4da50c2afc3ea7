import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { resolveSettings } from '../../src/core/settings/resolve-settings.js'
import type { NewWorkspace } from '../../src/pipeline/init/init.js'
import { crontab, systemdUnits } from '../../src/pipeline/init/schedules.js'
import { expectErrorDocument } from '../support/clear-error.js'
import { runCli } from '../support/cli.js'
import { temporaryFolder } from '../support/temp.js'

const rpa = (args: string[]): ReturnType<typeof runCli> => runCli(args, { cwd: temporaryFolder() })

const FILES = ['rpa.yml', '.env.example', '.gitignore', 'crontab.example', 'rpa.service', 'rpa.timer']

it('makes a workspace in which everything is at its default', async () => {
  const folder = join(temporaryFolder(), 'my papers', 'ä')
  const { code, stdout } = await rpa(['init', folder, '--json'])
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toEqual({ folder, created: ['data/', 'backup/', ...FILES], kept: [] })
  const { sources, workspace } = await resolveSettings({}, {}, join(folder, 'data'))
  expect(workspace).toBe(folder)
  expect(new Set(Object.values(sources))).toEqual(new Set(['default']))
})

it('every setting in rpa.yml holds as it is written there', async () => {
  const folder = temporaryFolder()
  await rpa(['init', folder])
  const text = readFileSync(join(folder, 'rpa.yml'), 'utf8')
  mkdirSync(join(folder, 'config'))
  writeFileSync(join(folder, 'rpa.yml'), text.replace(/^# (\w+: )/gm, '$1'))
  const { sources, settings } = await resolveSettings({}, {}, folder)
  expect(new Set(Object.values(sources))).toEqual(new Set(['rpa.yml']))
  expect(settings).toMatchObject({ budget: 1000, dataDir: join(folder, 'data'), profile: 'offline' })
})

it('changes nothing that is there, also where two begin at once', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'rpa.yml'), 'budget: 5\n')
  const ends = await Promise.all([rpa(['init', folder, '--json']), rpa(['init', folder, '--json'])])
  const results = ends.map(({ stdout }) => JSON.parse(stdout) as NewWorkspace)
  expect(ends.map(({ code }) => code)).toEqual([0, 0])
  expect(
    results
      .flatMap(({ created }) => created)
      .filter((name) => FILES.includes(name))
      .sort(),
  ).toEqual(FILES.filter((name) => name !== 'rpa.yml').sort())
  expect(readFileSync(join(folder, 'rpa.yml'), 'utf8')).toBe('budget: 5\n')
  const again = await rpa(['init', folder])
  expect(again.stdout).toContain('left as it was: data/, backup/, rpa.yml')
})

it('says where it cannot write', async () => {
  const folder = temporaryFolder()
  symlinkSync(join(folder, 'disk that is away'), join(folder, 'link'))
  const end = await rpa(['init', join(folder, 'link', 'new'), '--json'])
  expectErrorDocument(end, { exit: 1, code: 'data_folder', message: /cannot write .*link\/new\/data/ })
  expect(existsSync(join(folder, 'link'))).toBe(false)
})

/** What cron makes of a line: five fields, then a command for sh, in which `\%` is a percent sign. */
function commandsOf(table: string): string[] {
  return table
    .split('\n')
    .flatMap((line) => /^[\d*/]+ [\d*]+ \* \* \* {2}(.+)$/.exec(line)?.[1] ?? [])
    .map((command) => command.replaceAll('\\%', '%'))
}

it.skipIf(process.platform === 'win32')(
  'the lines for cron run as they stand, whatever the folder is called',
  () => {
    const folder = join(temporaryFolder(), "100 % it's mine")
    mkdirSync(folder)
    const script = join(folder, 'tell.mjs')
    writeFileSync(script, "process.stdout.write(process.cwd() + '|' + process.argv.slice(2).join(' '))")
    const commands = commandsOf(crontab({ folder, node: process.execPath, script }))
    const told = commands.map((command) =>
      spawnSync('/bin/sh', ['-c', command], { env: {}, encoding: 'utf8' }),
    )
    expect(told.map(({ stderr }) => stderr)).toEqual(commands.map(() => ''))
    expect(told.map(({ stdout }) => stdout.split('|')[0])).toEqual(commands.map(() => folder))
    expect(told.map(({ stdout }) => stdout.split('|')[1])).toEqual([
      'run --seed --limit 50 --max-time 50m --quiet',
      'reap --quiet',
      'prune --quiet',
      expect.stringMatching(/^vacuum --into backup\/executions-\d\.sqlite --force --quiet$/),
      'digest',
    ])
  },
)

it('no schedule falls on the full hour', () => {
  const units = systemdUnits({ folder: '/a "b"/100%', node: '/usr/bin/node', script: '/opt/$rpa/run.js' })
  const minutes = Array.from({ length: 200 }, (_, n) =>
    crontab({ folder: `/w/${n}`, node: '/n', script: '/s' }),
  )
    .flatMap((table) => table.split('\n'))
    .flatMap((line) => /^#? ?(\d+) /.exec(line)?.[1] ?? [])
  expect(new Set(minutes).size).toBeGreaterThan(10)
  expect(minutes.filter((minute) => minute === '0')).toEqual([])
  expect(units['rpa.service']).toContain('WorkingDirectory=/a "b"/100%%\n')
  expect(units['rpa.service']).toContain('"/opt/$$rpa/run.js"')
})

it('in a workspace of samples it tells of no first steps that belong to another', async () => {
  const folder = join(temporaryFolder(), 'first')
  await rpa(['init', folder, '--samples'])
  const { code, stdout } = await rpa(['init', folder])
  expect(code).toBe(0)
  expect(stdout).toMatch(/It is a workspace already/)
  expect(stdout).not.toMatch(/1706\.03762/)
})
