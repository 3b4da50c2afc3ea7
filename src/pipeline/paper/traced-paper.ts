import type { PhaseName } from '../../core/phases.js'
import { telemetry } from '../../core/telemetry.js'
import type { Claim } from '../../db/executions/claims.js'
import type { EndedWork } from '../result.js'

/**
 * Does the work on a paper inside a span, and measures how it ended.
 *
 * @returns what the work returns.
 */
export function tracedPaper<W extends EndedWork>(
  phase: PhaseName,
  { execution }: Claim,
  work: () => Promise<W>,
): Promise<W> {
  const attributes = {
    'rpa.phase': phase,
    'rpa.arxiv_id': execution.arxiv_id,
    'rpa.execution_id': execution.execution_id,
    'rpa.pipeline': execution.pipeline,
    'rpa.attempt': execution.attempts,
  }
  return telemetry().span(`paper ${phase}`, attributes, async (span) => {
    const done = await work()
    const { outcome, resumed, result } = done
    const errorClass = result.error_class ?? null
    span.set({ 'rpa.outcome': outcome, 'rpa.resumed': resumed, 'rpa.status': result.status })
    if (errorClass !== null) span.fail(errorClass)
    const ended = { 'rpa.phase': phase, 'rpa.outcome': outcome, 'error.type': errorClass }
    telemetry().count('rpa.papers', 1, ended)
    telemetry().record('rpa.paper.duration', result.duration_ms / 1000, ended)
    return done
  })
}
