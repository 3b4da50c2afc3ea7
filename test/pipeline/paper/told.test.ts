import { expect, it } from 'vitest'
import { createLogger } from '../../../src/core/logging.js'
import { KEY, MODEL, phaseBench } from '../../support/phase-bench.js'

it('--debug tells of a paper its transitions and requests, with times and without a body or a key', async () => {
  const bench = await phaseBench()
  const lines: { paper: string | null; message: string }[] = []
  const log = createLogger('debug', (_, message, paper) => lines.push({ paper, message }))
  const { result } = await bench.run({ limit: 1, log })
  const id = result?.executions[0]?.arxiv_id
  const of = lines.filter(({ paper }) => paper === id).map(({ message }) => message)
  expect(of.filter((line) => /^\w+\/\w+: \w+, after \d+ ms$/.test(line)).length).toBeGreaterThan(2)
  expect(of.filter((line) => line.includes(`request 1 to ${MODEL}: HTTP 200 ok in `))).toHaveLength(1)
  expect(JSON.stringify(lines)).not.toContain(KEY)
  for (const { message } of lines) expect(message.length).toBeLessThan(300)
})
