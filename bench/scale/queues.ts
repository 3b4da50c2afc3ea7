import { setImmediate as turn } from 'node:timers/promises'
import { Logger, run, runMigrations } from 'graphile-worker'
import PgBoss from 'pg-boss'
import pg from 'pg'
import { processOwnerId, sharedOwnerId } from '../../src/core/processes/owner.js'
import { reserveCall } from '../../src/db/calls/booking.js'
import { markCallSent } from '../../src/db/calls/sending.js'
import type { CallResult } from '../../src/db/calls/settle.js'
import { settlement } from '../../src/db/calls/settle.js'
import { openDatabase } from '../../src/db/engine/open.js'
import { transact } from '../../src/db/engine/steps.js'
import { claim } from '../../src/db/executions/claims.js'
import { finishSteps } from '../../src/db/leases/finish.js'
import { bookings } from './bookings.js'
import { ABSTRACT, fillPapers, PAGE } from './papers.js'

/** A queue that several processes take from at once. */
export interface Queue {
  /** Makes it, with that many jobs waiting. */
  fill(url: string, jobs: number): Promise<void>
  /** Takes and completes jobs, so many at the same time, until told to stop; returns how many. */
  work(url: string, stop: AbortSignal, inHand: number): Promise<number>
}

/** Ours: claim with lease and token, booking, mark and settlement of one request in the ledger, fence and release. */
const rpa: Queue = {
  fill: fillPapers,
  async work(url, stop, inHand) {
    const { db, clock, shared, close } = await openDatabase(url)
    const request = {
      phase: 'prep',
      from: 'pending',
      busy: 'prepping',
      ownerId: shared ? sharedOwnerId() : processOwnerId(),
      ttl: 300,
    } as const
    const done = await together(stop, inHand, async () => {
      const taken = await claim(db, { ...request, now: clock.now() })
      if (taken === null) return false
      const { lease } = taken
      const booked = await reserveCall(db, {
        ...{
          executionId: lease.executionId,
          phase: 'prep',
          machine: 'prep',
          state: 'ask',
          role: 'cheap',
          model: 'm',
          attempt: 1,
        },
        ...{
          lease,
          budget: 0,
          window: null,
          circuits: ['model:m'],
          patienceMs: 0,
          timeoutMs: 60_000,
          deadline: null,
        },
        now: clock.now(),
      })
      if (booked.kind !== 'booked') throw new Error(booked.reason)
      await markCallSent(db, booked, ['model:m'], clock.now())
      const closing = settlement(db, booked.callId, ANSWERED, NOTHING_FOLLOWS, clock.now())
      await transact(db, function* () {
        yield* closing.steps()
        yield* finishSteps(lease, { status: 'prepped', attempts: 'reset' }, clock.now())
      })
      // SQLite answers at once: without a turn of the loop nobody would hear the bell.
      await turn()
      return true
    })
    await close()
    return done
  },
}

/** Does jobs side by side until told to stop, or there is none any more; returns how many. */
async function together(stop: AbortSignal, inHand: number, job: () => Promise<boolean>): Promise<number> {
  let done = 0
  const one = async (): Promise<void> => {
    while (!stop.aborted && (await job())) done += 1
  }
  await Promise.all(Array.from({ length: inHand }, one))
  return done
}

const ANSWERED: CallResult = {
  outcome: 'ok', statusCode: 200, errorClass: null, counted: true, promptTokens: 1000, completionTokens: 100,
  costUsd: 0, latencyMs: 1, rateLimit: null,
} // prettier-ignore
const NOTHING_FOLLOWS = {
  alive: true,
  openings: [],
  learned: null,
  tuning: {
    ...{
      densityShare: 1,
      densityCount: 20,
      densityWindowMs: 60_000,
      outageFailures: 5,
      outageSilenceMs: 60_000,
    },
    ...{ cooldownMs: 60_000, longestCooldownMs: 600_000 },
  },
}

const QUEUE = 'prep'

const pgBoss: Queue = {
  async fill(url, jobs) {
    const boss = await startBoss(url)
    await boss.createQueue(QUEUE)
    for (let first = 0; first < jobs; first += PAGE) {
      const count = Math.min(PAGE, jobs - first)
      await boss.insert(Array.from({ length: count }, () => ({ name: QUEUE, data: { abstract: ABSTRACT } })))
    }
    await boss.stop({ graceful: false })
  },
  async work(url, stop, inHand) {
    const boss = await startBoss(url)
    const done = await together(stop, inHand, async () => {
      const [job] = await boss.fetch(QUEUE)
      if (job === undefined) return false
      await boss.complete(QUEUE, job.id)
      return true
    })
    await boss.stop({ graceful: false })
    return done
  },
}

async function startBoss(url: string): Promise<PgBoss> {
  const boss = new PgBoss({ connectionString: url, max: 3, supervise: false, schedule: false })
  await boss.start()
  return boss
}

const silent = new Logger(() => () => undefined)

/** Its workers' own loop. */
const graphileWorker: Queue = {
  async fill(url, jobs) {
    await runMigrations({ connectionString: url, logger: silent })
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    await client.query(
      `select graphile_worker.add_job('prep', json_build_object('abstract', $1::text)) from generate_series(1, $2)`,
      [ABSTRACT, jobs],
    )
    await client.end()
  },
  async work(url, stop, inHand) {
    let done = 0
    const runner = await run({
      connectionString: url,
      concurrency: inHand,
      maxPoolSize: 3,
      noHandleSignals: true,
      pollInterval: 100,
      logger: silent,
      taskList: { prep: () => void (done += 1) },
    })
    if (!stop.aborted) await new Promise((resolve) => stop.addEventListener('abort', resolve))
    const counted = done
    await runner.stop()
    return counted
  },
}

export const QUEUES: Readonly<Record<string, Queue>> = {
  rpa,
  'pg-boss': pgBoss,
  'graphile-worker': graphileWorker,
  'bookings under a budget': bookings({ budget: true, groups: 'own' }),
  'bookings of one group': bookings({ budget: false, groups: 'one' }),
  'bookings of a group each': bookings({ budget: false, groups: 'own' }),
}
