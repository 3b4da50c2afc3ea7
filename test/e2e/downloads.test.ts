import { readdirSync, readFileSync, rmSync } from 'node:fs'
import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../support/cli.js'
import { startModels } from '../support/model-questions.js'
import { shortPapers } from '../support/short-papers.js'
import type { Workspace } from '../support/workspace.js'
import { KEY, SAMPLES, makeWorkspace, removeWorkspaces } from '../support/workspace.js'

type Answer = (response: ServerResponse, id: string) => unknown

/** A stand-in for arXiv that keeps a log. */
interface Host {
  origin: string
  log: { id: string; at: number; headers: IncomingHttpHeaders }[]
  /** Answers differently from now on; undefined: with the sample's PDF. */
  answer: Answer | undefined
  close(): Promise<void>
}

const PDFS = shortPapers()
const pdfOf = (id: string): Buffer => PDFS.get(id) ?? Buffer.alloc(0)

let host: Host
beforeAll(async () => {
  host = await startHost()
})
afterEach(() => {
  host.answer = undefined
  host.log.length = 0
})
afterAll(async () => {
  await host.close()
  removeWorkspaces()
})

async function startHost(): Promise<Host> {
  const server = createServer((request, response) => {
    const id = (request.url ?? '').replace(/^\/pdf\//, '')
    started.log.push({ id, at: performance.now(), headers: request.headers })
    response.strictContentLength = false
    if (started.answer === undefined) response.end(pdfOf(id))
    else started.answer(response, id)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const started: Host = {
    origin: `http://127.0.0.1:${port}`,
    log: [],
    answer: undefined,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return started
}

async function workspaceWith(
  ids: readonly string[],
  settings: Record<string, string> = {},
): Promise<Workspace> {
  const pdf_url = `${host.origin}/pdf/{arxiv_id}`
  const workspace = await makeWorkspace({ profile: 'offline', pdf_url, pdf_dir: null, ...settings })
  await workspace.seed(...ids)
  return workspace
}

it('four processes keep the gap together, and say who is asking', async () => {
  const workspace = await workspaceWith(SAMPLES, { pdf_gap: '1', contact: 'mailto:jane@example.org' })
  const began = performance.now()
  const ends = await Promise.all(
    Array.from({ length: 4 }, () => workspace.rpa(['prep', '--workers', '2', '--quiet'])),
  )
  expect(ends.map(({ code, stderr }) => ({ code, stderr }))).toEqual(Array(4).fill({ code: 0, stderr: '' }))
  expect(new Set(Object.values(workspace.statuses()))).toEqual(new Set(['prepped']))
  expect(host.log.map(({ id }) => id).sort()).toEqual(SAMPLES)
  for (const { headers } of host.log) {
    expect(headers['user-agent']).toMatch(/^rpa\/\d+\.\d+\.\d+ \(mailto:jane@example\.org\)$/)
  }
  // A busy machine may hold a request back between its turn and the wire, but none comes before its turn.
  for (const [turn, { at }] of host.log.entries()) expect(at - began).toBeGreaterThan(turn * 1000 - 5)
})

it('a host that refuses is left alone by every process until the time it named, and then the papers go on', async () => {
  const workspace = await workspaceWith(SAMPLES)
  host.answer = (response) => response.writeHead(429, { 'retry-after': '1800' }).end()
  const asked = Date.now()
  const first = await workspace.phase(['prep', '--workers', '1'], {}, 75)
  expect(first).toMatchObject({ succeeded: 0, failed: 0, released: 7, waiting: { papers: 7 } })
  await workspace.phase(['prep', '--id', '0000.00002'])
  expect(host.log).toHaveLength(1)
  const rows = workspace.query<{ status: string; attempts: number; not_before: string }>(
    'select status, attempts, not_before from executions',
  )
  for (const { status, attempts, not_before } of rows) {
    expect({ status, attempts }).toEqual({ status: 'pending', attempts: 0 })
    expect(Date.parse(not_before) - asked).toBeGreaterThanOrEqual(1_800_000)
    expect(Date.parse(not_before) - asked).toBeLessThan(1_860_000)
  }

  host.answer = undefined
  workspace.change('update executions set not_before = null')
  workspace.change("update request_gates set next_at = '2020-01-01T00:00:00.000Z'")
  expect(await workspace.phase(['prep'])).toMatchObject({ succeeded: 7 })
})

it('a process that is killed in the middle of a download leaves no wrong file, and the next one goes on', async () => {
  const [id = ''] = SAMPLES
  const workspace = await workspaceWith([id])
  workspace.env = { RPA_LEASE_TTL: '1' }
  host.answer = (response) =>
    response.writeHead(200, { 'content-length': pdfOf(id).length }).write(pdfOf(id).subarray(0, 4096))
  const running = workspace.start(['prep'])
  const cache = workspace.in('data', 'pdf')
  await until('half of the file is written', () =>
    workspace
      .files(workspace.in('data'))
      .some(({ path, bytes }) => path.endsWith('.part') && bytes.length === 4096),
  )
  running.kill('SIGKILL')
  await running.ended
  expect(readdirSync(cache)).toEqual([expect.stringMatching(/^\..*\.part$/)])

  host.answer = undefined
  await until('the lease has run out', async () => (await workspace.phase(['prep'])).succeeded === 1)
  expect(readFileSync(workspace.in('data', 'pdf', `${id}.pdf`)).equals(pdfOf(id))).toBe(true)
})

it('a paper whose text was read needs its PDF no more, also after it has failed', async () => {
  const [id = ''] = SAMPLES
  const models = await startModels()
  try {
    const pdf_url = `${host.origin}/pdf/{arxiv_id}`
    const workspace = await makeWorkspace({ pdf_url, pdf_dir: null })
    workspace.env = { OPENROUTER_API_KEY: KEY, OPENROUTER_BASE_URL: models.url }
    await workspace.seed(id)
    models.script(() => ({ status: 451 }))
    expect(await workspace.phase(['prep'])).toMatchObject({ failed: 1 })
    rmSync(workspace.in('data', 'pdf'), { recursive: true })
    models.reset()
    await workspace.rpa(['retry', '--id', id])
    expect(await workspace.phase(['prep'])).toMatchObject({ succeeded: 1 })
    expect(host.log).toHaveLength(1)
  } finally {
    await models.close()
  }
})

describe('a host in trouble', () => {
  const TROUBLES: [string, Answer][] = [
    ['a cut without a word', (response, id) => response.end(pdfOf(id).subarray(0, 4096))],
    [
      'a cut without a word, each time elsewhere',
      (response, id) => response.end(pdfOf(id).subarray(0, 4000 + host.log.length)),
    ],
    [
      'a captcha page under 200',
      (response) => response.end('<!DOCTYPE html><html><body>Robot?</body></html>'),
    ],
    ['a text under 200', (response) => response.end('Please come back later. '.repeat(100))],
    ['500', (response) => response.writeHead(500).end()],
    ['403', (response) => response.writeHead(403).end()],
    ['202', (response) => response.writeHead(202).end()],
    ['a reset', (response) => response.destroy()],
    [
      'a cut',
      (response) =>
        response.writeHead(200, { 'content-length': 9e5 }).write('%PDF-1.7', () => response.destroy()),
    ],
  ]
  it.each(TROUBLES)('%s: no paper fails, the host rests, the command ends with 75', async (_, answer) => {
    const workspace = await workspaceWith(SAMPLES)
    host.answer = answer
    const result = await workspace.phase(['prep', '--workers', '1'], {}, 75)
    expect(result).toMatchObject({ failed: 0, released: 7, stopped: 'circuit' })
    expect(new Set(host.log.map(({ id }) => id)).size).toBe(2)
    expect(new Set(Object.values(workspace.statuses()))).toEqual(new Set(['pending']))
    host.answer = undefined
    workspace.change('update executions set not_before = null')
    workspace.change("update request_gates set next_at = '2020-01-01T00:00:00.000Z'")
    expect(await workspace.phase(['prep'])).toMatchObject({ succeeded: 7 })
  })

  it('ends `run` alike, and puts the papers back', async () => {
    const workspace = await workspaceWith(SAMPLES)
    host.answer = (response) => response.writeHead(500).end()
    const result = await workspace.phase(['run', '--workers', '1'], {}, 75)
    expect(result).toMatchObject({ stopped: 'circuit' })
    expect(new Set(Object.values(workspace.statuses()))).toEqual(new Set(['pending']))
  })

  it('that began after it gave some PDFs: the rest goes back, the command ends with 75', async () => {
    const workspace = await workspaceWith(SAMPLES)
    host.answer = (response, id) =>
      host.log.length > 3 ? response.writeHead(500).end() : response.end(pdfOf(id))
    const result = await workspace.phase(['prep', '--workers', '1'], {}, 75)
    expect(result).toMatchObject({ succeeded: 3, failed: 0, released: 4, stopped: 'circuit' })
    expect(Object.values(workspace.statuses()).filter((status) => status === 'pending')).toHaveLength(4)
  })

  it('with no PDF of any paper: the address is wrong, and soon no paper fails for it', async () => {
    const workspace = await workspaceWith(SAMPLES)
    host.answer = (response) => response.writeHead(404).end()
    for (const failed of [2, 2]) {
      const end = await workspace.rpa(['prep', '--workers', '1', '--json'])
      expect(end.code).toBe(78)
      expect(end.json()).toMatchObject({
        error: { code: 'pdf_url_wrong', hint: expect.stringContaining('RPA_PDF_URL') as string },
      })
      expect(Object.values(workspace.statuses()).filter((status) => status === 'failed')).toHaveLength(failed)
      workspace.change(
        "update request_gates set next_at = '2020-01-01T00:00:00.000Z' where name not like '% %'",
      )
    }
    host.answer = undefined
    workspace.change("update request_gates set next_at = '2020-01-01T00:00:00.000Z'")
    await workspace.rpa(['retry', '--error-class', 'pdf_not_found'])
    expect(await workspace.phase(['prep'])).toMatchObject({ succeeded: 7 })
  })

  it('with one paper alone does not hold up the others; that paper fails when its tries are used', async () => {
    const [bad = ''] = SAMPLES
    const workspace = await workspaceWith(SAMPLES)
    workspace.env = { RPA_MAX_ATTEMPTS: '2' }
    host.answer = (response, id) => (id === bad ? response.writeHead(403).end() : response.end(pdfOf(id)))
    expect(await workspace.phase(['prep', '--workers', '1'])).toMatchObject({ succeeded: 6, failed: 0 })
    for (let tries = 0; tries < 4 && workspace.statuses()[bad] === 'pending'; tries += 1) {
      workspace.change('update executions set not_before = null')
      await workspace.rpa(['prep'])
    }
    expect(workspace.statuses()[bad]).toBe('failed')
  })
})

it('a PDF URL outside of the allowed hosts ends the command as wrong configuration', async () => {
  const workspace = await workspaceWith(SAMPLES, { pdf_hosts: 'arxiv.org' })
  const end = await workspace.rpa(['prep', '--json'])
  expect(end.code).toBe(78)
  expect(end.json()).toMatchObject({ error: { code: 'pdf_host_forbidden' } })
  expect(host.log).toEqual([])
  expect(new Set(Object.values(workspace.statuses()))).toEqual(new Set(['pending']))
})
