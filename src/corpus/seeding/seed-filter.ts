import { UsageError } from '../../core/errors.js'
import { utcDayOf } from '../../core/moment.js'
import { withName } from './author-names.js'
import { termsOf } from '../full-text.js'
import { categoryList } from '../papers.js'
import type { RelevanceLists } from './relevance.js'

/** Which papers are meant; several conditions all have to hold. */
export interface PaperFilter {
  /** Papers in at least one of these categories, cross-lists too; `cs.*` stands for all that begin with `cs.`. */
  categories?: readonly string[]
  /** First day of publication, `YYYY-MM-DD`, UTC. */
  since?: string
  /** Last day of publication, `YYYY-MM-DD`, UTC. */
  until?: string
  /** Words, and phrases in double quotes, that title or abstract hold; all of them. */
  query?: string
  /** Words and phrases of which title and abstract hold none. */
  exclude?: readonly string[]
  /** Papers of at least one of these authors. */
  authors?: readonly string[]
  /** Lowest score that the corpus gives (`paper_relevance`). */
  minScore?: number
  /** Lowest relevance by the lists of keywords. */
  minRelevance?: number
}

/** By which papers come first. */
export type SeedOrder = 'priority' | 'score' | 'citations' | 'date' | 'relevance'

/** Which papers to seed, and which of them first. */
export interface SeedFilter extends PaperFilter {
  /** All papers instead of the pending rows of the queue. */
  all?: boolean
  /** These papers (arXiv ids, a version is ignored), whatever the queue says. */
  ids?: readonly string[]
  /** Default: priority in the queue. */
  order?: SeedOrder
  /** Lists of keywords; without them no relevance is known. */
  relevance?: RelevanceLists | null
  /** Papers a page; default 500. */
  batchSize?: number
}

/** What is known of a paper that conditions look at; null: not known, or not asked for. */
export interface PaperFacts {
  categories: string | null
  published_at: string | null
  authors: string | null
  score: number | null
  relevance: number | null
  /** 1: title or abstract hold the words of the query; null: no query. */
  in_query: number | null
  /** 1: they hold a word that is excluded; null: none is. */
  excluded: number | null
}

export interface Condition {
  /** As a user writes it: `--category cs.CL`. */
  flag: string
  /** Returns why it holds, null where it does not. */
  why(facts: PaperFacts): string | null
}

/**
 * Returns the conditions of a filter, in the order of its members.
 *
 * @throws UsageError `bad_query` for words that hold no letter or digit.
 */
export function conditionsOf(filter: PaperFilter): Condition[] {
  const { minScore, minRelevance } = filter
  const conditions: (Condition | null)[] = [
    inCategories(filter.categories ?? []),
    published(filter.since, 'since', (day, first) => day >= first),
    published(filter.until, 'until', (day, last) => day <= last),
    queryTerms(filter) === null
      ? null
      : {
          flag: `--query ${quoted(filter.query ?? '')}`,
          why: (facts) => held(facts.in_query === 1, 'query'),
        },
    excludedTerms(filter) === null
      ? null
      : {
          flag: `--exclude ${(filter.exclude ?? []).map(quoted).join(' ')}`,
          why: (facts) => held(facts.excluded !== 1, ''),
        },
    writtenBy(filter.authors ?? []),
    atLeast('score', minScore),
    atLeast('relevance', minRelevance),
  ]
  return conditions.filter((condition) => condition !== null)
}

/** Returns the terms of the query, null without one. Throws UsageError `bad_query` when it holds nothing to search for. */
export function queryTerms({ query }: PaperFilter): string[] | null {
  return query === undefined ? null : requireTerms(query, 'query')
}

/** Returns the terms that are excluded, null without any. Throws UsageError `bad_query` where there is no word in it. */
export function excludedTerms({ exclude = [] }: PaperFilter): string[] | null {
  return exclude.length === 0 ? null : exclude.flatMap((words) => requireTerms(words, 'exclude'))
}

function inCategories(given: readonly string[]): Condition | null {
  const wanted = given.map((category) => category.trim().toLowerCase()).filter(Boolean)
  if (wanted.length === 0) return null
  const matches = (category: string): boolean =>
    wanted.some((one) => (one.endsWith('*') ? category.startsWith(one.slice(0, -1)) : category === one))
  return {
    flag: `--category ${given.join(' ')}`,
    why: (facts) => categoryList(facts.categories).find((one) => matches(one.toLowerCase())) ?? null,
  }
}

function published(
  limit: string | undefined,
  name: string,
  holds: (day: string, limit: string) => boolean,
): Condition | null {
  if (limit === undefined) return null
  return {
    flag: `--${name} ${limit}`,
    why: (facts) => {
      const day = utcDayOf(facts.published_at)
      return held(day !== null && holds(day, limit), `published ${day}`)
    },
  }
}

function writtenBy(authors: readonly string[]): Condition | null {
  if (authors.length === 0) return null
  const matchers = authors.map((author) => withName(author))
  return {
    flag: `--author ${authors.map(quoted).join(' ')}`,
    why: (facts) => {
      const found = matchers.map((find) => find(facts.authors ?? '')).find((name) => name !== null)
      return found === undefined || found === null ? null : `by ${found}`
    },
  }
}

function atLeast(name: 'score' | 'relevance', least: number | undefined): Condition | null {
  if (least === undefined) return null
  return {
    flag: `--min-${name} ${least}`,
    why: (facts) => held((facts[name] ?? -Infinity) >= least, `${name} ${facts[name]}`),
  }
}

function held(holds: boolean, why: string): string | null {
  return holds ? why : null
}

function quoted(text: string): string {
  return /^[\p{L}\p{N}._-]+$/u.test(text) ? text : JSON.stringify(text)
}

function requireTerms(words: string, flag: 'query' | 'exclude'): string[] {
  const terms = termsOf(words)
  if (terms.length > 0) return terms
  throw new UsageError('bad_query', `--${flag} ${JSON.stringify(words)} holds no word to search for.`, {
    hint: 'Give words, or phrases in double quotes.',
  })
}
