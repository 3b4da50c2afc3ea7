import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import type { Ended } from '../support/cli.js'
import type { ModelServer } from '../support/model-server.js'
import { modelServer } from '../support/model-server.js'
import type { PdfServer } from '../support/pdf-server.js'
import { startPdfServer } from '../support/pdf-server.js'
import type { ProxyServer } from '../support/proxy.js'
import { proxyServer } from '../support/proxy.js'
import { tlsInFrontOf } from '../support/tls-server.js'
import type { Workspace } from '../support/workspace.js'
import { KEY, makeLightWorkspace, removeWorkspaces, SAMPLES } from '../support/workspace.js'

afterAll(removeWorkspaces)

const [PAPER = ''] = SAMPLES
const PASSWORD = 'geh:e/im@nis'
const portOf = (url: string): number => Number(new URL(url).port)

interface Scene {
  workspace: Workspace
  models: ModelServer
  pdfs: PdfServer
  proxy: ProxyServer
  /** URL of the proxy, user and password in it. */
  url: string
}

/** A machine that reaches models.test and pdfs.test through a proxy alone. */
async function scene(more: Record<string, number> = {}): Promise<Scene> {
  const models = await modelServer()
  const pdfs = await startPdfServer()
  onTestFinished(() => pdfs.close())
  const proxy = await proxyServer({
    'models.test': portOf(models.url),
    'pdfs.test': portOf(pdfs.template),
    ...more,
  })
  const workspace = await makeLightWorkspace({ pdf_dir: null, pdf_url: 'http://pdfs.test/pdf/{arxiv_id}' })
  workspace.env = { OPENROUTER_API_KEY: KEY, OPENROUTER_BASE_URL: 'http://models.test/api/v1' }
  await workspace.seed(PAPER)
  return {
    workspace,
    models,
    pdfs,
    proxy,
    url: `http://me:${encodeURIComponent(PASSWORD)}@127.0.0.1:${proxy.port}`,
  }
}

/** Neither the output nor a file holds the password, in whatever writing. */
function expectNoPassword(workspace: Workspace, ...ended: Ended[]): void {
  const writings = [PASSWORD, encodeURIComponent(PASSWORD), Buffer.from(`me:${PASSWORD}`).toString('base64')]
  const said = ended.map(({ stdout, stderr }) => stdout + stderr).join('\n')
  for (const writing of writings) {
    expect(said).not.toContain(writing)
    for (const { path, bytes } of workspace.files()) expect(bytes.includes(writing), path).toBe(false)
  }
}

it('models and PDFs are asked through the proxy of the environment, and only through it', async () => {
  const { workspace, models, pdfs, proxy, url } = await scene()
  const end = await workspace.rpa(['prep', '--json'], { HTTP_PROXY: url, RPA_LOG_LEVEL: 'debug' })
  expect(end.json()).toMatchObject({ succeeded: 1, failed: 0 })
  expect(pdfs.asked).toEqual([PAPER])
  const targets = proxy.passed.map(({ method, target }) => `${method} ${target}`)
  expect(targets).toContain(`GET http://pdfs.test/pdf/${PAPER}`)
  expect(targets).toContain('POST http://models.test/api/v1/chat/completions')
  const credentials = `Basic ${Buffer.from(`me:${PASSWORD}`).toString('base64')}`
  expect(new Set(proxy.passed.map(({ headers }) => headers['proxy-authorization']))).toEqual(
    new Set([credentials]),
  )
  expect(models.calls[0]?.headers.authorization).toBe(`Bearer ${KEY}`)
  expectNoPassword(workspace, end)
})

it('what is encrypted goes through a tunnel, in which the proxy sees nothing', async () => {
  const hosts = { 'safe.test': 0 }
  const { workspace, models, proxy, url } = await scene(hosts)
  const safe = await tlsInFrontOf(portOf(models.url), 'safe.test', workspace.path)
  const tunnels = await proxyServer({ 'safe.test': safe.port })
  const end = await workspace.rpa(['prep', '--json'], {
    http_proxy: url,
    https_proxy: `http://127.0.0.1:${tunnels.port}`,
    OPENROUTER_BASE_URL: 'https://safe.test/api/v1',
    NODE_EXTRA_CA_CERTS: safe.certificate,
  })
  expect(end.json()).toMatchObject({ succeeded: 1, failed: 0 })
  expect(models.count).toBeGreaterThan(0)
  expect(new Set(tunnels.passed.map(({ method, target }) => `${method} ${target}`))).toEqual(
    new Set(['CONNECT safe.test:443']),
  )
  expect(JSON.stringify(tunnels.passed)).not.toContain(KEY)
  expect(proxy.passed.every(({ target }) => target.startsWith('http://pdfs.test/'))).toBe(true)
})

