import { expect } from 'vitest'
import type { CallWindow } from '../../../src/db/calls/slots.js'
import type { Lease } from '../../../src/db/leases/leases.js'
import { BudgetSpentError } from '../../../src/db/calls/day-counts.js'
import type { Db } from '../../../src/db/engine/prepared.js'
import { reserveCall } from '../../../src/db/calls/booking.js'
import { cancelCall, markCallSent } from '../../../src/db/calls/sending.js'
import { settlement } from '../../../src/db/calls/settle.js'
import { callRequest, callResult, PLAIN } from '../../support/ledger.js'

/** One request: when its worker has it ready, and what becomes of it. Milliseconds. */
export interface Plan {
  think: number
  latency: number
  /** Share of the guard by which its arrival differs from its start: clocks differ, and nets are slow. */
  late: number
  /** Given back before it is sent, or left behind by a process that was killed; then booked anew. */
  givenBack: 'cancelled' | 'left behind' | null
  /** Learned from its answer: a lower limit, for so many windows. */
  learns: { perMinute: number; windows: number } | null
}

export interface Scenario {
  start: number
  window: CallWindow
  budget: number
  /** Requests of each worker, one after the other. */
  workers: Plan[][]
}

interface Started {
  sendAt: number
  /** Limit that was in force when it was booked. */
  limit: number
  arrival: number
}

type Event = { at: number; order: number; run: () => Promise<void> }

/** Nobody needs so many steps: who does is stuck. */
const MOST_STEPS = 4000

/** Plays workers on several connections against a virtual clock, and holds each booking against the limits. */
export class Simulation {
  readonly started: Started[] = []
  private readonly events: Event[] = []
  private readonly days = new Map<string, number>()
  private learned = { perMinute: Infinity, until: 0 }
  private underWay = 0
  private now: number
  private order = 0

  constructor(
    private readonly databases: readonly Db[],
    /** One of a process that lives, and one of a process that has ended. */
    private readonly leases: { alive: Lease; dead: Lease },
    private readonly scenario: Scenario,
  ) {
    this.now = scenario.start
  }

  /** Runs until every request of every worker was answered. */
  async run(): Promise<void> {
    for (const [worker, plans] of this.scenario.workers.entries()) this.next(worker, [...plans])
    for (let step = 0; ; step += 1) {
      const event = this.events.sort((a, b) => a.at - b.at || a.order - b.order).shift()
      if (event === undefined) return
      expect(step, 'somebody waits for ever').toBeLessThan(MOST_STEPS)
      // Clocks tell whole milliseconds.
      this.now = Math.max(this.now, Math.ceil(event.at))
      await event.run()
    }
  }

  private at(moment: number, run: () => Promise<void>): void {
    this.events.push({ at: moment, order: (this.order += 1), run })
  }

  private next(worker: number, plans: Plan[]): void {
    const [plan, ...rest] = plans
    if (plan === undefined) return
    this.at(this.now + plan.think, () => this.book(worker, plan, () => this.next(worker, rest)))
  }

  private async book(worker: number, plan: Plan, then: () => void): Promise<void> {
    const { window, budget } = this.scenario
    const db = this.databases[worker % this.databases.length]!
    const again = (at: number): void => this.at(at, () => this.book(worker, plan, then))
    try {
      const lease = plan.givenBack === 'left behind' ? this.leases.dead : this.leases.alive
      const reservation = await reserveCall(db, callRequest(lease, { window, budget, now: this.now }))
      if (reservation.kind === 'wait') {
        expect(reservation.until).toBeGreaterThan(this.now)
        return again(reservation.until)
      }
      const { callId, sendAt } = reservation
      expect(sendAt).toBeGreaterThanOrEqual(this.now)
      if (plan.givenBack === 'left behind') {
        return this.at((this.now + sendAt) / 2, () => this.book(worker, { ...plan, givenBack: null }, then))
      }
      this.underWay += 1
      if (window.concurrency !== null) expect(this.underWay).toBeLessThanOrEqual(window.concurrency)
      if (plan.givenBack === 'cancelled') {
        return this.at((this.now + sendAt) / 2, async () => {
          await cancelCall(db, callId, this.now)
          this.underWay -= 1
          await this.book(worker, { ...plan, givenBack: null }, then)
        })
      }
      this.check(sendAt, plan)
      this.at(sendAt, async () => void (await markCallSent(db, reservation, [], this.now)))
      this.at(sendAt + plan.latency, async () => {
        await this.settle(db, callId, plan)
        then()
      })
    } catch (error) {
      if (!(error instanceof BudgetSpentError)) throw error
      expect(error.resetsAt).toBeGreaterThan(this.now)
      again(error.resetsAt)
    }
  }

  private check(sendAt: number, { late }: Plan): void {
    const { window, budget } = this.scenario
    const { minuteMs, perMinute, spacingMs, perDay } = window
    const limit = Math.min(perMinute, this.learned.until > this.now ? this.learned.perMinute : Infinity)
    for (const other of this.started)
      expect(Math.abs(sendAt - other.sendAt), 'spacing').toBeGreaterThan(spacingMs - 0.01)
    const guard = Math.min(1000, minuteMs * 0.05)
    this.started.push({ sendAt, limit, arrival: sendAt + late * (guard - 1) })
    expect(this.fullest(sendAt), 'starts within a window of any place').toBeLessThanOrEqual(limit)
    const day = new Date(sendAt).toISOString().slice(0, 10)
    this.days.set(day, (this.days.get(day) ?? 0) + 1)
    for (const most of [perDay, budget === 0 ? null : budget]) {
      if (most !== null) expect(this.days.get(day)).toBeLessThanOrEqual(most)
    }
  }

  /** The most starts in one window that a start lies in: it may have been put between others. */
  private fullest(sendAt: number): number {
    const { minuteMs } = this.scenario.window
    const near = this.started.map((one) => one.sendAt).filter((at) => Math.abs(at - sendAt) < minuteMs - 0.01)
    const from = near.filter((at) => at <= sendAt)
    return Math.max(
      ...from.map((begin) => near.filter((at) => at >= begin && at < begin + minuteMs - 0.01).length),
    )
  }

  private async settle(db: Db, callId: string, { learns }: Plan): Promise<void> {
    const { group, minuteMs } = this.scenario.window
    const learned =
      learns === null
        ? null
        : { group, perMinute: learns.perMinute, until: Math.floor(this.now + learns.windows * minuteMs) }
    if (learned !== null) this.learned = learned
    await settlement(db, callId, callResult(), { ...PLAIN, learned }, this.now).commit()
    this.underWay -= 1
  }
}
