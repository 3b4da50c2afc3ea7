import { arxivIdOf } from '../../core/arxiv-id.js'
import type { Corpus } from '../open.js'
import { citationsColumn, scoreColumn } from './paper-facts.js'
import { column, IS_NEWEST, oneLine, storedId } from '../papers.js'
import type { RelevanceLists } from './relevance.js'
import type { SeedFilter, SeedOrder } from './seed-filter.js'

/** A paper's place in the order of seeding. */
export interface Place {
  paper_id: number
  priority: number
}

/** Slices of the queue grow: the first seeds come at once, and passing over a long queue sorts it seldom. */
const FIRST_SLICE = 2_000
const LAST_SLICE = 32_000
const SLICE = 10_000

/**
 * Yields the rows that may be seeded, in the order that is wanted, slice by slice: the pending rows of the queue, or all
 * of `papers` where there is no queue or all are asked for. Rows of older versions are among them. With a query only what
 * it matches: the table that a reader of facts has filled.
 */
export function* placesInOrder(corpus: Corpus, filter: SeedFilter): Generator<Place[]> {
  const { order = 'priority', relevance = null } = filter
  const queued = filter.all !== true && corpus.features.queueColumns !== null
  const matching = filter.query === undefined ? '' : 'IN temp.seed_matches'
  const places = queued ? queuedPlaces(corpus, matching) : allPlaces(corpus, matching)
  yield* order === 'priority' ? places : ordered(corpus, places, order, relevance)
}

/** The pending rows of the queue, best priority first, then the longest waiting. */
function* queuedPlaces(corpus: Corpus, matching: string): Generator<Place[]> {
  const queue = corpus.features.queueColumns ?? new Set<string>()
  const priority = queue.has('priority') ? 'coalesce(q.priority, 0)' : '0'
  const waiting = queue.has('enqueued_at') ? "coalesce(q.enqueued_at, '')" : "''"
  const statement = corpus.statement(`
    SELECT q.paper_id AS paper_id, ${priority} AS priority, ${waiting} AS enqueued_at FROM paper_queue q
    WHERE q.status = 'pending' AND (-${priority}, ${waiting}, q.paper_id) > (?, ?, ?)
    ${matching && `AND q.paper_id ${matching}`}
    ORDER BY -${priority}, ${waiting}, q.paper_id LIMIT ?`)
  let after: (Place & { enqueued_at: string }) | undefined
  for (let limit = FIRST_SLICE; ; limit = Math.min(limit * 4, LAST_SLICE)) {
    const from =
      after === undefined ? [-Number.MAX_VALUE, '', 0] : [-after.priority, after.enqueued_at, after.paper_id]
    const slice = corpus.read(() => statement.all(...from, limit)) as NonNullable<typeof after>[]
    if (slice.length > 0) yield slice
    if (slice.length < limit) return
    after = slice.at(-1)
  }
}

/** Yields all rows of `papers` in the order in which the corpus got them. */
export function* allPlaces(corpus: Corpus, matching = ''): Generator<Place[]> {
  const statement = corpus.statement(`
    SELECT p.id AS paper_id, ${queuePriority(corpus)} AS priority FROM papers p
    WHERE p.id > ? ${matching && `AND p.id ${matching}`} ORDER BY p.id LIMIT ${SLICE}`)
  for (let after = Number.MIN_SAFE_INTEGER; ;) {
    const slice = corpus.read(() => statement.all(after)) as Place[]
    if (slice.length > 0) yield slice
    const last = slice.at(-1)
    if (last === undefined || slice.length < SLICE) return
    after = last.paper_id
  }
}

/**
 * The same places by another key, the highest first; those without come last, equals in the order they came. Sorted in a
 * table of this connection: the whole corpus may be wanted.
 */
