import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { expectErrorDocument } from '../support/clear-error.js'
import { runCli } from '../support/cli.js'
import { temporaryFolder } from '../support/temp.js'
import { makeWorkspace, removeWorkspaces, SAMPLES } from '../support/workspace.js'

afterAll(removeWorkspaces)

it.each([
  {
    line: 'statsu',
    message: 'There is no command "statsu".',
    hint: 'Did you mean "status"? `rpa help` names them all.',
  },
  {
    line: 'queue lst',
    message: 'There is no command "queue lst".',
    hint: 'Did you mean "queue list"? `rpa help queue` names them all.',
  },
  {
    line: 'sede 1706.03762',
    message: 'There is no command "sede".',
    hint: 'Did you mean "seed"? `rpa help` names them all.',
  },
  {
    line: 'help xyzzyxyzzy',
    message: 'There is no command "xyzzyxyzzy".',
    hint: '`rpa help` names them all.',
  },
  {
    line: 'vacuum extra',
    message: 'There is no place for "extra" here.',
    hint: 'See `rpa vacuum --help`.',
  },
  {
    line: 'prep 2401.01234',
    message: 'There is no place for "2401.01234" here.',
    hint: 'Name papers by `rpa prep --id 2401.01234`. See `rpa prep --help`.',
  },
  {
    line: 'machine run prep 2401.01234',
    message: 'There is no place for "2401.01234" here.',
    hint: 'Name papers by `--id 2401.01234`. See `rpa machine run --help`.',
  },
  {
    line: 'report 2401.01234',
    message: 'There is no command "report 2401.01234".',
    hint: 'Did you mean `rpa report show 2401.01234`? `rpa help report` names them all.',
  },
  {
    line: 'budget remaining',
    message: 'There is no place for "remaining" here.',
    hint: 'Did you mean "--remaining"? See `rpa budget --help`.',
  },
  {
    line: 'prep --limt 3',
    message: 'There is no flag --limt.',
    hint: 'Did you mean "--limit"? See `rpa prep --help`.',
  },
  {
    line: 'queue list --stauts held',
    message: 'There is no flag --stauts.',
    hint: 'Did you mean "--status"? See `rpa queue list --help`.',
  },
  { line: 'vacuum --force', message: '--force goes with --into only.', hint: 'See `rpa vacuum --help`.' },
])('rpa $line', async ({ line, message, hint }) => {
  const end = await runCli([...line.split(' '), '--json'], { cwd: temporaryFolder() })
  expectErrorDocument(end, { exit: 2, code: 'usage', message })
  expect(end.json()).toMatchObject({ error: { hint } })
})

it('--version is a document with --json, wherever they stand', async () => {
  const end = await runCli(['--json', '--version'], { cwd: temporaryFolder() })
  expect(end).toMatchObject({ code: 0, stderr: '' })
  expect(Object.keys(end.json())).toEqual(['version', 'node', 'platform', 'arch'])
})

it('a reader who goes, and ends that are closed, are no failure', async () => {
  const workspace = await makeWorkspace({ profile: 'offline' })
  await workspace.seed(...SAMPLES.slice(0, 2))
  const shells = ['"$@" | true', '"$@" >&-', '"$@" <&-']
  const ends = await Promise.all(shells.map((shell) => workspace.rpa(['status'], {}, { shell })))
  expect(ends.map(({ code, stderr }) => [code, stderr])).toEqual(shells.map(() => [0, '']))
})

it.skipIf(process.platform === 'win32')(
  'a current folder that was deleted is told of, not a fault',
  async () => {
    const shell = 'mkdir gone && cd gone && rmdir ../gone && "$@"'
    expect(await runCli(['status'], { cwd: temporaryFolder(), shell })).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /^rpa: The current folder is not there any more\.\n {2}Change to one that is: cd …\n$/m,
      ) as string,
    })
  },
)

it('rpa.yml says line and column of what is no YAML', async () => {
  const cwd = temporaryFolder()
  writeFileSync(join(cwd, 'rpa.yml'), 'budget: 5\nprofile: "offline\n')
  const end = await runCli(['status', '--json'], { cwd })
  expectErrorDocument(end, {
    exit: 78,
    code: 'workspace_file',
    message: /rpa\.yml cannot be read: .* at line \d, column \d+/,
  })
})

it.skipIf(process.getuid?.() !== 0)('a DB that may only be read is no failing disk to vacuum', async () => {
  const workspace = await makeWorkspace({ profile: 'offline' })
  await workspace.seed(...SAMPLES.slice(0, 1))
  chmodSync(workspace.path, 0o755)
  const end = await workspace.rpa(['vacuum', '--json'], {}, { uid: 65_534 })
  expectErrorDocument(end, { exit: 1, code: 'db_read_only', message: /cannot be written/ })
})
