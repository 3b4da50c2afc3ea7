import { DatabaseGoneError } from '../../db/engine/errors.js'
import type { Lease } from '../../db/leases/leases.js'
import { fence, LeaseLostError } from '../../db/leases/leases.js'
import type { Resources } from '../resources/resources.js'

/**
 * Renews a lease at a third of its life, so that two renewals may fail before it runs out.
 *
 * @returns what is aborted once it is lost, and what ends the renewals.
 */
export function keepLease(
  resources: Pick<Resources, 'db' | 'clock' | 'log'>,
  lease: Lease,
): { leaseLost: AbortSignal; end(): void } {
  const leaseLost = new AbortController()
  const renew = (): void => {
    fence(resources.db, lease, resources.clock.now()).catch((error: unknown) => {
      if (error instanceof LeaseLostError || error instanceof DatabaseGoneError) leaseLost.abort(error)
      else resources.log.debug(`renewing a lease failed: ${String(error)}`)
    })
  }
  const timer = setInterval(renew, Math.max(200, (lease.ttl * 1000) / 3))
  return { leaseLost: leaseLost.signal, end: () => clearInterval(timer) }
}
