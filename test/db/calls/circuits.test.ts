import { describe, expect, it } from 'vitest'
import { isoTime } from '../../../src/core/clock.js'
import type { Db } from '../../../src/db/engine/prepared.js'
import { transact } from '../../../src/db/engine/steps.js'
import { availabilityOf } from '../../../src/db/calls/circuit-states.js'
import { CircuitOpenError, closeCircuit, hasClosed } from '../../../src/db/calls/circuits.js'
import { cancelCall } from '../../../src/db/calls/sending.js'
import { dump, NOON } from '../../support/database.js'
import { callWindow } from '../../support/ledger.js'
import type { CircuitBench } from './circuit-bench.js'
import { circuitBench, dense, MINUTE, NAME, now, opening, openUntil, SECOND, told } from './circuit-bench.js'

describe('a circuit opens', () => {
  it('when refusals are many among the requests of the window: by share and by count', async () => {
    const b = await circuitBench()
    await b.fail(NOON, dense)
    await b.fail(NOON + 1, dense)
    expect(b.circuit()).toBeUndefined()
    for (let n = 0; n < 4; n += 1) await b.succeed(NOON + 2)
    // 3 of 7 are less than half.
    await b.fail(NOON + 3, dense)
    expect(b.circuit()).toBeUndefined()
    await b.fail(NOON + 4, dense)
    expect(b.circuit()).toMatchObject(openUntil(NOON + 4 + MINUTE, { needs_probe: 1, openings: 1 }))
  })

  it('not for refusals that are out of the window', async () => {
    const b = await circuitBench()
    await b.fail(NOON, dense)
    await b.fail(NOON + 1, dense)
    await b.fail(NOON + 5 * MINUTE + 2, dense)
    await b.fail(NOON + 5 * MINUTE + 3, dense)
    expect(b.circuit()).toBeUndefined()
    await b.fail(NOON + 5 * MINUTE + 4, dense)
    expect(b.circuit()).toMatchObject({ state: 'open' })
  })

  it('for a model by its own requests, for a group by those of all its models', async () => {
    const b = await circuitBench()
    const window = callWindow(1000)
    for (let n = 0; n < 9; n += 1) await b.succeed(NOON + 5 * SECOND, { model: 'other', window })
    const refuse = async (name: string): Promise<void> => {
      const callId = await b.book(NOON + 5 * SECOND, { circuits: [], window })
      const result = { outcome: 'rate_limited', errorClass: 'rate_limited_minute' } as const
      await b.settle(callId, NOON + 5 * SECOND, result, { openings: [{ ...dense, name }] })
    }
    for (let n = 0; n < 3; n += 1) await refuse('group:free')
    expect(b.circuit('group:free')).toBeUndefined()
    await refuse(NAME)
    expect(b.circuit()).toMatchObject({ state: 'open' })
    for (let n = 0; n < 5; n += 1) await refuse('group:free')
    expect(b.circuit('group:free')).toMatchObject({ state: 'open' })
  })

  it('when enough requests in a row failed', async () => {
    const b = await circuitBench()
    for (let n = 0; n < 4; n += 1) await b.fail(NOON + n, opening())
    await b.succeed(NOON + 4)
    for (let n = 5; n < 9; n += 1) await b.fail(NOON + n, opening())
    expect(b.circuit()).toBeUndefined()
    await b.fail(NOON + 9, opening({ errorClass: 'timeout' }))
    expect(b.circuit()).toMatchObject(openUntil(NOON + 9 + MINUTE, { needs_probe: 1 }))
  })

  it('when few failed, but none has succeeded for long', async () => {
    const b = await circuitBench()
    await b.succeed(NOON)
    await b.fail(NOON + MINUTE, opening())
    await b.fail(NOON + 10 * MINUTE, opening())
    expect(b.circuit()).toBeUndefined()
    await b.fail(NOON + 11 * MINUTE, opening())
    expect(b.circuit()).toMatchObject({ state: 'open' })
  })

  it('not for one failure after a long silence', async () => {
    const b = await circuitBench()
    await b.succeed(NOON)
    await b.fail(NOON + 60 * MINUTE, opening())
    expect(b.circuit()).toBeUndefined()
  })

  it('not when another model fails, and an answer about one paper is an answer', async () => {
    const b = await circuitBench()
    for (let n = 0; n < 4; n += 1) await b.fail(NOON + n, opening())
    await b.fail(NOON + 4, opening({ errorClass: 'moderated' }))
    await b.fail(NOON + 5, opening())
    expect(b.circuit()).toBeUndefined()
    const callId = await b.book(NOON + 6, { circuits: [], model: 'other' })
    await b.settle(
      callId,
      NOON + 6,
      { outcome: 'error', errorClass: 'timeout' },
      { openings: [opening({ name: 'model:other' })] },
    )
    expect(b.circuit('model:other')).toBeUndefined()
  })
})

