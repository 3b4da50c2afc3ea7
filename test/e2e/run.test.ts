import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { RunResult } from '../../src/pipeline/run-all.js'
import { until } from '../support/cli.js'
import type { ModelQuestions, Question } from '../support/model-questions.js'
import { startModels } from '../support/model-questions.js'
import { refusal } from '../support/refusals.js'
import type { Workspace } from '../support/workspace.js'
import { KEY, SAMPLES, makeLightWorkspace, removeWorkspaces } from '../support/workspace.js'

let models: ModelQuestions
/** Seven papers, pending. */
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

/** The end of the day is no part of these tests, whenever they run. */
const RUN = ['run', '--burst-window', '1s']

async function run(
  workspace: Workspace,
  args: readonly string[] = [],
  env: Record<string, string> = {},
  code = 0,
): Promise<RunResult> {
  return (await workspace.phase([...RUN, ...args], env, code)) as RunResult
}

function gate(): { closed: Promise<void>; open: () => void } {
  let open = (): void => undefined
  const closed = new Promise<void>((resolve) => (open = resolve))
  return { closed, open }
}

const REFUSED = refusal(403, 'Your input was flagged.', { reasons: ['violence'] })
const isExpensive = ({ model }: Question): boolean => model.includes('ultra')
const count = (statuses: Record<string, string>, status: string): number =>
  Object.values(statuses).filter((one) => one === status).length
/** Each question of each paper, to see whether one was sent twice. */
const asked = (): string[] => models.requests.map(({ title, writer }) => `${writer} of ${title}`)

it('takes every paper to its report, ends by itself, and lists each paper once', async () => {
  const workspace = seeded.copy()
  const result = await run(workspace)
  const all = { claimed: 7, succeeded: 7, failed: 0, released: 0 }
  expect(result).toMatchObject({ phase: 'run', ...all, stopped: null })
  expect(result.requests).toEqual({ cheap: 14, expensive: 21 })
  expect(result.phases).toEqual({ prep: all, analyze: all, wrap: all })
  expect(result.executions.map(({ arxiv_id }) => arxiv_id).sort()).toEqual(SAMPLES)
  for (const { status, report } of result.executions) {
    expect(status).toBe('done')
    expect(report).toMatch(/\.md$/)
  }
  expect(workspace.reports()).toHaveLength(7)
  expect(new Set(asked()).size).toBe(35)

  expect(await run(workspace)).toMatchObject({ claimed: 0, stopped: null, executions: [] })
  expect((await workspace.rpa(RUN)).stdout).toBe('run: nothing to do\n')
})

it('finishes a paper before it begins the next: one worker goes from its first to its last request', async () => {
  const result = await run(seeded.copy(), ['--workers', '1', '--limit', '3'])
  expect(result).toMatchObject({ claimed: 3, succeeded: 3 })
  const titles = models.requests.map(({ title }) => title)
  expect(titles).toHaveLength(15)
  for (const first of [0, 5, 10]) expect(new Set(titles.slice(first, first + 5)).size).toBe(1)
})

it('preps no more than the mark says while nothing is analyzed', async () => {
  const workspace = seeded.copy()
  const result = await run(workspace, ['--max-analyze', '0', '--low-water', '3', '--workers', '4'])
  expect(result).toMatchObject({ claimed: 3, stopped: null })
  expect(count(workspace.statuses(), 'prepped')).toBe(3)
  expect(count(workspace.statuses(), 'pending')).toBe(4)
})

it('keeps a cap for each phase', async () => {
  const workspace = seeded.copy()
  const result = await run(workspace, ['--max-prep', '4', '--max-analyze', '2', '--max-wrap', '1'])
  expect(result.phases).toMatchObject({
    prep: { claimed: 4, succeeded: 4 },
    analyze: { claimed: 2, succeeded: 2 },
    wrap: { claimed: 1, succeeded: 1 },
  })
  expect(result).toMatchObject({ claimed: 4, succeeded: 4 })
  const statuses = Object.values(workspace.statuses()).sort()
  expect(statuses).toEqual(['analyzed', 'done', 'pending', 'pending', 'pending', 'prepped', 'prepped'])
})

it('takes only the papers that are named, all the way', async () => {
  const workspace = seeded.copy()
  await run(workspace, ['--id', SAMPLES[1]!, '--id', SAMPLES[4]!])
  const done = Object.entries(workspace.statuses()).filter(([, status]) => status === 'done')
  expect(done.map(([id]) => id)).toEqual([SAMPLES[1], SAMPLES[4]])
  expect(count(workspace.statuses(), 'pending')).toBe(5)
})

it('preps, and nothing else, with --prep-only', async () => {
  const workspace = seeded.copy()
  const result = await run(workspace, ['--prep-only', '--workers', '1'])
  expect(result).toMatchObject({ claimed: 7, succeeded: 7, requests: { cheap: 7, expensive: 0 } })
  expect(count(workspace.statuses(), 'prepped')).toBe(7)
})

