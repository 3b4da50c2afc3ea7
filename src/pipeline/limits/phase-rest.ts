import type { PhaseName } from '../../core/phases.js'
import { PHASES } from '../../core/phases.js'
import type { Closed } from '../../db/calls/circuit-states.js'
import type { Db } from '../../db/engine/prepared.js'
import { lastWords, papersPutBack } from '../../db/executions/put-back.js'
import { failsAlike } from '../failures/rules.js'

/** So many papers that fail one after the other for the same cause do not fail for themselves. */
export const ALIKE_PAPERS = 5
/** They come back after this time: others, that may tell more, have their turn before. */
export const ALIKE_WAIT_MS = 24 * 3_600_000
/** So long no paper is taken then; after that one finds out. */
const REST_MS = 3_600_000

/**
 * Returns why a phase rests in which papers failed one after the other for the same cause, as far as the papers say that went
 * back for it; null: it does not.
 */
export async function phaseRest(db: Db, phase: PhaseName, now: number): Promise<Closed | null> {
  const { from } = PHASES[phase]
  for (const { error_class: errorClass, papers, until } of await papersPutBack(db, from, now)) {
    const restsUntil = Date.parse(until) - ALIKE_WAIT_MS + REST_MS
    if (papers < ALIKE_PAPERS || !failsAlike(errorClass) || restsUntil <= now) continue
    const cause = (await lastWords(db, from, errorClass)) ?? errorClass
    return {
      state: 'closed',
      name: null,
      errorClass,
      cause,
      until: restsUntil,
      lookAt: restsUntil,
      soon: false,
      kept: false,
      message: `${papers} papers in a row failed alike in ${phase} (${errorClass}), and were put back: ${cause.replace(/\.$/, '')}; when that is mended: rpa ${phase} --now`,
    }
  }
  return null
}

/** Returns how many papers wait in a phase for a class of failure. */
export async function papersAlike(
  db: Db,
  phase: PhaseName,
  errorClass: string,
  now: number,
): Promise<number> {
  const found = await papersPutBack(db, PHASES[phase].from, now)
  return found.find((one) => one.error_class === errorClass)?.papers ?? 0
}
