import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ROOT, runCli } from '../support/cli.js'
import { openTestDatabase } from '../support/database.js'
import { temporaryFolder } from '../support/temp.js'

it('an SQLite file of something else is not taken for the executions DB, and stays byte for byte', async () => {
  const cwd = temporaryFolder()
  await runCli(['corpus', 'import', join(ROOT, 'samples', 'metadata.jsonl')], { cwd })
  const corpus = join(cwd, 'data', 'arxiv.sqlite')
  const digest = (): string => createHash('sha256').update(readFileSync(corpus)).digest('hex')
  const before = [digest(), readdirSync(join(cwd, 'data'))]
  const { code, stdout } = await runCli(['status', '--db', corpus, '--json'], { cwd })
  expect(code).toBe(78)
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'db_foreign' } })
  expect([digest(), readdirSync(join(cwd, 'data'))]).toEqual(before)
})

it('a config folder counts without an rpa.yml beside it', async () => {
  const cwd = temporaryFolder()
  mkdirSync(join(cwd, 'config', 'prompts'), { recursive: true })
  writeFileSync(
    join(cwd, 'config', 'prompts', 'key_outcome.prompt.yml'),
    'spec: prompt\nspec_version: "4.2.1"\ndata: {}\n',
  )
  const { code, stdout } = await runCli(['machine', 'check'], { cwd })
  expect(code).toBe(78)
  expect(stdout).toContain('key_outcome.prompt.yml')
})

it('what a phase would refuse, a check of the configuration in force finds', async () => {
  const cwd = temporaryFolder()
  mkdirSync(join(cwd, 'config', 'machines'), { recursive: true })
  const prep = readFileSync(join(ROOT, 'config', 'machines', 'prep.yml'), 'utf8')
  writeFileSync(
    join(cwd, 'config', 'machines', 'prep.yml'),
    prep.replace('action: fetch_pdf', 'action: fetch_pfd'),
  )
  writeFileSync(join(cwd, 'config', 'limits.yml'), 'groups: 5\n')
  const { code, stdout } = await runCli(['machine', 'check'], { cwd })
  expect(code).toBe(78)
  expect(stdout).toMatch(/fault config\/machines\/prep\.yml: .*fetch_pfd/)
  expect(stdout).toMatch(/fault config\/limits\.yml: .*groups/)
})

it('a paper that failed too often is left alone by --all, and tried again when it is named', async () => {
  const { db, path } = await openTestDatabase()
  const times = { created_at: '2026-01-01T00:00:00.000Z', updated_at: '2026-01-01T00:00:00.000Z' }
  await db
    .insertInto('executions')
    .values({
      execution_id: 'a',
      arxiv_id: '2601.00001',
      paper_id: 1,
      title: 'T',
      authors: '',
      abstract: '',
      status: 'failed',
      priority: 0,
      attempts: 9,
      ...times,
    })
    .execute()
  const cwd = temporaryFolder()
  const all = await runCli(['retry', '--all', '--db', path], { cwd })
  expect(all.stdout).toContain(
    'put back 0 of 1 failed papers; 1 failed too often (name them to try all the same: rpa retry 2601.00001)',
  )
  const named = await runCli(['retry', '--id', '2601.00001', '--db', path, '--json'], { cwd })
  expect(named.json()).toMatchObject({ retried: 1, exhausted: 0 })
  expect(await db.selectFrom('executions').select(['status', 'attempts']).executeTakeFirst()).toEqual({
    status: 'pending',
    attempts: 0,
  })
})

it.each([
  ['budget', '--date', '2026-02-30'],
  ['seed', '--since', '2026-02-31'],
])('%s %s %s is no day', async (...args) => {
  const cwd = temporaryFolder()
  await runCli(['corpus', 'import', join(ROOT, 'samples', 'metadata.jsonl'), '-q'], { cwd })
  expect((await runCli(args, { cwd })).code).toBe(2)
})
