import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import type { ModelProfile } from '../../src/llm/provider.js'
import { arxivCheck } from '../../src/pipeline/doctor/arxiv-check.js'
import { keyChecks } from '../../src/pipeline/doctor/config-checks.js'
import { modelChecks } from '../../src/pipeline/doctor/model-checks.js'

const profile = (name: string, baseUrl = 'http://127.0.0.1:9') =>
  ({ profile: name, provider: 'openai', model: name, baseUrl, apiKeyEnv: 'LAB_KEY' }) as ModelProfile

it('names all profiles that lack a key', () => {
  const [finding, ...others] = keyChecks([profile('cheap'), profile('expensive')], {})
  expect(others).toEqual([])
  expect(finding?.message).toMatch(/"expensive" needs .*LAB_KEY.* It is the key of "cheap" too\./)
})

it('tells a host that is away from one that keeps no list, and whether PDFs can come', async () => {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    response.writeHead(request.method === 'POST' ? 401 : 404).end()
  })
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const settings = { pdfSources: ['local', 'export'] as const, pdfUrl: `${url}/pdf/{arxiv_id}` }
  try {
    const answers = [
      { state: 'note', message: expect.stringMatching(/: HTTP 404$/) as string },
      { check: 'clock', state: 'good' },
    ]
    expect(await modelChecks([profile('cheap', url)], {}, 'test')).toMatchObject(answers)
    // A key that can be none is not sent to find out.
    const env = { LAB_KEY: '"quoted"' }
    expect(await modelChecks([profile('cheap', url)], env, 'test')).toMatchObject(answers)
    expect(await arxivCheck(settings, [profile('cheap')], 'test')).toMatchObject([{ state: 'good' }])
    expect(asked).toEqual([
      ...['GET /models', 'POST /chat/completions'],
      ...['GET /models', 'POST /chat/completions'],
      'HEAD /',
    ])
    expect(await arxivCheck(settings, [], 'test')).toEqual([])
    expect(await arxivCheck({ ...settings, pdfSources: ['local'] }, [profile('cheap')], 'test')).toEqual([])
  } finally {
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
  }
  expect(await modelChecks([profile('cheap', url)], {}, 'test')).toMatchObject([
    {
      check: 'endpoint',
      state: 'bad',
      message: expect.stringMatching(/cannot be reached: .*ECONNREFUSED/) as string,
      todo: expect.stringMatching(/^Start the server on this machine/) as string,
    },
  ])
  expect(await arxivCheck(settings, [profile('cheap')], 'test')).toMatchObject([
    { state: 'note', message: expect.stringMatching(/cannot be reached: .*ECONNREFUSED/) as string },
  ])
})

it('finds an address at which nobody takes questions, and the one near it at which somebody does', async () => {
  const answers: Record<string, [status: number, body: string]> = {
    '/v1/models': [200, '{"data": [{"id": "cheap"}]}'],
    '/v1/chat/completions': [400, '{"error": {"message": "no model"}}'],
    // As a page for people answers.
    '/web/models': [200, '<html></html>'],
    '/web/chat/completions': [200, '<html></html>'],
    // As LM Studio says it.
    '/studio/models': [200, '{"error": "Unexpected endpoint or method. (GET /studio/models)"}'],
    '/studio/chat/completions': [200, '{"error": "Unexpected endpoint or method. (POST /studio)"}'],
    // No list, and a model that is not named is not found.
    '/bare/chat/completions': [404, '{"error": {"message": "model not found"}}'],
  }
  const server = createServer((request, response) => {
    const [status, body] = answers[request.url ?? ''] ?? [404, 'no such path']
    response.writeHead(status).end(body)
  })
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
  const root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const examined = async (path: string) =>
    (await modelChecks([profile('cheap', root + path)], {}, 'test')).filter(
      ({ check }) => check === 'endpoint',
    )
  try {
    for (const path of ['', '/', '/v1/chat/completions', '/v2'])
      expect(await examined(path)).toMatchObject([
        { state: 'bad', todo: expect.stringContaining(`to ${root}/v1: models are listed there`) as string },
      ])
    for (const path of ['/web', '/studio', '/a/b'])
      expect(await examined(path)).toMatchObject([
        {
          state: 'bad',
          message: expect.stringContaining(`nobody takes questions at ${root}${path}`) as string,
        },
      ])
    expect(await examined('/v1')).toMatchObject([{ state: 'good' }])
    expect(await examined('/bare')).toMatchObject([{ state: 'note' }])
  } finally {
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
  }
})
