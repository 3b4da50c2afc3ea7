import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import type { FetchPdfsResult } from '../../src/pipeline/fetch-pdfs.js'
import { samplePdf } from '../support/pdf-server.js'
import type { Workspace } from '../support/workspace.js'
import { makeWorkspace, removeWorkspaces, SAMPLES } from '../support/workspace.js'

interface Host {
  origin: string
  asked: string[]
  /** Answers in its own way and returns true, or leaves it at the PDF. */
  answer: (path: string, response: ServerResponse) => boolean
  close(): Promise<void>
}

/** A host that has the PDF of the id in the path; `name` is one of the loopback's, for each has a gate of its own. */
async function startHost(name: string): Promise<Host> {
  const host: Host = { origin: '', asked: [], answer: () => false, close: async () => undefined }
  const server = createServer((request, response) => {
    const path = request.url ?? '/'
    host.asked.push(path)
    response.strictContentLength = false
    if (!host.answer(path, response)) response.end(samplePdf(/\d{4}\.\d{5}/.exec(path)?.[0] ?? ''))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  host.origin = `http://${name}:${(server.address() as AddressInfo).port}`
  host.close = () =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return host
}

let bucket: Host
let mirror: Host
beforeAll(async () => {
  bucket = await startHost('localhost')
  mirror = await startHost('127.0.0.1')
})
afterEach(() => {
  for (const host of [bucket, mirror]) {
    host.asked.length = 0
    host.answer = () => false
  }
})
afterAll(async () => {
  await bucket.close()
  await mirror.close()
  removeWorkspaces()
})

async function workspaceWith(ids: readonly string[]): Promise<Workspace> {
  const workspace = await makeWorkspace({ profile: 'offline', pdf_dir: null })
  workspace.env = {
    RPA_BUCKET_URL: bucket.origin,
    RPA_PDF_URL: `${mirror.origin}/pdf/{arxiv_id}`,
    RPA_PDF_SOURCES: 'local,cache,bucket,export',
    NO_PROXY: '*',
  }
  await workspace.seed(...ids)
  return workspace
}

async function fetched(workspace: Workspace, args: string[] = [], code = 0): Promise<FetchPdfsResult> {
  const end = await workspace.rpa(['fetch', ...args, '--json'])
  expect(end.code, end.stderr).toBe(code)
  return end.json<FetchPdfsResult>()
}

const missing = (_path: string, response: ServerResponse): boolean => {
  response.writeHead(404).end()
  return true
}

it('takes PDFs from the bucket by their version, and what it lacks from the next source', async () => {
  const workspace = await workspaceWith(SAMPLES.slice(0, 3))
  bucket.answer = (path, response) => path.includes('0000.00002') && missing(path, response)
  expect(await fetched(workspace)).toMatchObject({ downloaded: 3, present: 0, failed: 0, stopped: null })
  expect([...bucket.asked].sort()).toEqual([
    '/arxiv/arxiv/pdf/0000/0000.00001v1.pdf',
    '/arxiv/arxiv/pdf/0000/0000.00002v1.pdf',
    '/arxiv/arxiv/pdf/0000/0000.00003v1.pdf',
    '/arxiv/pdf/0000/0000.00002v1.pdf',
  ])
  expect(mirror.asked).toEqual(['/pdf/0000.00002'])
  expect(await fetched(workspace)).toMatchObject({ downloaded: 0, present: 3 })
  expect(bucket.asked).toHaveLength(4)
  // What is there is all that prep needs.
  expect(await workspace.phase(['prep'])).toMatchObject({ succeeded: 3 })
  expect(bucket.asked).toHaveLength(4)
})

it('goes on with another host where one asks for patience, cuts bodies, or has pages for PDFs', async () => {
  const workspace = await workspaceWith(SAMPLES.slice(0, 4))
  bucket.answer = (path, response) => {
    if (path.includes('00001')) response.writeHead(503, { 'retry-after': '600' }).end()
    else if (path.includes('00002'))
      response.writeHead(200, { 'content-length': 1_000_000 }).end(samplePdf('0000.00002').subarray(0, 2000))
    else response.end('<!doctype html><title>No</title>')
    return true
  }
  expect(await fetched(workspace)).toMatchObject({ downloaded: 4, failed: 0, stopped: null })
  expect(mirror.asked).toHaveLength(4)
  for (const id of SAMPLES.slice(0, 4))
    expect(readFileSync(workspace.in('data', 'pdf', `${id}.pdf`)).equals(samplePdf(id))).toBe(true)
})

it('stops where no host may be asked, and names papers that have no PDF', async () => {
  const workspace = await workspaceWith(SAMPLES.slice(0, 2))
  bucket.answer = missing
  mirror.answer = (_path, response) => {
    response.writeHead(503, { 'retry-after': '600' }).end()
    return true
  }
  const busy = await fetched(workspace, [], 75)
  expect(busy).toMatchObject({ downloaded: 0, failed: 0, stopped: 'hosts' })
  expect(busy.considered).toBeGreaterThan(0)
  expect(busy.reason).toMatch(/503|patience|asked/)
  expect(Date.parse(busy.retry_at ?? '')).toBeGreaterThan(Date.now() + 300_000)

  const cutOff = await workspaceWith(SAMPLES)
  const nobody = { RPA_BUCKET_URL: 'http://127.0.0.1:9', RPA_PDF_URL: 'http://localhost:9/{arxiv_id}' }
  cutOff.env = { ...cutOff.env, ...nobody }
  const away = await cutOff.rpa(['fetch', '--json'])
  expect(away.code).toBe(69)
  expect(away.json()).toMatchObject({
    error: {
      code: 'pdf_source_unreachable',
      message: expect.stringContaining('cannot be reached') as string,
    },
  })

  const other = await workspaceWith([])
  mirror.answer = missing
  const lacking = await other.rpa(['fetch', '0000.00005', 'not-an-id', '--json'])
  expect(lacking.code).toBe(2)
  const named = await fetched(other, ['0000.00005'])
  expect(named).toMatchObject({
    failed: 1,
    papers: [{ arxiv_id: '0000.00005', error: { code: 'pdf_not_found' } }],
  })
})

it('stops at its limit, and two at once leave whole files', async () => {
  const workspace = await workspaceWith(SAMPLES)
  expect(await fetched(workspace, ['--limit', '2'])).toMatchObject({ downloaded: 2 })
  const both = await Promise.all([fetched(workspace), fetched(workspace)])
  for (const one of both) expect(one).toMatchObject({ considered: 7, failed: 0, stopped: null })
  const files = readdirSync(workspace.in('data', 'pdf')).filter((name) => name.endsWith('.pdf'))
  expect(files.sort()).toEqual(SAMPLES.map((id) => `${id}.pdf`))
  for (const id of SAMPLES)
    expect(readFileSync(workspace.in('data', 'pdf', `${id}.pdf`)).equals(samplePdf(id))).toBe(true)
})
