import type { Db } from '../prepared.js'
import type { Columns } from './table.js'

export interface Migration {
  version: number
  name: string
  /** Tables and columns that must be there afterwards, those that `up` adds. */
  tables: Record<string, Columns>
  /** Runs inside the migrator's transaction. */
  up(trx: Db): Promise<void>
}
