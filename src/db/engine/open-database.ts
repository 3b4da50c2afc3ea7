import type { Clock } from '../../core/clock.js'
import type { Db } from './prepared.js'

export interface OpenDatabase {
  db: Db
  /** What users read of where it is: the absolute path of the file, or a URL without anything secret. */
  place: string
  /** The clock that decides about leases, windows and days: where many machines share a DB, the server's. */
  clock: Clock
  /** Whether processes of other machines may work with it too. */
  shared: boolean
  /** Makes sure that what must be written once the disk is full can be. */
  keepReserve: () => void
  /** @throws RpaError `disk_full` where what comes next could not be stored. */
  requireRoom: () => void
  close: () => Promise<void>
}
