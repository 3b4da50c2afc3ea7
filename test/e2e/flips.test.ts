import { rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { errorDocument, exitCodeOf } from '../../src/cli/errors.js'
import { createLogger } from '../../src/core/logging.js'
import { seededRandom } from '../../src/core/chance.js'
import { resolveSettings } from '../../src/core/settings/resolve-settings.js'
import { PHASES } from '../../src/core/phases.js'
import { openResources } from '../../src/pipeline/resources/resources.js'
import { runPhase } from '../../src/pipeline/run-phase.js'
import type { Draw } from '../support/flips.js'
import { drawOf, flipFileBit, flipStoredBit, storedColumns } from '../support/flips.js'
import type { ModelQuestions } from '../support/model-questions.js'
import { startModels } from '../support/model-questions.js'
import type { Workspace } from '../support/workspace.js'
import { KEY, makeWorkspace, removeWorkspaces } from '../support/workspace.js'

/** Of the file, and rounds over all columns; more where somebody has the time (a hundred flips take some twenty seconds). */
const FLIPS = Number(process.env['RPA_TEST_FLIPS'] ?? 40)
const ROUNDS = Math.ceil(FLIPS / 40)
/** Damage that a command may end with; anything else, `internal` above all, says nothing to its user. */
const DAMAGE = /^(?:db_corrupt|db_schema|db_foreign|db_newer)$/

let models: ModelQuestions
/** One paper is analyzed in part, one whole. */
let original: Workspace
/** What is asked from the first prep to the last report, where nothing is damaged. */
const questions = new Set<string>()
let sound: Outcome

interface Outcome {
  prompts: Set<string>
  /** By name, without what tells of the moment. */
  reports: Map<string, string>
  errors: { code: string; exit: number; message: string; hint: string }[]
  failed: string[]
}

beforeAll(async () => {
  models = await startModels()
  original = await makeWorkspace()
  original.env = { OPENROUTER_API_KEY: KEY, OPENROUTER_BASE_URL: models.url }
  await original.seed('0000.00001', '0000.00004')
  await original.phase(['prep'])
  await original.phase(['analyze', '--id', '0000.00004'])
  models.script(({ writer }) => (writer === 'open_questions' ? { hang: true } : undefined))
  const env = { RPA_DRAIN_TIMEOUT: '1' }
  await original.phase(['analyze', '--max-time', '1s'], env, 75)
  models.script()
  for (const { call } of models.requests) questions.add(call.prompt)
  sound = await workThrough(original.copy())
  for (const prompt of sound.prompts) questions.add(prompt)
})
afterAll(async () => {
  await models.close()
  removeWorkspaces()
})

/** Analyzes and wraps what is there, as the two commands would. */
async function workThrough(workspace: Workspace): Promise<Outcome> {
  models.reset()
  const outcome: Outcome = { prompts: new Set(), reports: new Map(), errors: [], failed: [] }
  for (const phase of [PHASES.analyze, PHASES.wrap]) {
    try {
      const { settings } = await resolveSettings({}, workspace.env, workspace.path)
      const log = createLogger('error', () => undefined)
      const resources = await openResources(settings, log, { env: { ...workspace.env } })
      try {
        const never = new AbortController().signal
        const result = await runPhase(resources, phase, {
          workers: 2,
          ids: [],
          dryRun: false,
          drainMs: 0,
          stopTaking: never,
          abortInFlight: never,
        })
        for (const { error_class: name } of result.executions)
          if (name !== undefined) outcome.failed.push(name)
      } finally {
        await resources.close()
      }
    } catch (error) {
      const { code, message, hint = '' } = errorDocument(error)
      outcome.errors.push({ code, exit: exitCodeOf(error), message, hint })
    }
  }
  for (const { call } of models.requests) outcome.prompts.add(call.prompt)
  for (const name of workspace.reports()) {
    outcome.reports.set(name, timeless(workspace.report(name.slice(0, 10))))
  }
  return outcome
}

/** Neither the moment, nor what the record of requests counts, of which each row by itself has no checksum. */
function timeless(report: string): string {
  return report
    .replace(/\b\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'NOW')
    .replace(/^(?: *(?:duration_s|cheap|expensive):|- \*\*Requests:\*\*) .*$/gm, '')
}

function firstDifference(before: string, after: string): string {
  const lines = before.split('\n')
  return after.split('\n').find((line, place) => line !== lines[place]) ?? 'shorter'
}

/** What was altered reaches nobody, and who says that something is altered says where, and what to do. */
function judge({ prompts, reports, errors, failed }: Outcome): string[] {
  const faults: string[] = []
  for (const prompt of prompts) if (!questions.has(prompt)) faults.push(`an altered prompt: ${prompt}`)
  for (const [name, text] of reports)
    if (sound.reports.get(name) !== text)
      faults.push(`an altered report: ${firstDifference(sound.reports.get(name) ?? '', text)}`)
  for (const { code, exit, message, hint } of errors) {
    if (!DAMAGE.test(code) || ![1, 78].includes(exit)) faults.push(`${code} (exit ${exit}): ${message}`)
    else if (!/executions\.sqlite|executions DB holds of /.test(message) || hint === '')
      faults.push(`names nothing: ${message}`)
  }
  return [...faults, ...failed.map((name) => `a paper failed: ${name}`)]
}

/** Returns what was found, of one flip after the other, each in a copy of its own, and how many of them somebody noticed. */
async function sweep(
  flips: readonly ((path: string, draw: Draw) => string)[],
): Promise<{ found: string[]; noticed: number }> {
  const draw = drawOf(seededRandom(Number(process.env['RPA_TEST_SEED'])))
  const found: string[] = []
  let noticed = 0
  for (const flip of flips) {
    const workspace = original.copy()
    const place = flip(workspace.in('data', 'executions.sqlite'), draw)
    const outcome = await workThrough(workspace)
    if (outcome.errors.length > 0) noticed += 1
    found.push(...judge(outcome).map((fault) => `${place} → ${fault}`))
    rmSync(workspace.path, { recursive: true })
  }
  return { found, noticed }
}

it('works through what is sound', () => {
  expect(sound).toMatchObject({ errors: [], failed: [] })
  expect(sound.prompts.size).toBe(3)
  expect(sound.reports.size).toBe(2)
})

it('a flipped bit in any column reaches no model and no report', async () => {
  const columns = storedColumns(original.in('data', 'executions.sqlite'))
  const each = columns.map((column) => (path: string, draw: Draw) => flipStoredBit(path, draw, column))
  const { found, noticed } = await sweep(Array.from({ length: ROUNDS }, () => each).flat())
  expect(found).toEqual([])
  expect(noticed).toBeGreaterThan(0)
}, 3_600_000)

it('a flipped bit of the file, wherever it is, reaches no model and no report', async () => {
  const { found, noticed } = await sweep(Array.from({ length: FLIPS }, () => flipFileBit))
  expect(found).toEqual([])
  expect(noticed).toBeGreaterThan(0)
}, 3_600_000)
