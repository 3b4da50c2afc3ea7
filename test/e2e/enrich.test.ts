import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { afterAll, expect, it, onTestFinished } from 'vitest'
import { startOpenAlexServer } from '../support/openalex-server.js'
import { makeWorkspace, removeWorkspaces } from '../support/workspace.js'

afterAll(removeWorkspaces)

const KEY = 'key-that-nobody-sees'

it('a killed enrich is completed by the next, and the key is nowhere', async () => {
  const openalex = await startOpenAlexServer(KEY)
  onTestFinished(() => openalex.close())
  const workspace = await makeWorkspace({ profile: 'offline' })
  const corpus = join(workspace.path, 'many.sqlite')
  const ids = Array.from({ length: 220 }, (_, n) => `2401.${10_000 + n}`)
  const line = (id: string): string =>
    JSON.stringify({
      ...{ id, title: 'T', abstract: 'A', authors: 'B', categories: 'cs.CL' },
      versions: [{ version: 'v1', created: 'Mon, 1 Jan 2024 00:00:00 GMT' }],
    })
  workspace.write('dump.jsonl', ids.map(line).join('\n'))
  expect((await workspace.rpa(['corpus', 'import', 'dump.jsonl', '--corpus', corpus])).code).toBe(0)
  openalex.works = ids.map((id, n) => ({ id: `W${n}`, doi: `10.48550/arxiv.${id}`, cited: n }))
  workspace.env = { ...workspace.env, RPA_OPENALEX_URL: openalex.url, OPENALEX_API_KEY: KEY }
  const command = ['corpus', 'enrich', '--corpus', corpus, '--json', '--log-level', 'debug']
  const killed = workspace.start(command)
  while (openalex.requests.length < 3) await new Promise((resolve) => setImmediate(resolve))
  killed.kill('SIGKILL')
  await killed.ended
  const before = stored(corpus)
  const end = await workspace.rpa(command)
  expect(end.json()).toEqual({
    asked: 220 - before,
    found: 220 - before,
    unknown: 0,
    authors: 0,
    retracted: [],
    missing: [],
  })
  expect(stored(corpus)).toBe(220)
  // Five pages are all; at most the one of the kill is asked for twice.
  expect(openalex.requests.length).toBeLessThanOrEqual(6)
  expect(end.stdout + end.stderr).not.toContain(KEY)
  const files = readdirSync(workspace.path, { recursive: true, withFileTypes: true }).filter((one) =>
    one.isFile(),
  )
  for (const { parentPath, name } of files)
    expect(readFileSync(join(parentPath, name)).includes(KEY)).toBe(false)
})

function stored(path: string): number {
  const db = new BetterSqlite3(path)
  try {
    return db.prepare('select count(*) from paper_citations').pluck().get() as number
  } finally {
    db.close()
  }
}
