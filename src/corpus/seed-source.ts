import { arxivIdOf } from '../core/arxiv-id.js'
import { matchAll } from './full-text.js'
import type { Corpus } from './open.js'
import { IS_NEWEST, storedId } from './papers.js'

/** A paper's place in the order of seeding. */
export interface Place {
  paper_id: number
  priority: number
}

/** Slices of the queue grow: the first seeds come at once, and passing over a long queue sorts it seldom. */
const FIRST_SLICE = 2_000
const LAST_SLICE = 128_000
const PAPER_SLICE = 10_000

/** Yields the pending rows of the queue, best priority first, then the longest waiting; slice by slice. */
export function* queuedPlaces(corpus: Corpus, terms: readonly string[] | null): Generator<Place[]> {
  const queue = corpus.features.queueColumns ?? new Set<string>()
  const priority = queue.has('priority') ? 'coalesce(q.priority, 0)' : '0'
  const waiting = queue.has('enqueued_at') ? "coalesce(q.enqueued_at, '')" : "''"
  const statement = corpus.statement(`
    SELECT q.paper_id AS paper_id, ${priority} AS priority, ${waiting} AS enqueued_at FROM paper_queue q
    WHERE q.status = 'pending' AND (-${priority}, ${waiting}, q.paper_id) > (?, ?, ?) ${matching(corpus, terms, 'q.paper_id')}
    ORDER BY -${priority}, ${waiting}, q.paper_id LIMIT ?`)
  let after: (Place & { enqueued_at: string }) | undefined
  for (let limit = FIRST_SLICE; ; limit = Math.min(limit * 4, LAST_SLICE)) {
    const from =
      after === undefined ? [-Number.MAX_VALUE, '', 0] : [-after.priority, after.enqueued_at, after.paper_id]
    const slice = corpus.read(() =>
      statement.all(...from, ...parameters(corpus, terms), limit),
    ) as NonNullable<typeof after>[]
    if (slice.length > 0) yield slice
    if (slice.length < limit) return
    after = slice.at(-1)
  }
}

/** Yields all rows of `papers` in the order in which the corpus got them; slice by slice. */
export function* allPlaces(corpus: Corpus, terms: readonly string[] | null): Generator<Place[]> {
  const statement = corpus.statement(`
    SELECT p.id AS paper_id, ${queuePriority(corpus)} AS priority FROM papers p
    WHERE p.id > ? ${matching(corpus, terms, 'p.id')} ORDER BY p.id LIMIT ${PAPER_SLICE}`)
  let after: Place | undefined
  for (;;) {
    const from = after?.paper_id ?? Number.MIN_SAFE_INTEGER
    const slice = corpus.read(() => statement.all(from, ...parameters(corpus, terms))) as Place[]
    if (slice.length > 0) yield slice
    if (slice.length < PAPER_SLICE) return
    after = slice.at(-1)
  }
}

/** Returns the newest rows of the given arXiv ids in their order, and the ids the corpus does not hold. */
export function placesOf(
  corpus: Corpus,
  ids: readonly string[],
  terms: readonly string[] | null,
): { places: Place[]; unknown: string[] } {
  const newest = corpus.statement(`
    SELECT p.id AS paper_id, ${queuePriority(corpus)} AS priority FROM papers p
    WHERE p.arxiv_id = ? AND ${IS_NEWEST} ${matching(corpus, terms, 'p.id')}`)
  return corpus.read(() => {
    const places = new Map<number, Place>()
    const unknown: string[] = []
    for (const id of ids) {
      const stored = storedId(corpus, arxivIdOf(id) ?? id)
      if (stored === null) unknown.push(id)
      const place = newest.get(stored, ...parameters(corpus, terms)) as Place | undefined
      if (place !== undefined) places.set(place.paper_id, place)
    }
    return { places: [...places.values()], unknown }
  })
}

function queuePriority(corpus: Corpus): string {
  if (corpus.features.queueColumns?.has('priority') !== true) return '0'
  return 'coalesce((SELECT q.priority FROM paper_queue q WHERE q.paper_id = p.id), 0)'
}

function matching(corpus: Corpus, terms: readonly string[] | null, id: string): string {
  if (terms === null) return ''
  if (corpus.features.fts) return `AND ${id} IN (SELECT rowid FROM papers_fts WHERE papers_fts MATCH ?)`
  const each = terms.map(() => "(t.title || ' ' || t.abstract) LIKE ? ESCAPE '\\'").join(' AND ')
  return `AND EXISTS (SELECT 1 FROM papers t WHERE t.id = ${id} AND ${each})`
}

function parameters(corpus: Corpus, terms: readonly string[] | null): string[] {
  if (terms === null) return []
  return corpus.features.fts ? [matchAll(terms)] : terms.map((term) => `%${term.replace(/[\\%_]/g, '\\$&')}%`)
}