it('NO_PROXY and this machine are asked without', async () => {
  const { workspace, models, pdfs, proxy, url } = await scene()
  const local = { OPENROUTER_BASE_URL: models.url, RPA_PDF_URL: pdfs.template }
  expect(await workspace.phase(['prep'], { HTTP_PROXY: url, ...local })).toMatchObject({ succeeded: 1 })
  expect(models.count).toBe(1)
  await workspace.seed(SAMPLES[1] ?? '')
  const end = await workspace.rpa(['prep'], { HTTP_PROXY: url, NO_PROXY: 'other.test,.test', ...local })
  expect(end.code).toBe(0)
  expect(proxy.passed).toEqual([])
  await workspace.seed(SAMPLES[2] ?? '')
  const direct = await workspace.rpa(['prep'], {
    ...{ HTTP_PROXY: url, NO_PROXY: 'models.test', RPA_PDF_URL: pdfs.template },
  })
  // Nobody but the proxy knows the name.
  expect(direct.stderr).toMatch(/models\.test\/api\/v1 cannot be reached \((ENOTFOUND|EAI_AGAIN)\)/)
  expect(proxy.passed).toEqual([])
})

describe('a proxy that lets nothing through rests the work, and costs nothing', () => {
  it.each([
    [
      'is down',
      undefined,
      /the proxy http:\/\/127\.0\.0\.1:\d+ \(HTTP_PROXY\) cannot be reached \(ECONNREFUSED\)/,
    ],
    ['wants another password', 407, /\(HTTP_PROXY\) wants user and password, or others \(407\)/],
  ])('one that %s', async (_, status, line) => {
    const { workspace, models, pdfs, proxy, url } = await scene()
    if (status === undefined) await proxy.close()
    else proxy.refuse(status)
    const withModels = await workspace.rpa(['prep'], { HTTP_PROXY: url, RPA_PDF_URL: pdfs.template })
    expect(withModels.code).toBe(69)
    expect(withModels.stderr).toMatch(line)
    expect(withModels.stderr).toMatch(/HTTP_PROXY.*\n?.*NO_PROXY|USER:PASSWORD@HOST/)
    expect(workspace.query('select status, attempts from executions')).toEqual([
      { status: 'pending', attempts: 0 },
    ])
    expect(workspace.query('select outcome, error_class, counted from llm_calls')).toEqual([
      { outcome: 'error', error_class: 'unreachable', counted: 0 },
    ])

    await workspace.seed(SAMPLES[1] ?? '')
    const more = { HTTP_PROXY: url, OPENROUTER_BASE_URL: models.url }
    const withPdfs = await workspace.rpa(['prep', '--id', SAMPLES[1] ?? ''], more)
    expect(withPdfs.stdout + withPdfs.stderr).toMatch(line)
    const [row] = workspace.query(
      "select status, attempts, error_class from executions where arxiv_id like '%2'",
    )
    expect(row).toEqual({ status: 'pending', attempts: 0, error_class: 'pdf_source_unreachable' })
    expect(models.count).toBe(0)
    expectNoPassword(workspace, withModels, withPdfs)
  })

  it('one that opens no tunnel', async () => {
    const { workspace, pdfs, proxy, url } = await scene()
    proxy.refuse(403)
    const end = await workspace.rpa(['prep'], {
      HTTPS_PROXY: url,
      OPENROUTER_BASE_URL: 'https://models.test/api/v1',
      RPA_PDF_URL: pdfs.template,
    })
    expect(end.code).toBe(69)
    expect(end.stderr).toMatch(
      /the proxy http:\/\/127\.0\.0\.1:\d+ \(HTTPS_PROXY\) does not open the way \(403\)/,
    )
    expect(workspace.query('select counted from llm_calls')).toEqual([{ counted: 0 }])
    expectNoPassword(workspace, end)
  })
})

it.each([
  'http://me:geheim/nis@proxy.test:3128',
  'socks5://me:geheimnis@proxy.test',
  'http://me:geheim%nis@p:1',
])('a proxy written as %s is a fault of the settings, told without the password', async (url) => {
  const { workspace, pdfs } = await scene()
  const end = await workspace.rpa(['prep'], { HTTP_PROXY: url, RPA_PDF_URL: pdfs.template })
  expect(end.code).toBe(78)
  expect(end.stderr).toMatch(/HTTP_PROXY: expected the http or https URL of a proxy/)
  expect(end.stderr).not.toMatch(/geheim|nis@/)
})

it('a redirect that a proxy brings leads to no host that is not allowed', async () => {
  const inner = createServer((_, response) => response.end('secret'))
  await new Promise<void>((resolve) => inner.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void inner.close())
  const moving = createServer((_, response) =>
    response.writeHead(302, { location: 'http://inner.test/secret.pdf' }).end(),
  )
  await new Promise<void>((resolve) => moving.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void moving.close())
  const at = (server: typeof inner): number => (server.address() as AddressInfo).port
  const { workspace, proxy, url } = await scene({ 'pdfs.test': at(moving), 'inner.test': at(inner) })
  const end = await workspace.rpa(['prep', '--json'], { HTTP_PROXY: url })
  expect(end.stdout + end.stderr).toContain('inner.test')
  expect(workspace.query('select error_class from executions')).toEqual([
    { error_class: 'pdf_host_forbidden' },
  ])
  expect(proxy.passed.map(({ target }) => target)).not.toContain('http://inner.test/secret.pdf')
})
