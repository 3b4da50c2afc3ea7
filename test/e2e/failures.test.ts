import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ROOT } from '../support/cli.js'
import type { ModelQuestions } from '../support/model-questions.js'
import { answerWithout, startModels } from '../support/model-questions.js'
import type { ModelReply } from '../support/model-server.js'
import type { PdfServer } from '../support/pdf-server.js'
import { startPdfServer } from '../support/pdf-server.js'
import type { Workspace } from '../support/workspace.js'
import { KEY, makeLightWorkspace, removeWorkspaces } from '../support/workspace.js'

let models: ModelQuestions
let pdfs: PdfServer

beforeAll(async () => {
  ;[models, pdfs] = await Promise.all([startModels(), startPdfServer()])
})
afterEach(() => models.reset())
afterAll(async () => {
  await Promise.all([models.close(), pdfs.close()])
  removeWorkspaces()
})

/** Nobody waits for anything; papers that failed come back at once, and no number of failures closes a model. */
const IMPATIENT = `
patience: 0.05
circuits: { outage_failures: 1000, outage_silence: 86400, density_count: 2 }
backoff:
  server: { first: 0.001, longest: 0.001 }
  upstream: { first: 0.001, longest: 0.001 }
  empty: { first: 0.001, longest: 0.001 }
`

async function workspaceWith(...ids: string[]): Promise<Workspace> {
  const workspace = await makeLightWorkspace({ pdf_url: pdfs.template, pdf_dir: null })
  workspace.write('config/limits.yml', IMPATIENT)
  workspace.env = { OPENROUTER_API_KEY: KEY, OPENROUTER_BASE_URL: models.url }
  await workspace.seed(...ids)
  return workspace
}

/** Does what a user does who knows that it is over. */
async function closeCircuits(workspace: Workspace): Promise<void> {
  const { circuits } = (await workspace.rpa(['budget', '--json'])).json<{ circuits: { name: string }[] }>()
  for (const { name } of circuits) expect((await workspace.rpa(['budget', '--close', name])).code).toBe(0)
}

/** Text of an answer that was cut: it must not be kept anywhere. */
const CUT = 'a text that ends in the mid'

/**
 * One bad answer for each paper, whenever it is asked for. Most may pass, and are tried again until the paper's tries are
 * used (the first, which got the PDF, counts for nothing); some are asked once more, differently; what the model refused
 * it would refuse again.
 */
const BAD_ANSWERS: {
  id: string
  reply: ModelReply
  errorClass: string
  statusCode: number | null
  requests?: 1 | 2
}[] = [
  { id: '0000.00001', reply: { content: '  \n' }, errorClass: 'empty_answer', statusCode: 200 },
  {
    id: '0000.00002',
    reply: { content: `## Core Contribution\n\nHere is ${CUT}`, finishReason: 'length' },
    errorClass: 'truncated_answer',
    statusCode: 200,
    requests: 2,
  },
  {
    id: '0000.00003',
    reply: { finishReason: 'content_filter' },
    errorClass: 'filtered_answer',
    statusCode: 200,
    requests: 1,
  },
  {
    id: '0000.00004',
    reply: { body: '<!DOCTYPE html><html><title>Welcome</title></html>' },
    errorClass: 'malformed_answer',
    statusCode: 200,
  },
  { id: '0000.00005', reply: { cutAt: 50 }, errorClass: 'malformed_answer', statusCode: 200 },
  {
    id: '0000.00006',
    reply: { body: { error: { code: 502, message: 'Provider returned error' } } },
    errorClass: 'server_error',
    statusCode: 200,
  },
  {
    id: '0000.00101',
    reply: { status: 500, body: { error: { code: 500, message: 'oops' } } },
    errorClass: 'server_error',
    statusCode: 500,
  },
  { id: '0000.00106', reply: { reset: 'mid-body' }, errorClass: 'connection_failed', statusCode: null },
  { id: '0000.00102', reply: { reset: 'before' }, errorClass: 'connection_failed', statusCode: null },
  {
    id: '0000.00103',
    reply: {
      status: 400,
      body: { error: { code: 400, message: "This endpoint's maximum context length is 32768 tokens" } },
    },
    errorClass: 'context_overflow',
    statusCode: 400,
    requests: 2,
  },
  {
    id: '0000.00104',
    reply: { status: 403, body: { error: { code: 403, message: 'Your input was flagged' } } },
    errorClass: 'moderated',
    statusCode: 403,
    requests: 1,
  },
]
const GOOD = ['0000.00007', '0000.00105']