function* ordered(
  corpus: Corpus,
  places: Iterable<Place[]>,
  order: Exclude<SeedOrder, 'priority'>,
  relevance: RelevanceLists | null,
): Generator<Place[]> {
  corpus
    .statement(
      'CREATE TEMP TABLE IF NOT EXISTS seed_order (rank REAL, place INTEGER, paper_id INTEGER, priority INTEGER, PRIMARY KEY (rank, place)) WITHOUT ROWID',
    )
    .run()
  corpus.statement('DELETE FROM temp.seed_order').run()
  const keysOf = order === 'relevance' ? relevanceKeys(corpus, relevance) : sqlKeys(corpus, order)
  // Many rows at once: each statement is a transaction of its own.
  const insert = corpus.statement(`INSERT INTO temp.seed_order
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?)`)
  let place = 0
  for (const slice of places) {
    const keys = keysOf(slice)
    const rows = slice.map(({ paper_id, priority }) => {
      const key = keys.get(paper_id)
      return [key == null ? Number.MAX_VALUE : -key, place++, paper_id, priority]
    })
    insert.run(JSON.stringify(rows))
  }
  const statement = corpus.statement(`
    SELECT rank, place, paper_id, priority FROM temp.seed_order
    WHERE (rank, place) > (?, ?) ORDER BY rank, place LIMIT ${SLICE}`)
  for (let after = { rank: -Number.MAX_VALUE, place: -1 }; ;) {
    const slice = corpus.read(() => statement.all(after.rank, after.place)) as (Place & typeof after)[]
    if (slice.length > 0) yield slice
    const last = slice.at(-1)
    if (last === undefined || slice.length < SLICE) return
    after = last
  }
}

type KeysOf = (places: readonly Place[]) => Map<number, number | null>

function sqlKeys(corpus: Corpus, order: 'score' | 'citations' | 'date'): KeysOf {
  const key = {
    score: () => scoreColumn(corpus),
    citations: () => citationsColumn(corpus),
    date: () => `julianday(${column(corpus, 'published_at')})`,
  }[order]()
  const statement = corpus.statement(
    `SELECT p.id, ${key} AS key FROM papers p WHERE p.id IN (SELECT value FROM json_each(?))`,
  )
  return (places) => {
    const rows = corpus.read(() => statement.all(idsOf(places))) as { id: number; key: number | null }[]
    return new Map(rows.map(({ id, key: value }) => [id, value]))
  }
}

function relevanceKeys(corpus: Corpus, relevance: RelevanceLists | null): KeysOf {
  const statement = corpus.statement(
    'SELECT p.id, p.title, p.abstract FROM papers p WHERE p.id IN (SELECT value FROM json_each(?))',
  )
  return (places) => {
    const keys = new Map<number, number | null>()
    // Row by row: all abstracts of a slice together are tens of megabytes.
    for (const row of statement.iterate(idsOf(places)) as Iterable<{
      id: number
      title: string | null
      abstract: string | null
    }>) {
      keys.set(row.id, relevance?.weigh(oneLine(row.title), oneLine(row.abstract)).value ?? null)
    }
    return keys
  }
}

function idsOf(places: readonly Place[]): string {
  return JSON.stringify(places.map(({ paper_id }) => paper_id))
}

/** Returns the newest rows of the given arXiv ids in their order, and the ids the corpus does not hold. */
export function placesOf(corpus: Corpus, ids: readonly string[]): { places: Place[]; unknown: string[] } {
  const newest = corpus.statement(`
    SELECT p.id AS paper_id, ${queuePriority(corpus)} AS priority FROM papers p
    WHERE p.arxiv_id = ? AND ${IS_NEWEST}`)
  return corpus.read(() => {
    const places = new Map<number, Place>()
    const unknown: string[] = []
    for (const id of ids) {
      const stored = storedId(corpus, arxivIdOf(id) ?? id)
      if (stored === null) unknown.push(id)
      const place = newest.get(stored) as Place | undefined
      if (place !== undefined) places.set(place.paper_id, place)
    }
    return { places: [...places.values()], unknown }
  })
}

function queuePriority(corpus: Corpus): string {
  if (corpus.features.queueColumns?.has('priority') !== true) return '0'
  return 'coalesce((SELECT q.priority FROM paper_queue q WHERE q.paper_id = p.id), 0)'
}
