import { expect, it } from 'vitest'
import { usedRequests } from '../../../src/db/calls/day-counts.js'
import { addPapers, dump, NOON, openTestDatabase } from '../../support/database.js'
import { ENGINE } from '../../support/postgres.js'
import { bundleProgram, runProgram } from '../../support/processes.js'
import { temporaryFolder } from '../../support/temp.js'

it('four processes that claim at once never get the same row, and never see a busy database', async () => {
  const program = await bundleProgram('test/db/processes/claim.ts', temporaryFolder())
  const { db, path } = await openTestDatabase()
  const papers = ENGINE === 'sqlite' ? 2000 : 400
  await addPapers(db, papers)
  const startAt = String(Date.now() + 1000)
  const ended = await Promise.all(
    ['p1', 'p2', 'p3', 'p4'].map((name) => runProgram(program, [path, name, startAt, String(NOON)])),
  )
  expect(ended.map(({ code, stderr }) => ({ code, stderr }))).toEqual(Array(4).fill({ code: 0, stderr: '' }))
  const results = ended.map(({ stdout }) => JSON.parse(stdout) as { ids: string[]; tokens: number[] })
  const ids = results.flatMap((result) => result.ids)
  expect(ids).toHaveLength(papers)
  expect(new Set(ids).size).toBe(papers)
  for (const { tokens } of results) expect(tokens).toEqual([1])
  const executions = dump(path).rows['executions'] as { status: string; attempts: number }[]
  expect(executions.every(({ status, attempts }) => status === 'prepping' && attempts === 1)).toBe(true)
})

it('two processes that send as fast as they can spend a budget of 100 exactly', async () => {
  const folder = temporaryFolder()
  const program = await bundleProgram('test/db/processes/reserve.ts', folder)
  const { db, path } = await openTestDatabase()
  await addPapers(db, 2)
  const ended = await Promise.all(
    ['p1', 'p2'].map((name) => runProgram(program, [path, name, '100', String(NOON)])),
  )
  expect(ended.map(({ code, stderr }) => ({ code, stderr }))).toEqual(Array(2).fill({ code: 0, stderr: '' }))
  const calls = dump(path).rows['llm_calls'] as { counted: number; outcome: string }[]
  expect(calls.filter(({ counted }) => counted === 1)).toHaveLength(100)
  expect(calls.every(({ outcome }) => outcome !== 'in_flight')).toBe(true)
  expect(await usedRequests(db, '2026-03-04')).toBe(100)
  expect(dump(path).rows['daily_usage']).toMatchObject([{ total_calls: 100, cheap_calls: 100 }])
})
