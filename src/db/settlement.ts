import type { Kysely } from 'kysely'
import type { Database } from './schema.js'

/**
 * The closing of one ledger row, held back so that it is committed in the same transaction as the checkpoint
 * that holds the answer. Without a transaction `commit` opens its own.
 */
export interface Settlement {
  commit(trx?: Kysely<Database>): Promise<void>
}