describe('a pause that the provider named', () => {
  it('closes by itself, for everybody at once', async () => {
    const b = await circuitBench()
    await b.fail(NOON, told(NOON + 40 * SECOND))
    expect(b.circuit()).toMatchObject(openUntil(NOON + 40 * SECOND, { needs_probe: 0, openings: 0 }))
    await expect(b.ask(NOON + 39 * SECOND)).rejects.toBeInstanceOf(CircuitOpenError)
    await b.book(NOON + 40 * SECOND)
    await b.book(NOON + 40 * SECOND)
    expect(b.circuit()).toMatchObject({ state: 'closed', retry_at: null })
  })

  it('is waited for if it is short', async () => {
    const b = await circuitBench()
    await b.fail(NOON, told(NOON + 40 * SECOND))
    const patient = { patienceMs: 40 * SECOND }
    expect(await b.ask(NOON, patient)).toMatchObject({ kind: 'wait', until: NOON + 40 * SECOND })
    await expect(b.ask(NOON, { patienceMs: 40 * SECOND - 1 })).rejects.toMatchObject({
      circuit: NAME,
      errorClass: 'told',
      retryAt: NOON + 40 * SECOND,
      exitCode: 75,
    })
    expect(await availabilityOf(b.database.db, [NAME], NOON, 40 * SECOND)).toMatchObject({ soon: true })
    expect(await availabilityOf(b.database.db, ['other', NAME], NOON, 0)).toMatchObject({
      name: NAME,
      soon: false,
    })
  })

  it('is only ever extended', async () => {
    const b = await circuitBench()
    await b.fail(NOON, told(NOON + 40 * SECOND))
    await b.fail(NOON + 1, told(NOON + 20 * SECOND))
    expect(b.circuit()).toMatchObject(openUntil(NOON + 40 * SECOND))
    await b.fail(NOON + 2, told(NOON + 60 * SECOND))
    expect(b.circuit()).toMatchObject(openUntil(NOON + 60 * SECOND, { needs_probe: 0 }))
    await b.fail(NOON + 61 * SECOND, told(NOON + 70 * SECOND))
    expect(b.circuit()).toMatchObject(openUntil(NOON + 70 * SECOND))
  })

  it('does not take the probe from a circuit that needs one', async () => {
    const b = await circuitBench()
    await b.fail(NOON, now)
    await b.fail(NOON + 1, told(NOON + 5 * SECOND))
    expect(b.circuit()).toMatchObject(openUntil(NOON + MINUTE, { needs_probe: 1 }))
    await b.fail(NOON + 2, told(NOON + 5 * MINUTE))
    expect(b.circuit()).toMatchObject(openUntil(NOON + 5 * MINUTE, { needs_probe: 1, openings: 1 }))
  })
})

