import { describe, expect, it } from 'vitest'
import { RpaError } from '../../src/core/errors.js'
import { MemoryCheckpointBackend } from '../../src/machines/backends/memory.js'
import { runMachine } from '../../src/machines/machine.js'
import type { Action } from '../../src/machines/types.js'
import { codeOf, fail, harness, limits, machineFrom, rejection, WatchedBackend } from './support.js'

const WRITER = `  name: writer
  context: {title: input.title, fixed: 7, text: "About {{ input.title }}", answer: null, tags: [input.title, b]}
  agents: {writer: ./agent.yml}
  states:
    start: {type: initial, transitions: [{to: write}]}
    write:
      agent: writer
      input: {text: context.text, raw: context.tags}
      output_to_context: {answer: output.content, summary: "{{ context.answer }}!", all: {nested: [output]}}
      on_error: failed
      transitions: [{condition: "context.answer == 'bad'", to: failed}, {to: done}]
    done: {type: final, output: {answer: context.answer, fixed: context.fixed, static: yes it is}}
    failed: {type: final, output: {error: context.last_error, type: context.last_error_type}}
`

describe('a run', () => {
  it('takes input, context and output through the states', async () => {
    const { services, calls } = harness()
    const result = await runMachine(machineFrom(WRITER), {
      executionId: 'p',
      input: { title: 'T' },
      services,
    })
    expect(result.output).toEqual({ answer: 'answer of write', fixed: 7, static: 'yes it is' })
    expect(result).toMatchObject({
      finalState: 'done',
      step: 2,
      apiCalls: 1,
      costUsd: 0.5,
      resumed: false,
      reused: false,
    })
    expect(result.context).toMatchObject({
      title: 'T',
      text: 'About T',
      tags: ['T', 'b'],
      answer: 'answer of write',
      summary: 'answer of write!',
      all: { nested: [{ content: 'answer of write' }] },
    })
    expect(calls).toHaveLength(1)
    expect(calls[0]).toMatchObject({
      input: { text: 'About T', raw: ['T', 'b'] },
      system: 'be brief',
      user: 'say About T',
      executionId: 'p',
      machineName: 'writer',
      state: 'write',
      attempt: 1,
    })
  })

  it('never interprets what a paper says', async () => {
    const title = '{{ context.fixed }} {% if %} context.fixed {{'
    const { services, calls } = harness(() => ({ output: { content: '{{ input.title }} context.fixed' } }))
    const result = await runMachine(machineFrom(WRITER), { executionId: 'p', input: { title }, services })
    expect(calls[0]?.user).toBe(`say About ${title}`)
    expect(result.output['answer']).toBe('{{ input.title }} context.fixed')
  })

  it('describes itself in context.machine, anew at each step', async () => {
    const backend = new WatchedBackend(new MemoryCheckpointBackend())
    const { services } = harness(() => ({ rateLimit: limits(5) }), { backend })
    const result = await runMachine(machineFrom(WRITER), {
      executionId: 'p',
      input: { title: 'T' },
      services,
    })
    expect(result.context['machine']).toEqual({
      execution_id: 'p',
      machine_name: 'writer',
      spec_version: '4.2.1',
      step: 2,
      first_step: 0,
      current_state: 'done',
      total_api_calls: 1,
      total_cost: 0.5,
      rate_limit: limits(5),
    })
    expect(result.rateLimit).toEqual(limits(5))
    const described = backend.saves.map(({ snapshot }) => snapshot.context['machine'])
    expect(described).toMatchObject([
      { step: 0, current_state: 'start', total_api_calls: 0, rate_limit: null },
      { step: 1, current_state: 'write', total_api_calls: 0 },
      { step: 1, current_state: 'write', total_api_calls: 1, rate_limit: limits(5) },
      { step: 2, current_state: 'done' },
    ])
  })

  it('writes snapshots in the format', async () => {
    const backend = new WatchedBackend(new MemoryCheckpointBackend())
    const { services } = harness(() => ({}), { backend })
    await runMachine(machineFrom(WRITER), { executionId: 'p', input: { title: 'T' }, services })
    expect(backend.saves.map(({ key }) => key)).toEqual([
      'p/step_000000_machine_start.json',
      'p/step_000001_state_enter.json',
      'p/step_000001_execute.json',
      'p/step_000002_machine_end.json',
    ])
    expect(backend.saves[2]?.snapshot).toEqual({
      execution_id: 'p',
      machine_name: 'writer',
      spec_version: '4.2.1',
      current_state: 'write',
      context: expect.objectContaining({ answer: null, text: 'About T' }) as unknown,
      step: 1,
      created_at: '2026-01-02T03:04:05.000Z',
      event: 'execute',
      output: { content: 'answer of write' },
      total_api_calls: 1,
      total_cost: 0.5,
    })
    expect(backend.saves[3]?.snapshot.output).toMatchObject({ answer: 'answer of write' })
  })

  it('fails where no transition fits, naming the state', async () => {
    const data = WRITER.replace(', {to: done}]', ']')
      .replace('    done: {', '    done_: {')
      .replace('on_error: failed', 'on_error: {other: done_}')
    const error = await rejection(
      runMachine(machineFrom(data), { executionId: 'p', input: {}, services: harness().services }),
    )
    expect(codeOf(error)).toBe('no_transition')
    expect(error.message).toContain('writer, state "write"')
  })

  it('stops a loop after max_steps, which no on_error takes', async () => {
    const data = `  name: loop
  settings: {max_steps: 5}
  states:
    a: {type: initial, action: count, on_error: c, transitions: [{to: b}]}
    b: {action: count, on_error: c, transitions: [{condition: context.never, to: c}, {to: a}]}
    c: {type: final}
`
    let count = 0
    const services = harness(undefined, {
      actions: { count: async ({ context }) => (count++, context) },
    }).services
    const error = await rejection(runMachine(machineFrom(data), { executionId: 'p', input: {}, services }))
    expect(codeOf(error)).toBe('max_steps')
    expect(count).toBe(5)
  })
})

