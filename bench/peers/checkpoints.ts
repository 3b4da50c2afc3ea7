import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Annotation, END, START, StateGraph } from '@langchain/langgraph'
import { SqliteSaver } from '@langchain/langgraph-checkpoint-sqlite'
import type BetterSqlite3 from 'better-sqlite3'
import { systemClock } from '../../src/core/clock.js'
import { TransitionLog } from '../../src/db/checkpoints/transition-log.js'
import type { Lease } from '../../src/db/leases/leases.js'
import { DbCheckpointBackend } from '../../src/pipeline/paper/checkpoint-backend.js'
import { loadMachine } from '../../src/machines/files/load.js'
import { runMachine } from '../../src/machines/machine.js'
import type { Action, MachineServices, Snapshot } from '../../src/machines/types.js'
import type { Leg } from '../pair.js'
import { openPlain, openStore, settle } from './files.js'
import type { Context, Size } from './workload.js'
import { firstContext, found, nameOf, STATES } from './workload.js'

/** One way to run executions of seven states, each state's end kept. */
export interface Keeper {
  leg: Leg
  /** Bytes of the file for each execution that was run, over what an empty one has. */
  bytesEach(): number
  close(): Promise<void> | void
}

interface Execution {
  id: string
  context: Context
}

/** Makes a leg of what runs one execution; its executions are made between the rounds. */
function keeper(
  name: string,
  handle: BetterSqlite3.Database,
  round: { size: Size; executions: number },
  run: (execution: Execution) => Promise<unknown> | void,
  setUp: (id: string) => void = () => undefined,
): Omit<Keeper, 'close'> {
  const empty = settle(handle)
  let made = 0
  let waiting: Execution[] = []
  const prepare = (): void => {
    waiting = Array.from({ length: round.executions }, () => {
      made += 1
      const id = `0190a5d2-7c3e-7000-8000-${String(made).padStart(12, '0')}`
      setUp(id)
      return { id, context: firstContext(made, round.size) }
    })
    settle(handle)
  }
  const work = async (): Promise<number> => {
    for (const execution of waiting) await run(execution)
    return waiting.length * STATES
  }
  return { leg: { name, prepare, run: work }, bytesEach: () => (settle(handle) - empty) / made }
}

/** The limit without engine, lease or pointers: the whole context serialised and inserted after every state. */
export async function rawSnapshots(folder: string, size: Size): Promise<Keeper> {
  const handle = await openPlain(join(folder, `raw-${size}.sqlite`))
  handle.exec('create table snapshots (id integer primary key, snapshot text not null)')
  const insert = handle.prepare('insert into snapshots (snapshot) values (?)')
  const run = ({ id, context }: Execution): void => {
    let now = context
    for (let state = 1; state <= STATES; state += 1) {
      const [field, text] = found(state)
      now = { ...now, [field]: text }
      insert.run(JSON.stringify(snapshot(id, state, now)))
    }
  }
  const executions = size === 2 ? 200 : 20
  return {
    ...keeper('raw, whole snapshots', handle, { size, executions }, run),
    close: () => void handle.close(),
  }
}

/** Our store by itself: fence, texts once and what changed in one transaction a state. */
export async function rpaStore(folder: string, size: Size): Promise<Keeper> {
  const { handle, db } = await openStore(join(folder, `store-${size}.sqlite`))
  const run = async ({ id, context }: Execution): Promise<void> => {
    let now = context
    const log = new TransitionLog(db, leaseOf(id))
    for (let state = 1; state <= STATES; state += 1) {
      const [field, text] = found(state)
      now = { ...now, [field]: text }
      await log.save(snapshot(id, state, now), systemClock.now())
    }
  }
  const executions = size === 2 ? 100 : 40
  return {
    ...keeper('rpa, store', handle, { size, executions }, run, leaser(handle)),
    close: () => db.destroy(),
  }
}

