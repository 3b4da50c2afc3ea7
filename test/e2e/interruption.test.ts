import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { PhaseResult } from '../../src/pipeline/result.js'
import type { Ended } from '../support/cli.js'
import { until } from '../support/cli.js'
import type { ModelQuestions } from '../support/model-questions.js'
import { answerWithout, startModels } from '../support/model-questions.js'
import type { PdfServer } from '../support/pdf-server.js'
import { startPdfServer } from '../support/pdf-server.js'
import type { Workspace } from '../support/workspace.js'
import { KEY, SAMPLES, makeLightWorkspace, removeWorkspaces } from '../support/workspace.js'

let models: ModelQuestions
let pdfs: PdfServer
/** Two papers, prepped. */
let prepped: Workspace
/** One paper, analyzed. */
let analyzed: Workspace

beforeAll(async () => {
  ;[models, pdfs] = await Promise.all([startModels(), startPdfServer()])
  prepped = await workspaceWith('0000.00001', '0000.00004')
  await prepped.phase(['prep'])
  analyzed = prepped.copy()
  await analyzed.phase(['analyze', '--id', '0000.00001'])
  models.reset()
})
afterEach(() => models.reset())
afterAll(async () => {
  await Promise.all([models.close(), pdfs.close()])
  removeWorkspaces()
})

async function workspaceWith(...ids: string[]): Promise<Workspace> {
  const workspace = await makeLightWorkspace({ pdf_url: pdfs.template, pdf_dir: null })
  workspace.env = { OPENROUTER_API_KEY: KEY, OPENROUTER_BASE_URL: models.url }
  await workspace.seed(...ids)
  return workspace
}

/** A gate at which answers wait. */
function gate(): { closed: Promise<void>; open: () => void } {
  let open = (): void => undefined
  const closed = new Promise<void>((resolve) => (open = resolve))
  return { closed, open }
}

const writers = (): string[] => models.requests.map(({ writer }) => writer).sort()
const THREE = ['open_questions', 'reproduction_notes', 'why_hypotheses']

describe('a process that is killed', () => {
  it('costs the one request that was not answered: the same command continues at once', async () => {
    const workspace = prepped.copy()
    models.script(({ writer }) => (writer === 'open_questions' ? { hang: true } : undefined))
    const running = workspace.start(['analyze', '--id', '0000.00001'])
    await until(
      'two answers are kept and one is owed',
      () => models.requests.length === 3 && answersKept(workspace) === 2,
    )
    running.kill('SIGKILL')
    expect(await running.ended).toMatchObject({ code: null, signal: 'SIGKILL' })

    expect(workspace.statuses()).toMatchObject({ '0000.00001': 'analyzing' })
    models.reset()
    const result = await workspace.phase(['analyze', '--id', '0000.00001'])
    expect(result).toMatchObject({
      claimed: 1,
      succeeded: 1,
      resumed: 1,
      requests: { cheap: 0, expensive: 1 },
    })
    expect(writers()).toEqual(['open_questions'])
    expect(workspace.statuses()).toMatchObject({ '0000.00001': 'analyzed' })
    const [budget] = workspace.query(
      "select count(*) as calls, sum(counted) as counted from llm_calls where phase = 'analyze'",
    )
    expect(budget).toEqual({ calls: 4, counted: 4 })
    expect(workspace.integrity()).toBe('ok')
  })

  it.each([[['analyze', '--id', '0000.00001']], [['analyze']], [['run', '--resume-only']]])(
    'holds nothing, also when its lease runs into tomorrow: %j takes its paper',
    async (command) => {
      const workspace = prepped.copy()
      models.script(() => ({ hang: true }))
      const running = workspace.start(['analyze', '--id', '0000.00001'])
      await models.until(() => models.requests.length === 3)
      running.kill('SIGKILL')
      await running.ended
      workspace.change('update execution_leases set lease_until = lease_until + 86400 where lease_until > 0')
      models.reset()
      const status = await workspace.rpa(['status', '--json'])
      expect(status.json()).toMatchObject({ working: [], stuck: [{ arxiv_id: '0000.00001', live: false }] })
      const plan = await workspace.phase([...command, '--dry-run'])
      expect(plan.executions[0]).toMatchObject({ arxiv_id: '0000.00001', status: 'analyzing' })
      const result = await workspace.phase(command)
      expect(result).toMatchObject({ resumed: 1, failed: 0, stopped: null })
      expect(workspace.statuses()).toMatchObject({ '0000.00001': 'analyzed' })
    },
  )
})

