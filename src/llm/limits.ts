import * as z from 'zod'
import { ConfigError } from '../core/errors.js'
import type { CircuitTuning } from '../db/calls/circuit-openings.js'
import type { ModelProfile } from './provider.js'

/** Requests that one account shares, whatever the model. */
export interface LimitGroup {
  name: string
  host: string
  /** Model ids, `*` for anything. */
  models: string
  /** In any window of `minuteMs`. */
  requestsPerMinute: number
  /** In a UTC day; null: only the budget counts. */
  requestsPerDay: number | null
  /** Under way at once, over all processes; null: any number. */
  concurrency: number | null
  minuteMs: number
  /** Least time between two starts. */
  spacingMs: number
}

/** First and longest wait, milliseconds. Between them it doubles with each try, and is drawn from zero up to that. */
export interface Backoff {
  firstMs: number
  longestMs: number
}

/** What limits.yml says: what providers allow, and how failures are met. */
export interface Limits {
  groups: readonly LimitGroup[]
  circuits: CircuitTuning
  backoff: { server: Backoff; upstream: Backoff; empty: Backoff }
  /** Pauses up to this long are waited for; for longer ones the command ends. */
  patienceMs: number
}

const seconds = z.number().positive().max(86_400)
const backoff = (first: number, longest: number) =>
  z.strictObject({ first: seconds.default(first), longest: seconds.default(longest) }).prefault({})

const Group = z.strictObject({
  name: z.string().regex(/^[\w.-]{1,64}$/, 'expected letters, digits, ".", "-" and "_"'),
  host: z.string().min(1),
  models: z.string().min(1).default('*'),
  requests_per_minute: z.number().int().min(1).max(100_000),
  requests_per_day: z.number().int().min(1).nullable().default(null),
  concurrency: z.number().int().min(1).nullable().default(null),
  minute: seconds.default(60),
  spacing: z.number().min(0).max(3600).default(0),
})

/** What limits.yml may hold. @public */
export const LimitsFile = z.strictObject({
  groups: z
    .array(Group)
    .default([])
    .refine(
      (groups) => new Set(groups.map(({ name }) => name)).size === groups.length,
      'two have the same name',
    ),
  circuits: z
    .strictObject({
      density_share: z.number().gt(0).max(1).default(0.5),
      density_count: z.number().int().min(1).default(5),
      density_window: seconds.default(300),
      outage_failures: z.number().int().min(1).max(1000).default(5),
      outage_silence: seconds.default(600),
      cooldown: seconds.default(60),
      longest_cooldown: seconds.default(600),
    })
    .prefault({}),
  backoff: z
    .strictObject({ server: backoff(2, 60), upstream: backoff(30, 300), empty: backoff(3, 60) })
    .prefault({}),
  patience: z.number().min(0).max(3600).default(90),
})

/**
 * Returns what limits.yml holds, with defaults for what it leaves out.
 *
 * @throws ConfigError `limits_invalid` naming file and key.
 */
export function parseLimits(content: unknown, file: string): Limits {
  const parsed = LimitsFile.safeParse(content ?? {})
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new ConfigError(
      'limits_invalid',
      `${file}: ${issue?.path.join('.') || 'content'}: ${issue?.message}`,
      { hint: 'Correct it; the file that comes with rpa explains every key.' },
    )
  }
  const { groups, circuits, backoff: waits, patience } = parsed.data
  return {
    groups: groups.map((group) => ({
      name: group.name,
      host: group.host,
      models: group.models,
      requestsPerMinute: group.requests_per_minute,
      requestsPerDay: group.requests_per_day,
      concurrency: group.concurrency,
      minuteMs: group.minute * 1000,
      // Spacing that would not let the minute's requests through is a second, lower limit that nobody meant.
      spacingMs: Math.min(group.spacing, group.minute / group.requests_per_minute) * 1000,
    })),
    circuits: {
      densityShare: circuits.density_share,
      densityCount: circuits.density_count,
      densityWindowMs: circuits.density_window * 1000,
      outageFailures: circuits.outage_failures,
      outageSilenceMs: circuits.outage_silence * 1000,
      cooldownMs: circuits.cooldown * 1000,
      longestCooldownMs: Math.max(circuits.cooldown, circuits.longest_cooldown) * 1000,
    },
    backoff: { server: inMs(waits.server), upstream: inMs(waits.upstream), empty: inMs(waits.empty) },
    patienceMs: patience * 1000,
  }
}

function inMs({ first, longest }: { first: number; longest: number }): Backoff {
  return { firstMs: first * 1000, longestMs: Math.max(first, longest) * 1000 }
}

/** Returns whether a model belongs to a group, wherever it is asked. */
export function isModelOf(group: LimitGroup, profile: ModelProfile): boolean {
  return fits(group.models, profile.model)
}

function fits(pattern: string, model: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`).test(model)
}
