import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ROOT, runCli } from '../support/cli.js'
import { temporaryFolder } from '../support/temp.js'

interface Report {
  files: { file: string; faults: { key: string; line?: number; message: string }[] }[]
}

const SECRET = 'c5a1-must-not-be-read'
const head = (spec: string): string => `spec: ${spec}\nspec_version: "4.2.1"\ndata:\n`
const machine = (body: string): string => head('flatmachine') + body
const states = (body: string): string => machine(`  states:\n${body}`)
const whole = '    a: {type: initial, transitions: [{to: b}]}\n    b: {type: final}\n'
const agentAt = (path: string): string => machine(`  agents: {x: ${path}}\n  states:\n${whole}`)
const laughs = Array.from(
  { length: 20 },
  (_, level) => `    l${level + 1}: &l${level + 1} [${Array(10).fill(`*l${level}`).join(', ')}]\n`,
).join('')

/** A file of a configuration → what is said of it, with its line. */
const TRICKS: Record<string, [text: string, message: RegExp, line: number | undefined]> = {
  'pipe.yml': [agentAt('./fifo'), /^\.\/fifo is not a regular file/, 4],
  'device.yml': [agentAt('/dev/zero'), /^\/dev\/zero lies outside the configuration folder/, 4],
  'device-link.yml': [agentAt('./zero'), /^\.\/zero lies outside/, 4],
  'link.yml': [agentAt('./link.txt'), /^\.\/link\.txt lies outside/, 4],
  'folder-link.yml': [agentAt('./elsewhere/secret.txt'), /lies outside/, 4],
  'upwards.yml': [agentAt('../secret.txt'), /lies outside/, 4],
  'absolute.yml': [agentAt('/etc/passwd'), /lies outside/, 4],
  'folder.yml': [agentAt('./.'), /is not a regular file/, 4],
  'nul.yml': [agentAt('"./x\\0y"'), /^no such file/, 4],
  'long-path.yml': [agentAt(`"./${'x/'.repeat(5000)}"`), /^no such file/, 4],
  'alias-self.yml': [machine('  context:\n    x: &x [*x]\n'), /\*x stands for itself/, 5],
  'alias-cycle.yml': [`x: &x\n  y: {z: *x}\n${machine('  states: {}\n')}`, /\*x stands for itself/, 2],
  'laughs.yml': [machine(`  context:\n    l0: &l0 ha\n${laughs}`), /aliases stand for too much/, 6],
  'deep.yml': [machine(`  context: ${'['.repeat(100_000)}\n`), /nested too deeply/, 4],
  'proto.yml': [states('    __proto__: {type: final}\n'), /"__proto__" is not allowed/, 5],
  'constructor.yml': [
    states('    a: {type: initial, transitions: [{to: constructor}]}\n    b: {type: final}\n'),
    /^unknown state "constructor"/,
    5,
  ],
  'constructor-agent.yml': [states(whole.replace('{type: initial,', '{type: initial, agent: constructor,')), /^unknown agent "constructor"/, 5],
  'constructor-spec.yml': ['spec: flatmachine\nspec_version: constructor\n', /is not a version/, 2],
  'constructor-filter.yml': [machine(`  context:\n    x: "{{ input.a | constructor }}"\n  states:\n${whole}`), /unknown filter "constructor"/, 5],
  'number.yml': [states(whole.replace('{to: b}', '{to: b, condition: "output == 1e999"}')), /the number is too large at column 11/, 5],
  'steps.yml': [machine(`  settings:\n    max_steps: 1000000000\n  states:\n${whole}`), /<=10000/, 5],
  'parentheses.yml': [machine(`  context:\n    x: "{{ ${'('.repeat(100_000)} }}"\n  states:\n${whole}`), /^template: /, 5],
  'many-states.yml': [states(Array.from({ length: 20_000 }, (_, n) => `    s${n}: {}\n`).join('')), /more than 1000 states/, 4],
  'many-targets.yml': [
    states(`    a: {type: initial, transitions: [${Array.from({ length: 20_000 }, (_, n) => `{to: x${n}}`).join(', ')}]}\n    b: {type: final}\n`),
    /unknown state "x0"/,
    5,
  ],
  'huge.yml': [machine(`  name: "${'x'.repeat(1_100_000)}"\n`), /larger than 1024 KiB/, undefined],
} // prettier-ignore

