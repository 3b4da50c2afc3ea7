import { describe, expect, it } from 'vitest'
import { RpaError } from '../../src/core/errors.js'
import { MemoryCheckpointBackend } from '../../src/machines/backends/memory.js'
import { runMachine } from '../../src/machines/machine.js'
import type { AgentCall } from '../../src/machines/types.js'
import {
  codeOf,
  fail,
  harness,
  limits,
  machineFrom,
  machineText,
  rejection,
  WatchedBackend,
} from './support.js'
import type { Answerer } from './support.js'

const child = (name: string, more = ''): string =>
  machineText(`  name: ${name}
  agents: {writer: ./agent.yml}
${more}  states:
    ask: {type: initial, agent: writer, input: {text: input.text}, output_to_context: {answer: output.content}, transitions: [{to: done}]}
    done: {type: final, output: {content: context.answer}}
`)
const FILES = { 'a.yml': child('a'), 'b.yml': child('b'), 'c.yml': child('c') }

const PARENT = `  name: parent
  machines: {a: ./a.yml, b: ./b.yml, c: ./c.yml}
  states:
    start: {type: initial, transitions: [{to: ask}]}
    ask:
      machine: [a, b, c]
      input: {text: input.text}
      output_to_context: {raw: output, a: output.a.content}
      transitions: [{to: done}]
    done: {type: final, output: {raw: context.raw, a: context.a}}
`
const nameOf = (call: AgentCall): string => call.machineName
const options = { executionId: 'p', input: { text: 'T' } }
const failing = (names: string[], error: unknown = new RpaError('model_gone', 'no model')): Answerer => {
  return (call) => (names.includes(nameOf(call)) ? fail(error) : { output: { content: nameOf(call) } })
}

