import type { Columns, Migration } from './migration.js'

const TABLES: Record<string, Columns> = {
  // What a model answered that compared two reports: it was paid for, and is never asked again.
  judgements: {
    // sha256 of all that was asked, and of whom.
    question_hash: 'text primary key',
    // As it came, read or not: whoever reads it later may read it better.
    answer: 'text not null',
    model: 'text not null',
    created_at: 'text not null',
  },
}

export const judgements: Migration = {
  version: 17,
  name: 'judgements',
  tables: TABLES,
}
