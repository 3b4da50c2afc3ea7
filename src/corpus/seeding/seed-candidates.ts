import { arxivIdOf } from '../../core/arxiv-id.js'
import type { Corpus } from '../open.js'
import { factReader, requireFigures, type FactRow } from './paper-facts.js'
import { papersById } from '../papers.js'
import { conditionsOf, type Condition, type SeedFilter } from './seed-filter.js'
import { placesInOrder, placesOf, type Place } from './seed-source.js'
import type { SeedCandidate } from '../types.js'

/** A paper of a page, before its texts are read. */
export interface SeedPlace extends Place {
  arxiv_id: string
  /** Why each condition of the filter holds, and each list of keywords counts. */
  reasons: string[]
  /** By the lists of keywords; null without them. */
  relevance: number | null
}

export interface SeedPage {
  /** In seeding order; may be empty. */
  places: SeedPlace[]
  /** Reads the papers of the page, in order; with `keep` only those: passing over papers that are seeded is cheap. */
  candidates: (keep?: (arxivId: string) => boolean) => SeedCandidate[]
  /** Rows of this page left out because their arXiv id is none: what stands there instead. */
  invalid: string[]
  /** Papers of this page left out because the corpus says `disable_summary`. */
  disabled: string[]
  /** Wanted ids (filter `ids`) the corpus does not hold; reported with the first page. */
  unknown: string[]
}

const PAGE = 500

/**
 * Yields papers to seed, page by page, until there are no more: the pending rows of the queue, best priority first,
 * then the longest waiting (or all papers in the order the corpus got them, with `all` or where there is no queue;
 * or either in another order; or the given ids in their order), newest version of each only. The caller stops when it has
 * enough; nothing is locked between pages. Throws UsageError `bad_query`, `bad_author`, `nothing_to_order_by`, and the corpus errors.
 */
export function* seedPages(corpus: Corpus, filter: SeedFilter = {}): Generator<SeedPage, void, undefined> {
  const conditions = conditionsOf(filter)
  const factsOf = factReader(corpus, filter)
  const size = Math.max(1, filter.batchSize ?? PAGE)
  if (filter.ids === undefined) requireFigures(corpus, filter.order)
  const named = filter.ids === undefined ? null : placesOf(corpus, filter.ids)
  let unknown = named?.unknown ?? []
  for (const slice of named === null ? placesInOrder(corpus, filter) : [named.places]) {
    for (let start = 0; start === 0 || start < slice.length; start += size) {
      const places = slice.slice(start, start + size)
      yield { ...pageOf(corpus, places, conditions, factsOf), unknown }
      unknown = []
    }
  }
}

/**
 * Returns a function that says which of some papers (arXiv ids) fit a filter, and why; what the corpus does not hold fits
 * none. Throws as {@link seedPages}.
 */
export function fittingOf(
  corpus: Corpus,
  filter: SeedFilter,
): (ids: readonly string[]) => Map<string, SeedPlace> {
  const conditions = conditionsOf(filter)
  const factsOf = factReader(corpus, filter)
  return (ids) => {
    const { places } = pageOf(corpus, placesOf(corpus, ids).places, conditions, factsOf)
    return new Map(places.map((place) => [place.arxiv_id, place]))
  }
}

function pageOf(
  corpus: Corpus,
  queued: Place[],
  conditions: readonly Condition[],
  factsOf: (ids: readonly number[]) => FactRow[],
): Omit<SeedPage, 'unknown'> {
  const rows = new Map(factsOf(queued.map(({ paper_id }) => paper_id)).map((row) => [row.paper_id, row]))
  const places: SeedPlace[] = []
  const skipped: Pick<SeedPage, 'invalid' | 'disabled'> = { invalid: [], disabled: [] }
  for (const place of queued) {
    const row = rows.get(place.paper_id)
    const why = row === undefined ? null : whyFits(conditions, row)
    if (row === undefined || why === null) continue
    const id = arxivIdOf(row.arxiv_id)
    if (id === null) skipped.invalid.push(String(row.arxiv_id))
    else if (row.disabled === 1) skipped.disabled.push(id)
    else {
      const { paper_id, priority } = place
      places.push({
        paper_id,
        priority,
        arxiv_id: id,
        relevance: row.relevance,
        reasons: [...why, ...row.reasons],
      })
    }
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

/** Why each condition holds; null where one does not. */
function whyFits(conditions: readonly Condition[], row: FactRow): string[] | null {
  const reasons: string[] = []
  for (const condition of conditions) {
    const why = condition.why(row)
    if (why === null) return null
    if (why !== '') reasons.push(why)
  }
  return reasons
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
