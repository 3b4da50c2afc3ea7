import type { Kysely } from 'kysely'
import type { Database } from './schema.js'
import type { Steps } from './steps.js'

/**
 * The closing of one ledger row, held back so that it is committed in the same transaction as the checkpoint
 * that holds the answer. Without a transaction `commit` opens its own.
 */
export interface Settlement {
  commit(trx?: Kysely<Database>): Promise<void>
  /** The same as steps of a transaction, where the settlement can be had so. */
  steps?(): Steps<void>
}
