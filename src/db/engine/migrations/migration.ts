import type { Db } from '../prepared.js'

export interface Migration {
  version: number
  name: string
  /** Runs inside the migrator's transaction. */
  up(trx: Db): Promise<void>
}
