import { sql } from 'kysely'
import { CLOCK_TOLERANCE_MS, isoTime } from '../../core/clock.js'
import { isOver, retryMoment } from './circuit-states.js'
import { holdCircuit } from './circuits.js'
import type { Db } from '../engine/prepared.js'
import { prepared, preparedWrite } from '../engine/prepared.js'
import type { Steps } from '../engine/steps.js'

/** Why and for how long a circuit opens. */
export interface CircuitOpening {
  name: string
  errorClass: string
  /** One line for people. */
  reason: string
  /**
   * - `told`: until the moment the provider named; it closes by itself then.
   * - `now`: at once, for a cooldown; a probe closes it.
   * - `dense`: once the share of refusals in the rolling window is too high; a probe closes it.
   * - `outage`: once requests to the model fail one after the other; a probe closes it.
   */
  when: 'told' | 'now' | 'dense' | 'outage'
  /** Epoch milliseconds; null: the cooldown, doubled with each opening in a row. */
  retryAt: number | null
  /** Classes of failure that tell of an outage: others are answers in their way. */
  outageClasses: readonly string[]
}

/** When circuits open, and for how long. Times in milliseconds. */
export interface CircuitTuning {
  densityShare: number
  densityCount: number
  densityWindowMs: number
  outageFailures: number
  outageSilenceMs: number
  cooldownMs: number
  longestCooldownMs: number
}

interface Opened {
  name: string
  opened_at: string
  retry_at: string
  reason: string
  error_class: string
  needs_probe: number
  openings: number
}

const open = preparedWrite<Opened & Record<keyof Opened, string | number>>((db, p) =>
  db
    .insertInto('circuits')
    .values({
      name: p.name,
      state: sql.lit('open'),
      opened_at: p.opened_at,
      retry_at: p.retry_at,
      reason: p.reason,
      error_class: p.error_class,
      needs_probe: p.needs_probe,
      openings: p.openings,
      probe_call_id: null,
    })
    .onConflict((conflict) =>
      conflict.column('name').doUpdateSet((eb) => ({
        state: eb.ref('excluded.state'),
        opened_at: eb.ref('excluded.opened_at'),
        retry_at: eb.ref('excluded.retry_at'),
        reason: eb.ref('excluded.reason'),
        error_class: eb.ref('excluded.error_class'),
        needs_probe: eb.ref('excluded.needs_probe'),
        openings: eb.ref('excluded.openings'),
        probe_call_id: null,
      })),
    ),
)

/**
 * Opens a circuit for what a settled request met, if that is enough to open it. One that is open already only ever
 * opens for longer; a probe that failed opens it again, for twice as long.
 */
export function* openSteps(
  opening: CircuitOpening,
  call: { callId: string; group: string | null; askedModel: string },
  tuning: CircuitTuning,
  now: number,
): Steps<void> {
  const [known] = yield* holdCircuit.step({ name: opening.name })
  const probeFailed = known?.probe_call_id === call.callId
  // What opened it before does not open it again.
  const since = known?.needs_probe === 1 ? Date.parse(known.opened_at ?? '') || 0 : 0
  if (!probeFailed && !(yield* isDue(opening, { ...call, since }, tuning, now))) return
  const before = known === undefined || probeFailed || isOver(known, now) ? null : known
  if (before !== null) {
    // Requests that were under way when it opened are no second opening; a probe decides by itself.
    const later = opening.retryAt !== null && opening.retryAt > retryMoment(before, now)
    if (before.state === 'half_open' || !later) return
  }
  const told = opening.when === 'told' && !probeFailed
  const openings = before !== null ? before.openings : told ? 0 : (known?.openings ?? 0) + 1
  const cooldown = Math.min(
    tuning.longestCooldownMs,
    tuning.cooldownMs * 2 ** Math.min(Math.max(0, openings - 1), 20),
  )
  yield* open.unread({
    name: opening.name,
    opened_at: isoTime(now),
    retry_at: isoTime(opening.retryAt ?? now + cooldown),
    reason: opening.reason,
    error_class: opening.errorClass,
    needs_probe: told ? (before?.needs_probe ?? 0) : 1,
    openings,
  })
}

function* isDue(
  opening: CircuitOpening,
  { group, askedModel, since }: { group: string | null; askedModel: string; since: number },
  tuning: CircuitTuning,
  now: number,
): Steps<boolean> {
  switch (opening.when) {
    case 'told':
    case 'now':
      return true
    case 'dense':
      return yield* isDense(opening.name.startsWith('group:') ? group : null, askedModel, tuning, {
        now,
        since,
      })
    case 'outage':
      return yield* isOut(askedModel, opening.outageClasses, tuning, now)
  }
}

type Density = { requests: number; refused: number | null }

function density(db: Db) {
  return db
    .selectFrom('llm_calls')
    .select((eb) => [
      eb.fn.countAll<number>().as('requests'),
      eb.fn
        .sum<number>(
          eb.case().when('outcome', '=', sql.lit('rate_limited')).then(sql.lit(1)).else(sql.lit(0)).end(),
        )
        .as('refused'),
    ])
}

const densityOfModel = prepared<{ model: string; since: string }, Density>((db, p) =>
  density(db).where('asked_model', '=', p.model).where('finished_at', '>=', p.since),
)
const densityOfGroup = prepared<{ group: string; since: string }, Density>((db, p) =>
  density(db)
    .where('limit_group', '=', p.group)
    .where('started_at', '>=', p.since)
    .where('finished_at', 'is not', null),
)

/** Whether the share of refusals among the requests of the rolling window is too high. */
function* isDense(
  group: string | null,
  model: string,
  { densityShare, densityCount, densityWindowMs }: CircuitTuning,
  moments: { now: number; since: number },
): Steps<boolean> {
  const since = isoTime(Math.max(moments.since, moments.now - densityWindowMs))
  const [row] =
    group === null
      ? yield* densityOfModel.step({ model, since })
      : yield* densityOfGroup.step({ group, since })
  const refused = Number(row?.refused ?? 0)
  return refused >= densityCount && refused >= densityShare * Number(row?.requests ?? 0)
}

type Ended = { error_class: string | null; finished_at: string | null }

const newestEnded = prepared<{ model: string; limit: number; until: string }, Ended>((db, p) =>
  db
    .selectFrom('llm_calls')
    .select(['error_class', 'finished_at'])
    .where('asked_model', '=', p.model)
    .where('finished_at', '<=', p.until)
    .orderBy('finished_at', 'desc')
    .limit(p.limit),
)

/** Whether the newest requests to a model all failed: enough of them, or for long enough. */
function* isOut(
  model: string,
  classes: readonly string[],
  tuning: CircuitTuning,
  now: number,
): Steps<boolean> {
  const until = isoTime(now + CLOCK_TOLERANCE_MS)
  const rows = yield* newestEnded.step({ model, limit: tuning.outageFailures, until })
  const answered = rows.findIndex((row) => !classes.includes(row.error_class ?? ''))
  const failures = answered === -1 ? rows : rows.slice(0, answered)
  if (failures.length >= tuning.outageFailures) return true
  const first = failures.at(-1)?.finished_at
  return failures.length > 1 && first != null && Date.parse(first) <= now - tuning.outageSilenceMs
}
