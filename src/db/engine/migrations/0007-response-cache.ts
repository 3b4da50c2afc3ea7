import type { Columns, Migration } from './migration.js'

const TABLES: Record<string, Columns> = {
  llm_calls: {
    // hit: a provider's cache gave the answer; miss: the model made it; null: nobody said.
    cached: 'text',
    // sha256 of the request's body, by which such a cache knows a question; null: none is used.
    question_hash: 'text',
  },
}

export const responseCache: Migration = {
  version: 7,
  name: 'response-cache',
  tables: TABLES,
}