describe('actions', () => {
  const ACTION = `  name: acting
  context: {a: 1, b: {c: [1]}}
  states:
    start: {type: initial, action: act, transitions: [{to: done}]}
    done: {type: final, output: {a: context.a, b: context.b, d: context.d}}
`
  const run = (act: Action) => {
    const { services } = harness(undefined, { actions: { act } })
    return runMachine(machineFrom(ACTION), { executionId: 'p', input: {}, services })
  }

  it('return the whole next context', async () => {
    const result = await run(async ({ context }) => ({ ...context, a: 2, d: 'new' }))
    expect(result.output).toEqual({ a: 2, b: { c: [1] }, d: 'new' })
  })

  it('get a copy: what they change without returning it changes nothing', async () => {
    const result = await run(async ({ context }) => {
      const given = structuredClone(context)
      ;(context['b'] as { c: number[] }).c.push(2)
      return given
    })
    expect(result.output['b']).toEqual({ c: [1] })
  })

  it('need not return what belongs to the runtime, and cannot change it', async () => {
    const result = await run(async () => ({ a: 1, b: 2 }))
    expect(result.context['machine']).toMatchObject({ execution_id: 'p', step: 1 })
    const other = await run(async ({ context }) => ({ ...context, machine: 'mine' }))
    expect(other.context['machine']).toMatchObject({ execution_id: 'p' })
  })

  it('that lose keys are errors that name the action and the keys', async () => {
    const error = await rejection(run(async () => ({ d: 1 })))
    expect(codeOf(error)).toBe('context_lost')
    expect(error.message).toBe('action "act" lost the keys a, b of the context')
    const dropped = await rejection(run(async ({ context }) => ({ ...context, b: undefined })))
    expect(dropped.message).toContain('lost the keys b ')
  })

  it.each([[null], [undefined], [['a']], ['text'], [42]])('that return %j are errors', async (result) => {
    const error = await rejection(run(async () => result as never))
    expect(codeOf(error)).toBe('not_a_map')
    expect(error.message).toContain('action "act"')
  })

  it('that return what JSON cannot hold are errors', async () => {
    const circle: Record<string, unknown> = { a: 1, b: 1 }
    circle['self'] = circle
    expect(codeOf(await rejection(run(async () => circle)))).toBe('not_json')
    expect(codeOf(await rejection(run(async ({ context }) => ({ ...context, big: 1n }))))).toBe('not_json')
  })

  it('that do not exist are errors, inherited names too', async () => {
    const { services } = harness()
    const text = ACTION.replace('action: act', 'action: toString')
    const error = await rejection(runMachine(machineFrom(text), { executionId: 'p', input: {}, services }))
    expect(codeOf(error)).toBe('unknown_action')
    expect(error.message).toContain('"toString"')
  })

  it('see the rate-limit state of the newest answer', async () => {
    const data = `  agents: {writer: ./agent.yml}
  states:
    start: {type: initial, agent: writer, input: {text: x}, transitions: [{to: act}]}
    act: {action: act, transitions: [{to: again}]}
    again: {agent: writer, input: {text: x}, transitions: [{to: done}]}
    done: {type: final}
`
    const seen: unknown[] = []
    const act: Action = async ({ context, rateLimit }) => {
      seen.push(rateLimit)
      return context
    }
    const answers = [{ rateLimit: limits(3) }, { rateLimit: null }]
    const { services } = harness(() => answers.shift() ?? {}, { actions: { act } })
    const result = await runMachine(machineFrom(data), { executionId: 'p', input: {}, services })
    expect(seen).toEqual([limits(3)])
    expect(result.rateLimit).toEqual(limits(3))
  })
})

