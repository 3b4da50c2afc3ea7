import { beforeEach, describe, expect, it } from 'vitest'
import { MemoryCheckpointBackend } from '../../src/machines/backends/memory.js'
import { runMachine } from '../../src/machines/machine.js'
import type { CheckpointBackend, MachineServices, Snapshot } from '../../src/machines/types.js'
import type { LoadedMachine } from '../../src/machines/loaded.js'
import { harness, limits, machineFrom, machineText, rejection, WatchedBackend } from './support.js'

const CHILD = machineText(`  name: child
  context: {title: input.title, first: null}
  agents: {writer: ./agent.yml}
  states:
    start: {type: initial, transitions: [{to: one}]}
    one: {agent: writer, input: {text: context.title}, output_to_context: {first: output.content}, transitions: [{to: two}]}
    two: {agent: writer, input: {text: context.first}, output_to_context: {second: output.content}, transitions: [{to: done}]}
    done: {type: final, output: {content: "{{ context.first }} + {{ context.second }}"}}
`)
const FILES = { 'child.yml': CHILD, 'other.yml': CHILD.replace('name: child', 'name: other') }

/** One state of each kind, so that a crash can come between any two events. */
const WHOLE = `  name: whole
  context: {title: input.title, counted: 0, letter: null}
  agents: {writer: ./agent.yml}
  machines: {left: ./child.yml, right: ./other.yml}
  states:
    start: {type: initial, transitions: [{to: write}]}
    write:
      agent: writer
      input: {text: context.title}
      output_to_context: {answer: output.content}
      transitions: [{condition: "output.content == context.answer", to: count}]
    count: {action: count, transitions: [{to: route}]}
    route: {transitions: [{condition: context.counted == 1, to: both}, {to: broken}]}
    both:
      machine: [left, right]
      input: {title: context.answer}
      output_to_context: {left: output.left.content, right: output.right.content}
      transitions: [{to: single}]
    single:
      machine: left
      input: {title: context.right}
      output_to_context: {single: output.content}
      transitions: [{to: last}]
    last: {agent: writer, input: {text: context.single}, output_to_context: {last: output.content}, transitions: [{to: done}]}
    done: {type: final, output: {left: context.left, right: context.right, single: context.single, last: context.last}}
    broken: {type: final, output: {error: counted twice}}
`
const CALLS = 8

class Crash extends Error {}

/** Fails at the n-th save, before or after the snapshot is kept, and at every one that follows, as a dead process would. */
class CrashingBackend extends WatchedBackend {
  crashedAt: string | null = null

  constructor(
    private readonly kept: CheckpointBackend,
    private readonly at: number,
    private readonly keeps: boolean,
  ) {
    super(kept)
  }

  override async save(...[key, snapshot, settlement]: Parameters<CheckpointBackend['save']>): Promise<void> {
    if (this.crashedAt !== null) throw new Crash('dead')
    if (this.saves.length + 1 < this.at) return super.save(key, snapshot, settlement)
    this.crashedAt = key
    if (this.keeps) await this.kept.save(key, snapshot, settlement)
    throw new Crash(key)
  }
}

const actions: MachineServices['actions'] = {
  count: async ({ context }) => ({ ...context, counted: (context['counted'] as number) + 1 }),
}

function withoutRuntime(context: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(context).filter(([key]) => key !== 'machine'))
}

const create = (): CheckpointBackend => new MemoryCheckpointBackend()

