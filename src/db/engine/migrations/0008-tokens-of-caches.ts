import type { Columns, Migration } from './migration.js'

const TABLES: Record<string, Columns> = {
  llm_calls: {
    // Of the prompt's tokens, those that the provider had in its cache; null: nobody said.
    cached_tokens: 'integer',
    // Of the answer's tokens, those that were thinking; null: nobody said.
    reasoning_tokens: 'integer',
    // Who ran the model, as a router says.
    provider: 'text',
  },
}

export const tokensOfCaches: Migration = {
  version: 8,
  name: 'tokens-of-caches',
  tables: TABLES,
}
