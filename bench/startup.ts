/**
 * How long a user waits before a command begins: `rpa --version`, `budget`, `status`
 * beside an empty Node and a bare oclif app of one command, in turns. Run after a build: `npx tsx bench/startup.ts [RUNS]`.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const runs = Number(process.argv[2] ?? 15)
const folder = mkdtempSync(join(tmpdir(), 'rpa-startup-'))
const env = { ...process.env }
// Reading extra certificates costs 50 ms a start on Node 20, which is not ours.
delete env['NODE_EXTRA_CA_CERTS']

// What reads the executions DB wants one.
for (const args of [
  ['corpus', 'import', join(root, 'samples/metadata.jsonl')],
  ['seed', '--limit', '5'],
])
  run([join(root, 'bin/run.js'), ...args])

const cases: Record<string, string[]> = {
  'node -e 0': ['-e', '0'],
  'bare oclif --version': [bareOclif(join(folder, 'bare')), '--version'],
  'bare oclif hello': [join(folder, 'bare/run.js'), 'hello'],
  'rpa --version': [join(root, 'bin/run.js'), '--version'],
  'rpa --help': [join(root, 'bin/run.js'), '--help'],
  'rpa budget --json': [join(root, 'bin/run.js'), 'budget', '--json'],
  'rpa status --json': [join(root, 'bin/run.js'), 'status', '--json'],
  'rpa machine check': [join(root, 'bin/run.js'), 'machine', 'check'],
}

const times = new Map<string, number[]>(Object.keys(cases).map((name) => [name, []]))
for (let round = -1; round < runs; round++) {
  for (const [name, args] of Object.entries(cases)) {
    const started = performance.now()
    run(args)
    if (round >= 0) times.get(name)?.push(performance.now() - started)
  }
}
const base = median(times.get('node -e 0') ?? [])
console.log(`median of ${runs} runs, in turns      ms   over node   x node`)
for (const [name, list] of times) {
  const ms = median(list)
  const cells = [ms.toFixed(1), (ms - base).toFixed(1), (ms / base).toFixed(2)]
  console.log(name.padEnd(28), ...cells.map((cell) => cell.padStart(9)))
}
rmSync(folder, { recursive: true })

function run(args: readonly string[]): void {
  const { status } = spawnSync(process.execPath, args, {
    cwd: folder,
    env,
    stdio: 'ignore',
  })
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}`)
}

/** An app as oclif's own guide makes it: commands found in a folder, nothing bundled. Returns the path of its script. */
function bareOclif(app: string): string {
  mkdirSync(join(app, 'commands'), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(app, 'node_modules'))
  writeFileSync(
    join(app, 'package.json'),
    JSON.stringify({
      name: 'bare',
      version: '1.0.0',
      type: 'module',
      oclif: { bin: 'bare', commands: './commands' },
    }),
  )
  writeFileSync(
    join(app, 'commands/hello.js'),
    `import { Command } from '@oclif/core'\nexport default class Hello extends Command { async run() { this.log('hello') } }\n`,
  )
  writeFileSync(
    join(app, 'run.js'),
    `import { execute } from '@oclif/core'\nawait execute({ dir: import.meta.url })\n`,
  )
  return join(app, 'run.js')
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