describe('a process that is asked to stop', () => {
  it.each([
    { name: 'SIGINT', exit: 130 },
    { name: 'SIGTERM', exit: 143 },
    { name: 'SIGHUP', exit: 129 },
  ] as const)(
    'by $name ends with $exit once the requests in flight are answered and kept',
    async ({ name, exit }) => {
      const workspace = prepped.copy()
      const held = gate()
      models.script(() => ({ until: held.closed }))
      const running = workspace.start(['analyze', '--workers', '1', '--json'])
      await models.until(() => models.requests.length === 3)
      running.kill(name)
      await running.says('stopping')
      held.open()
      const end = await running.ended
      expect(end.code).toBe(exit)
      expect(end.json()).toMatchObject({
        claimed: 1,
        failed: 0,
        stopped: 'signal',
        requests: { expensive: 3 },
      })
      expect(models.requests).toHaveLength(3)
      const calls = workspace.query("select outcome from llm_calls where phase = 'analyze'")
      expect(calls).toEqual(Array(3).fill({ outcome: 'ok' }))
      expect(workspace.query('select * from execution_leases where lease_until > 0')).toEqual([])
      expect(Object.values(workspace.statuses())).not.toContain('analyzing')

      await workspace.phase(['analyze'])
      expect(writers()).toEqual([...THREE, ...THREE].sort())
      expect(new Set(models.requests.map(({ call }) => call.prompt)).size).toBe(6)
      expect(new Set(Object.values(workspace.statuses()))).toEqual(new Set(['analyzed']))
    },
  )

  it('puts back a paper that has more steps before it, at once, with what it has', async () => {
    const workspace = analyzed.copy()
    const held = gate()
    // A section is missing, so a repair would be next.
    models.script((question) => ({ until: held.closed, content: answerWithout(question, ['Confidence']) }))
    const running = workspace.start(['wrap', '--json'])
    await models.until(() => models.requests.length === 1)
    running.kill('SIGINT')
    await running.says('stopping')
    held.open()
    const end = await running.ended
    expect(end.code).toBe(130)
    expect(end.json()).toMatchObject({ claimed: 1, succeeded: 0, failed: 0, released: 1, stopped: 'signal' })
    expect(writers()).toEqual(['limits_confidence'])
    expect(workspace.statuses()).toMatchObject({ '0000.00001': 'analyzed' })
    expect(workspace.query('select * from execution_leases where lease_until > 0')).toEqual([])
    expect(workspace.reports()).toEqual([])

    models.script()
    const next = await workspace.phase(['wrap'])
    expect(next).toMatchObject({ succeeded: 1, resumed: 1, requests: { cheap: 1, expensive: 0 } })
    expect(writers()).toEqual(['limits_confidence', 'repair'])
  })

  it('does not wait for a PDF', async () => {
    const workspace = await workspaceWith('0000.00002')
    pdfs.answer('0000.00002', 'hang')
    const running = workspace.start(['prep', '--json'])
    await until('the PDF is asked for', () => pdfs.asked.includes('0000.00002'))
    running.kill('SIGTERM')
    const end = await running.ended
    expect(end.code).toBe(143)
    expect(end.json()).toMatchObject({ released: 1, stopped: 'signal', executions: [{ status: 'pending' }] })
    expect(workspace.query('select attempts, not_before from executions')).toEqual([
      { attempts: 0, not_before: null },
    ])
    pdfs.answer('0000.00002', 'pdf')
    expect(await workspace.phase(['prep'])).toMatchObject({ succeeded: 1 })
  })

  it('twice ends at once; only the request in flight is lost', async () => {
    const workspace = prepped.copy()
    models.script(() => ({ hang: true }))
    const running = workspace.start(['analyze', '--limit', '1'])
    await models.until(() => models.requests.length === 3)
    running.kill('SIGINT')
    await running.says('stopping')
    running.kill('SIGINT')
    expect((await running.ended).code).toBe(130)
    expect(workspace.integrity()).toBe('ok')
    expect(
      workspace.query("select count(*) as n from llm_calls where phase = 'analyze' and counted = 1"),
    ).toEqual([{ n: 3 }])
  })
})

