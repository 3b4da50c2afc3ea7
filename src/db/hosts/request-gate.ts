import { CLOCK_TOLERANCE_MS, isoTime } from '../../core/clock.js'
import type { Db } from '../engine/prepared.js'
import { prepared, preparedWrite } from '../engine/prepared.js'
import type { Steps } from '../engine/steps.js'
import { transact } from '../engine/steps.js'

/** Whether a request may begin. */
export interface Turn {
  /** `begun`: now, and it counts as begun; `wait`: a place in the row was booked; `busy`: too far off, nothing booked. */
  state: 'begun' | 'wait' | 'busy'
  /** Epoch milliseconds at which it may begin or is worth asking again. */
  at: number
}

/** A host that asked for more patience than this is not waited for: there is other work. */
const LONGEST_HOLD_MS = 10_000
/** The same for the requests of others that come first; a worker in that row would find the next paper no better off. */
const LONGEST_QUEUE_MS = 120_000
const LONGEST_QUEUE_GAPS = 20
/** The wait of a host that refuses without saying for how long. */
const FIRST_HOLD_MS = 60_000
/** One that goes on refusing is left alone for longer, whatever it says: by how long it has been refusing, milliseconds. */
const LONGER_HOLDS = [
  { refusingFor: 1_260_000, wait: 3_600_000 },
  { refusingFor: 360_000, wait: 900_000 },
  { refusingFor: 60_000, wait: 300_000 },
  { refusingFor: 1_000, wait: 60_000 },
]
/** A refusal this long after the last hold begins a new row of refusals. */
const FORGIVEN_AFTER_MS = 3_600_000

/**
 * Books the next request to a host for whichever process asks, first come, first served, at least `gapMs` apart and not
 * while the host is held. After a wait `beginRequest` has the last word.
 *
 * @param now epoch milliseconds.
 */
export async function bookRequest(db: Db, name: string, gapMs: number, now: number): Promise<Turn> {
  return transact(db, function* () {
    const gate = yield* readGate(name, now)
    const at = Math.max(now, gate.next, gate.held, gate.began + gapMs)
    const longest = Math.max(LONGEST_QUEUE_MS, LONGEST_QUEUE_GAPS * gapMs)
    if (gate.held - now > LONGEST_HOLD_MS || at - now > longest) return { state: 'busy', at }
    yield* write(name, { next: at + gapMs, ...(at === now ? { began: now } : {}) })
    return { state: at === now ? 'begun' : 'wait', at }
  })
}

/**
 * Begins a booked request. Whoever wakes late moves the others back, and a host that was held meanwhile is left alone,
 * so that what the host sees keeps the gap, too.
 *
 * @param now epoch milliseconds.
 */
export async function beginRequest(db: Db, name: string, gapMs: number, now: number): Promise<Turn> {
  return transact(db, function* () {
    const gate = yield* readGate(name, now)
    const at = Math.max(now, gate.held, gate.began + gapMs)
    if (gate.held - now > LONGEST_HOLD_MS) return { state: 'busy', at }
    if (at > now) return { state: 'wait', at }
    yield* write(name, { began: now, next: Math.max(gate.next, now + gapMs) })
    return { state: 'begun', at }
  })
}

/**
 * Keeps every process away from a host that refused a request: as long as it asks for, else 1 minute; then, if it goes on
 * refusing, at least 1, 5, 15 and 60 minutes.
 *
 * @param retryAfterMs what its Retry-After said, milliseconds; null if nothing.
 * @param now epoch milliseconds.
 * @returns epoch milliseconds at which the host may be asked again.
 */
export async function holdRequests(
  db: Db,
  name: string,
  retryAfterMs: number | null,
  now: number,
): Promise<number> {
  return transact(db, function* () {
    const gate = yield* readGate(name, now)
    const goesOn = gate.refused > 0 && now - gate.held <= FORGIVEN_AFTER_MS
    const refused = goesOn ? gate.refused : now
    const longer = LONGER_HOLDS.find(({ refusingFor }) => now - refused >= refusingFor)?.wait ?? 0
    const held = Math.max(gate.held, now + Math.max(retryAfterMs ?? FIRST_HOLD_MS, longer))
    yield* write(name, { held, refused })
    return held
  })
}

/**
 * Notes that the host has given what it was asked for. The gap counts from here: when the request reached the host nobody else can know,
 * and this is after it. What the host refused before is over.
 *
 * @param now epoch milliseconds.
 */
export async function endRequest(db: Db, name: string, gapMs: number, now: number): Promise<void> {
  await transact(db, function* () {
    const gate = yield* readGate(name, now)
    const next = Math.max(gate.next, now + gapMs)
    yield* write(name, {
      began: Math.max(gate.began, now),
      next,
      ...(gate.refused > 0 ? { refused: 0 } : {}),
    })
  })
}

/** Returns whether a host refuses what it is asked for, and has given nothing since. */
export async function isRefusing(db: Db, name: string, now: number): Promise<boolean> {
  const { refused, held } = await transact(db, () => readGate(name, now))
  return refused > 0 && now - held <= FORGIVEN_AFTER_MS
}

/** Epoch milliseconds; 0 = never. */
interface Gate {
  /** First moment nobody has booked. */
  next: number
  /** Start of the last request, or the last answer. */
  began: number
  /** End of the wait the host asked for. */
  held: number
  /** First of the refusals in a row. */
  refused: number
}

/** One row each, named after the gate. */
const ROWS: Record<keyof Gate, string> = {
  next: '',
  began: ' began',
  held: ' held until',
  refused: ' refused since',
}
const FIELDS = Object.keys(ROWS) as (keyof Gate)[]

const touch = preparedWrite<{ name: string; at: string }>((db, p) =>
  db
    .insertInto('request_gates')
    .values({ name: p.name, next_at: p.at })
    .onConflict((conflict) =>
      conflict.column('name').doUpdateSet((eb) => ({ next_at: eb.ref('request_gates.next_at') })),
    ),
)
const setTime = preparedWrite<{ name: string; at: string }>((db, p) =>
  db
    .insertInto('request_gates')
    .values({ name: p.name, next_at: p.at })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ next_at: p.at })),
)
const readTimes = prepared<Record<keyof Gate, string>, { name: string; next_at: string }>((db, p) =>
  db
    .selectFrom('request_gates')
    .select(['name', 'next_at'])
    .where('name', 'in', [p.next, p.began, p.held, p.refused]),
)

/** A write comes first: where transactions run side by side, its row keeps the others out until this one is over. */
function* readGate(name: string, now: number): Steps<Gate> {
  yield* touch.unread({ name, at: isoTime(now) })
  const rows = yield* readTimes.step(mapFields((field) => name + ROWS[field]))
  const times = new Map(rows.map((row) => [row.name, Date.parse(row.next_at)]))
  const gate = mapFields((field) => times.get(name + ROWS[field]) ?? 0)
  const back = gate.began - now
  if (back <= CLOCK_TOLERANCE_MS) return gate
  // What was left to wait at the last request is left now.
  const moved = mapFields((field) => Math.max(0, gate[field] - back))
  yield* write(name, moved)
  return moved
}

function* write(name: string, gate: Partial<Gate>): Steps<void> {
  for (const field of FIELDS) {
    const time = gate[field]
    if (time !== undefined) yield* setTime.step({ name: name + ROWS[field], at: isoTime(time) })
  }
}

function mapFields<T>(value: (field: keyof Gate) => T): Record<keyof Gate, T> {
  return { next: value('next'), began: value('began'), held: value('held'), refused: value('refused') }
}
