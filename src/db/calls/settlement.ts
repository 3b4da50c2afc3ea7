import type { Steps } from '../engine/steps.js'

/**
 * The closing of one ledger row, held back so that it is committed in the same transaction as the checkpoint that holds
 * the answer.
 */
export interface LedgerSettlement {
  /** Commits it by itself. */
  commit(): Promise<void>
  /** The same as steps of a transaction. */
  steps(): Steps<void>
}
