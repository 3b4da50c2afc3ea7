import { ConfigError } from '../../core/errors.js'
import type { Settings } from '../../core/settings/settings.js'
import type { PipelineName } from '../../core/phases.js'
import { forPhases } from '../../core/phases.js'
import type { Db } from '../../db/engine/prepared.js'
import { configFolders } from '../config/config-folders.js'
import { chainsInForce } from '../config/phase-profiles.js'
import { loadLimits } from '../config/load-limits.js'
import type { Limits } from '../../llm/limits.js'
import { DayKeeper } from '../limits/day-keeper.js'
import { limitGroupFor } from '../limits/limit-groups.js'
import type { MixedCosts } from '../limits/needs-further-on.js'

/**
 * Returns who knows what the day has left for the phases as configured, for what is only shown; null where the
 * configuration is wrong. Behind a proxy the limit group is OpenRouter's, by what the endpoint said; here nobody is asked,
 * so it is taken for OpenRouter's.
 */
export function keeperInForce(db: Db, settings: Settings, now: number, costs: MixedCosts): DayKeeper | null {
  const chains = chainsInForce(settings, Object.keys(costs) as PipelineName[])
  const limits = limitsInForce(settings)
  if (chains === null || limits === null) return null
  const { groups, patienceMs } = limits
  const asked = forPhases((name) => ({
    chains: chains[name],
    limitGroup: (profile: (typeof chains)[typeof name][number][number]) =>
      limitGroupFor(groups, profile, true),
    patienceMs,
  }))
  return new DayKeeper({ db, clock: { now: () => now }, settings }, asked, {
    keeps: true,
    windowMs: 0,
    costs,
  })
}

function limitsInForce(settings: Settings): Limits | null {
  try {
    return loadLimits(configFolders(settings))
  } catch (error) {
    if (error instanceof ConfigError) return null
    throw error
  }
}
