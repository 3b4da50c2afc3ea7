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
    response.writeHead(404).end()
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
    expect(asked).toEqual(['GET /models', 'GET /models', 'HEAD /'])
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
    },
  ])
  expect(await arxivCheck(settings, [profile('cheap')], 'test')).toMatchObject([
    { state: 'note', message: expect.stringMatching(/cannot be reached: .*ECONNREFUSED/) as string },
  ])
})
