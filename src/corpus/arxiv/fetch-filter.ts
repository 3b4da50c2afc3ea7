import { UsageError } from '../../core/errors.js'
import { termsOf } from '../full-text.js'

/** Which papers to fetch; several conditions all have to hold. */
export interface FetchFilter {
  /** In at least one of these categories, cross-lists too; `cs.*` stands for all of cs. */
  categories?: readonly string[] | undefined
  /** First and last day of publication, `YYYY-MM-DD`, UTC. */
  since?: string | undefined
  until?: string | undefined
  /** Words, and phrases in double quotes, that title or abstract hold. */
  query?: string | undefined
  /** Words of an author's name. */
  author?: string | undefined
}

/**
 * Returns the filter in one form however it was written.
 *
 * @throws UsageError `bad_category`, `bad_query`; `nothing_chosen` without any condition.
 */
export function checkedFilter(filter: FetchFilter): FetchFilter {
  const categories = [...new Set((filter.categories ?? []).map(category))].sort()
  const query = filter.query === undefined ? undefined : termsOf(filter.query)
  if (query?.length === 0) {
    throw new UsageError(
      'bad_query',
      `The query ${JSON.stringify(filter.query)} holds no word to search for.`,
      {
        hint: 'Give words, or phrases in double quotes.',
      },
    )
  }
  const { since, until } = filter
  const author = filter.author?.trim().replaceAll('"', '')
  if (categories.length === 0 && query === undefined && !author && since === undefined) {
    throw new UsageError('nothing_chosen', 'All of arXiv is more than anybody means.', {
      hint: 'Choose with --category, --since, --query, --author or --id; for all of it import the Kaggle dump: rpa corpus import FILE.',
    })
  }
  return {
    ...(categories.length === 0 ? {} : { categories }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(query === undefined
      ? {}
      : { query: query.map((term) => (/\s/.test(term) ? `"${term}"` : term)).join(' ') }),
    ...(author ? { author } : {}),
  }
}

/** Returns whether the OAI-PMH server can answer it: that gives licences, versions and withdrawals, but knows no words. */
export function isHarvest({ until, query, author }: FetchFilter): boolean {
  return until === undefined && query === undefined && author === undefined
}

/**
 * Returns the API's query for papers of a filter that were published in a time.
 *
 * @param from, until as the API writes minutes, `YYYYMMDDHHMM`, both included.
 */
export function searchQuery(filter: FetchFilter, from: string, until: string): string {
  const categories = (filter.categories ?? []).map((name) => `cat:${name}`)
  const terms = filter.query === undefined ? [] : termsOf(filter.query)
  return [
    ...(categories.length === 0
      ? []
      : [categories.length === 1 ? categories[0] : `(${categories.join(' OR ')})`]),
    ...terms.map((term) => `(ti:"${term}" OR abs:"${term}")`),
    ...(filter.author === undefined ? [] : [`au:"${filter.author}"`]),
    `submittedDate:[${from} TO ${until}]`,
  ].join(' AND ')
}

/** Archives of the group `physics`: https://arxiv.org/category_taxonomy */
const PHYSICS = new Set(
  'astro-ph cond-mat gr-qc hep-ex hep-lat hep-ph hep-th math-ph nlin nucl-ex nucl-th physics quant-ph'.split(
    ' ',
  ),
)

/** Returns the OAI-PMH set of a category: `cs.CL` → `cs:cs:CL`, `hep-th` → `physics:hep-th`, `cs.*` → `cs`. */
export function setOf(name: string): string {
  const [archive = '', subject = '*'] = name.split('.')
  const group = PHYSICS.has(archive) ? 'physics' : archive
  if (subject !== '*') return `${group}:${archive}:${subject}`
  return group === archive && archive !== 'physics' ? group : `${group}:${archive}`
}

function category(text: string): string {
  const name = text.trim()
  if (/^[a-z]+(-[a-z]+)*(\.([A-Za-z-]+|\*))?$/.test(name)) return name
  throw new UsageError('bad_category', `${JSON.stringify(text)} is no category of arXiv.`, {
    hint: 'Categories look like cs.CL, cs.*, hep-th or astro-ph.GA: https://arxiv.org/category_taxonomy.',
  })
}
