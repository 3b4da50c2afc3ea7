import { describe, expect, it } from 'vitest'
import type { PhaseName } from '../../../src/core/phases.js'
import { PHASE_NAMES, forPhases } from '../../../src/core/phases.js'
import { utcDay } from '../../../src/core/clock.js'
import { BudgetSpentError, usedRequests } from '../../../src/db/calls/day-counts.js'
import { settlement } from '../../../src/db/calls/settle.js'
import type { Db } from '../../../src/db/engine/prepared.js'
import { countByStatus, insertExecutions } from '../../../src/db/executions/executions.js'
import { finishExecution } from '../../../src/db/leases/finish.js'
import type { Verdict } from '../../../src/pipeline/failures/judge.js'
import { DayKeeper } from '../../../src/pipeline/limits/day-keeper.js'
import { PHASES } from '../../../src/core/phases.js'
import { claimFor } from '../../../src/pipeline/schedule/claim-paper.js'
import { PhaseSource } from '../../../src/pipeline/schedule/phase-tasks.js'
import type { Task } from '../../../src/pipeline/schedule/task-source.js'
import { openTestDatabase, paper } from '../../support/database.js'
import { PLAIN, bookCall, callRequest, callResult } from '../../support/ledger.js'

const HOUR = 3_600_000
const FIRST_DAY = Date.UTC(2026, 2, 4)

/** The ledger and the papers of a project; each command is one more process over it. */
class Project {
  #owners = 0
  readonly clock = { at: FIRST_DAY, now: () => this.clock.at }

  private constructor(
    readonly db: Db,
    public budget: number,
    private readonly keeps: boolean,
  ) {}

  static async with(pending: number, budget: number, keeps = true): Promise<Project> {
    const { db } = await openTestDatabase()
    const papers = Array.from({ length: pending }, (_, index) => paper(index + 1))
    await insertExecutions(db, papers, FIRST_DAY)
    return new Project(db, budget, keeps)
  }

  /** One command of a phase, with three papers in hand at a time; returns why it ended. */
  async command(phase: PhaseName, costs: Partial<Record<PhaseName, number>> = {}): Promise<string | null> {
    const worker = this.start(phase, costs)
    while (!(await worker.step()));
    return worker.ended
  }

  start(phase: PhaseName, costs: Partial<Record<PhaseName, number>> = {}) {
    const { db, clock, budget } = this
    const settings = { budget, leaseTtl: 300 } as never
    const ownerId = `host:1:${(this.#owners += 1)}`
    const resources = { db, requireRoom: () => undefined, clock, settings, ownerId } as never
    const profile = { provider: 'openai', model: 'm', baseUrl: 'http://x/v1', apiKeyEnv: null } as never
    const asking = { chains: [[profile]], limitGroup: () => null, patienceMs: 0 }
    const options = { keeps: this.keeps, windowMs: 0 }
    const keeper = new DayKeeper(
      { db, clock, settings },
      forPhases(() => asking),
      options,
    )
    const machine = { ...asking, phase: PHASES[phase], billable: true, limits: { patienceMs: 0 } } as never
    const claim = (now: number): Promise<Task | null> => claimFor(resources, machine, keeper, { now })
    const source = new PhaseSource(resources, [machine], keeper, {
      claim,
      comeBack: () => undefined,
    })
    const work = async (task: Task): Promise<void> => {
      const requests = costs[phase] ?? PHASES[phase].pipelines.full.requests
      const verdict = await this.#work(task, keeper, requests)
      await source.ended(task, verdict)
    }
    const state = { ended: null as string | null, hand: [] as Task[] }
    return {
      get ended() {
        return state.ended
      },
      /** Fills its hands, then works on what it has; returns whether it has come to its end. */
      step: async (): Promise<boolean> => {
        for (let next; state.hand.length < 3;) {
          next = await source.next()
          if (next === 'done' || !('task' in next)) {
            if (next !== 'done' && 'stop' in next)
              state.ended = next.stop.kept === true ? 'kept' : next.stop.reason
            break
          }
          state.hand.push(next.task)
        }
        if (state.hand.length === 0) return true
        for (const task of state.hand.splice(0)) await work(task)
        return false
      },
    }
  }