describe('answers that are none', () => {
  it('fail their own paper with a class of its own, and no other', async () => {
    const workspace = await workspaceWith(...BAD_ANSWERS.map(({ id }) => id), ...GOOD)
    const byTitle = new Map(BAD_ANSWERS.map((one) => [workspace.title(one.id), one]))
    models.script((seen) => byTitle.get(seen.title)?.reply)

    const end = await workspace.rpa(['prep', '--json'], { RPA_MAX_ATTEMPTS: '2' })

    expect(end).toMatchObject({ code: 0, stderr: '' })
    const counts = { succeeded: 2, failed: 11, stopped: null }
    expect(end.json()).toMatchObject({ ...counts, requests: { cheap: 29, expensive: 0 } })
    expect(models.requests).toHaveLength(29)
    const calls = workspace.query<{ arxiv_id: string }>(
      'select e.arxiv_id, e.status, e.error_class, c.outcome, c.status_code, c.error_class as call_class, c.counted from executions e join llm_calls c using (execution_id)',
    )
    expect(calls).toHaveLength(29)
    for (const { id, errorClass, statusCode, requests = 3 } of BAD_ANSWERS) {
      const rows = calls.filter((call) => call.arxiv_id === id)
      expect(rows, id).toHaveLength(requests)
      for (const row of rows) {
        expect(row, id).toMatchObject({ status: 'failed', error_class: errorClass })
        expect(row, id).toMatchObject({
          outcome: 'error',
          status_code: statusCode,
          call_class: errorClass,
          counted: 1,
        })
      }
      const listed = end
        .json<{ executions: { arxiv_id: string; status: string; error: string }[] }>()
        .executions.find((one) => one.arxiv_id === id && one.status === 'failed')
      expect(listed).toMatchObject({ status: 'failed', error_class: errorClass })
      expect(listed?.error).toMatch(/^[^\n]{20,400}$/)
    }
    for (const id of GOOD)
      expect(calls.find((call) => call.arxiv_id === id)).toMatchObject({ status: 'prepped', outcome: 'ok' })
    for (const { path, bytes } of workspace.files(workspace.in('data')))
      expect(bytes.includes(CUT), path).toBe(false)

    const readable = await workspace.rpa(['status'])
    expect(readable.stdout).toMatch(/malformed_answer\s+2 {2}rpa retry --error-class malformed_answer\n/)
  })

  it('exit with 1 under --strict, and are readable without --json', async () => {
    const workspace = await workspaceWith('0000.00001')
    models.script(() => ({ body: '' }))
    const end = await workspace.rpa(['prep', '--strict'], { RPA_MAX_ATTEMPTS: '1' })
    expect(end).toMatchObject({ code: 1, stderr: '' })
    expect(end.stdout).toContain('1 failed')
    expect(end.stdout).toMatch(/0000\.00001\s+failed\s+malformed_answer\s+\S+ answered with an empty body/)
  })

  it('that never come fail at the deadline of the profile', async () => {
    const workspace = await workspaceWith('0000.00001')
    const profiles = readFileSync(join(ROOT, 'config', 'profiles.yml'), 'utf8')
    workspace.write('config/profiles.yml', profiles.replace(/timeout: \d+/g, 'timeout: 1'))
    models.script(() => ({ hang: true }))
    const [execution] = (await workspace.phase(['prep'], { RPA_MAX_ATTEMPTS: '1' })).executions
    expect(execution).toMatchObject({ status: 'failed', error_class: 'timeout' })
    expect(execution?.error).toContain('did not answer within 1 s')
    expect(workspace.query('select outcome, status_code, error_class, counted from llm_calls')).toEqual([
      { outcome: 'error', status_code: null, error_class: 'timeout', counted: 1 },
    ])
  })
})

