import { expect, it } from 'vitest'
import type { Booking } from '../../../src/db/calls/booking.js'
import { reserveCall } from '../../../src/db/calls/booking.js'
import { cancelCall, markCallSent } from '../../../src/db/calls/sending.js'
import type { CallWindow } from '../../../src/db/calls/slots.js'
import { guardOf } from '../../../src/db/calls/slots.js'
import type { Db } from '../../../src/db/engine/prepared.js'
import type { Lease } from '../../../src/db/leases/leases.js'
import { addPapers, mustClaim, newDatabase, openTestDatabase } from '../../support/database.js'
import { callRequest, callWindow } from '../../support/ledger.js'
import { ENGINE } from '../../support/postgres.js'
import fc from '../../support/properties.js'

/** How long a try is held up, in shares of the guard: before it asks, while it asks, and before its first byte. */
type Holds = [before: number, meanwhile: number, after: number]

interface Plan {
  /** Of the guard's half: how long its way to the provider takes, and how far the provider's clock is away. */
  way: number
  asked: number
  /** Of one try after the other; those that come later are held up no more. */
  holds: Holds[]
}

/** In the middle of a minute. */
const START = Date.parse('2026-03-01T12:00:30Z')

/** Plays requests that are held up on their way against a virtual clock; those of one moment ask at the same time. */
class LateSends {
  readonly sent: number[] = []
  readonly arrived: number[] = []
  private readonly due = new Map<number, (() => Promise<void>)[]>()
  private now = START

  constructor(
    private readonly databases: readonly Db[],
    private readonly lease: Lease,
    private readonly window: CallWindow,
  ) {}

  async run(plans: readonly Plan[]): Promise<void> {
    for (const [index, plan] of plans.entries()) {
      const db = this.databases[index % this.databases.length]!
      this.at(START + plan.asked, () => this.book(db, { ...plan, holds: [...plan.holds] }))
    }
    while (this.due.size > 0) {
      this.now = Math.min(...this.due.keys())
      const together = this.due.get(this.now) ?? []
      this.due.delete(this.now)
      await Promise.all(together.map((next) => next()))
    }
  }

  private at(moment: number, next: () => Promise<void>): void {
    // Clocks tell whole milliseconds.
    const at = Math.max(this.now, Math.ceil(moment))
    this.due.set(at, [...(this.due.get(at) ?? []), next])
  }

  private async book(db: Db, plan: Plan): Promise<void> {
    const asked = callRequest(this.lease, { window: this.window, now: this.now })
    const booked = await reserveCall(db, asked)
    if (booked.kind === 'wait') this.at(booked.until, () => this.book(db, plan))
    else this.wait(db, booked, plan, booked.sendAt)
  }

  private wait(db: Db, booking: Booking, plan: Plan, until: number): void {
    const guard = guardOf(this.window.minuteMs)
    const [before, meanwhile, after] = (plan.holds.shift() ?? [0, 0, 0]).map((share) => share * guard)
    this.at(until + (before ?? 0), async () => {
      const now = this.now
      this.at(now + (meanwhile ?? 0), async () => {
        const permission = await markCallSent(db, booking, [], now)
        if (permission.kind === 'wait') return this.wait(db, booking, plan, permission.until)
        if (permission.kind === 'missed') {
          await cancelCall(db, booking.callId, this.now)
          return this.book(db, plan)
        }
        this.at(this.now + (after ?? 0), async () => {
          if (this.now >= permission.before) return this.wait(db, booking, plan, this.now)
          this.sent.push(this.now)
          this.arrived.push(this.now + plan.way * (guard / 2 - 1))
        })
      })
    })
  }
}

/** Three connections to one DB, and a lease that lasts. */
async function open(): Promise<{ databases: Db[]; lease: Lease }> {
  const path = await newDatabase()
  const opened = [await openTestDatabase(path), await openTestDatabase(path), await openTestDatabase(path)]
  const databases = opened.map(({ db }) => db)
  await addPapers(databases[0]!, 1)
  return { databases, lease: (await mustClaim(databases[0]!, { ttl: 1e9 })).lease }
}

const share = fc.oneof(
  { weight: 6, arbitrary: fc.constant(0) },
  { weight: 4, arbitrary: fc.double({ min: 0, max: 0.6, noNaN: true }) },
  { weight: 1, arbitrary: fc.double({ min: 0, max: 60, noNaN: true }) },
)
const plan = (minuteMs: number): fc.Arbitrary<Plan> =>
  fc.record({
    way: fc.double({ min: -1, max: 1, noNaN: true }),
    asked: fc.oneof(fc.constant(0), fc.nat({ max: 3 * minuteMs })),
    holds: fc.array(fc.tuple(share, share, share), { maxLength: 3 }),
  })
const scenario = fc
  .record({ perMinute: fc.integer({ min: 1, max: 6 }), minuteMs: fc.integer({ min: 400, max: 60_000 }) })
  .chain((limits) =>
    fc.record({
      limits: fc.constant(limits),
      plans: fc.array(plan(limits.minuteMs), { minLength: 2, maxLength: 20 }),
    }),
  )

it('however long requests are held up on their way, no minute of the provider has more than are allowed, and all are sent', async () => {
  const { databases, lease } = await open()
  let groups = 0
  await fc.assert(
    fc.asyncProperty(scenario, async ({ limits, plans }) => {
      const late = new LateSends(databases, lease, callWindow(1, { ...limits, group: `group ${++groups}` }))
      await late.run(plans)
      expect(late.sent).toHaveLength(plans.length)
      for (const [index, first] of late.sent.entries()) {
        const next = late.sent[index + limits.perMinute]
        if (next !== undefined) expect(next - first).toBeGreaterThanOrEqual(limits.minuteMs)
      }
      const minutes = late.arrived.map((at) => Math.floor(at / limits.minuteMs))
      for (const minute of minutes) {
        expect(minutes.filter((one) => one === minute).length).toBeLessThanOrEqual(limits.perMinute)
      }
    }),
    { numRuns: ENGINE === 'postgres' ? 30 : 100 },
  )
})

it('where nobody is held up, every minute is used whole', async () => {
  const { databases, lease } = await open()
  const late = new LateSends(databases, lease, callWindow(20, { group: 'nobody late' }))
  await late.run(Array.from({ length: 100 }, () => ({ way: 0, asked: 0, holds: [] })))
  for (const [index, at] of late.sent.entries()) {
    // Each counts from the last moment at which it may leave, 50 ms after it was asked for.
    expect(at - START).toBeLessThanOrEqual(Math.floor(index / 20) * 60_050)
  }
})