describe('children at once', () => {
  it('give their outputs by name', async () => {
    const { services, calls } = harness(failing([]))
    const result = await runMachine(machineFrom(PARENT, FILES), { ...options, services })
    expect(result.output).toEqual({
      raw: { a: { content: 'a' }, b: { content: 'b' }, c: { content: 'c' } },
      a: 'a',
    })
    expect(calls.map(({ executionId, user }) => [executionId, user])).toEqual([
      ['p.1.a', 'say T'],
      ['p.1.b', 'say T'],
      ['p.1.c', 'say T'],
    ])
    expect(result).toMatchObject({ apiCalls: 3, costUsd: 1.5 })
  })

  it('run at the same time', async () => {
    let running = 0
    let open = (): void => undefined
    const all = new Promise<void>((resolve) => (open = resolve))
    const { services } = harness(async () => {
      if (++running === 3) open()
      await all
      return {}
    })
    await runMachine(machineFrom(PARENT, FILES), { ...options, services })
    expect(running).toBe(3)
  })

  it('keep their checkpoints with the parent, under its id', async () => {
    const backend = new WatchedBackend(new MemoryCheckpointBackend())
    const { services } = harness(failing([]), { backend })
    await runMachine(machineFrom(PARENT, FILES), { ...options, services })
    const kept = backend.saves.filter(({ key }) => key.startsWith('p.1.b/'))
    expect(kept.map(({ snapshot }) => [snapshot.event, snapshot.parent_execution_id])).toEqual([
      ['machine_start', 'p'],
      ['execute', 'p'],
      ['machine_end', 'p'],
    ])
    expect(await backend.list('p/')).toHaveLength(4)
  })

  it('that fail appear as their error; the others count', async () => {
    const { services } = harness(failing(['b']))
    const result = await runMachine(machineFrom(PARENT, FILES), { ...options, services })
    expect(result.output['raw']).toEqual({
      a: { content: 'a' },
      b: { _error: 'no model', _error_type: 'model_gone' },
      c: { content: 'c' },
    })
    expect(result.apiCalls).toBe(2)
  })

  it.each([
    ['a mapping', PARENT],
    ['a template', PARENT.replace('a: output.a.content', 'a: "{{ output.a.content }}"')],
    ['a nested mapping', PARENT.replace('a: output.a.content', 'a: {x: [output.a.content]}')],
    [
      'a condition',
      PARENT.replace(', a: output.a.content', '').replace(
        '[{to: done}]\n    done',
        '[{condition: output.a.content, to: done}]\n    done',
      ),
    ],
  ])('that fail cannot be read in %s; the later run asks only them', async (_, data) => {
    const cause = new RpaError('model_gone', 'no model')
    const backend = new MemoryCheckpointBackend()
    const machine = machineFrom(data, FILES)
    const first = harness(failing(['a'], cause), { backend })
    const error = await rejection(runMachine(machine, { ...options, services: first.services }))
    expect(codeOf(error)).toBe('child_failed')
    expect(error.message).toContain('the child machine "a" failed with model_gone: no model')
    expect(error.cause).toBe(cause)
    const second = harness(failing([]), { backend })
    const result = await runMachine(machine, { ...options, services: second.services })
    expect(second.calls.map(nameOf)).toEqual(['a'])
    expect(result).toMatchObject({ finalState: 'done', apiCalls: 3, resumed: true })
  })

  it('that fail can be read no later than that: in a later state it is an error too', async () => {
    const data = PARENT.replace(', a: output.a.content', '').replace(
      'a: context.a}',
      'a: context.raw.a.content}',
    )
    const { services } = harness(failing(['a']))
    const error = await rejection(runMachine(machineFrom(data, FILES), { ...options, services }))
    expect(error.message).toContain('"context.raw.a.content" cannot be read: the child machine "a" failed')
  })

  it('that fail can be handled by who asks for the error', async () => {
    const data = PARENT.replace(', a: output.a.content', '').replace(
      '[{to: done}]\n    done',
      '[{condition: output.a._error != null, to: failed}, {to: done}]\n    failed: {type: final, output: {why: context.raw.a._error}}\n    done',
    )
    const { services } = harness(failing(['a']))
    expect((await runMachine(machineFrom(data, FILES), { ...options, services })).output).toEqual({
      why: 'no model',
    })
    const fine = harness(failing([]))
    expect(
      (await runMachine(machineFrom(data, FILES), { ...options, services: fine.services })).finalState,
    ).toBe('done')
  })

  it('are tried again, each by itself, where the state says so', async () => {
    const data = PARENT.replace(
      'machine: [a, b, c]',
      'machine: [a, b, c]\n      execution: {type: retry, backoffs: [1, 2]}',
    )
    let left = 2
    const { services, calls, waits } = harness((call) =>
      nameOf(call) === 'b' && left-- > 0
        ? Promise.reject(new Error('busy'))
        : { output: { content: nameOf(call) } },
    )
    const result = await runMachine(machineFrom(data, FILES), { ...options, services })
    expect(result.output['raw']).toMatchObject({ b: { content: 'b' } })
    expect(calls.map(nameOf).sort()).toEqual(['a', 'b', 'b', 'b', 'c'])
    expect(waits).toEqual([1000, 2000])
    expect(result.apiCalls).toBe(3)
  })

  it.each(['lease_lost', 'aborted'])('end with the parent when one ends with %s', async (code) => {
    const error = new RpaError(code, 'gone')
    const data = PARENT.replace('machine: [a, b, c]', 'machine: [a, b, c]\n      on_error: done')
    const { services } = harness((call) =>
      nameOf(call) === 'a' ? Promise.reject(new Error('other')) : failing(['b'], error)(call),
    )
    expect(await rejection(runMachine(machineFrom(data, FILES), { ...options, services }))).toBe(error)
  })

  it('are stopped when the lease is lost', async () => {
    const lost = new RpaError('lease_lost', 'gone')
    const { services } = harness(async (call) => {
      if (nameOf(call) === 'a') throw lost
      await new Promise((resolve) => {
        call.signal?.addEventListener('abort', resolve, { once: true })
      })
      throw call.signal?.reason
    })
    expect(await rejection(runMachine(machineFrom(PARENT, FILES), { ...options, services }))).toBe(lost)
  })

  it('are waited for when one meets an error that must stop the run', async () => {
    const spent = new RpaError('budget_spent', 'no more')
    const { services, settled } = harness(failing(['a'], spent))
    const mustStop = (error: unknown): boolean => codeOf(error) === 'budget_spent'
    const run = runMachine(machineFrom(PARENT, FILES), { ...options, services: { ...services, mustStop } })
    expect(await rejection(run)).toBe(spent)
    expect(settled).toEqual(['p.1.b/ask', 'p.1.c/ask'])
  })

  it('stop with the signal', async () => {
    const stop = new AbortController()
    const { services } = harness(async (call) => {
      if (nameOf(call) === 'c') stop.abort()
      await new Promise((resolve) => {
        if (call.signal?.aborted === true) resolve(undefined)
        call.signal?.addEventListener('abort', resolve, { once: true })
      })
      throw new Error('connection closed')
    })
    const run = runMachine(machineFrom(PARENT, FILES), {
      ...options,
      services: { ...services, signal: stop.signal },
    })
    expect(codeOf(await rejection(run))).toBe('aborted')
  })

  it('bring their rate-limit state up, the newest first', async () => {
    let open = (): void => undefined
    const others = new Promise<void>((resolve) => (open = resolve))
    let left = 2
    const { services } = harness(async (call) => {
      if (nameOf(call) === 'a') {
        await others
        return { rateLimit: limits(1) }
      }
      if (--left === 0) setImmediate(open)
      return { rateLimit: limits(7) }
    })
    const result = await runMachine(machineFrom(PARENT, FILES), { ...options, services })
    expect(result.rateLimit).toEqual(limits(1))
    expect(result.context['machine']).toMatchObject({
      rate_limit: limits(1),
      total_api_calls: 3,
      total_cost: 1.5,
    })
  })

  it('bring it up also when they had ended before', async () => {
    const backend = new MemoryCheckpointBackend()
    const machine = machineFrom(PARENT, FILES)
    const first = harness(
      (call) => (nameOf(call) === 'a' ? Promise.reject(new Error('x')) : { rateLimit: limits(7) }),
      { backend },
    )
    await rejection(runMachine(machine, { ...options, services: first.services }))
    const second = harness(undefined, { backend })
    const result = await runMachine(machine, { ...options, services: second.services })
    expect(result).toMatchObject({ rateLimit: limits(7), apiCalls: 3 })
  })
})

