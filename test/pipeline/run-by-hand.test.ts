import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { expect, it } from 'vitest'
import { readInput } from '../../src/cli/machine-input.js'
import { createLogger } from '../../src/core/logging.js'
import { resolveSettings } from '../../src/core/settings/resolve-settings.js'
import { namedMachine } from '../../src/pipeline/config/named-machine.js'
import { byHandPaper } from '../../src/pipeline/paper/by-hand-paper.js'
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

const OFFLINE = { provider: 'offline', name: 'offline', role: 'cheap' }

async function byHand() {
  const bench = await phaseBench({
    profiles: { offline: OFFLINE, cheap: OFFLINE },
  })
  const own = join(bench.folder, 'mine')
  mkdirSync(own)
  writeFileSync(join(own, 'greet.yml'), OWN)
  writeFileSync(join(own, 'fetch.yml'), FETCH)
  const lines: string[] = []
  const log = createLogger('debug', (level, message) => lines.push(`${level}: ${message}`))
  const run = async (
    name: string,
    input: Record<string, unknown>,
    profile = 'expensive',
    id: string | null = null,
  ) => {
    const { settings } = await resolveSettings({ profile }, bench.env, bench.folder)
    const resources = await openResources(settings, log, { env: bench.env })
    const never = new AbortController().signal
    try {
      const machine = namedMachine(resources.config, name.endsWith('.yml') ? join(own, name) : name)
      const paper = id === null ? null : await byHandPaper(resources.db, id)
      return await runByHand(resources, machine, { input, paper, stopTaking: never, abortInFlight: never })
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

it('is given what a phase would of a paper of the DB, under what is given besides, and leaves the paper as it is', async () => {
  const { bench, run } = await byHand()
  const tables = ['executions', 'machine_runs', 'machine_transitions', 'blobs', 'execution_leases']
  const held = (): unknown => tables.map((table) => bench.query(`select * from ${table}`))
  const before = held()
  bench.server.queue({ content: '## Why It Works\n\nThe share rises.' })
  expect(await run('analyze', { title: 'Another title' }, 'expensive', '2401.00001')).toMatchObject({
    final_state: 'done',
    requests: 1,
  })
  const prompt = bench.server.calls[0]?.prompt
  expect(prompt).toContain('Title: Another title')
  expect(prompt).toContain('The share of used requests rises from 61 %')
  const why = join(bench.folder, 'mine', 'why.yml')
  writeFileSync(
    why,
    OWN.replace('who: input.who, n: input.n', 'who: input.key_outcome, n: input.reference_count'),
  )
  expect(await run('why.yml', {}, 'expensive', '2401.00001')).toMatchObject({
    output: { to: expect.stringContaining('The share rises to 98 %.') as string, answer: null },
  })
  expect(held()).toEqual(before)
})

it('assembles a report by hand and writes none; of what a paper lacks it names the phase', async () => {
  const { bench, run } = await byHand()
  await expect(run('wrap', {}, 'offline', '2401.00001')).rejects.toMatchObject({
    code: 'input_missing',
    message: expect.stringMatching(
      /why_hypotheses.*, which 2401.00001 does not have yet: it comes from analyze/,
    ) as string,
    hint: expect.stringContaining('rpa analyze --id 2401.00001') as string,
  })
  const given = { why_hypotheses: 'It books.', reproduction_notes: 'Book.', open_questions: 'More?' }
  const { output } = await run('wrap', given, 'offline', '2401.00001')
  expect(output).toMatchObject({
    report_path: null,
    report: expect.stringContaining('# Limits, part 1') as string,
  })
  expect(existsSync(join(bench.folder, 'data', 'reports'))).toBe(false)
  await expect(run('wrap', {}, 'offline', '2401.99999')).rejects.toMatchObject({ code: 'unknown_paper' })
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