it('continues interrupted papers, and begins nothing, with --resume-only', async () => {
  const workspace = seeded.copy()
  await workspace.phase(['prep', '--limit', '3'])
  const [one] = workspace.query<{ arxiv_id: string }>("select * from executions where status = 'prepped'")
  workspace.change('update executions set interrupted_at = ? where arxiv_id = ?', '2026-01-01', one!.arxiv_id)
  const result = await run(workspace, ['--resume-only'])
  expect(result).toMatchObject({ claimed: 1, succeeded: 1, resumed: 1, stopped: null })
  expect(workspace.statuses()[one!.arxiv_id]).toBe('analyzed')
  expect(count(workspace.statuses(), 'prepped')).toBe(2)
})

it('chooses with --seed no paper of which no PDF can be had', async () => {
  const workspace = await makeLightWorkspace()
  workspace.env = { ...seeded.env, RPA_PDF_SOURCES: 'cache' }
  expect(await run(workspace, ['--seed'])).toMatchObject({ seeded: 0, claimed: 0, failed: 0 })
})

it('chooses papers from the corpus itself with --seed', async () => {
  const workspace = await makeLightWorkspace()
  workspace.env = seeded.env
  const result = await run(workspace, ['--seed', '--limit', '2'])
  expect(result).toMatchObject({ seeded: 2, claimed: 2, succeeded: 2 })
  expect(workspace.reports()).toHaveLength(2)
  const named = await run(workspace, ['--seed', '--id', SAMPLES[6]!])
  expect(named).toMatchObject({
    seeded: 1,
    claimed: 1,
    executions: [{ arxiv_id: SAMPLES[6], status: 'done' }],
  })
})

it('says with --dry-run what it would take, and does nothing', async () => {
  const workspace = seeded.copy()
  await workspace.phase(['prep', '--limit', '2'])
  models.reset()
  const before = workspace.query('select * from executions')
  const { plan, executions } = await run(workspace, ['--dry-run', '--low-water', '9'])
  expect(plan).toMatchObject({ buffer: 2, low_water: 9, in_window: false })
  expect(plan!.phases).toEqual({
    prep: { ready: true, rests: null },
    analyze: { ready: true, rests: null },
    wrap: { ready: false, rests: null },
  })
  const order = executions.map(({ status }) => status)
  expect(order).toEqual(['prepped', 'prepped', ...Array<string>(5).fill('pending')])
  expect(models.requests).toEqual([])
  expect(workspace.query('select * from executions')).toEqual(before)
})

describe('an outage of the expensive model', () => {
  it('stops the analysis but for single probes; prep goes on, and the analysis comes back by itself', async () => {
    const workspace = seeded.copy()
    workspace.write(
      'config/limits.yml',
      [
        'circuits: { outage_failures: 3, cooldown: 0.3, longest_cooldown: 1 }',
        'backoff: { server: { first: 0.05, longest: 0.1 } }',
      ].join('\n'),
    )
    const circuit = (): string | undefined =>
      workspace.query<{ state: string }>("select state from circuits where name like 'model:%'")[0]?.state
    const [opened, looked] = [gate(), gate()]
    const down = { status: 503, body: { error: { code: 503, message: 'No instances available' } } }
    const whileClosed: (string | undefined)[] = []
    let probes = 0
    models.script((question) => {
      // The other papers come to the analysis when the model is known to be away.
      if (question.writer === 'key_outcome')
        return models.requests.filter(({ writer }) => writer === 'key_outcome').length > 1
          ? { until: opened.closed }
          : undefined
      if (!isExpensive(question)) return undefined
      const state = circuit()
      if (state === undefined) return down
      if (probes >= 3) return undefined
      whileClosed.push(state)
      probes += 1
      if (probes === 1) return down
      return probes === 2 ? { ...down, until: looked.closed } : undefined
    })

    const running = workspace.start([...RUN, '--workers', '2', '--json'])
    await until('the circuit is open', () => circuit() === 'open')
    opened.open()
    await until('the second probe is under way', () => probes === 2)
    // The probe is under way for as long as we like: everything is prepped meanwhile, beyond the mark of four.
    await until('all papers are prepped', () => count(workspace.statuses(), 'pending') === 0)
    await until('none is in work', () => count(workspace.statuses(), 'prepping') === 0)
    expect(models.requests.filter(isExpensive)).toHaveLength(5)
    const status = await workspace.rpa(['status', '--json'])
    expect(status.json()).toMatchObject({
      circuits: [{ name: expect.stringMatching(/^model:.*ultra/) as string, state: 'half_open' }],
      waits: [{ phase: 'analyze', reason: 'circuit' }],
    })
    expect((await workspace.rpa(['status'])).stdout).toMatch(/Circuit model:\S+ultra\S* /)
    looked.open()

    const end = await running.ended
    expect(end.code, end.stderr).toBe(0)
    expect(end.json()).toMatchObject({ claimed: 7, succeeded: 7, failed: 0, stopped: null })
    expect(whileClosed).toEqual(['half_open', 'half_open', 'half_open'])
    expect(models.requests.filter(isExpensive)).toHaveLength(21 + 5)
    expect(workspace.reports()).toHaveLength(7)
    expect(end.stderr).toMatch(/^analyze rests until .+? UTC: model:\S+ultra\S* .*$/m)
    expect(end.stderr).toMatch(/^analyze again$/m)
    expect(workspace.query('select max(attempts) as n from executions')).toEqual([{ n: 0 }])
  })
})