function hostileFolder(): { cwd: string; folder: string } {
  const cwd = temporaryFolder()
  const folder = join(cwd, 'given')
  mkdirSync(folder)
  writeFileSync(join(cwd, 'secret.txt'), `${SECRET}: [${SECRET}\n`)
  symlinkSync(join(cwd, 'secret.txt'), join(folder, 'link.txt'))
  symlinkSync(cwd, join(folder, 'elsewhere'))
  symlinkSync('/dev/zero', join(folder, 'zero'))
  symlinkSync(folder, join(folder, 'again'))
  execFileSync('mkfifo', [join(folder, 'fifo'), join(folder, 'fifo.yml')])
  for (const [name, [text]] of Object.entries(TRICKS)) writeFileSync(join(folder, name), text)
  return { cwd, folder }
}

it('a hostile configuration is checked to its end: each fault once, with its line, and nothing outside is read', async () => {
  const { cwd } = hostileFolder()
  const { code, stdout, json } = await runCli(['machine', 'check', 'given', '--json'], { cwd })
  expect(code).toBe(78)
  expect(stdout).not.toContain(SECRET)
  expect(stdout).not.toContain('root:')
  const { files } = json<Report>()
  for (const [name, [, message, line]] of Object.entries(TRICKS)) {
    const faults = files.find(({ file }) => file === join('given', name))?.faults ?? []
    const said = faults.find((fault) => message.test(fault.message))
    expect([name, said?.message ?? faults.map((fault) => fault.message), said?.line]).toEqual([
      name,
      said?.message,
      line,
    ])
    if (said === undefined) expect.fail(name)
    const ids = faults.map((fault) => JSON.stringify([fault.key, fault.message]))
    expect(new Set(ids).size).toBe(ids.length)
    expect(faults.length).toBeLessThanOrEqual(100)
  }
  const readable = await runCli(['machine', 'check', 'given/alias-self.yml'], { cwd })
  expect(readable.stdout).toMatch(
    /fault given\/alias-self\.yml: .*\*x stands for itself, line 5, column \d+\n/,
  )
})

it('nothing of the configuration in force may be a pipe, a device or a link that leads out of it', async () => {
  const cwd = temporaryFolder()
  const secret = join(cwd, 'secret.txt')
  writeFileSync(secret, `${SECRET}: [${SECRET}\n`)
  mkdirSync(join(cwd, 'config', 'machines'), { recursive: true })
  for (const name of ['limits.yml', 'profiles.yml', 'machines/prep.yml']) {
    const file = join(cwd, 'config', name)
    const makers = [
      () => symlinkSync(secret, file),
      () => symlinkSync('/dev/zero', file),
      () => execFileSync('mkfifo', [file]),
    ]
    for (const make of makers) {
      make()
      const check = await runCli(['machine', 'check', '--json'], { cwd })
      expect(check.code).toBe(78)
      expect(check.stdout).not.toContain(SECRET)
      const { files } = check.json<Report>()
      const messages = files
        .find((one) => one.file === join('config', name))
        ?.faults.map(({ message }) => message)
      expect(messages?.join()).toMatch(/leads out of the configuration folder|not a regular file/)
      rmSync(file)
    }
  }
  execFileSync('mkfifo', [join(cwd, 'rpa.yml')])
  const settings = await runCli(['status', '--json'], { cwd })
  expect(settings.code).toBe(78)
  expect(settings.json()).toMatchObject({ error: { code: 'workspace_file' } })
})

it('a folder of configuration that is itself a link is a configuration like another', async () => {
  const cwd = temporaryFolder()
  cpSync(join(ROOT, 'config'), join(cwd, 'real'), { recursive: true })
  symlinkSync(join(cwd, 'real'), join(cwd, 'config'))
  symlinkSync('key_outcome.prompt.yml', join(cwd, 'real', 'prompts', 'other.prompt.yml'))
  const { code, stdout } = await runCli(['machine', 'check'], { cwd })
  expect([code, stdout]).toEqual([0, expect.stringContaining('no faults')])
})
