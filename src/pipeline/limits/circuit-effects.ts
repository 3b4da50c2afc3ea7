import { nextUtcMidnight } from '../../core/clock.js'
import type { CircuitOpening } from '../../db/calls/circuit-openings.js'
import type { Consequences } from '../../db/calls/settle.js'
import type { ModelError } from '../../llm/errors.js'
import type { LimitGroup, Limits } from '../../llm/limits.js'
import type { ModelAnswer, ModelProfile } from '../../llm/provider.js'
import type { CircuitNames } from './circuit-names.js'
import { circuitNames } from './circuit-names.js'
import { FAILURE_RULES, OUTAGE_CLASSES } from '../failures/rules.js'

const MINUTE_MS = 60_000

/** Returns what an answer means for the circuits: those that it probed close, unless it is one that was kept. */
export function afterAnswer({ cached }: Pick<ModelAnswer, 'cached'>, limits: Limits): Consequences {
  return { ...afterAbort(limits), alive: cached !== 'hit' }
}

/** Returns what a request that came to nothing, for a reason of ours, means for them: nothing. */
export function afterAbort(limits: Limits): Consequences {
  return { alive: false, openings: [], learned: null, tuning: limits.circuits }
}

/** Returns what a failed request means for circuits and limits. */
export function afterFailure(
  error: ModelError,
  profile: ModelProfile,
  group: LimitGroup | null,
  limits: Limits,
  now: number,
): Consequences {
  const rule = FAILURE_RULES[error.errorClass]
  return {
    alive: rule.alive === true && error.details.cached !== 'hit',
    openings: openingsOf(error, circuitNames(profile, group), group, now),
    learned: learnedFrom(error, group),
    tuning: limits.circuits,
  }
}

function openingsOf(
  error: ModelError,
  names: CircuitNames,
  group: LimitGroup | null,
  now: number,
): CircuitOpening[] {
  const { errorClass, details, message: reason } = error
  const { circuit } = FAILURE_RULES[errorClass]
  if (circuit === null) return []
  const told = details.retryAt ?? null
  const base = { name: names[circuit.scope], errorClass, reason, outageClasses: OUTAGE_CLASSES }
  const pause = (retryAt: number): CircuitOpening => ({ ...base, when: 'told', retryAt })
  switch (circuit.when) {
    case 'pause': {
      const daily = circuit.window === 'day'
      // A pause that does not help is more than a pause: when refusals get dense, it takes a probe to end it.
      return [
        ...(daily ? [] : [{ ...base, when: 'dense' as const, retryAt: null }]),
        pause(told ?? (daily ? nextUtcMidnight(now) : now + (group?.minuteMs ?? MINUTE_MS))),
      ]
    }
    case 'now':
      if (told !== null) return [pause(told)]
      return [{ ...base, when: 'now', retryAt: now + circuit.forMs }]
    case 'dense':
    case 'outage':
      return [{ ...base, when: circuit.when, retryAt: null }, ...(told === null ? [] : [pause(told)])]
  }
}

/** A refusal that names a lower limit than we knew of. */
function learnedFrom(error: ModelError, group: LimitGroup | null): Consequences['learned'] {
  const { circuit } = FAILURE_RULES[error.errorClass]
  if (group === null || circuit?.when !== 'pause' || circuit.window !== 'minute') return null
  const window = error.details.rateLimit?.windows.find(
    ({ name, limit, reset_at }) => name === 'minute' && limit !== null && reset_at !== null,
  )
  const { limit, reset_at: resetAt } = window ?? {}
  if (limit == null || resetAt == null || limit < 1 || limit >= group.requestsPerMinute) return null
  return { group: group.name, perMinute: Math.floor(limit), until: resetAt * 1000 }
}