it('ends with 75 when the requests of the day are spent, and goes on where it was', async () => {
  const workspace = await makeLightWorkspace()
  workspace.env = seeded.env
  await workspace.seed(...SAMPLES.slice(0, 3))
  const first = await run(workspace, ['--no-reserve'], { RPA_BUDGET: '7' }, 75)
  expect(first).toMatchObject({ failed: 0, stopped: 'budget' })
  expect(Date.parse(first.retry_at ?? '') % 86_400_000).toBe(0)
  expect(models.requests).toHaveLength(7)
  expect(await run(workspace, ['--no-reserve'], { RPA_BUDGET: '7' }, 75)).toMatchObject({
    claimed: 0,
    stopped: 'budget',
  })
  expect(models.requests).toHaveLength(7)

  await run(workspace, [], { RPA_BUDGET: '100' })
  expect(workspace.reports()).toHaveLength(3)
  expect(asked()).toHaveLength(15)
  expect(new Set(asked()).size).toBe(15)
})

it('shares the work with another run: nothing is done twice', async () => {
  const workspace = seeded.copy()
  const both = gate()
  // Four at once are more than one process sends.
  models.script(() => {
    if (models.requests.length >= 4) both.open()
    return { until: both.closed }
  })
  const runs = [1, 2].map(() => workspace.start([...RUN, '--workers', '2', '--low-water', '7', '--json']))
  const ends = await Promise.all(runs.map(({ ended }) => ended))
  for (const end of ends) expect(end.code, end.stderr).toBe(0)
  expect(workspace.reports()).toHaveLength(7)
  expect(asked()).toHaveLength(35)
  expect(new Set(asked()).size).toBe(35)
  const wraps = ends.map((end) => end.json<RunResult>().phases.wrap.succeeded)
  expect(wraps[0]! + wraps[1]!).toBe(7)
})

it('finishes what a killed run left behind, when its lease has run out', async () => {
  const workspace = await makeLightWorkspace()
  workspace.env = { ...seeded.env, RPA_LEASE_TTL: '1' }
  await workspace.seed(SAMPLES[0]!)
  models.script(({ writer }) => (writer === 'open_questions' ? { hang: true } : undefined))
  const killed = workspace.start(RUN)
  await until('two answers are kept', () => {
    const kept = "select count(*) as n from llm_calls where phase = 'analyze' and outcome = 'ok'"
    return models.requests.length === 4 && workspace.query(kept)[0]!['n'] === 2
  })
  killed.kill('SIGKILL')
  await killed.ended
  models.script()
  expect(await run(workspace)).toMatchObject({ claimed: 1, succeeded: 1, resumed: 1 })
  expect(models.requests).toHaveLength(6)
  expect(workspace.reports()).toHaveLength(1)
})

it('with --daemon waits for new papers and for the next day, and ends on SIGTERM with 143', async () => {
  const workspace = await makeLightWorkspace()
  workspace.env = { ...seeded.env, RPA_BUDGET: '8' }
  await workspace.seed(SAMPLES[0]!)
  const running = workspace.start([...RUN, '--daemon', '--no-reserve', '--poll', '200ms', '--json'])
  await until('the first report is there', () => workspace.reports().length === 1)
  await workspace.seed(SAMPLES[3]!)
  await running.says('analyze rests until')
  expect(models.requests).toHaveLength(8)
  running.kill('SIGTERM')
  const end = await running.ended
  expect(end.code).toBe(143)
  expect(end.json()).toMatchObject({ phase: 'run', claimed: 2, stopped: 'signal', failed: 0 })
  expect(workspace.query('select * from execution_leases where lease_until > 0')).toEqual([])
})

it('lets a phase rest in which paper after paper fails alike, goes on with the others, and says so', async () => {
  const workspace = seeded.copy()
  models.script((question) => (isExpensive(question) ? REFUSED : undefined))
  const result = await run(workspace, ['--workers', '2'], {}, 75)
  expect(result).toMatchObject({ failed: 0, stopped: 'circuit' })
  expect(result.reason).toMatch(/^\d papers in a row failed alike in analyze \(moderated\)/)
  expect(result.phases).toMatchObject({ prep: { succeeded: 7 }, analyze: { failed: 0 } })
  expect(count(workspace.statuses(), 'prepped')).toBe(7)
  const { stdout: status } = await workspace.rpa(['status'])
  expect(status.replace(/\s+/g, ' ')).toMatch(
    /analyze.* papers in a row failed alike in analyze \(moderated\)/,
  )
  const { stdout: digest } = await workspace.rpa(['digest', '--trouble'])
  expect(digest).toMatch(/^put back: \d that failed alike, moderated: the model refused papers/)
  models.reset()
  expect(await run(workspace, ['--now'])).toMatchObject({ claimed: 7, succeeded: 7 })
})