describe('refusals that are not the paper’s fault', () => {
  const reset = Math.ceil((Date.now() + 1_200_000) / 1000) * 1000
  const limit = (message: string, more: object = {}): object => ({
    error: { code: 429, message, metadata: more },
  })
  const STOPPING = [
    {
      name: 'requests of the minute',
      reply: {
        status: 429,
        headers: {
          'x-ratelimit-limit': '20',
          'x-ratelimit-remaining': '0',
          'x-ratelimit-reset': String(reset),
        },
        body: limit('Rate limit exceeded: free-models-per-min. '),
      },
      stopped: 'circuit',
      errorClass: 'rate_limited_minute',
      retryAt: [reset, reset],
    },
    {
      name: 'requests of the day',
      reply: {
        status: 429,
        body: limit('Rate limit exceeded: free-models-per-day.', {
          headers: {
            'X-RateLimit-Limit': '1000',
            'X-RateLimit-Remaining': '0',
            'X-RateLimit-Reset': String(reset + 3_600_000),
          },
        }),
      },
      stopped: 'budget',
      errorClass: 'rate_limited_day',
      retryAt: [reset + 3_600_000, reset + 3_600_000],
    },
    {
      name: 'a busy provider upstream',
      reply: {
        status: 429,
        body: limit('Provider returned error', { raw: 'model is temporarily rate-limited upstream' }),
      },
      stopped: 'circuit',
      errorClass: 'rate_limited_upstream',
      retryAt: [Date.now() + 50_000, Date.now() + 200_000],
    },
    {
      name: 'no credit',
      reply: { status: 402, body: { error: { code: 402, message: 'Insufficient credits' } } },
      stopped: 'circuit',
      errorClass: 'payment_required',
      retryAt: [Date.now() + 3_000_000, Date.now() + 4_500_000],
    },
  ] as const

  const FATAL = [
    {
      status: 401,
      message: 'No auth credentials found',
      code: 'key_rejected',
      exit: 78,
      hint: 'OPENROUTER_API_KEY',
    },
    {
      status: 404,
      message: 'No endpoints found for the model',
      code: 'model_gone',
      exit: 78,
      hint: 'profiles.yml',
    },
  ]

  let template: Workspace
  let workspace: Workspace

  beforeAll(async () => {
    template = await workspaceWith('0000.00001')
  })
  beforeEach(() => void (workspace = template.copy()))

  /** Where it was, without a try used; what waits for its model alone says until when. */
  function expectPutBack(errorClass?: string): void {
    const not_before = errorClass === 'rate_limited_upstream' ? (expect.stringMatching(/Z$/) as string) : null
    expect(workspace.query('select status, attempts, not_before from executions')).toEqual([
      { status: 'pending', attempts: 0, not_before },
    ])
    expect(workspace.query('select * from execution_leases where lease_until > 0')).toEqual([])
  }

  it.each(STOPPING)('$name: the paper goes back, and the command ends with 75', async (one) => {
    models.script(() => one.reply)
    const end = await workspace.rpa(['prep', '--json'])
    expect(end).toMatchObject({ code: 75, stderr: '' })
    const result = end.json<{ retry_at: string }>()
    expect(result).toMatchObject({ claimed: 1, failed: 0, stopped: one.stopped })
    expect(result).toMatchObject({ executions: [{ status: 'pending', error_class: one.errorClass }] })
    expect(Date.parse(result.retry_at)).toBeGreaterThanOrEqual(one.retryAt[0])
    expect(Date.parse(result.retry_at)).toBeLessThanOrEqual(one.retryAt[1])
    expect(models.requests).toHaveLength(one.errorClass === 'rate_limited_upstream' ? 2 : 1)
    expectPutBack(one.errorClass)
    const [call] = workspace.query('select * from llm_calls order by rowid desc limit 1')
    expect(call).toMatchObject({ status_code: one.reply.status, error_class: one.errorClass, counted: 1 })
    expect(call!['outcome']).toBe(one.errorClass.startsWith('rate') ? 'rate_limited' : 'error')
  })

  it.each(FATAL)(
    '$code: the paper goes back, and the command says what to correct',
    async ({ status, message, code, exit, hint }) => {
      models.script(() => ({ status, body: { error: { code: status, message } } }))
      const end = await workspace.rpa(['prep', '--json'])
      expect(end).toMatchObject({ code: exit, stderr: '' })
      expect(end.json()).toMatchObject({
        error: {
          code,
          message: expect.stringContaining(message) as string,
          hint: expect.stringContaining(hint) as string,
        },
      })
      expectPutBack()

      const readable = await workspace.rpa(['prep'])
      expect(readable).toMatchObject({ code: exit, stdout: '' })
      expect(readable.stderr).toMatch(
        new RegExp(`^rpa: [^\\n]*${message}[^\\n]*\\n {2}[^\\n]*${hint}[^\\n]*\\n$`),
      )
    },
  )

  it('what a provider says reaches the terminal without its control characters', async () => {
    const message = `No ${String.fromCharCode(27)}[2J${String.fromCharCode(7)}auth`
    models.script(() => ({ status: 401, body: { error: { code: 401, message } } }))
    const end = await workspace.rpa(['prep'])
    expect(end.stderr).toMatch(/No \[2J auth/)
  })

  it('an endpoint that cannot be reached: exit 69, and the request does not count', async () => {
    const before = workspace.query('select coalesce(sum(counted), 0) as n from llm_calls')
    const end = await workspace.rpa(['prep', '--json'], {
      OPENROUTER_BASE_URL: `http://127.0.0.1:${await closedPort()}/v1`,
    })
    expect(end.code).toBe(69)
    expect(end.json()).toMatchObject({
      error: { code: 'unreachable', hint: expect.stringContaining('OPENROUTER_BASE_URL') as string },
    })
    expect(workspace.query('select coalesce(sum(counted), 0) as n from llm_calls')).toEqual(before)
    expect(workspace.query('select total_calls as n from daily_usage')).toEqual(before)
    expectPutBack()
  })

  it('the paper goes on afterwards where it was, without another download', async () => {
    models.script(() => STOPPING[0].reply)
    await workspace.phase(['prep'], {}, 75)
    models.script()
    await closeCircuits(workspace)
    const before = pdfs.asked.length
    expect(await workspace.phase(['prep'])).toMatchObject({
      claimed: 1,
      succeeded: 1,
      resumed: 1,
      requests: { cheap: 1 },
    })
    expect(pdfs.asked.length).toBe(before)
    expect(workspace.statuses()).toEqual({ '0000.00001': 'prepped' })
  })
})

describe('a question of three that fails', () => {
  let template: Workspace

  beforeAll(async () => {
    template = await workspaceWith('0000.00001')
    await template.phase(['prep'])
  })
  beforeEach(() => models.reset())

  it.each([
    {
      name: 'for now',
      reply: { status: 429, body: { error: { code: 429, message: 'free-models-per-min' } } },
      status: 'prepped',
      exit: 75,
    },
    { name: 'for good', reply: { status: 451, body: 'no' }, status: 'failed', exit: 0 },
  ])(
    '$name keeps the answers beside it: the next run sends only the missing one',
    async ({ reply, status, exit }) => {
      const workspace = template.copy()
      models.script((question) => (question.writer === 'reproduction_notes' ? reply : undefined))
      await workspace.phase(['analyze'], {}, exit)
      expect(workspace.statuses()).toEqual({ '0000.00001': status })
      const sent = models.requests.map(({ writer }) => writer).sort()
      expect(sent).toEqual(['open_questions', 'reproduction_notes', 'why_hypotheses'])

      models.reset()
      if (status === 'failed') await workspace.rpa(['retry', '--all'])
      await closeCircuits(workspace)
      expect(await workspace.phase(['analyze'])).toMatchObject({ succeeded: 1, requests: { expensive: 1 } })
      expect(models.requests.map(({ writer }) => writer)).toEqual(['reproduction_notes'])
      expect(workspace.statuses()).toEqual({ '0000.00001': 'analyzed' })
    },
  )
})

describe('a report that is still not whole after one repair', () => {
  it('fails the paper without a file; a retry asks for the rest alone', async () => {
    const workspace = await workspaceWith('0000.00001')
    await workspace.phase(['prep', '--profile', 'offline'])
    await workspace.phase(['analyze', '--profile', 'offline'])
    models.script((question) => ({ content: answerWithout(question, ['Confidence']) || 'None.' }))
    const first = await workspace.phase(['wrap'])
    expect(first).toMatchObject({
      failed: 1,
      requests: { cheap: 2 },
      executions: [{ error_class: 'incomplete_report' }],
    })
    expect(first.executions[0]?.error).toMatch(/not complete after one repair.*: Confidence$/)
    expect(workspace.reports()).toEqual([])

    models.script()
    await workspace.rpa(['retry', '--error-class', 'incomplete_report'])
    expect(workspace.statuses()).toEqual({ '0000.00001': 'analyzed' })
    expect(await workspace.phase(['wrap'])).toMatchObject({ succeeded: 1, requests: { cheap: 1 } })
    expect(models.requests.map(({ writer }) => writer)).toEqual(['limits_confidence', 'repair', 'repair'])
    expect(models.requests.at(-1)?.headings).toEqual(['Confidence'])
    expect(workspace.reports()).toHaveLength(1)
  })
})

async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
