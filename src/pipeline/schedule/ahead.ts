import type { PhaseName, StatusCounts } from '../../core/phases.js'
import { FURTHEST_FIRST, PHASES, PHASE_NAMES } from '../../core/phases.js'
import { countReady } from '../../db/executions/ready.js'
import { tightest } from '../limits/may-send.js'
import type { DayKeeper } from '../limits/day-keeper.js'
import type { PhaseMachine } from '../prepare-phase.js'
import type { Resources } from '../resources/resources.js'

/** Returns how many papers a phase will take, as far as can be told: those that are ready, within limit and the day's requests. */
export async function papersAhead(
  { db, clock }: Pick<Resources, 'db' | 'clock'>,
  { phase, pipelines, billable }: Pick<PhaseMachine, 'phase' | 'pipelines' | 'billable'>,
  keeper: Pick<DayKeeper, 'days'>,
  limit = Infinity,
): Promise<number> {
  const ready = await countReady(db, phase, clock.now())
  const day = billable && ready > 0 ? tightest(await keeper.days(phase.name)) : null
  const left = day === null ? Infinity : Math.max(0, day.limit - day.used - day.kept)
  const each = Math.max(1, ...pipelines.map((name) => phase.pipelines[name].requests))
  return Math.min(limit, ready, Math.floor(left / each))
}

/**
 * Returns how many phases are before papers in all, those that are furthest first.
 *
 * @param limit papers at most.
 */
export function stepsAhead(counts: StatusCounts, phases: ReadonlySet<PhaseName>, limit = Infinity): number {
  let room = limit
  let steps = 0
  for (const name of FURTHEST_FIRST) {
    const { from, busy } = PHASES[name]
    const papers = Math.min(room, (counts[from] ?? 0) + (counts[busy] ?? 0))
    const before = PHASE_NAMES.slice(PHASE_NAMES.indexOf(name)).filter((one) => phases.has(one))
    if (!phases.has(name)) continue
    room -= papers
    steps += papers * before.length
  }
  return steps
}