describe('a run that dies', () => {
  let machine: LoadedMachine
  beforeEach(() => {
    machine = machineFrom(WHOLE, FILES)
  })
  const options = { executionId: 'paper', input: { title: 'T' } }

  it.each([true, false])('at any checkpoint goes on from it (kept: %s)', async (keeps) => {
    const whole = harness(undefined, { actions, backend: new WatchedBackend(create()) })
    const expected = await runMachine(machine, { ...options, services: whole.services })
    const saves = (whole.services.backend as WatchedBackend).saves.length
    expect(whole.calls).toHaveLength(CALLS)
    expect(saves).toBeGreaterThan(20)
    for (let at = 1; at <= saves; at += 1) {
      const store = create()
      const crashing = new CrashingBackend(store, at, keeps)
      const first = harness(undefined, { actions, backend: crashing })
      expect(await rejection(runMachine(machine, { ...options, services: first.services }))).toBeInstanceOf(
        Crash,
      )
      const answered = new Set(first.settled)
      const second = harness(undefined, { actions, backend: store })
      const result = await runMachine(machine, { ...options, services: second.services })
      const repeated = second.calls.filter(({ executionId, state }) =>
        answered.has(`${executionId}/${state}`),
      )
      expect([crashing.crashedAt, repeated]).toEqual([crashing.crashedAt, []])
      expect(result.output).toEqual(expected.output)
      expect(withoutRuntime(result.context)).toEqual(withoutRuntime(expected.context))
      expect(result).toMatchObject({ apiCalls: CALLS, costUsd: CALLS / 2 })
      expect(new Set([...first.settled, ...second.settled]).size).toBe(CALLS)
    }
  })

  it('twice, thrice, at each checkpoint in turn, asks nothing twice', async () => {
    const store = create()
    const asked: string[] = []
    for (let tries = 0; ; tries++) {
      const run = harness(undefined, { actions, backend: new CrashingBackend(store, 1, true) })
      const error = await runMachine(machine, { ...options, services: run.services }).catch(
        (thrown: unknown) => thrown,
      )
      asked.push(...run.settled)
      if (error instanceof Crash) continue
      expect(error).toMatchObject({ output: { last: 'answer of last' }, apiCalls: CALLS })
      expect(tries).toBeGreaterThan(20)
      break
    }
    expect(asked).toHaveLength(CALLS)
    expect(new Set(asked).size).toBe(CALLS)
  })
})

