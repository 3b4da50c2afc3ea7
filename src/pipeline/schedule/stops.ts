import { CircuitOpenError } from '../../db/calls/circuits.js'
import { commandError } from '../failures/judge.js'
import { ruleOfClass } from '../failures/rules.js'
import type { Closed } from '../limits/may-send.js'
import { isForPeople } from '../limits/may-send.js'
import type { Stop } from './task-source.js'

/**
 * Returns the reason to end that a closed way is.
 *
 * @throws RpaError with the class of what opened a circuit (`model_gone` …) where waiting is no use.
 */
export function stopOf(closed: Closed): Stop & { retryAt: number } {
  const { errorClass, until, message, kept } = closed
  if (isForPeople(closed)) throw commandError(new CircuitOpenError(closed))
  const reason = errorClass === null ? 'budget' : (ruleOfClass(errorClass).stop ?? 'circuit')
  return { reason, retryAt: until, message, kept }
}
