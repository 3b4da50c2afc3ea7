import { arxivIdOf } from '../core/arxiv-id.js'
import type { Corpus } from './open.js'
import { column, IS_NEWEST, papersById } from './papers.js'
import { queryTerms, rowFilter, type FilteredRow, type SeedFilter } from './seed-filter.js'
import { allPlaces, placesOf, queuedPlaces, type Place } from './seed-source.js'
import type { SeedCandidate } from './types.js'

/** A paper of a page, before its texts are read. */
export interface SeedPlace extends Place {
  arxiv_id: string
}

export interface SeedPage {
  /** In seeding order; may be empty. */
  places: SeedPlace[]
  /** Reads the papers of the page, in order; with `keep` only those: passing over papers that are seeded is cheap. */
  candidates: (keep?: (arxivId: string) => boolean) => SeedCandidate[]
  /** Rows of this page left out because their arXiv id is none. */
  invalid: number
  /** Rows of this page left out because the corpus says `disable_summary`. */
  disabled: number
  /** Wanted ids (filter `ids`) the corpus does not hold; reported with the first page. */
  unknown: string[]
}

interface CheckedRow extends FilteredRow {
  paper_id: number
  arxiv_id: string
  disabled: number | null
}

const BATCH_SIZE = 500

/**
 * Yields papers to seed, page by page, until there are no more: the pending rows of the queue, best priority first,
 * then the longest waiting (or all papers in the order the corpus got them, with `all` or where there is no queue;
 * or the given ids in their order), newest version of each only. The caller stops when it has enough; nothing is
 * locked between pages. Throws UsageError `bad_date`, `bad_query`, and the corpus errors.
 */
export function* seedPages(corpus: Corpus, filter: SeedFilter = {}): Generator<SeedPage, void, undefined> {
  const accepts = rowFilter(filter)
  const terms = queryTerms(filter)
  const size = Math.max(1, filter.batchSize ?? BATCH_SIZE)
  let unknown: string[] = []
  let slices: Iterable<Place[]>
  if (filter.ids !== undefined) {
    const found = placesOf(corpus, filter.ids, terms)
    unknown = found.unknown
    slices = [found.places]
  } else {
    const queued = filter.all !== true && corpus.features.queueColumns !== null
    slices = queued ? queuedPlaces(corpus, terms) : allPlaces(corpus, terms)
  }
  for (const slice of slices) {
    for (let start = 0; start < slice.length; start += size) {
      yield {
        ...pageOf(corpus, slice.slice(start, start + size), accepts),
        unknown: start === 0 ? unknown : [],
      }
    }
    if (slice.length === 0) yield { ...pageOf(corpus, [], accepts), unknown }
  }
}

function pageOf(
  corpus: Corpus,
  queued: Place[],
  accepts: (row: FilteredRow) => boolean,
): Omit<SeedPage, 'unknown'> {
  const rows = new Map(checkedRows(corpus, queued).map((row) => [row.paper_id, row]))
  const places: SeedPlace[] = []
  const skipped = { invalid: 0, disabled: 0 }
  for (const { paper_id, priority } of queued) {
    const row = rows.get(paper_id)
    if (row === undefined || !accepts(row)) continue
    const id = arxivIdOf(row.arxiv_id)
    if (id === null) skipped.invalid++
    else if (row.disabled === 1) skipped.disabled++
    else places.push({ paper_id, arxiv_id: id, priority })
  }
  return {
    places,
    candidates: (keep = () => true) =>
      read(
        corpus,
        places.filter((place) => keep(place.arxiv_id)),
      ),
    ...skipped,
  }
}

function read(corpus: Corpus, places: readonly SeedPlace[]): SeedCandidate[] {
  const papers = papersById(
    corpus,
    places.map((place) => place.paper_id),
  )
  return places.flatMap(({ paper_id, priority }) => {
    const paper = papers.get(paper_id)
    return paper === undefined ? [] : [{ ...paper, priority }]
  })
}

function checkedRows(corpus: Corpus, places: Place[]): CheckedRow[] {
  const names = ['categories', 'published_at'].map((name) => `${column(corpus, name)} AS ${name}`).join(', ')
  const statement = corpus.statement(`
    SELECT p.id AS paper_id, p.arxiv_id, ${names}, ${column(corpus, 'disable_summary')} AS disabled
    FROM papers p WHERE p.id IN (SELECT value FROM json_each(?)) AND ${IS_NEWEST}`)
  return corpus.read(() =>
    statement.all(JSON.stringify(places.map((place) => place.paper_id))),
  ) as CheckedRow[]
}
