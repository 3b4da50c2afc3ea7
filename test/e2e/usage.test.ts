import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectClearError, expectErrorDocument } from '../support/clear-error.js'
import type { Workspace } from '../support/workspace.js'
import { makeLightWorkspace, removeWorkspaces } from '../support/workspace.js'

const ESCAPE = String.fromCharCode(27)
let workspace: Workspace

beforeAll(async () => {
  workspace = await makeLightWorkspace({ profile: 'offline' })
  await workspace.seed('0000.00001')
})
afterAll(removeWorkspaces)

describe('wrong usage exits with 2 and says what is wrong', () => {
  it.each([
    { args: ['prep', '--fast'], message: /--fast/ },
    { args: ['prep', '--limit', '0'], message: /0/ },
    { args: ['prep', '--limit', 'many'], message: /many/ },
    { args: ['prep', '--limit'], message: /--limit/ },
    { args: ['prep', '--max-time', 'soon'], message: /"soon" is not a duration/, hint: /30m/ },
    { args: ['prep', '--log-level', 'loud'], message: /loud/ },
    { args: ['prep', 'everything'], message: /everything/ },
    {
      args: ['prep', '--id', '9912.99999'],
      message: /no execution of "9912\.99999"/,
      hint: /rpa seed --id 9912\.99999/,
    },
    { args: ['prap'], message: /prap/ },
    {
      args: ['prep', '--id', '1799.12345'],
      message: /no execution of "1799\.12345", and it is no arXiv id: its digits .* no month 99/,
    },
    {
      args: ['log', 'bogus'],
      message: /no execution of "bogus", and it is no arXiv id/,
      hint: /rpa queue list/,
    },
    { args: ['seed', '--id', 'bogus'], message: /"bogus" is neither an arXiv id/ },
    { args: ['--profile', 'offline', 'prep'], message: /--profile/, hint: /rpa prep … --profile …/ },
    {
      args: ['init', 'rpa.yml'],
      message: /rpa\.yml is a file, and a workspace is a folder/,
      hint: /rpa init DIR/,
    },
    { args: ['init', 'rpa.yml/new'], message: /rpa\.yml is a file/ },
    { args: ['corpus', 'import'], message: /file/i },
    { args: ['corpus', 'import', 'nowhere.json'], message: /nowhere\.json/ },
    { args: ['seed', '--since', 'yesterday'], message: /yesterday/ },
    { args: ['budget', '--date', '2026-02-30x'], message: /2026-02-30x/ },
    { args: ['retry'], message: /which papers/, hint: /--all/ },
  ])('$args', async ({ args, message, hint }) => {
    const expected = { exit: 2, code: '', message, ...(hint === undefined ? {} : { hint }) }
    const [readable, after, before] = await Promise.all([
      workspace.rpa(args),
      workspace.rpa([...args, '--json']),
      workspace.rpa(['--json', ...args]),
    ])
    expectClearError(readable, expected)
    expectErrorDocument(after, { ...expected, code: after.json<{ error: { code: string } }>().error.code })
    expect(before.json()).toEqual(after.json())
    expect(before).toMatchObject({ code: 2, stderr: '' })
  })

  it('takes no paper', () => {
    expect(workspace.query('select status, attempts from executions')).toEqual([
      { status: 'pending', attempts: 0 },
    ])
  })
})