describe('the first of the children (mode any)', () => {
  const ANY = PARENT.replace('machine: [a, b, c]', 'machine: [a, b, c]\n      mode: any').replace(
    ', a: output.a.content',
    '',
  )
  const first: Answerer = async (call) => {
    if (nameOf(call) === 'b') return { output: { content: 'b' } }
    if (nameOf(call) === 'a') throw new Error('fails early')
    await new Promise((resolve) => {
      call.signal?.addEventListener('abort', resolve, { once: true })
    })
    throw new Error('was stopped')
  }

  it('that succeeds is the output; the others are stopped', async () => {
    const { services } = harness(first)
    const result = await runMachine(machineFrom(ANY, FILES), { ...options, services })
    expect(result.output['raw']).toEqual({ b: { content: 'b' } })
  })

  it('stays the output when the state is entered again', async () => {
    const backend = new MemoryCheckpointBackend()
    const machine = machineFrom(
      ANY.replace(
        'output_to_context: {raw: output}',
        'output_to_context: {raw: output, x: "{{ range(99999999) }}"}',
      ),
      FILES,
    )
    await rejection(runMachine(machine, { ...options, services: harness(first, { backend }).services }))
    expect((await backend.load('p/latest'))?.event).toBe('execute')
    const enter = await backend.load('p/step_000001_state_enter.json')
    if (enter === null) expect.unreachable()
    else await backend.save('p/step_000001_state_enter.json', enter)
    const second = harness(undefined, { backend })
    const result = await runMachine(machineFrom(ANY, FILES), { ...options, services: second.services })
    expect(result.output['raw']).toEqual({ b: { content: 'b' } })
    expect(second.calls).toEqual([])
  })

  it('fails when all fail, naming each', async () => {
    const { services } = harness((call) => Promise.reject(new Error(`${nameOf(call)} is down`)))
    const error = await rejection(runMachine(machineFrom(ANY, FILES), { ...options, services }))
    expect(codeOf(error)).toBe('all_children_failed')
    expect(error.message).toContain('a: Error: a is down; b: Error: b is down; c: Error: c is down')
  })

  it('that succeeds wins also over an error that would stop the run', async () => {
    const { services } = harness(failing(['a'], new RpaError('budget_spent', 'no more')))
    const mustStop = (error: unknown): boolean => codeOf(error) === 'budget_spent'
    const run = runMachine(machineFrom(ANY, FILES), { ...options, services: { ...services, mustStop } })
    expect(Object.keys((await run).output['raw'] as object)).toHaveLength(1)
  })

  it('does not hide a lost lease', async () => {
    const lost = new RpaError('lease_lost', 'gone')
    const { services } = harness((call) =>
      nameOf(call) === 'a' ? Promise.reject(lost) : { output: { content: 'fine' } },
    )
    expect(await rejection(runMachine(machineFrom(ANY, FILES), { ...options, services }))).toBe(lost)
  })
})

