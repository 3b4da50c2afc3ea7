import { setImmediate as turn } from 'node:timers/promises'
import { processOwnerId, sharedOwnerId } from '../../src/core/processes/owner.js'
import { reserveCall } from '../../src/db/calls/booking.js'
import { openDatabase } from '../../src/db/engine/open.js'
import { claim } from '../../src/db/executions/claims.js'
import type { Queue } from './queues.js'
import { fillPapers } from './papers.js'

/** Bookings of requests, each process for a paper of its own, as fast as they are granted. */
export function bookings(kind: { budget: boolean; groups: 'one' | 'own' }): Queue {
  return {
    fill: (url) => fillPapers(url, 100),
    async work(url, stop) {
      const { db, clock, shared, close } = await openDatabase(url)
      const ownerId = shared ? sharedOwnerId() : processOwnerId()
      const paper = { phase: 'prep', from: 'pending', busy: 'prepping', ownerId, ttl: 3600 } as const
      const taken = await claim(db, { ...paper, now: clock.now() })
      if (taken === null) throw new Error('no paper is left')
      const group = kind.groups === 'one' ? 'one' : `group ${process.pid}`
      const call = {
        executionId: taken.lease.executionId,
        ...{ phase: 'prep', machine: 'prep', state: 'ask', role: 'cheap' as const, model: 'm', attempt: 1 },
        lease: taken.lease,
        budget: kind.budget ? 1e9 : 0,
        // Never full: what is measured is how long it takes to look.
        window: { group, perMinute: 1e6, minuteMs: 1000, spacingMs: 0, perDay: null, concurrency: null },
        circuits: ['model:m'],
        ...{ patienceMs: 0, timeoutMs: 60_000, deadline: null },
      } as const
      let done = 0
      for (; !stop.aborted; done += 1) {
        const booked = await reserveCall(db, { ...call, now: clock.now() })
        if (booked.kind !== 'booked') throw new Error(booked.reason)
        // SQLite answers at once: without a turn of the loop nobody would hear the bell.
        await turn()
      }
      await close()
      return done
    },
  }
}