describe('requests that nobody will answer', () => {
  it('are not waited for beyond the limit: the paper is put back, the requests stay counted', async () => {
    const workspace = prepped.copy()
    models.script(({ writer }) => (writer === 'open_questions' ? { hang: true } : undefined))
    const args = ['analyze', '--id', '0000.00001', '--json']
    const running = workspace.start(args, { RPA_DRAIN_TIMEOUT: '1' })
    await until(
      'two answers are kept and one is owed',
      () => models.requests.length === 3 && answersKept(workspace) === 2,
    )
    running.kill('SIGTERM')
    const end = await running.ended
    expect(end.code).toBe(143)
    expect(end.json()).toMatchObject({ claimed: 1, failed: 0, released: 1, stopped: 'signal' })
    expect(workspace.statuses()).toMatchObject({ '0000.00001': 'prepped' })
    const calls = workspace.query(
      "select outcome, counted from llm_calls where phase = 'analyze' order by outcome",
    )
    expect(calls).toEqual([
      { outcome: 'aborted', counted: 1 },
      ...Array<unknown>(2).fill({ outcome: 'ok', counted: 1 }),
    ])

    models.reset()
    expect(await workspace.phase(['resume'])).toMatchObject({
      claimed: 1,
      succeeded: 1,
      requests: { expensive: 1 },
    })
    expect(writers()).toEqual(['open_questions'])
    expect(workspace.statuses()).toEqual({ '0000.00001': 'analyzed', '0000.00004': 'prepped' })
  })

  it('left by a dead process are settled by reap, which puts its paper back', async () => {
    const workspace = prepped.copy()
    models.script(() => ({ hang: true }))
    const running = workspace.start(['analyze', '--id', '0000.00001'])
    await models.until(() => models.requests.length === 3)
    const alive = await workspace.rpa(['reap', '--json'])
    expect(alive.json()).toEqual({ released: { prepping: 0, analyzing: 0, wrapping: 0 }, calls_settled: 0 })
    running.kill('SIGKILL')
    await running.ended
    const dead = await workspace.rpa(['reap', '--json'])
    expect(dead.json()).toEqual({ released: { prepping: 0, analyzing: 1, wrapping: 0 }, calls_settled: 3 })
    expect(workspace.statuses()).toMatchObject({ '0000.00001': 'prepped' })
    expect(
      workspace.query("select outcome, counted, error_class from llm_calls where phase = 'analyze'"),
    ).toEqual(Array(3).fill({ outcome: 'aborted', counted: 1, error_class: 'owner_died' }))
    models.reset()
    expect(await workspace.phase(['analyze'])).toMatchObject({ succeeded: 2, requests: { expensive: 6 } })
  })
})

describe('a command whose time is over', () => {
  it('waits for requests in flight, but not without end: the paper is put back with what it has', async () => {
    const workspace = prepped.copy()
    models.script(({ writer }) => (writer === 'open_questions' ? { hang: true } : undefined))
    const args = ['analyze', '--id', '0000.00001', '--max-time', '4s', '--json']
    const end = await workspace.rpa(args, { RPA_DRAIN_TIMEOUT: '1' })
    expect(end.code).toBe(75)
    expect(end.json()).toMatchObject({ claimed: 1, failed: 0, released: 1, stopped: 'time' })
    // Two on a machine that has time for them.
    const answered = models.requests.filter(({ writer }) => writer !== 'open_questions').length
    expect(models.requests.length).toBe(answered + 1)
    expect(answersKept(workspace)).toBe(answered)
    models.reset()
    expect(await workspace.phase(['analyze', '--id', '0000.00001'])).toMatchObject({
      succeeded: 1,
      requests: { expensive: 3 - answered },
    })
  })

  it('ends before it where no request could be sent in time, and books nothing', async () => {
    const workspace = prepped.copy()
    const group = { name: 'slow', host: '127.0.0.1', requests_per_minute: 2, minute: 600 }
    workspace.write('config/limits.yml', JSON.stringify({ groups: [group] }))
    const began = Date.now()
    const end = await workspace.rpa(['analyze', '--workers', '1', '--max-time', '40s', '--json'])
    expect(Date.now() - began).toBeLessThan(35_000)
    expect(end.code).toBe(75)
    const result = end.json<PhaseResult>()
    expect(result).toMatchObject({ claimed: 1, failed: 0, released: 1, stopped: 'time' })
    expect(Date.parse(result.retry_at ?? '')).toBeGreaterThan(began + 300_000)
    expect(models.requests).toHaveLength(2)
    expect(workspace.query("select outcome from llm_calls where phase = 'analyze'")).toEqual(
      Array(2).fill({ outcome: 'ok' }),
    )
    expect(workspace.query('select attempts from executions where attempts > 0')).toEqual([])
  })
})

