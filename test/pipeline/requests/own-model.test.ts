import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { expect, it } from 'vitest'
import type { PhaseBench } from '../../support/phase-bench.js'
import { phaseBench } from '../../support/phase-bench.js'

async function withModel(model: object): Promise<PhaseBench> {
  const bench = await phaseBench()
  const data = { name: 'why_hypotheses', model, prompt: '../prompts/why_hypotheses.prompt.yml' }
  mkdirSync(join(bench.folder, 'config/agents'), { recursive: true })
  writeFileSync(
    join(bench.folder, 'config/agents/why_hypotheses.agent.yml'),
    stringify({ spec: 'flatagent', spec_version: '4.2.1', data }),
  )
  return bench
}

it('the model that an agent names itself is the one that is asked, as it says', async () => {
  const bench = await withModel({ name: 'other/model', temperature: 0.7, max_tokens: 777 })
  expect(await bench.run()).toMatchObject({ exit: 0, result: { succeeded: 1 } })
  expect(bench.server.calls[0]?.body).toMatchObject({
    model: 'other/model',
    temperature: 0.7,
    max_tokens: 777,
  })
})

it('a member of it that nobody knows is refused where it stands, before anything is asked', async () => {
  const bench = await withModel({ name: 'other/model', temprature: 0.7 })
  const { exit, error } = await bench.run()
  expect(exit).toBe(78)
  expect(error?.message).toMatch(
    /why_hypotheses\.agent\.yml: data\.model\.temprature: .*did you mean "temperature"/,
  )
  expect(bench.server.count).toBe(0)
})
