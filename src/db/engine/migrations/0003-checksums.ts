import type { Migration } from './migration.js'
import { createOrComplete } from './table.js'

export const checksums: Migration = {
  version: 3,
  name: 'checksums',
  async up(trx) {
    // Of the metadata; null in rows from before, which are taken as they are.
    await createOrComplete(trx, 'executions', { paper_checksum: 'text' })
  },
}
