import { z } from 'zod'
import { ConfigError } from '../core/errors.js'
import type { ModelProfile } from './provider.js'

/** Requests that one account shares, whatever the model. */
export interface LimitGroup {
  name: string
  host: string
  /** Model ids, `*` for anything. */
  models: string
  /** In any 60 seconds. */
  requestsPerMinute: number
}

const Limits = z.strictObject({
  groups: z.array(
    z.strictObject({
      name: z.string().min(1),
      host: z.string().min(1),
      models: z.string().min(1).default('*'),
      requests_per_minute: z.number().int().positive(),
    }),
  ),
})

/**
 * Returns the limit groups that limits.yml holds.
 *
 * @throws ConfigError `limits_invalid` naming file and key.
 */
export function parseLimits(content: unknown, file: string): LimitGroup[] {
  const parsed = Limits.safeParse(content)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new ConfigError(
      'limits_invalid',
      `${file}: ${issue?.path.join('.') || 'content'}: ${issue?.message}`,
    )
  }
  return parsed.data.groups.map(({ requests_per_minute, ...group }) => ({
    ...group,
    requestsPerMinute: requests_per_minute,
  }))
}

/** Returns the first group that a profile's endpoint and model belong to, or null: then requests are not paced. */
export function limitGroupOf(groups: readonly LimitGroup[], profile: ModelProfile): LimitGroup | null {
  const url = profile.baseUrl ?? ''
  const host = URL.canParse(url) ? new URL(url).hostname : ''
  return groups.find((group) => group.host === host && fits(group.models, profile.model)) ?? null
}

function fits(pattern: string, model: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`).test(model)
}
