import { createLogger } from '../../../src/core/logging.js'
import { hostname } from 'node:os'
import { describe, expect, it } from 'vitest'
import { isoTime, momentText } from '../../../src/core/clock.js'
import { RpaError } from '../../../src/core/errors.js'
import { processOwnerId } from '../../../src/core/processes/owner.js'
import type { CircuitState, PhaseName, Status } from '../../../src/db/engine/schema.js'
import { finishExecution } from '../../../src/db/leases/finish.js'
import type { Db } from '../../../src/db/engine/prepared.js'
import type { Verdict } from '../../../src/pipeline/failures/judge.js'
import type { PhaseMachine } from '../../../src/pipeline/prepare-phase.js'
import { openKeeper } from '../../../src/pipeline/prepare-phase.js'
import { BEGUN, forPhases, PHASES } from '../../../src/core/phases.js'
import type { RunSourceOptions } from '../../../src/pipeline/schedule/run-tasks.js'
import { RunSource } from '../../../src/pipeline/schedule/run-tasks.js'
import type { Next, Task } from '../../../src/pipeline/schedule/task-source.js'
import { NOON, addPapers, openTestDatabase, paper } from '../../support/database.js'
import { insertExecutions } from '../../../src/db/executions/executions.js'

const MIDNIGHT = Date.UTC(2026, 2, 5)
const MODELS = forPhases((name) => (PHASES[name].role === 'expensive' ? 'big' : 'small'))

/** A run over real tables; what the phases are made of is of no account here. */
class Stage {
  #number = 100

  private constructor(
    readonly db: Db,
    readonly source: RunSource,
    private readonly clock: { at: number },
    /** What was logged. */
    readonly said: readonly string[],
  ) {}

  static async open(options: Partial<RunSourceOptions & { budget: number }> = {}): Promise<Stage> {
    const { db } = await openTestDatabase()
    const clock = { at: NOON }
    const said: string[] = []
    const log = (message: string): void => void said.push(message)
    const { budget = 0, ...more } = options
    const resources = {
      db,
      requireRoom: () => undefined,
      clock: { now: () => clock.at },
      settings: { budget, leaseTtl: 300, pdfDir: null } as never,
      log: createLogger('info', (_, message) => log(message)),
      ownerId: processOwnerId(),
      config: null as never,
    }
    const phases = new Map(BEGUN.map((name) => [name, machine(name)]))
    const windowMs = 7_200_000
    const source = new RunSource(
      resources,
      phases,
      openKeeper(resources, [...phases.values()], { keeps: true, windowMs }),
      {
        pollMs: 5000,
        daemon: false,
        lowWater: 4,
        windowMs,
        prepOnly: false,
        resumeOnly: false,
        caps: {},
        ids: [],
        refill: null,
        onChange: () => undefined,
        ...more,
      },
    )
    return new Stage(db, source, clock, said)
  }

  set time(at: number) {
    this.clock.at = at
  }

  get time(): number {
    return this.clock.at
  }

  pass(ms: number): void {
    this.clock.at += ms
  }