describe('resuming', () => {
  let machine: LoadedMachine
  beforeEach(() => {
    machine = machineFrom(WHOLE, FILES)
  })
  const options = { executionId: 'paper', input: { title: 'T' } }

  it('a run that has ended gives the stored output and does nothing', async () => {
    const first = harness(() => ({ rateLimit: limits(9) }), { actions })
    const done = await runMachine(machine, { ...options, services: first.services })
    const second = harness(undefined, { actions, backend: new WatchedBackend(first.services.backend) })
    const result = await runMachine(machine, { ...options, services: second.services })
    expect(result).toEqual({ ...done, reused: true })
    expect(second.calls).toEqual([])
    expect((second.services.backend as WatchedBackend).saves).toEqual([])
  })

  it('can be declined: a fresh run begins anew and overwrites nothing', async () => {
    const backend = new WatchedBackend(new MemoryCheckpointBackend())
    const first = harness(undefined, { actions, backend })
    await runMachine(machine, { ...options, services: first.services })
    const keys = backend.saves.map(({ key }) => key)
    const second = harness(undefined, { actions, backend })
    const result = await runMachine(machine, { ...options, services: second.services, fresh: true })
    expect(second.calls).toHaveLength(CALLS)
    expect(result).toMatchObject({ reused: false, resumed: false, apiCalls: CALLS })
    expect(new Set(backend.saves.map(({ key }) => key)).size).toBe(2 * keys.length)
  })

  it('another machine of the same execution begins anew, with steps after those of the first', async () => {
    const backend = new WatchedBackend(new MemoryCheckpointBackend())
    const { services } = harness(undefined, { actions, backend })
    const first = await runMachine(machine, { ...options, services })
    const next = machineFrom(WHOLE.replace('name: whole', 'name: next'), FILES)
    const second = await runMachine(next, { ...options, services })
    expect(second).toMatchObject({ resumed: false, reused: false, apiCalls: CALLS })
    expect(second.step).toBe(2 * first.step + 1)
    expect(new Set(backend.saves.map(({ key }) => key)).size).toBe(backend.saves.length)
    const third = await runMachine(machine, { ...options, services })
    expect(third.reused).toBe(false)
    expect(third.step).toBe(3 * first.step + 2)
  })

  it('counts on from what is stored even when the newest pointer is gone', async () => {
    const backend = new MemoryCheckpointBackend()
    const { services } = harness(undefined, { actions, backend })
    await runMachine(machine, { ...options, services })
    const before = await backend.list('paper/')
    await backend.delete(before.at(-1) ?? '')
    await runMachine(machine, { ...options, services })
    expect(await backend.list('paper/')).toEqual(expect.arrayContaining(before.slice(0, -1)))
    expect((await backend.list('paper/')).length).toBe(2 * before.length - 1)
  })

  it('restores counters and the rate-limit state', async () => {
    const store = new MemoryCheckpointBackend()
    const crashing = new CrashingBackend(store, 3, true)
    const first = harness(() => ({ rateLimit: limits(4) }), { actions, backend: crashing })
    await rejection(runMachine(machine, { ...options, services: first.services }))
    const seen: unknown[] = []
    const count: MachineServices['actions'][string] = async (call) => {
      seen.push(call.rateLimit, (call.context['machine'] as Record<string, unknown>)['total_api_calls'])
      return { ...call.context, counted: 1 }
    }
    const second = harness(undefined, { actions: { count }, backend: store })
    const result = await runMachine(machine, { ...options, services: second.services })
    expect(seen).toEqual([limits(4), 1])
    expect(result).toMatchObject({ apiCalls: CALLS, rateLimit: limits(4), resumed: true })
  })

  it('counts max_steps from where the machine began, over all its runs', async () => {
    const data = WHOLE.replace('name: whole', 'name: whole\n  settings: {max_steps: 3}')
    const store = new MemoryCheckpointBackend()
    const short = machineFrom(data, FILES)
    await rejection(
      runMachine(short, {
        ...options,
        services: harness(undefined, { actions, backend: new CrashingBackend(store, 3, true) }).services,
      }),
    )
    const error = await rejection(
      runMachine(short, { ...options, services: harness(undefined, { actions, backend: store }).services }),
    )
    expect(error['code']).toBe('max_steps')
  })

  it('begins anew, with a warning, where the state is no longer in the file', async () => {
    const store = new MemoryCheckpointBackend()
    const services = harness(undefined, { actions, backend: new CrashingBackend(store, 2, true) }).services
    await rejection(runMachine(machine, { ...options, services }))
    const second = harness(undefined, { actions, backend: store })
    const renamed = machineFrom(WHOLE.replaceAll('write', 'compose').replaceAll('composer', 'writer'), FILES)
    const result = await runMachine(renamed, { ...options, services: second.services })
    expect(result.resumed).toBe(false)
    expect(second.warnings).toEqual([expect.stringContaining('state "write", which whole no longer has')])
  })

  it('continues from every event that a snapshot can stand for', async () => {
    const calls: Record<string, string[]> = {}
    for (const event of ['state_enter', 'execute', 'state_exit'] as const) {
      const backend = new MemoryCheckpointBackend()
      const answer = event === 'state_exit' ? 'kept' : null
      const snapshot: Snapshot = {
        execution_id: 'paper',
        machine_name: 'whole',
        spec_version: '4.2.1',
        current_state: 'write',
        context: { title: 'T', counted: 0, answer, machine: { first_step: 0 } },
        step: 1,
        created_at: '2026-01-02T03:04:05.000Z',
        event,
        total_api_calls: 0,
        total_cost: 0,
        ...(event === 'state_enter' ? {} : { output: { content: 'kept' } }),
      }
      await backend.save(`paper/step_000001_${event}.json`, snapshot)
      const run = harness(undefined, { actions, backend })
      const result = await runMachine(machine, { ...options, services: run.services })
      calls[event] = run.calls.filter(({ executionId }) => executionId === 'paper').map(({ state }) => state)
      expect(result.context['answer']).toBe(event === 'state_enter' ? 'answer of write' : 'kept')
    }
    expect(calls).toEqual({ state_enter: ['write', 'last'], execute: ['last'], state_exit: ['last'] })
  })

  it('does not repeat an action whose result is kept', async () => {
    const store = new MemoryCheckpointBackend()
    let counted = 0
    const counting: MachineServices['actions'] = {
      count: async ({ context }) => ({ ...context, counted: ++counted }),
    }
    const crashing = new CrashingBackend(store, 5, true)
    await rejection(
      runMachine(machine, {
        ...options,
        services: harness(undefined, { actions: counting, backend: crashing }).services,
      }),
    )
    expect(crashing.crashedAt).toBe('paper/step_000002_execute.json')
    await runMachine(machine, {
      ...options,
      services: harness(undefined, { actions: counting, backend: store }).services,
    })
    expect(counted).toBe(1)
  })
})
