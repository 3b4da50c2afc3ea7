import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { expect, it } from 'vitest'
import { readInput } from '../../src/cli/machine-input.js'
import { createLogger } from '../../src/core/logging.js'
import { resolveSettings } from '../../src/core/settings/resolve-settings.js'
import { namedMachine } from '../../src/pipeline/config/named-machine.js'
import { openResources } from '../../src/pipeline/resources/resources.js'
import { runByHand } from '../../src/pipeline/run-by-hand.js'
import { readText } from '../../src/cli/text-argument.js'
import { KEY, MODEL, phaseBench } from '../support/phase-bench.js'

/** A machine of somebody's own, in a folder that is no configuration folder. */
const OWN = `spec: flatmachine
spec_version: '4.2.1'
data:
  name: greet
  context: { who: input.who, n: input.n, answer: null }
  agents:
    greeter:
      spec: flatagent
      spec_version: '4.2.1'
      data: { name: greeter, user: 'Greet {{ input.who }}' }
  states:
    start:
      type: initial
      transitions: [{ condition: context.n > 2, to: ask }, { to: done }]
    ask:
      agent: greeter
      input: { who: context.who }
      output_to_context: { answer: output.content }
      transitions: [{ to: done }]
    done: { type: final, output: { to: context.who, answer: context.answer } }
`

const FETCH = `spec: flatmachine
spec_version: '4.2.1'
data:
  name: fetch
  context: { who: input.who }
  states:
    start: { type: initial, action: fetch_pdf, transitions: [{ to: done }] }
    done: { type: final }
`

async function byHand() {
  const bench = await phaseBench({
    profiles: { offline: { provider: 'offline', name: 'offline', role: 'cheap' } },
  })
  const own = join(bench.folder, 'mine')
  mkdirSync(own)
  writeFileSync(join(own, 'greet.yml'), OWN)
  writeFileSync(join(own, 'fetch.yml'), FETCH)
  const lines: string[] = []
  const log = createLogger('debug', (level, message) => lines.push(`${level}: ${message}`))
  const run = async (name: string, input: Record<string, unknown>, profile = 'expensive') => {
    const { settings } = await resolveSettings({ profile }, bench.env, bench.folder)
    const resources = await openResources(settings, log, { env: bench.env })
    const never = new AbortController().signal
    try {
      const machine = namedMachine(resources.config, name.endsWith('.yml') ? join(own, name) : name)
      return await runByHand(resources, machine, { input, stopTaking: never, abortInFlight: never })
    } finally {
      await resources.close()
    }
  }
  return { bench, run, lines }
}

it('runs a machine of anybody to its end; a request stands in the ledger, and nothing else is left', async () => {
  const { bench, run, lines } = await byHand()
  bench.server.queue({ content: 'Good day.' })
  expect(await run('greet.yml', { who: 'Ada', n: 3 })).toMatchObject({
    machine: 'greet',
    final_state: 'done',
    requests: 1,
    output: { to: 'Ada', answer: 'Good day.' },
  })
  expect(bench.server.calls[0]?.prompt).toBe('Greet Ada')
  expect(bench.query('select phase, machine, state, model, outcome from llm_calls')).toEqual([
    { phase: 'by-hand', machine: 'greet', state: 'ask', model: MODEL, outcome: 'ok' },
  ])
  expect(bench.query('select * from execution_leases')).toEqual([])
  expect(bench.query('select status from executions')).toEqual([{ status: 'prepped' }])
  expect(lines).toContain('debug: greet/ask: execute')
  expect(lines.join('\n')).not.toContain(KEY)
})

it('asks nobody where the way leads past its question, and no model with the profile offline', async () => {
  const { bench, run } = await byHand()
  expect(await run('greet.yml', { who: 'Ada', n: 1 })).toMatchObject({
    requests: 0,
    output: { answer: null },
  })
  expect(await run('analyze', { paper_text: 'We show it.' }, 'offline')).toMatchObject({ requests: 0 })
  expect(bench.server.count).toBe(0)
})

it('a day that is spent ends it, whatever the machine makes of errors', async () => {
  const { bench, run } = await byHand()
  bench.env['RPA_BUDGET'] = '1'
  await run('greet.yml', { who: 'Ada', n: 3 })
  await expect(run('greet.yml', { who: 'Ada', n: 3 })).rejects.toMatchObject({
    code: 'budget_spent',
    exitCode: 75,
  })
})

it('says what is missing: a machine, a paper, the input, a profile', async () => {
  const { run, lines } = await byHand()
  await expect(run('anlyze', {})).rejects.toMatchObject({ code: 'no_such_machine', exitCode: 2 })
  await expect(run('fetch.yml', { who: 'Ada' })).rejects.toMatchObject({
    code: 'needs_paper',
    message: expect.stringContaining('fetch_pdf') as string,
  })
  await expect(run('greet.yml', {})).rejects.toMatchObject({
    code: 'input_missing',
    message: 'The machine greet reads from its input: who, n.',
  })
  await run('greet.yml', { who: 'Ada' })
  expect(lines).toContain('warn: greet is run without n in its input')
  await expect(run('greet.yml', { who: 'Ada', n: 1 }, 'nobody')).rejects.toMatchObject({
    code: 'profile_unknown',
  })
})

it('its input is a file of JSON, and members by name', async () => {
  const { bench } = await byHand()
  const file = join(bench.folder, 'in.json')
  writeFileSync(file, '{"who": "Ada", "n": 1}')
  expect(await readInput(file, ['n=3', 'note=a word', `text=@${file}`])).toEqual({
    who: 'Ada',
    n: 3,
    note: 'a word',
    text: '{"who": "Ada", "n": 1}',
  })
  writeFileSync(file, '[1]')
  await expect(readInput(file, [])).rejects.toMatchObject({ code: 'bad_input' })
  await expect(readInput(undefined, ['word'])).rejects.toMatchObject({ code: 'bad_input' })
  expect(await readText('-', Readable.from(['{}']))).toBe('{}')
})