/** Our store under our machine runtime: what a run of seven states costs in all. */
export async function rpaMachine(folder: string, size: Size): Promise<Keeper> {
  const { handle, db } = await openStore(join(folder, `machine-${size}.sqlite`))
  const file = join(folder, `machine-${size}.yml`)
  writeFileSync(file, machineText(Object.keys(firstContext(0, size))))
  const machine = loadMachine(file)
  const action: Action = async ({ state, context }) => {
    const [field, text] = found(Number(state.replace(/\D+/, '')))
    return { ...context, [field]: text }
  }
  const services: Omit<MachineServices, 'backend'> = {
    runAgent: () => Promise.reject(new Error('No agent here')),
    actions: { find: action },
    clock: systemClock,
    sleep: () => Promise.resolve(),
    random: () => 0.5,
    warn: () => undefined,
  }
  const run = async ({ id, context }: Execution): Promise<void> => {
    const backend = new DbCheckpointBackend(db, leaseOf(id), systemClock)
    await runMachine(machine, { executionId: id, input: context, services: { ...services, backend } })
  }
  const executions = size === 2 ? 60 : 40
  return {
    ...keeper('rpa, machine', handle, { size, executions }, run, leaser(handle)),
    close: () => db.destroy(),
  }
}

/** A graph of seven nodes in a row; each checkpoint is on disk before the next node begins, as with ours. */
export async function langGraph(folder: string, size: Size): Promise<Keeper> {
  const handle = await openPlain(join(folder, `langgraph-${size}.sqlite`))
  const states = Array.from({ length: STATES }, (_, n) => n + 1)
  const fields = [...Object.keys(firstContext(0, size)), ...states.map((state) => found(state)[0])]
  const graph = new StateGraph<Context>(
    Annotation.Root(Object.fromEntries(fields.map((field) => [field, Annotation()]))),
  )
  for (const state of states) graph.addNode(nameOf(state), () => Object.fromEntries([found(state)]))
  graph.addEdge(START, nameOf(1)).addEdge(nameOf(STATES), END)
  for (const state of states.slice(1)) graph.addEdge(nameOf(state - 1), nameOf(state))
  const compiled = graph.compile({ checkpointer: new SqliteSaver(handle) })
  const run = ({ id, context }: Execution): Promise<unknown> =>
    compiled.invoke(context, { configurable: { thread_id: id }, durability: 'sync' })
  const executions = size === 2 ? 30 : 12
  return {
    ...keeper('LangGraph.js, SqliteSaver', handle, { size, executions }, run),
    close: () => void handle.close(),
  }
}

function snapshot(id: string, step: number, context: Context): Snapshot {
  return {
    execution_id: id,
    machine_name: 'seven',
    spec_version: '4.2.1',
    current_state: nameOf(step),
    context,
    step,
    created_at: new Date().toISOString(),
    event: 'execute',
    total_api_calls: 0,
    total_cost: 0,
  }
}

function leaseOf(executionId: string): Lease {
  return { executionId, ownerId: 'bench', fencingToken: 1, ttl: 300 }
}

function leaser(handle: BetterSqlite3.Database): (id: string) => void {
  const insert = handle.prepare(
    `insert into execution_leases (execution_id, owner_id, phase, lease_until, fencing_token, acquired_at, updated_at)
     values (?, 'bench', 'prep', ?, 1, '', '')`,
  )
  return (id) => void insert.run(id, Math.floor(Date.now() / 1000) + 300)
}

function machineText(fields: readonly string[]): string {
  const states = Array.from({ length: STATES }, (_, n) => {
    const to = n + 1 === STATES ? 'end' : nameOf(n + 2)
    const type = n === 0 ? '      type: initial\n' : ''
    return `    ${nameOf(n + 1)}:\n${type}      action: find\n      transitions: [{ to: ${to} }]\n`
  })
  const context = fields.map((field) => `    ${field}: "{{ input.${field} }}"\n`)
  return `spec: flatmachine\nspec_version: "4.2.1"\ndata:\n  name: seven\n  context:\n${context.join('')}  persistence: { enabled: true, checkpoint_on: [execute] }\n  states:\n${states.join('')}    end: { type: final }\n`
}
