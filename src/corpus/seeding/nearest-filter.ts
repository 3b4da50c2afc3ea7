import { arxivIdOf } from '../../core/arxiv-id.js'
import type { Corpus } from '../open.js'
import { factReader, type FactRow } from './paper-facts.js'
import { conditionsOf, type Condition, type SeedFilter } from './seed-filter.js'
import { allPlaces, placesOf } from './seed-source.js'

/** What a filter that fits nothing came nearest to. */
export interface NearMiss {
  /** Papers (newest versions) that were looked at. */
  papers: number
  /** Each condition: how many papers fit it by itself, and how many would fit if it were left out. */
  conditions: { flag: string; alone: number; without: number }[]
}

const PAGE = 500
/** The condition that goes without saying; `--all` leaves it out. */
const QUEUED = 'pending in the queue'

/** Returns which conditions of a filter leave how many papers: of the whole corpus, or of the ids that are named. */
export function nearestOf(corpus: Corpus, filter: SeedFilter): NearMiss {
  const queued = filter.ids === undefined && filter.all !== true && corpus.features.queueColumns !== null
  const conditions: (Condition | null)[] = [...(queued ? [null] : []), ...conditionsOf(filter)]
  const factsOf = factReader(corpus, filter)
  const pending = corpus.statement(
    queued
      ? "SELECT paper_id FROM paper_queue WHERE status = 'pending' AND paper_id IN (SELECT value FROM json_each(?))"
      : 'SELECT NULL AS paper_id WHERE ? IS NULL',
  )
  const alone = conditions.map(() => 0)
  const without = conditions.map(() => 0)
  let papers = 0
  for (const ids of pagesOf(corpus, filter)) {
    const inQueue = new Set(
      (corpus.read(() => pending.all(JSON.stringify(ids))) as { paper_id: number }[]).map(
        (row) => row.paper_id,
      ),
    )
    for (const row of factsOf(ids)) {
      if (row.disabled === 1 || arxivIdOf(row.arxiv_id) === null) continue
      papers += 1
      const fits = conditions.map((condition) => holds(condition, row, inQueue))
      const missed = fits.flatMap((fit, at) => (fit ? [] : [at]))
      fits.forEach((fit, at) => (alone[at] = (alone[at] ?? 0) + (fit ? 1 : 0)))
      const [only] = missed
      if (missed.length === 1 && only !== undefined) without[only] = (without[only] ?? 0) + 1
    }
  }
  return {
    papers,
    conditions: conditions.map((condition, at) => ({
      flag: condition?.flag ?? QUEUED,
      alone: alone[at] ?? 0,
      without: without[at] ?? 0,
    })),
  }
}

function holds(condition: Condition | null, row: FactRow, inQueue: ReadonlySet<number>): boolean {
  return condition === null ? inQueue.has(row.paper_id) : condition.why(row) !== null
}

function* pagesOf(corpus: Corpus, { ids }: SeedFilter): Generator<number[]> {
  const slices = ids === undefined ? allPlaces(corpus) : [placesOf(corpus, ids).places]
  for (const slice of slices) {
    for (let start = 0; start < slice.length; start += PAGE)
      yield slice.slice(start, start + PAGE).map(({ paper_id }) => paper_id)
  }
}
