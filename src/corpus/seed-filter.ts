import { UsageError } from '../core/errors.js'
import { termsOf } from './full-text.js'
import { categoryList } from './papers.js'

/** Which papers to seed; several conditions all have to hold. */
export interface SeedFilter {
  /** All papers instead of the pending rows of the queue. */
  all?: boolean
  /** Papers in at least one of these categories; `cs.*` stands for all that begin with `cs.`. */
  categories?: readonly string[]
  /** First day of publication, `YYYY-MM-DD`, UTC. */
  since?: string
  /** Last day of publication, `YYYY-MM-DD`, UTC. */
  until?: string
  /** Words, and phrases in double quotes, that title or abstract hold; all of them. */
  query?: string
  /** These papers (arXiv ids, a version is ignored), whatever the queue says. */
  ids?: readonly string[]
  /** Papers a page; default 500. */
  batchSize?: number
}

/** The facts about a paper that filters look at. */
export interface FilteredRow {
  categories: string | null
  published_at: string | null
}

/** Returns a test for categories and dates. Throws UsageError `bad_date` for a date that is none. */
export function rowFilter(filter: SeedFilter): (row: FilteredRow) => boolean {
  const categories = (filter.categories ?? [])
    .map((category) => category.trim().toLowerCase())
    .filter(Boolean)
  const since = dayOf(filter.since, 'since')
  const until = dayOf(filter.until, 'until')
  return (row) => {
    if (categories.length > 0 && !categoryList(row.categories).some((one) => matches(one, categories)))
      return false
    if (since === null && until === null) return true
    const day = utcDayOf(row.published_at)
    return day !== null && (since === null || day >= since) && (until === null || day <= until)
  }
}

/** Returns the terms of the query, null without one. Throws UsageError `bad_query` when it holds nothing to search for. */
export function queryTerms(filter: SeedFilter): string[] | null {
  if (filter.query === undefined) return null
  const terms = termsOf(filter.query)
  if (terms.length > 0) return terms
  throw new UsageError(
    'bad_query',
    `The query ${JSON.stringify(filter.query)} holds no word to search for.`,
    {
      hint: 'Give words, or phrases in double quotes.',
    },
  )
}

/** Returns the UTC day of ISO text in any of its forms (day alone, with a blank, without zone), null for anything else. */
export function utcDayOf(text: string | null): string | null {
  const form =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?\s*(Z|[+-]\d{2}:?\d{2})?)?$/i.exec(
      text?.trim() ?? '',
    )
  if (form === null) return null
  const [, day = '', time, zone = 'Z'] = form
  const moment = Date.parse(time === undefined ? day : `${day}T${time}${zone.toUpperCase()}`)
  return Number.isNaN(moment) ? null : new Date(moment).toISOString().slice(0, 10)
}

function matches(category: string, wanted: readonly string[]): boolean {
  const lower = category.toLowerCase()
  return wanted.some((one) => (one.endsWith('*') ? lower.startsWith(one.slice(0, -1)) : lower === one))
}

function dayOf(text: string | undefined, name: string): string | null {
  if (text === undefined) return null
  const day = utcDayOf(text)
  // 31 February would roll over into March.
  if (day !== null && (text.trim().length > 10 || day === text.trim())) return day
  throw new UsageError('bad_date', `--${name} ${JSON.stringify(text)} is no date.`, {
    hint: 'Write it as 2025-01-31.',
  })
}