describe('output', () => {
  it('help tells what there is, and is no failure', async () => {
    const [help, none, command] = await Promise.all([
      workspace.rpa(['--help']),
      workspace.rpa([]),
      workspace.rpa(['prep', '--help']),
    ])
    for (const end of [help, none, command]) expect(end).toMatchObject({ code: 0, stderr: '' })
    expect(help.stdout).toMatch(/^ {2}prep {2,}\S/m)
    expect(none.stdout).toBe(help.stdout)
    expect(command.stdout).toContain('--max-time')
  })

  it('a dry run lists what would be taken, and takes nothing', async () => {
    const end = await workspace.rpa(['prep', '--dry-run', '--json'])
    expect(end.json()).toMatchObject({
      claimed: 0,
      executions: [{ arxiv_id: '0000.00001', status: 'pending' }],
    })
    expect(workspace.statuses()).toEqual({ '0000.00001': 'pending' })
  })

  it('goes to a pipe that is closed early without a crash', async () => {
    for (const args of [['status'], ['machine', 'check', '--json'], ['--help']]) {
      const piped = await workspace.rpa(args, {}, { shell: '{ "$@"; echo "exit $?" >&2; } | true' })
      expect(piped.stderr, args.join(' ')).toBe('exit 0\n')
    }
    const closedStderr = await workspace.rpa(
      ['prep'],
      { RPA_PROFILE: 'nobody' },
      { shell: '{ "$@"; echo $? >code; } 2>&1 | true' },
    )
    expect(closedStderr).toMatchObject({ stdout: '', stderr: '' })
    expect(readFileSync(workspace.in('code'), 'utf8')).toBe('78\n')
    const head = await workspace.rpa(
      ['machine', 'check', '--json'],
      {},
      { shell: '{ "$@"; echo "exit $?" >&2; } | head -1' },
    )
    expect(head).toMatchObject({ stdout: '{\n', stderr: 'exit 0\n' })
  })

  it('has colour on a terminal only, and not with NO_COLOR or --json', async () => {
    const terminal = 'script -qec "$(printf "%s " "$@")" /dev/null'
    const onTerminal = { shell: terminal }
    const env = { TERM: 'xterm-256color', SHELL: '/bin/sh' }
    const [coloured, plain, json, piped] = await Promise.all([
      workspace.rpa(['budget'], env, onTerminal),
      workspace.rpa(['budget'], { ...env, NO_COLOR: '1' }, onTerminal),
      workspace.rpa(['budget', '--json'], env, onTerminal),
      workspace.rpa(['budget'], env),
    ])
    expect(coloured.stdout).toContain(ESCAPE)
    expect(plain.stdout).toContain('requests of 1000')
    expect(plain.stdout).not.toContain(ESCAPE)
    expect(JSON.parse(json.stdout)).toMatchObject({ limit: 1000 })
    expect(piped.stdout).not.toContain(ESCAPE)
  })

  it('its log is lines for people on a terminal, and objects elsewhere', async () => {
    const args = ['prep', '--debug']
    const piped = await workspace.copy().rpa(args, { RPA_LOG_FORMAT: '' })
    const lines = piped.stderr.trim().split('\n')
    expect(lines.map((line) => JSON.parse(line) as object)).toContainEqual(
      expect.objectContaining({ level: 'debug', paper: '0000.00001' }),
    )
    const onTerminal = { shell: 'script -qec "$(printf "%s " "$@")" /dev/null' }
    const watched = await workspace.copy().rpa(args, { RPA_LOG_FORMAT: '', SHELL: '/bin/sh' }, onTerminal)
    expect(watched.stdout).toMatch(/debug: 0000\.00001: prep\/start/)
  })

  it('--quiet prints nothing but errors', async () => {
    for (const args of [
      ['status'],
      ['prep'],
      ['analyze'],
      ['wrap'],
      ['seed', '--id', '0000.00001'],
      ['budget'],
    ]) {
      const end = await workspace.rpa([...args, '--quiet'])
      expect(end, args.join(' ')).toMatchObject({ code: 0, stdout: '', stderr: '' })
    }
    expect(workspace.statuses()).toEqual({ '0000.00001': 'done' })
    const wrong = await workspace.rpa(['prep', '--quiet'], { RPA_PROFILE: 'nobody' })
    expect(wrong).toMatchObject({ code: 78, stdout: '' })
    expect(wrong.stderr).toMatch(/^rpa: There is no profile "nobody"/)
    const integer = await workspace.rpa(['budget', '--remaining', '--quiet'])
    expect(integer.stdout).toBe('1000\n')
  })

  it('shows a stack trace with --debug only', async () => {
    const env = { RPA_PROFILE: 'nobody' }
    const [debug, plain] = await Promise.all([
      workspace.rpa(['prep', '--debug'], env),
      workspace.rpa(['prep'], env),
    ])
    expect(debug.stderr).toMatch(/\n\s+at /)
    expect(plain.stderr).not.toMatch(/\n\s+at /)
  })

  it('ends at --max-time with 75, and goes on where it was', async () => {
    const later = workspace.copy()
    await later.seed('0000.00002', '0000.00003', '0000.00004')
    const end = await later.rpa(['prep', '--max-time', '1s', '--workers', '1', '--json'])
    const result = end.json<{ succeeded: number; stopped: string | null }>()
    // A fast machine may be done before.
    expect(end.code).toBe(result.stopped === null ? 0 : 75)
    expect(await later.phase(['prep'])).toMatchObject({ succeeded: 3 - result.succeeded })
  })
})