it('the rate-limit state of a refusal is kept too', async () => {
  const error = Object.assign(new RpaError('rate_limited', 'wait'), { details: { rateLimit: limits(0) } })
  const { services } = harness(() => fail(error))
  const result = await runMachine(machineFrom(WRITER), { executionId: 'p', input: {}, services })
  expect(result).toMatchObject({ finalState: 'failed', rateLimit: limits(0) })
})

describe('errors', () => {
  const fails = (error: unknown) => harness(() => fail(error))

  it('go to on_error with message and type', async () => {
    const { services } = fails(new RpaError('model_gone', 'no such model'))
    const result = await runMachine(machineFrom(WRITER), { executionId: 'p', input: {}, services })
    expect(result.output).toEqual({ error: 'no such model', type: 'model_gone' })
    expect(result.finalState).toBe('failed')
  })

  it.each([
    [new RpaError('model_gone', 'x'), 'gone'],
    [new TypeError('x'), 'typed'],
    [new Error('x'), 'other'],
    ['thrown text', 'other'],
  ])('choose the state of a map by code or name (%s)', async (error, state) => {
    const data = WRITER.replace(
      'on_error: failed',
      'on_error: {model_gone: gone, TypeError: typed, default: other}',
    )
      .replace(
        / {4}failed: .*\n/,
        '    gone: {type: final}\n    typed: {type: final}\n    other: {type: final}\n',
      )
      .replace('{condition: "context.answer == \'bad\'", to: failed}, ', '')
    const result = await runMachine(machineFrom(data), {
      executionId: 'p',
      input: {},
      services: fails(error).services,
    })
    expect(result.finalState).toBe(state)
  })

  it('that no on_error takes fail the machine as they are, and the last good checkpoint stays', async () => {
    const error = new RpaError('model_gone', 'x')
    for (const handler of ['on_error: {other: failed}', '']) {
      const backend = new WatchedBackend(new MemoryCheckpointBackend())
      const services = { ...fails(error).services, backend }
      const machine = machineFrom(WRITER.replace('on_error: failed', handler))
      expect(await rejection(runMachine(machine, { executionId: 'p', input: {}, services }))).toBe(error)
      expect(backend.events()).toEqual(['0 machine_start', '1 state_enter'])
      const again = harness()
      const result = await runMachine(machine, {
        executionId: 'p',
        input: {},
        services: { ...again.services, backend },
      })
      expect(result).toMatchObject({ finalState: 'done', resumed: true })
      expect(again.calls).toHaveLength(1)
    }
  })

  it('leave the context as it was when the state was entered', async () => {
    const data = WRITER.replace(
      '{answer: output.content, summary',
      '{answer: output.content, broken: "{{ range(99999999) }}", summary',
    )
    const result = await runMachine(machineFrom(data), {
      executionId: 'p',
      input: {},
      services: harness().services,
    })
    expect(result.finalState).toBe('failed')
    expect(result.context['answer']).toBeNull()
    expect(result.output['type']).toBe('template_failed')
  })

  it.each(['lease_lost', 'aborted'])('%s is never taken by on_error or retried', async (code) => {
    const error = new RpaError(code, 'gone')
    const { services, waits, calls } = fails(error)
    const data = WRITER.replace(
      'on_error: failed',
      'on_error: {default: failed, lease_lost: failed, aborted: failed}\n      execution: {type: retry}',
    )
    expect(await rejection(runMachine(machineFrom(data), { executionId: 'p', input: {}, services }))).toBe(
      error,
    )
    expect([waits, calls.length]).toEqual([[], 1])
  })

  it('that the caller says must stop the run are not taken either', async () => {
    const error = new RpaError('budget_spent', 'no more today')
    const { services } = fails(error)
    const mustStop = (thrown: unknown): boolean => codeOf(thrown) === 'budget_spent'
    const run = runMachine(machineFrom(WRITER), {
      executionId: 'p',
      input: {},
      services: { ...services, mustStop },
    })
    expect(await rejection(run)).toBe(error)
  })

  it('of the backend end the run, whatever on_error says', async () => {
    const full = new RpaError('disk_full', 'no room')
    const backend = new WatchedBackend(new MemoryCheckpointBackend(), (count) => {
      if (count === 3) throw full
    })
    const { services, calls } = harness(undefined, { backend })
    const data = WRITER.replace('on_error: failed', 'on_error: failed\n      execution: {type: retry}')
    expect(await rejection(runMachine(machineFrom(data), { executionId: 'p', input: {}, services }))).toBe(
      full,
    )
    expect(calls).toHaveLength(1)
  })
})