  async papers(counts: Partial<Record<Status, number>>): Promise<void> {
    for (const [status, count] of Object.entries(counts)) {
      const papers = Array.from({ length: count }, () => paper(++this.#number))
      await insertExecutions(this.db, papers, NOON)
      const ids = papers.map(({ arxiv_id }) => arxiv_id)
      await this.change(ids, { status: status })
    }
  }

  async change(ids: string[], values: Partial<Record<'status' | 'not_before' | 'interrupted_at', string>>) {
    await this.db
      .updateTable('executions')
      .set(values as { status: Status })
      .where('arxiv_id', 'in', ids)
      .execute()
  }

  async circuit(state: CircuitState, retryAt: number, name = 'model:big@x', errorClass = 'server_error') {
    const values = {
      state,
      opened_at: isoTime(this.time),
      retry_at: isoTime(retryAt),
      reason: 'it is down',
      error_class: errorClass,
      needs_probe: 1,
      openings: 1,
      probe_call_id: null,
    }
    await this.db
      .insertInto('circuits')
      .values({ name, ...values })
      .onConflict((conflict) => conflict.column('name').doUpdateSet(values))
      .execute()
  }

  /** Requests of today that count. */
  async spend(count: number): Promise<void> {
    const date = isoTime(this.time).slice(0, 10)
    const row = { date, total_calls: count, cheap_calls: count, expensive_calls: 0 }
    await this.db
      .insertInto('daily_usage')
      .values(row)
      .onConflict((conflict) => conflict.column('date').doUpdateSet(row))
      .execute()
  }

  async task(): Promise<Task> {
    const next = await this.source.next()
    if (next === 'done' || !('task' in next)) throw new Error(`no task but ${JSON.stringify(next)}`)
    return next.task
  }

  /** Takes papers as long as there are any; returns their phases. */
  async takeAll(): Promise<PhaseName[]> {
    const phases: PhaseName[] = []
    for (;;) {
      const next = await this.source.next()
      if (next === 'done' || !('task' in next)) return phases
      phases.push(next.task.prepared.phase.name)
    }
  }

  async end({ prepared, claim }: Task, verdict: Verdict | null = null, changes = {}): Promise<void> {
    const status = verdict === null ? prepared.phase.to : prepared.phase.from
    await finishExecution(this.db, claim.lease, { status, attempts: 'refund', ...changes }, this.time)
    expect(this.source.ended({ prepared, claim }, verdict)).toBeNull()
  }
}

function machine(name: PhaseName): PhaseMachine {
  const profile = { provider: 'openai', model: MODELS[name], baseUrl: 'http://x/v1', apiKeyEnv: null }
  return {
    phase: PHASES[name],
    chains: [[profile]],
    limitGroup: () => null,
    billable: true,
    limits: { patienceMs: 90_000 },
  } as never
}

const released = (changes: Partial<Verdict> = {}): Verdict => ({
  paper: 'release',
  refund: true,
  stop: null,
  errorClass: 'server_error',
  message: 'down',
  hint: null,
  retryAt: null,
  notBefore: null,
  fatal: null,
  host: null,
  ...changes,
})

const phaseOf = ({ prepared }: Task): PhaseName => prepared.phase.name
const sleep = (next: Next): number => {
  if (next === 'done' || !('lookAgainAt' in next)) throw new Error(`no sleep: ${JSON.stringify(next)}`)
  return next.lookAgainAt
}

describe('the best work first', () => {
  it('is what was interrupted, furthest first, then analyze, wrap, prep', async () => {
    const stage = await Stage.open()
    await stage.papers({ pending: 2, prepped: 2, analyzed: 2 })
    await stage.change(['2401.00101', '2401.00103', '2401.00105'], { interrupted_at: isoTime(NOON - 1000) })
    const order = ['wrap', 'analyze', 'prep', 'analyze', 'wrap', 'prep']
    expect(await stage.takeAll()).toEqual(order)
  })

  it('is prepped only up to the mark, however much is pending and however many ask', async () => {
    const stage = await Stage.open({ caps: { analyze: 0 } })
    await stage.papers({ pending: 20, prepped: 1 })
    const taken = await Promise.all(Array.from({ length: 8 }, () => stage.source.next()))
    expect(taken.filter((next) => next !== 'done' && 'task' in next)).toHaveLength(3)
  })

  it('counts what other processes prep', async () => {
    const stage = await Stage.open({ lowWater: 2 })
    await stage.papers({ pending: 5, prepping: 2 })
    for (const number of [106, 107]) await lease(stage, number, processOwnerId(), 300)
    expect(await stage.source.next()).toBe('done')
  })
})

describe('a model that is away', () => {
  it('rests its phase alone: prep goes on beyond the mark, wrap goes on', async () => {
    const stage = await Stage.open({ lowWater: 1 })
    await stage.papers({ pending: 4, prepped: 3, analyzed: 1 })
    await stage.circuit('open', NOON + 60_000)
    expect(await stage.takeAll()).toEqual(['wrap', 'prep', 'prep', 'prep', 'prep'])
    expect(stage.said).toEqual([
      `analyze rests until ${momentText(NOON + 60_000)}: model:big@x is open: it is down; wrap and prep go on`,
    ])
    expect(stage.source.rests.current()).toMatchObject([{ phase: 'analyze', until: isoTime(NOON + 60_000) }])
  })

  it('gets one paper when it may be probed, and the others when it has answered', async () => {
    const stage = await Stage.open()
    await stage.papers({ prepped: 3 })
    await stage.circuit('open', NOON + 60_000)
    expect(sleep(await stage.source.next())).toBe(NOON + 5000)
    stage.time = NOON + 60_000
    const probe = await stage.task()
    expect(phaseOf(probe)).toBe('analyze')
    expect(sleep(await stage.source.next())).toBe(NOON + 61_000)
    // The request of another process is under way.
    await stage.circuit('half_open', NOON + 90_000)
    stage.pass(1000)
    expect(sleep(await stage.source.next())).toBe(NOON + 62_000)
    await stage.circuit('closed', 0)
    stage.pass(1000)
    expect(await stage.takeAll()).toEqual(['analyze', 'analyze'])
    expect(stage.said.at(-1)).toBe('analyze again')
  })

  it('is waited for when all else is done, then the work goes on', async () => {
    const stage = await Stage.open()
    await stage.papers({ prepped: 1 })
    await stage.circuit('open', NOON + 2500)
    expect(sleep(await stage.source.next())).toBe(NOON + 2500)
    stage.pass(2500)
    await stage.end(await stage.task())
    expect(phaseOf(await stage.task())).toBe('wrap')
  })

  it('is not asked over and over where nothing shows why it refused', async () => {
    const stage = await Stage.open({ caps: { prep: 0 } })
    await stage.papers({ prepped: 1 })
    const stop = released({ stop: 'circuit', retryAt: NOON + 600_000 })
    await stage.end(await stage.task(), stop)
    expect(await stage.source.next()).toMatchObject({ stop: { reason: 'circuit', retryAt: NOON + 600_000 } })
  })

  it('that is closed for long ends the run, but not a daemon', async () => {
    for (const daemon of [false, true]) {
      const stage = await Stage.open({ daemon })
      await stage.papers({ prepped: 1 })
      await stage.circuit('open', NOON + 600_000)
      const next = await stage.source.next()
      if (daemon) expect(sleep(next)).toBe(NOON + 5000)
      else expect(next).toMatchObject({ stop: { reason: 'circuit', retryAt: NOON + 600_000 } })
    }
  })

  it('that stays away though it is probed ends the run when patience is over', async () => {
    const stage = await Stage.open()
    await stage.papers({ prepped: 1 })
    await stage.circuit('open', NOON + 60_000)
    sleep(await stage.source.next())
    stage.pass(60_000)
    const probe = await stage.task()
    await stage.end(probe, released({ stop: 'circuit', retryAt: NOON + 120_000 }))
    sleep(await stage.source.next())
    stage.pass(31_000)
    await stage.db
      .updateTable('circuits')
      .set({ retry_at: isoTime(NOON + 150_000) })
      .execute()
    stage.source.rests.lookAgain()
    expect(await stage.source.next()).toMatchObject({ stop: { reason: 'circuit' } })
  })

  it('that no longer exists ends the run', async () => {
    const stage = await Stage.open()
    await stage.papers({ prepped: 1 })
    await stage.circuit('open', NOON + 60_000, 'model:big@x', 'model_gone')
    await expect(stage.source.next()).rejects.toMatchObject({ code: 'model_gone', exitCode: 78 })
  })
})

describe('what is known of models', () => {
  it('may be forgotten while somebody waits for it', async () => {
    const stage = await Stage.open()
    const looking = stage.source.rests.of('prep')
    stage.source.rests.lookAgain()
    expect(await looking).toMatchObject({ state: 'open' })
  })
})

describe('the requests of a day', () => {
  it('that are spent end the run until midnight', async () => {
    const stage = await Stage.open({ budget: 10 })
    await stage.papers({ pending: 1, analyzed: 1 })
    await stage.spend(10)
    expect(await stage.source.next()).toMatchObject({ stop: { reason: 'budget', retryAt: MIDNIGHT } })
  })

  it('that are spent let a daemon sleep, and go on at midnight', async () => {
    const stage = await Stage.open({ budget: 10, daemon: true })
    await stage.papers({ analyzed: 1 })
    stage.time = MIDNIGHT - 2000
    await stage.spend(10)
    expect(sleep(await stage.source.next())).toBe(MIDNIGHT + 3000)
    stage.time = MIDNIGHT + 3000
    expect(phaseOf(await stage.task())).toBe('wrap')
  })

  it('go to prep in the last hours, but for what half-way papers need', async () => {
    const stage = await Stage.open({ budget: 100, lowWater: 1, caps: { wrap: 0, analyze: 0 } })
    await stage.papers({ pending: 50, prepped: 5, analyzed: 3 })
    await stage.spend(90)
    expect(await stage.source.next()).toBe('done')
    stage.time = MIDNIGHT - 7_200_000
    expect(await stage.takeAll()).toEqual(Array(7).fill('prep'))
  })

  it('without a limit are nothing to be used up: the mark holds in the last hours too', async () => {
    const stage = await Stage.open({ lowWater: 1, caps: { analyze: 0 } })
    await stage.papers({ pending: 5, prepped: 1 })
    stage.time = MIDNIGHT - 60_000
    expect(await stage.source.next()).toBe('done')
  })

  it('go to the analysis first in the last hours, where its model is there', async () => {
    const stage = await Stage.open({ budget: 100 })
    await stage.papers({ pending: 3, prepped: 2, analyzed: 1 })
    stage.time = MIDNIGHT - 60_000
    expect((await stage.takeAll()).slice(0, 3)).toEqual(['analyze', 'analyze', 'wrap'])
  })
})

describe('when nothing can be taken', () => {
  it('papers that wait for their time are waited for', async () => {
    const stage = await Stage.open()
    await stage.papers({ prepped: 1 })
    await stage.change(['2401.00101'], { not_before: isoTime(NOON + 3000) })
    expect(sleep(await stage.source.next())).toBe(NOON + 3000)
    stage.pass(3001)
    expect(phaseOf(await stage.task())).toBe('analyze')
  })

  it('a worker waits for the others, and is woken by them', async () => {
    const stage = await Stage.open({ caps: { prep: 1 } })
    await stage.papers({ pending: 2 })
    const task = await stage.task()
    const next = await stage.source.next()
    expect(sleep(next)).toBe(NOON + 5000)
    const { wake } = next as { wake: AbortSignal }
    expect(wake.aborted).toBe(false)
    await stage.end(task)
    expect(wake.aborted).toBe(true)
    expect(phaseOf(await stage.task())).toBe('analyze')
  })

  it('it does not wait for papers in living hands, and takes those of a process that died here at once', async () => {
    const stage = await Stage.open()
    await stage.papers({ analyzing: 2 })
    await lease(stage, 101, processOwnerId(), 300)
    await lease(stage, 102, 'elsewhere:77:1', 300)
    expect(await stage.source.next()).toBe('done')
    await lease(stage, 102, `${hostname()}:999999999:1`, 3)
    const task = await stage.task()
    expect(task.claim).toMatchObject({ interrupted: true, execution: { arxiv_id: '2401.00102' } })
  })

  it('it is done where only finished and failed papers are left; a daemon looks again at each poll', async () => {
    const stage = await Stage.open()
    await stage.papers({ done: 2, failed: 1 })
    expect(await stage.source.next()).toBe('done')

    const daemon = await Stage.open({ daemon: true })
    expect(sleep(await daemon.source.next())).toBe(NOON + 5000)
    await daemon.papers({ pending: 1 })
    // In between nobody asks the database, however many workers there are.
    daemon.pass(4999)
    expect(sleep(await daemon.source.next())).toBe(NOON + 5000)
    daemon.pass(1)
    expect(phaseOf(await daemon.task())).toBe('prep')
  })

  it('more papers are seeded when few are left, until the corpus has no more', async () => {
    let seeds = 0
    const stage = await Stage.open({
      refill: async () => (seeds++ === 0 ? (await addPapers(stage.db, 2), 2) : 0),
    })
    expect(await stage.takeAll()).toEqual(['prep', 'prep'])
    expect(seeds).toBe(2)
  })
})

describe('limits of the user', () => {
  it('a paper that went back gives its place to another', async () => {
    const stage = await Stage.open({ caps: { prep: 1 } })
    await stage.papers({ pending: 2 })
    const later = { not_before: isoTime(NOON + 60_000) }
    await stage.end(await stage.task(), released({ retryAt: NOON + 60_000 }), later)
    const other = await stage.task()
    expect(other.claim.execution.arxiv_id).toBe('2401.00102')
    expect(stage.source.tally.counts.prep).toEqual({ claimed: 2, succeeded: 0, failed: 0, released: 1 })
  })

  it('a limit of papers holds over all phases: those that were taken are finished', async () => {
    const stage = await Stage.open({ limit: 1 })
    await stage.papers({ pending: 3, prepped: 1 })
    const phases: PhaseName[] = []
    for (;;) {
      const next = await stage.source.next()
      if (next === 'done' || !('task' in next)) break
      phases.push(phaseOf(next.task))
      await stage.end(next.task)
    }
    expect(phases).toEqual(['analyze', 'wrap'])
  })
})

describe('a service that cannot be reached', () => {
  const away = released({ errorClass: 'pdf_source_unreachable', host: 'away', retryAt: NOON + 600_000 })
  const later = { not_before: isoTime(NOON + 600_000) }

  it('rests prep after three failures in a row, and nothing else', async () => {
    const stage = await Stage.open()
    await stage.papers({ pending: 5 })
    expect(stage.source.outlives(away)).toBe(true)
    for (let n = 0; n < 3; n++) await stage.end(await stage.task(), away, later)
    expect(stage.said.at(-1)).toMatch(/^prep rests until .*: down$/)
    await stage.papers({ prepped: 1 })
    expect(phaseOf(await stage.task())).toBe('analyze')
  })

  it('ends the run where nothing else is left, as prep would', async () => {
    const stage = await Stage.open()
    await stage.papers({ pending: 1 })
    await stage.end(await stage.task(), away, later)
    await expect(stage.source.next()).rejects.toMatchObject({ code: 'pdf_source_unreachable', exitCode: 69 })
  })

  it('of a daemon is asked again later', async () => {
    const stage = await Stage.open({ daemon: true })
    await stage.papers({ pending: 1 })
    const gone = released({ errorClass: 'unreachable', fatal: { exitCode: 69 } as never })
    expect(stage.source.outlives(gone)).toBe(true)
    await stage.end(await stage.task(), gone)
    expect(sleep(await stage.source.next())).toBe(NOON + 5000)
    stage.time = NOON + 60_000
    expect(phaseOf(await stage.task())).toBe('prep')
    expect((await Stage.open()).source.outlives(gone)).toBe(false)
  })
})

describe('papers that wait for their time', () => {
  const later = { not_before: isoTime(NOON + 91_000) }

  it('are waited for no longer than patience, and it is said why', async () => {
    const stage = await Stage.open()
    await stage.papers({ pending: 2 })
    await stage.db
      .updateTable('executions')
      .set({ ...later, error_class: 'pdf_source_unreachable' })
      .execute()
    expect(await stage.source.next()).toMatchObject({
      stop: { reason: 'circuit', retryAt: NOON + 91_000, message: 'the host of the PDFs cannot be reached' },
    })
    stage.pass(1000)
    expect(sleep(await stage.source.next())).toBe(NOON + 6000)
    stage.pass(5000)
    sleep(await stage.source.next())
    expect(stage.said).toEqual([
      `2 papers wait, the first until ${momentText(later.not_before)}: the host of the PDFs cannot be reached`,
    ])
    expect(stage.source.waits.current()).toMatchObject([{ papers: 2, error_class: 'pdf_source_unreachable' }])
    stage.pass(85_000)
    await stage.task()
    expect(stage.source.waits.current()).toEqual([])
  })
})

describe('a disk that is full', () => {
  const full = released({ errorClass: 'disk_full', fatal: new RpaError('disk_full', 'no room') })

  it('is waited out by a daemon, in all phases, and said once', async () => {
    const stage = await Stage.open({ daemon: true })
    await stage.papers({ pending: 2, prepped: 1 })
    const [first, second] = [await stage.task(), await stage.task()]
    expect(stage.source.outlives(full)).toBe(true)
    await stage.end(first, full)
    await stage.end(second, full)
    expect(sleep(await stage.source.next())).toBe(NOON + 60_000)
    expect(stage.said).toHaveLength(1)
    expect(stage.said[0]).toMatch(/nothing is taken until .*: no room/)
    stage.time = NOON + 60_000
    expect(phaseOf(await stage.task())).toBe('analyze')
  })

  it('is so too where it shows as a paper is taken', async () => {
    for (const daemon of [true, false]) {
      const refill = (): Promise<number> => Promise.reject(new RpaError('disk_full', 'no room'))
      const stage = await Stage.open({ daemon, refill })
      if (daemon) expect(sleep(await stage.source.next())).toBe(NOON + 60_000)
      else await expect(stage.source.next()).rejects.toMatchObject({ code: 'disk_full' })
    }
  })

  it('ends any other command', async () => {
    expect((await Stage.open()).source.outlives(full)).toBe(false)
  })
})

async function lease(stage: Stage, number: number, owner: string, seconds: number): Promise<void> {
  const found = await stage.db
    .selectFrom('executions')
    .select('execution_id')
    .where('arxiv_id', '=', `2401.${String(number).padStart(5, '0')}`)
    .executeTakeFirstOrThrow()
  const values = {
    owner_id: owner,
    phase: 'x',
    lease_until: Math.floor(stage.time / 1000) + seconds,
    fencing_token: 1,
    acquired_at: isoTime(stage.time),
    updated_at: isoTime(stage.time),
  }
  await stage.db
    .insertInto('execution_leases')
    .values({ ...found, ...values })
    .onConflict((conflict) => conflict.column('execution_id').doUpdateSet(values))
    .execute()
}
