import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { modelServer } from '../support/model-server.js'
import type { Workspace } from '../support/workspace.js'
import { KEY, makeLightWorkspace, removeWorkspaces, SAMPLES } from '../support/workspace.js'

let workspace: Workspace
beforeAll(async () => {
  workspace = await makeLightWorkspace()
  await workspace.seed(...SAMPLES)
})
afterAll(removeWorkspaces)

/** A name of undici's that its users do not speak. */
const CLIENT = 'undici:request:create'

interface Script {
  url: string
  functions: { ranges: { startOffset: number; endOffset: number; count: number }[] }[]
}

/** Returns whether a command runs the part of the bundle that is undici, as V8 tells it. */
async function runsClient(args: readonly string[]): Promise<boolean> {
  const folder = workspace.in(`run by ${args.join(' ')}`)
  const end = await workspace.rpa(args, { NODE_V8_COVERAGE: folder })
  expect(end.code, end.stderr).toBe(0)
  const bundles = readdirSync(folder).flatMap((name) => {
    const { result } = JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')) as { result: Script[] }
    return result.filter(({ url }) => url.endsWith('/dist/rpa.cjs'))
  })
  expect(bundles).not.toEqual([])
  return bundles.some(({ url, functions }) => {
    const source = readFileSync(fileURLToPath(url), 'latin1')
    const ranges = functions.flatMap((one) => one.ranges)
    // What bin/program.js puts around it counts, too; most of that stands before it.
    const around = Math.max(...ranges.map(({ endOffset }) => endOffset)) - source.length
    const place = source.indexOf(CLIENT) + around
    expect(place).toBeGreaterThan(around)
    const [innermost] = ranges
      .filter(({ startOffset, endOffset }) => startOffset <= place && place < endOffset)
      .sort((one, two) => one.endOffset - one.startOffset - (two.endOffset - two.startOffset))
    return (innermost?.count ?? 0) > 0
  })
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
])('%s, which sends nothing, runs no HTTP client', async (command) => {
  expect(await runsClient(command.split(' '))).toBe(false)
})

it('one that sends does', async () => {
  const models = await modelServer()
  workspace.env = { OPENROUTER_API_KEY: KEY, OPENROUTER_BASE_URL: models.url }
  expect(await runsClient(['prep', '--limit', '1'])).toBe(true)
  expect(models.count).toBeGreaterThan(0)
})
