import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Shell } from '../../src/cli/completion.js'
import { runCli } from '../support/cli.js'

const has = (shell: string): boolean => spawnSync(shell, ['--version']).status === 0

async function scriptFor(shell: Shell): Promise<string> {
  const end = await runCli(['completion', shell], { cwd: tmpdir() })
  expect(end).toMatchObject({ code: 0, stderr: '' })
  return end.stdout
}

/** What may stand in place of the last word of a line. */
const CASES: [line: string, expected: string[]][] = [
  ['rpa di', ['digest']],
  ['rpa queue ', ['drop', 'hold', 'list', 'move', 'release']],
  ['rpa queue list --stat', ['--status']],
  ['rpa queue list --status p', ['pending', 'prepped']],
  ['rpa prune --keep keep_', ['keep_all', 'keep_failed', 'keep_wrap_failed']],
  ['rpa prep --id 1706.03762 --max-', ['--max-time']],
  ['rpa init first --sa', ['--samples']],
  ['rpa --vers', ['--version']],
]

describe.skipIf(!has('bash'))('bash', () => {
  let script = ''
  beforeAll(async () => void (script = await scriptFor('bash')))

  it.each(CASES)('%s', (line, expected) => {
    const words = line.split(' ')
    const call = `COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _rpa; printf '%s\\n' "\${COMPREPLY[@]}"`
    const { stdout } = spawnSync('bash', ['-c', `${script}\n${call}`, 'bash', ...words], { encoding: 'utf8' })
    expect(stdout.trim().split('\n').sort()).toEqual(expected)
  })
})

describe.skipIf(!has('fish'))('fish', () => {
  let script = ''
  beforeAll(async () => void (script = await scriptFor('fish')))

  it.each(CASES)('%s', (line, expected) => {
    const { stdout } = spawnSync(
      'fish',
      ['--no-config', '-c', `${script}\ncomplete -C ${JSON.stringify(line)}`],
      {
        encoding: 'utf8',
      },
    )
    expect(
      stdout
        .trim()
        .split('\n')
        .map((one) => one.split('\t')[0])
        .sort(),
    ).toEqual(expected)
  })
})

describe.skipIf(!has('zsh'))('zsh', () => {
  let script = ''
  beforeAll(async () => void (script = await scriptFor('zsh')))

  /** What its completion system is given; it fits this to the word itself. */
  const system = `compdef() { }; _files() { print FILES; }; compadd() { shift; print -l -- "$@"; }
    _describe() { print -l -- \${(P)@[-1]}; }`

  it.each(CASES)('%s', (line, expected) => {
    const words = line.split(' ')
    const last = words.at(-1) ?? ''
    const call = `words=("$@"); CURRENT=$#; PREFIX=\${words[-1]}; _rpa`
    const { stdout } = spawnSync('zsh', ['-fc', `${system}\n${script}\n${call}`, 'zsh', ...words], {
      encoding: 'utf8',
    })
    const offered = stdout.split('\n').map((one) => one.split(':')[0] ?? '')
    expect(offered.filter((one) => one !== '' && one.startsWith(last)).sort()).toEqual(expected)
  })
})