describe('two processes at once', () => {
  it('share the papers of prep and of analyze: each is done once, by one of them', async () => {
    const workspace = await workspaceWith(...SAMPLES)
    pdfs.asked.length = 0
    for (const phase of ['prep', 'analyze'] as const) {
      models.reset()
      const ends = await both(workspace, phase)
      expect(ends.map(({ code }) => code)).toEqual([0, 0])
      const results = ends.map((end) => end.json<PhaseResult>())
      const ids = results.flatMap(({ executions }) => executions.map(({ arxiv_id }) => arxiv_id))
      expect(ids.sort()).toEqual(SAMPLES)
      for (const result of results) expect(result).toMatchObject({ failed: 0, released: 0, resumed: 0 })
      for (const result of results) expect(result.succeeded).toBeGreaterThan(0)
      const questions = models.requests.map(({ call }) => call.prompt)
      expect(questions).toHaveLength(phase === 'prep' ? 7 : 21)
      expect(new Set(questions).size).toBe(questions.length)
    }
    expect(pdfs.asked.sort()).toEqual(SAMPLES)
    expect(new Set(Object.values(workspace.statuses()))).toEqual(new Set(['analyzed']))
    expect(workspace.query('select count(*) as n, sum(counted) as counted from llm_calls')).toEqual([
      { n: 28, counted: 28 },
    ])
    expect(workspace.integrity()).toBe('ok')
  })

  it('share one budget: together they send what it allows, and not one request more', async () => {
    const workspace = await workspaceWith(...SAMPLES)
    const ends = await both(workspace, 'prep', { RPA_BUDGET: '5' }, ['--no-reserve'])
    const results = ends.map((end) => end.json<PhaseResult>())
    expect(models.requests).toHaveLength(5)
    expect(results.map(({ requests }) => requests.cheap).reduce((a, b) => a + b)).toBe(5)
    for (const result of results) expect(result).toMatchObject({ failed: 0 })
    // One of them may find the last papers in the other's hands, and have nothing left to do.
    expect(ends.map(({ code }) => code)).toContain(75)
    for (const [index, { code }] of ends.entries()) {
      expect([code, results[index]?.stopped]).toEqual(code === 75 ? [75, 'budget'] : [0, null])
    }
    expect(Object.values(workspace.statuses()).sort()).toEqual([
      ...Array<string>(2).fill('pending'),
      ...Array<string>(5).fill('prepped'),
    ])
    expect(await workspace.phase(['prep'])).toMatchObject({ succeeded: 2, requests: { cheap: 2 } })
    expect(new Set(models.requests.map(({ title }) => title)).size).toBe(7)
  })
})

/** Runs a phase in two processes, neither of which is answered before both are at work. */
async function both(workspace: Workspace, phase: string, env = {}, flags: string[] = []): Promise<Ended[]> {
  const held = gate()
  models.script(() => ({ until: held.closed }))
  const running = [0, 1].map(() => workspace.rpa([phase, '--workers', '2', ...flags, '--json'], env))
  await until('both are at work', () => ownersOf(workspace, phase).length === 2)
  held.open()
  return Promise.all(running)
}

function answersKept(workspace: Workspace): unknown {
  return workspace.query(
    "select count(*) as n from llm_calls where phase = 'analyze' and outcome = 'ok'",
  )[0]?.['n']
}

function ownersOf(workspace: Workspace, phase: string): unknown[] {
  return workspace.query('select distinct owner_id from llm_calls where phase = ?', phase)
}
