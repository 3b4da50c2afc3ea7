import { expect, it } from 'vitest'
import type { EndedWork } from '../../src/pipeline/result.js'
import { emptyResult, noteResult } from '../../src/pipeline/result.js'

function ended(id: number, outcome: EndedWork['outcome'], status: EndedWork['result']['status']): EndedWork {
  const trouble = outcome === 'succeeded' ? {} : { error_class: 'server_error', error: 'no' }
  const result = { arxiv_id: `a${id}`, execution_id: `e${id}`, status, duration_ms: 1, ...trouble }
  return { outcome, resumed: false, result }
}

it('a run lists each paper once, the newest thousand, and counts all of them', () => {
  const result = emptyResult('run')
  const outcomes = new Map<string, EndedWork['outcome']>()
  const note = (work: EndedWork): void => {
    result.claimed += 1
    noteResult(result, work, outcomes)
  }
  for (let id = 0; id < 1500; id++) note(ended(id, 'succeeded', 'prepped'))
  for (let id = 0; id < 1500; id++) note(ended(id, id < 10 ? 'released' : 'succeeded', 'analyzed'))
  note(ended(0, 'failed', 'failed'))
  expect(result).toMatchObject({ claimed: 1500, succeeded: 1490, released: 9, failed: 1 })
  expect(result.executions).toHaveLength(1000)
  expect(new Set(result.executions.map(({ execution_id }) => execution_id)).size).toBe(1000)
  expect(result.executions.at(-1)).toMatchObject({ execution_id: 'e0', status: 'failed' })
})

it('a phase lists all papers; one that comes back counts once', () => {
  const result = emptyResult('prep')
  const outcomes = new Map<string, EndedWork['outcome']>()
  for (let id = 0; id < 1200; id++) {
    for (const [outcome, status] of [
      ['released', 'pending'],
      ['succeeded', 'prepped'],
    ] as const) {
      result.claimed += 1
      noteResult(result, ended(id, outcome, status), outcomes)
    }
  }
  expect(result).toMatchObject({ claimed: 1200, succeeded: 1200, released: 0 })
  expect(result.executions).toHaveLength(1200)
})