  /** Sends the requests of a paper, each admitted by the ledger. */
  async #work({ claim, prepared }: Task, keeper: DayKeeper, requests: number): Promise<Verdict | null> {
    const { name, from, to } = prepared.phase
    const now = this.clock.at
    try {
      for (let sent = 0; sent < requests; sent += 1) {
        const keep = await keeper.callKeep(name, null)
        const request = callRequest(claim.lease, { phase: name, budget: this.budget, keep, now })
        const callId = await bookCall(this.db, request)
        await settlement(this.db, callId, callResult(), PLAIN, now).commit()
      }
    } catch (error) {
      if (!(error instanceof BudgetSpentError)) throw error
      await finishExecution(this.db, claim.lease, { status: from, attempts: 'refund' }, now)
      const stop = error.code === 'budget_kept' ? null : 'budget'
      return { paper: 'release', stop, retryAt: error.resetsAt, notBefore: null, message: '' } as never
    }
    await finishExecution(this.db, claim.lease, { status: to, attempts: 'reset' }, now)
    return null
  }

  async used(): Promise<number> {
    return usedRequests(this.db, utcDay(this.clock.at))
  }

  async reports(): Promise<number> {
    return (await countByStatus(this.db)).done
  }

  async status() {
    return countByStatus(this.db)
  }
}

describe('far more papers than the requests of a day, and the phases from cron every hour', () => {
  it.each([
    { pending: 5000, budget: 1000, order: ['prep', 'analyze', 'wrap'] },
    { pending: 1000, budget: 200, order: ['wrap', 'analyze', 'prep'] },
    { pending: 1000, budget: 200, order: ['analyze', 'prep', 'wrap'] },
  ] as const)('$order, $budget requests: a report for five of them', async ({ pending, budget, order }) => {
    const project = await Project.with(pending, budget)
    const days: number[] = []
    for (let day = 0; day < 2; day += 1) {
      const before = await project.reports()
      for (let hour = 0; hour < 5; hour += 1) {
        project.clock.at = FIRST_DAY + day * 24 * HOUR + hour * HOUR
        for (const phase of order) await project.command(phase)
      }
      days.push((await project.reports()) - before)
      expect(await project.used()).toBeLessThanOrEqual(budget)
    }
    for (const reports of days) expect(reports).toBeGreaterThanOrEqual(budget * 0.195)
  })
})

describe('what a phase leaves to papers further on', () => {
  it('lets prep begin as many papers as the day can finish, and end well', async () => {
    const project = await Project.with(400, 100)
    expect(await project.command('prep')).toBe('kept')
    expect(await project.status()).toMatchObject({ prepped: 20 })
    expect(await project.command('prep')).toBe('kept')
    expect(await project.used()).toBe(20)
  })

  it('is nothing where the user says so', async () => {
    const project = await Project.with(400, 100, false)
    expect(await project.command('prep')).toBe('budget')
    expect(await project.status()).toMatchObject({ prepped: 100 })
  })

  it('is kept from the analysis too: what it begins is wrapped the same day', async () => {
    const project = await Project.with(30, 1000)
    await project.command('prep')
    project.budget = (await project.used()) + 42
    expect(await project.command('analyze')).toBe('kept')
    expect(await project.status()).toMatchObject({ analyzed: 10, prepped: 20 })
    expect(await project.command('wrap')).toBeNull()
    expect(await project.reports()).toBe(10)
  })

  it('follows what papers cost: repairs are counted on when they have been seen', async () => {
    const project = await Project.with(400, 1000)
    for (const phase of PHASE_NAMES.slice(0, 2)) await project.command(phase)
    await project.command('wrap', { wrap: 2 })
    const done = await project.reports()
    project.clock.at += 24 * HOUR
    const before = await project.reports()
    await project.command('prep')
    // Those that were not wrapped yesterday come first; a paper costs six requests.
    const { prepped, analyzed } = await project.status()
    expect(prepped * 6 + analyzed * 2).toBeLessThanOrEqual(1000 + 6)
    expect(done).toBeGreaterThan(90)
    for (const phase of ['wrap', 'analyze', 'wrap'] as const) await project.command(phase, { wrap: 2 })
    expect((await project.reports()) - before).toBeGreaterThan(150)
  })

  it('is kept with several processes of all phases at once', async () => {
    const project = await Project.with(500, 300)
    for (let tick = 0; tick < 4; tick += 1) {
      const all = [...PHASE_NAMES, ...PHASE_NAMES].map((phase) => project.start(phase))
      for (let left = all; left.length > 0;) {
        const ended = await Promise.all(left.map((worker) => worker.step()))
        left = left.filter((_, index) => ended[index] === false)
      }
    }
    expect(await project.used()).toBeLessThanOrEqual(300)
    expect(await project.reports()).toBeGreaterThanOrEqual(54)
  })

  it('lets a paper through whose requests are more than a whole day has', async () => {
    const project = await Project.with(3, 2)
    for (let day = 0; day < 12 && (await project.reports()) === 0; day += 1) {
      for (const phase of PHASE_NAMES) await project.command(phase, { analyze: 2 })
      project.clock.at += 24 * HOUR
    }
    expect(await project.reports()).toBe(1)
  })
})