describe('retry', () => {
  const RETRY = WRITER.replace(
    'on_error: failed',
    'execution: {type: retry, backoffs: [1, 10], jitter: 0.5}\n      on_error: failed',
  )
  const failing = (times: number, error: unknown = new Error('busy')) => {
    let left = times
    return harness(() => (left-- > 0 ? fail(error) : {}))
  }

  it('asks again after each wait', async () => {
    const { services, calls, waits } = failing(2)
    const result = await runMachine(machineFrom(RETRY), { executionId: 'p', input: {}, services })
    expect(result.finalState).toBe('done')
    expect(calls.map(({ attempt }) => attempt)).toEqual([1, 2, 3])
    expect(waits).toEqual([1000, 10_000])
  })

  it('varies the wait by the jitter', async () => {
    for (const [random, expected] of [
      [0, 500],
      [0.75, 1250],
    ] as const) {
      const { services, waits } = failing(1)
      await runMachine(machineFrom(RETRY), {
        executionId: 'p',
        input: {},
        services: { ...services, random: () => random },
      })
      expect(waits).toEqual([expected])
    }
  })

  it('gives the last error when no wait is left', async () => {
    const { services, calls } = failing(9)
    const result = await runMachine(machineFrom(RETRY), { executionId: 'p', input: {}, services })
    expect(result.output['error']).toBe('busy')
    expect(calls).toHaveLength(3)
  })

  it('waits 2, 8, 16 and 35 seconds when it is not told', async () => {
    const { services, waits } = failing(9)
    const data = RETRY.replace(', backoffs: [1, 10], jitter: 0.5', '')
    await runMachine(machineFrom(data), { executionId: 'p', input: {}, services })
    expect(waits).toEqual([2000, 8000, 16_000, 35_000])
  })

  it('is not for errors that say it cannot help', async () => {
    const { services, calls } = failing(9, Object.assign(new Error('too long'), { retryable: false }))
    const result = await runMachine(machineFrom(RETRY), { executionId: 'p', input: {}, services })
    expect(result.output['error']).toBe('too long')
    expect(calls).toHaveLength(1)
  })

  it('is not for states that do not ask for it', async () => {
    const { services, calls } = failing(9)
    await runMachine(
      machineFrom(RETRY.replace('type: retry, backoffs: [1, 10], jitter: 0.5', 'type: default')),
      { executionId: 'p', input: {}, services },
    )
    expect(calls).toHaveLength(1)
  })
})

