import type { Columns, Migration } from './migration.js'

const TABLES: Record<string, Columns> = {
  llm_calls: {
    // About how many tokens the prompt has: a server that reads far fewer has cut it.
    estimated_tokens: 'integer',
  },
}

export const promptEstimates: Migration = {
  version: 18,
  name: 'prompt-estimates',
  tables: TABLES,
}
