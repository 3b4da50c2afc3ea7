import { failsAlike, ruleOfClass } from '../failures/rules.js'
import type { PhaseResult } from '../result.js'

/** So many papers that went back because of the host of their PDFs are its trouble. */
const TROUBLED = 2

/**
 * Notes in a result that the work is not done, where papers went back because the host of their PDFs asks all for patience or is in
 * trouble with all, or because they failed alike.
 */
export function noteRefusal(result: PhaseResult): void {
  const { stopped, waiting, succeeded, failed, released, executions } = result
  if (stopped !== null || waiting === undefined || released === 0) return
  const gone = executions.filter(({ status, error_class: name }) => status !== 'failed' && name !== undefined)
  const alike = gone.filter(({ error_class: name }) => failsAlike(name ?? null))
  const isHosts = (name: string | undefined): boolean =>
    !['away', undefined].includes(ruleOfClass(name ?? '').host?.kind)
  const back = alike.length > 0 ? alike : gone.filter(({ error_class: name }) => isHosts(name))
  // One paper alone among others that were done is that paper's.
  const isOnes = back.length < released || (succeeded + failed > 0 && back.length < TROUBLED)
  if (alike.length === 0 && isOnes) return
  result.stopped = 'circuit'
  result.retry_at = waiting.until
  const reason = back.at(-1)?.error
  if (reason !== undefined) result.reason = reason
}