describe('a signal', () => {
  const TWO = `  agents: {writer: ./agent.yml}
  states:
    one: {type: initial, agent: writer, input: {text: x}, on_error: failed, transitions: [{to: two}]}
    two: {agent: writer, input: {text: x}, on_error: failed, transitions: [{to: done}]}
    done: {type: final}
    failed: {type: final}
`

  it('ends the run before the next work; what was answered is kept', async () => {
    const stop = new AbortController()
    const backend = new MemoryCheckpointBackend()
    const { services, calls, settled } = harness(() => (stop.abort(), {}), { backend, signal: stop.signal })
    const machine = machineFrom(TWO)
    const error = await rejection(runMachine(machine, { executionId: 'p', input: {}, services }))
    expect(codeOf(error)).toBe('aborted')
    expect([calls.length, settled]).toEqual([1, ['p/one']])
    const again = harness(undefined, { backend })
    await runMachine(machine, { executionId: 'p', input: {}, services: again.services })
    expect(again.calls.map(({ state }) => state)).toEqual(['two'])
  })

  it('turns the failure of a request in flight into the stop it is', async () => {
    const stop = new AbortController()
    const { services } = harness(() => (stop.abort(), Promise.reject(new Error('socket closed'))), {
      signal: stop.signal,
    })
    const error = await rejection(runMachine(machineFrom(TWO), { executionId: 'p', input: {}, services }))
    expect(codeOf(error)).toBe('aborted')
  })

  it('ends a wait between two attempts', async () => {
    const stop = new AbortController()
    const { services, calls } = harness(() => Promise.reject(new Error('busy')), {
      signal: stop.signal,
      sleep: async (_ms, signal) => {
        stop.abort()
        signal?.throwIfAborted()
      },
    })
    const data = TWO.replace('one: {', 'one: {execution: {type: retry}, ')
    expect(
      codeOf(await rejection(runMachine(machineFrom(data), { executionId: 'p', input: {}, services }))),
    ).toBe('aborted')
    expect(calls).toHaveLength(1)
  })

  it('that was given because the lease is lost ends the run with that', async () => {
    const lost = new RpaError('lease_lost', 'somebody else has it')
    const { services, calls } = harness(undefined, { signal: AbortSignal.abort(lost) })
    expect(await rejection(runMachine(machineFrom(TWO), { executionId: 'p', input: {}, services }))).toBe(
      lost,
    )
    expect(calls).toHaveLength(0)
  })
})

describe('persistence', () => {
  it('writes only the events that are wanted, and every answer', async () => {
    const expected: Record<string, string[]> = {
      '[machine_start, state_enter, execute, state_exit, machine_end]': [
        '0 machine_start',
        '1 state_enter',
        '1 execute',
        '2 machine_end',
      ],
      '[machine_start, machine_end]': ['0 machine_start', '1 execute', '2 machine_end'],
      '[state_enter]': ['1 state_enter', '1 execute'],
      '[state_exit]': ['1 execute', '1 state_exit'],
      '[execute]': ['1 execute'],
      '[]': ['1 execute'],
    }
    for (const [events, written] of Object.entries(expected)) {
      const backend = new WatchedBackend(new MemoryCheckpointBackend())
      const { services, settled } = harness(undefined, { backend })
      const data = `  persistence: {enabled: true, backend: local, checkpoint_on: ${events}}\n${WRITER}`
      await runMachine(machineFrom(data), { executionId: 'p', input: {}, services })
      expect([events, backend.events()]).toEqual([events, written])
      expect(settled).toEqual(['p/write'])
    }
  })

  it('switched off writes nothing, and requests are settled all the same', async () => {
    const backend = new WatchedBackend(new MemoryCheckpointBackend())
    const { services, settled, calls } = harness(undefined, { backend })
    const machine = machineFrom(`  persistence: {enabled: false}\n${WRITER}`)
    const first = await runMachine(machine, { executionId: 'p', input: {}, services })
    const second = await runMachine(machine, { executionId: 'p', input: {}, services })
    expect([first.reused, second.reused, calls.length]).toEqual([false, false, 2])
    expect(backend.saves).toEqual([])
    expect(settled).toEqual(['p/write', 'p/write'])
  })
})
