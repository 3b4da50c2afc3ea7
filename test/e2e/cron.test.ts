import { execFile } from 'node:child_process'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { ROOT } from '../support/cli.js'
import type { ModelQuestions } from '../support/model-questions.js'
import { startModels } from '../support/model-questions.js'
import { temporaryFolder } from '../support/temp.js'
import type { Workspace } from '../support/workspace.js'
import { KEY, SAMPLES, makeLightWorkspace, removeWorkspaces } from '../support/workspace.js'

/** The lines of docs/running.md that cron is given, but for the one that never ends. */
const LINES = readFileSync(join(ROOT, 'docs', 'running.md'), 'utf8')
  .split('\n')
  .flatMap((line) => /^ {4}\S+(?: +\S+){4} +(cd \/path\/to\/workspace && .*)$/.exec(line)?.[1] ?? [])

let models: ModelQuestions
let seeded: Workspace

beforeAll(async () => {
  models = await startModels()
  seeded = await makeLightWorkspace()
  seeded.env = { OPENROUTER_API_KEY: KEY, OPENROUTER_BASE_URL: models.url }
  await seeded.seed(...SAMPLES)
})
afterEach(() => models.reset())
afterAll(async () => {
  await models.close()
  removeWorkspaces()
})

/** Runs a line as cron does: by sh, with hardly any environment; returns what cron would mail. */
function cron(workspace: Workspace, line: string, budget: number): Promise<string> {
  const folder = temporaryFolder()
  const rpa = join(folder, 'rpa')
  writeFileSync(rpa, `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, 'bin', 'run.js')}' "$@"\n`)
  chmodSync(rpa, 0o755)
  const env = { PATH: `${folder}:/usr/bin:/bin`, RPA_BUDGET: String(budget), ...workspace.env }
  const command = line.replaceAll('/path/to/workspace', workspace.path)
  return new Promise((resolve) => {
    execFile('/bin/sh', ['-c', command], { env }, (_, stdout, stderr) => resolve(stdout + stderr))
  })
}

const used = (workspace: Workspace): number =>
  workspace.query<{ n: number }>('select count(*) as n from llm_calls where counted = 1')[0]?.n ?? 0

it('reads the lines of the page', () => {
  expect(LINES).toHaveLength(4)
})

it.each([
  { name: 'as they stand', turned: false, ticks: 1 },
  { name: 'in the other order', turned: true, ticks: 3 },
])('the phases, $name, end a day of few requests in reports', async ({ turned, ticks }) => {
  const workspace = seeded.copy()
  const phases = LINES.find((line) => line.includes('rpa wrap')) ?? ''
  const [, start = '', commands = ''] = /^(.*?\{ )(.*); \}$/.exec(phases) ?? []
  const order = turned ? commands.split('; ').reverse() : commands.split('; ')
  for (let tick = 0; tick < ticks; tick += 1) {
    expect(await cron(workspace, `${start}${order.join('; ')}; }`, 10)).toBe('')
  }
  expect(workspace.reports()).toHaveLength(2)
  expect(used(workspace)).toBe(10)
})

it('the burst leaves its reserve alone, and run ends in reports too', async () => {
  const workspace = seeded.copy()
  const of = (word: string): string => LINES.find((line) => line.includes(word)) ?? ''
  expect(await cron(workspace, of('--burst'), 20)).toBe('')
  expect(used(workspace)).toBe(0)
  await cron(workspace, of('rpa run'), 17)
  expect(workspace.reports()).toHaveLength(3)
  expect(used(workspace)).toBeLessThanOrEqual(17)
})
