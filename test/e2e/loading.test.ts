import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { modelServer } from '../support/model-server.js'
import type { Workspace } from '../support/workspace.js'
import { KEY, makeWorkspace, removeWorkspaces, SAMPLES } from '../support/workspace.js'

let workspace: Workspace
beforeAll(async () => {
  workspace = await makeWorkspace()
  await workspace.seed(...SAMPLES)
})
afterAll(removeWorkspaces)

/** A name of undici's that its users do not speak. */
const CLIENT = 'undici:request:create'

/** Returns how many files a command loads, as V8 tells them, and whether undici is among them. */
async function loadedBy(args: readonly string[]): Promise<{ files: number; client: boolean }> {
  const folder = workspace.in(`loaded by ${args.join(' ')}`)
  const end = await workspace.rpa(args, { NODE_V8_COVERAGE: folder })
  expect(end.code, end.stderr).toBe(0)
  const urls = readdirSync(folder).flatMap((name) => {
    const { result } = JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')) as { result: { url: string }[] }
    return result.map(({ url }) => url).filter((url) => url.startsWith('file:'))
  })
  const texts = [...new Set(urls)].map((url) => readFileSync(fileURLToPath(url), 'utf8'))
  return { files: texts.length, client: texts.some((text) => text.includes(CLIENT)) }
}

it.each([
  'budget',
  'status',
  'machine check',
  'reap',
  'prune --older-than 1d',
  'terms --help',
  'prep --dry-run',
  'prep --limit 1 --profile offline',
])('%s, which sends nothing, loads no HTTP client', async (command) => {
  const loaded = await loadedBy(command.split(' '))
  expect(loaded.files).toBeGreaterThan(3)
  expect(loaded.client).toBe(false)
})

it('one that sends does', async () => {
  const models = await modelServer()
  workspace.env = { OPENROUTER_API_KEY: KEY, OPENROUTER_BASE_URL: models.url }
  expect(await loadedBy(['prep', '--limit', '1'])).toMatchObject({ client: true })
  expect(models.count).toBeGreaterThan(0)
})
