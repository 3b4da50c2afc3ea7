import { telemetry } from '../core/telemetry.js'
import type { LoadedState } from './loaded.js'

/** The state that a machine enters next, or what it ended with. */
type Passed = { next: LoadedState } | { result: unknown }

/**
 * Passes through a state inside a span; those without work pass in no time, and are none.
 *
 * @returns what `pass` returns.
 */
export function tracedState<P extends Passed>(
  machine: string,
  { name, work }: LoadedState,
  step: number,
  pass: () => Promise<P>,
): Promise<P> {
  if (work.kind === 'none') return pass()
  const attributes = { 'rpa.machine': machine, 'rpa.state': name, 'rpa.step': step }
  return telemetry().span(`state ${machine}/${name}`, attributes, async (span) => {
    const passed = await pass()
    if ('next' in passed) span.set({ 'rpa.next_state': passed.next.name })
    return passed
  })
}
