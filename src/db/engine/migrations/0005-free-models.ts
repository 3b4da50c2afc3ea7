import type { Migration } from './migration.js'
import { createOrComplete } from './table.js'

export const freeModels: Migration = {
  version: 5,
  name: 'free-models',
  async up(trx) {
    // models: JSON list of the ids that an endpoint asks nothing for.
    await createOrComplete(trx, 'free_models', {
      endpoint: 'text primary key',
      models: 'text not null',
      checked_at: 'text not null',
    })
  },
}