describe('a probe', () => {
  async function opened(): Promise<CircuitBench> {
    const b = await circuitBench()
    await b.fail(NOON, now)
    return b
  }
  const T = NOON + MINUTE

  it('is one request alone; nobody is let through before its answer', async () => {
    const b = await opened()
    await expect(b.ask(T - 1, { patienceMs: 90 * SECOND })).rejects.toBeInstanceOf(CircuitOpenError)
    const probe = await b.book(T)
    expect(b.circuit()).toMatchObject({
      state: 'half_open',
      probe_call_id: probe,
      retry_at: isoTime(T + 10 * SECOND),
    })
    const patient = { patienceMs: MINUTE }
    for (const after of [0, 1, 5 * SECOND]) {
      expect(await b.ask(T + after, patient)).toMatchObject({ kind: 'wait', until: T + after + SECOND })
    }
    expect(await b.ask(T + 9500, patient)).toMatchObject({ kind: 'wait', until: T + 10 * SECOND })
    // One that takes longer than one waits is as good as a circuit that is open.
    await expect(b.ask(T + 9500, { patienceMs: 9 * SECOND })).rejects.toMatchObject({
      retryAt: T + 10 * SECOND,
    })
    // Who does not need this circuit is not kept.
    await b.book(T, { circuits: ['model:other'] })
  })

  it('that succeeds closes the circuit, and forgets how often it opened', async () => {
    const b = await opened()
    await b.settle(await b.book(T), T + SECOND, {}, { alive: true })
    expect(b.circuit()).toMatchObject({ state: 'closed', openings: 0, probe_call_id: null })
    await b.book(T + SECOND)
    await b.fail(T + 2 * SECOND, now)
    expect(b.circuit()).toMatchObject(openUntil(T + 2 * SECOND + MINUTE, { openings: 1 }))
  })

  it('that fails opens it for twice as long, up to the longest', async () => {
    const b = await opened()
    let at = T
    for (const minutes of [2, 4, 8, 10, 10]) {
      const probe = await b.book(at)
      await b.settle(probe, at, { outcome: 'error', errorClass: 'timeout' }, { openings: [opening()] })
      expect(b.circuit()).toMatchObject(openUntil(at + minutes * MINUTE, { needs_probe: 1 }))
      at += minutes * MINUTE
    }
    expect(b.circuit()).toMatchObject({ openings: 6 })
  })

  it('that was not sent, or was cut off, leaves it to the next', async () => {
    const b = await opened()
    await cancelCall(b.database.db, await b.book(T), T + 1)
    expect(b.circuit()).toMatchObject(openUntil(T + 1, { openings: 1, probe_call_id: null }))
    await b.settle(await b.book(T + 1), T + 2, { outcome: 'aborted' }, {})
    expect(b.circuit()).toMatchObject(openUntil(T + 2, { openings: 1 }))
    await b.book(T + 2)
    expect(b.circuit()).toMatchObject({ state: 'half_open' })
  })

  it('whose owner died is followed by another after its deadline; a late answer of the first changes nothing', async () => {
    const b = await opened()
    const first = await b.book(T)
    const second = await b.book(T + 10 * SECOND)
    expect(b.circuit()).toMatchObject({ state: 'half_open', probe_call_id: second })
    await b.settle(first, T + 11 * SECOND, {}, { alive: true })
    expect(b.circuit()).toMatchObject({ state: 'half_open', probe_call_id: second })
    await b.settle(second, T + 12 * SECOND, {}, { alive: true })
    expect(b.circuit()).toMatchObject({ state: 'closed' })
  })

  it('decides alone: failures of requests that were under way open nothing again', async () => {
    const b = await circuitBench()
    const early = await b.book(NOON)
    await b.fail(NOON, now)
    const probe = await b.book(T)
    const failure = { openings: [now, told(T + 5 * MINUTE)] }
    await b.settle(early, T + 1, { outcome: 'error', errorClass: 'timeout' }, failure)
    expect(b.circuit()).toMatchObject({ state: 'half_open', openings: 1 })
    await b.settle(probe, T + 2, {}, { alive: true })
    expect(b.circuit()).toMatchObject({ state: 'closed' })
  })

  it('of two circuits settles both', async () => {
    const b = await opened()
    await b.fail(NOON, opening({ name: 'group:g', when: 'now' }))
    const probe = await b.book(T, { circuits: [NAME, 'group:g'] })
    expect(b.circuit('group:g')).toMatchObject({ state: 'half_open', probe_call_id: probe })
    await b.settle(probe, T + 1, { outcome: 'error', errorClass: 'server_error' }, { openings: [opening()] })
    // What failed is the model; of the group nothing is known.
    expect(b.circuit()).toMatchObject(openUntil(T + 1 + 2 * MINUTE, { openings: 2 }))
    expect(b.circuit('group:g')).toMatchObject(openUntil(T + 1, { openings: 1 }))
  })

  it('is not what a request becomes that was booked before and comes late', async () => {
    const b = await circuitBench()
    const window = callWindow(1)
    await b.book(NOON + 30 * SECOND, { window })
    const waiting = await b.ask(NOON + 30 * SECOND, { window })
    if (waiting.kind === 'wait') throw new Error(waiting.reason)
    const { db } = b.database
    const isClosed = (at: number): Promise<boolean> => closed(db, [NAME], waiting.callId, at)
    expect(waiting.sendAt).toBe(NOON + 90 * SECOND)
    expect(await isClosed(NOON + 31 * SECOND)).toBe(false)
    await b.fail(NOON + 20 * SECOND, now)
    expect(await isClosed(NOON + 31 * SECOND)).toBe(true)
    // Its cooldown is over, but only one may try.
    expect(await isClosed(waiting.sendAt)).toBe(true)
    await cancelCall(db, waiting.callId, waiting.sendAt)
    const probe = await b.book(waiting.sendAt, { window })
    expect(await closed(db, [NAME], probe, waiting.sendAt)).toBe(false)
    expect(await closed(db, ['model:other'], waiting.callId, waiting.sendAt)).toBe(false)
  })
})

describe('a circuit that is closed by hand', () => {
  it('is open to all at once', async () => {
    const b = await circuitBench()
    const { db } = b.database
    expect(await closeCircuit(db, NAME)).toBe(false)
    await b.fail(NOON, now)
    expect(await closeCircuit(db, NAME)).toBe(true)
    expect(b.circuit()).toMatchObject({ state: 'closed', retry_at: null, openings: 0 })
    await b.book(NOON + 1)
    await b.book(NOON + 1)
    expect(await closeCircuit(db, NAME)).toBe(false)
  })
})

describe('a refused booking', () => {
  it('changes nothing', async () => {
    const b = await circuitBench()
    await b.fail(NOON, now)
    const before = dump(b.database.path)
    await expect(b.ask(NOON + 1)).rejects.toBeInstanceOf(CircuitOpenError)
    expect(dump(b.database.path)).toEqual(before)
  })

  it('for want of budget does not use up the probe', async () => {
    const b = await circuitBench()
    await b.fail(NOON, now)
    const before = dump(b.database.path)
    await expect(b.ask(NOON + MINUTE, { budget: 1 })).rejects.toMatchObject({ code: 'budget_spent' })
    expect(dump(b.database.path)).toEqual(before)
  })
})

function closed(db: Db, ...of: Parameters<typeof hasClosed>): Promise<boolean> {
  return transact(db, () => hasClosed(...of))
}