describe('one child', () => {
  const ONE = PARENT.replace('machine: [a, b, c]', 'machine: a').replace(
    '{raw: output, a: output.a.content}',
    '{raw: output, a: output.content}',
  )

  it('gives its output as it is', async () => {
    const { services } = harness(failing([]))
    const result = await runMachine(machineFrom(ONE, FILES), { ...options, services })
    expect(result.output).toEqual({ raw: { content: 'a' }, a: 'a' })
    expect(result.apiCalls).toBe(1)
  })

  it('fails the state with its own error', async () => {
    const error = new RpaError('model_gone', 'no model')
    const { services } = harness(failing(['a'], error))
    expect(await rejection(runMachine(machineFrom(ONE, FILES), { ...options, services }))).toBe(error)
    const handled = machineFrom(
      ONE.replace('machine: a', 'machine: a\n      on_error: failed') +
        '    failed: {type: final, output: {e: context.last_error_type}}\n',
      FILES,
    )
    expect((await runMachine(handled, { ...options, services })).output).toEqual({ e: 'model_gone' })
  })

  it('of a child of a child works the same', async () => {
    const middle = machineText(`  name: middle
  machines: {leaf: ./a.yml}
  states:
    go: {type: initial, machine: leaf, input: {text: input.text}, output_to_context: {got: output.content}, transitions: [{to: done}]}
    done: {type: final, output: {content: context.got}}
`)
    const { services, calls } = harness((call) => ({ output: { content: call.user }, rateLimit: limits(2) }))
    const result = await runMachine(
      machineFrom(ONE, { ...FILES, 'a.yml': middle.replace('./a.yml', './b.yml') }),
      { ...options, services },
    )
    expect(calls[0]?.executionId).toBe('p.1.a.0.leaf')
    expect(result).toMatchObject({ output: { a: 'say T' }, apiCalls: 1, rateLimit: limits(2) })
  })
})

describe('without persistence', () => {
  it('children that succeeded are still kept while the state tries again', async () => {
    const two = machineText(`  name: two
  agents: {writer: ./agent.yml}
  states:
    one: {type: initial, agent: writer, input: {text: x}, transitions: [{to: two}]}
    two: {agent: writer, input: {text: x}, transitions: [{to: done}]}
    done: {type: final, output: {content: ok}}
`)
    let left = 1
    const backend = new WatchedBackend(new MemoryCheckpointBackend())
    const { services, calls, settled } = harness(
      (call) => (call.state === 'two' && left-- > 0 ? Promise.reject(new Error('busy')) : {}),
      { backend },
    )
    const data = `  persistence: {enabled: false}\n${PARENT.replace('machine: [a, b, c]', 'machine: [a]\n      execution: {type: retry}')}`
    const result = await runMachine(machineFrom(data, { ...FILES, 'a.yml': two }), { ...options, services })
    expect(calls.map(({ state }) => state)).toEqual(['one', 'two', 'two'])
    expect(result).toMatchObject({ output: { a: 'ok' }, apiCalls: 2 })
    expect(settled).toEqual(['p.1.a/one', 'p.1.a/two'])
    expect(backend.saves).toEqual([])
  })

  it('a child that asks for it is checkpointed all the same', async () => {
    const backend = new WatchedBackend(new MemoryCheckpointBackend())
    const { services } = harness(failing([]), { backend })
    const data = `  persistence: {enabled: false}\n${PARENT}`
    await runMachine(
      machineFrom(data, { ...FILES, 'b.yml': child('b', '  persistence: {enabled: true}\n') }),
      { ...options, services },
    )
    expect(backend.saves.map(({ key }) => key.split('/')[0])).toEqual(['p.1.b', 'p.1.b', 'p.1.b'])
  })
})
