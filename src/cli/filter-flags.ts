import { Flags } from '@oclif/core'
import { UsageError } from '../core/errors.js'
import { dayFlag } from './flags.js'
import type { PaperFilter } from '../corpus/seeding/seed-filter.js'

const numberFlag = Flags.custom<number>({
  helpValue: 'X',
  parse: async (input) => {
    const value = input.trim() === '' ? Number.NaN : Number(input)
    if (Number.isFinite(value)) return value
    throw new UsageError('bad_number', `"${input}" is no number.`, { hint: 'Write 0.6, or -2.' })
  },
})

const words = (description: string, helpValue: string) =>
  Flags.string({ multiple: true, multipleNonGreedy: true, helpValue, description })

/** Which papers: what `seed` and `queue` have in common. */
export const filterFlags = {
  category: Flags.string({
    multiple: true,
    helpValue: 'CAT',
    description: 'Only these categories, cross-lists too; cs.* stands for all of cs.',
  }),
  since: dayFlag({ description: 'Published on that day (2025-01-31, or 7d ago) or later.' }),
  until: dayFlag({ description: 'Published on that day or before.' }),
  query: Flags.string({
    helpValue: 'WORDS',
    description: 'Words, and "phrases", that title or abstract must hold.',
  }),
  exclude: words('Words, and "phrases", that neither may hold; may be repeated.', 'WORDS'),
  author: words('Only papers of this author; may be repeated: any of them.', 'NAME'),
  'min-score': numberFlag({ description: 'Only papers with at least this score in the corpus.' }),
  'min-relevance': numberFlag({
    description: 'Only papers with at least this weight by the lists of relevance.yml.',
  }),
}

export interface FilterFlags {
  category?: string[] | undefined
  since?: string | undefined
  until?: string | undefined
  query?: string | undefined
  exclude?: string[] | undefined
  author?: string[] | undefined
  'min-score'?: number | undefined
  'min-relevance'?: number | undefined
}

/** Returns the filter that flags make; what is not given is no condition. */
export function paperFilterOf(flags: FilterFlags): PaperFilter {
  const filter = {
    categories: flags.category,
    since: flags.since,
    until: flags.until,
    query: flags.query,
    exclude: flags.exclude,
    authors: flags.author,
    minScore: flags['min-score'],
    minRelevance: flags['min-relevance'],
  }
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined))
}
