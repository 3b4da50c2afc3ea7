import type { Clock } from '../core/clock.js'
import type { PipelineName } from '../core/phases.js'
import { nearestOf, type NearMiss } from '../corpus/seeding/nearest-filter.js'
import type { Corpus } from '../corpus/open.js'
import { countMatches, figuresOf, type Figures } from '../corpus/seeding/paper-facts.js'
import type { SeedFilter } from '../corpus/seeding/seed-filter.js'
import { seedPages, type SeedPage, type SeedPlace } from '../corpus/seeding/seed-candidates.js'
import type { SeedCandidate } from '../corpus/types.js'
import { setImmediate as turn } from 'node:timers/promises'
import { insertExecutions } from '../db/executions/executions.js'
import { namedExecutions, type NamedExecution } from '../db/executions/named.js'
import type { Db } from '../db/engine/prepared.js'

export interface SeedOptions {
  limit: number
  /** Only the first so many that fit, whether they are seeded already or not; undefined: all. */
  top?: number | undefined
  filter: SeedFilter
  /** Priority of the new executions; null: the queue's own. */
  priority: number | null
  /** Which machines are run for them; undefined: full. */
  pipeline?: PipelineName | undefined
  dryRun: boolean
}

/** A paper that would be seeded, and what speaks for it. */
export interface SeedChoice extends Figures {
  arxiv_id: string
  title: string
  categories: string[]
  published_at: string | null
  priority: number
  /** By the lists of keywords; null without them. */
  relevance: number | null
  /** Why each condition holds, and each list of keywords counts. */
  reasons: string[]
}

/** Papers that something is said of. */
export interface SomePapers {
  papers: number
  /** The first five of them. */
  first: string[]
}

/** What `seed` prints with --json. */
export interface SeedResult {
  /** Papers of the corpus that were looked at. */
  considered: number
  seeded: number
  /** Had an execution already. */
  already: number
  /** Not usable: no arXiv id, excluded by the corpus, or unknown to it. */
  skipped: number
  unknown: string[]
  /** Papers whose metadata were fetched from arXiv for this. */
  fetched?: string[]
  /** Papers that were named and had been dropped from the queue. */
  dropped?: string[]
  /** Papers that the corpus says are to be left out. */
  excluded?: SomePapers
  /** Rows of the corpus whose id is none of arXiv's. */
  without_id?: SomePapers
  /** Papers without a PDF that were named, and seeded all the same. */
  without_pdf?: SomePapers
  /** Papers without a PDF that nobody named. */
  left_out?: SomePapers
  /** Papers of the corpus that hold the words of the query. */
  matched?: number
  /** Only where nothing fits the filter: which condition leaves how many. */
  nearest?: NearMiss
  /** Only of a dry run, in the order in which they would be seeded. */
  papers?: SeedChoice[]
}

interface Services {
  db: Db
  corpus: Corpus
  clock: Clock
  /** Called with the ids of each page of papers that are seeded, or would be. */
  onSeeded?: (arxivIds: readonly string[]) => void
  /** Whether no PDF of a paper can be had; such a paper is only seeded by its name. */
  isLacking?: (arxivId: string) => boolean
}

const SHOWN = 5

/** Counts a paper, and names it if it is among the first. */
export function notePaper(found: SomePapers, arxivId: string): void {
  found.papers += 1
  if (found.first.length < SHOWN) found.first.push(arxivId)
}

/**
 * Makes pending executions of the corpus's best papers. Papers that were seeded before are passed over, so that the
 * next call goes on where this one stopped.
 */
export async function seed(services: Services, options: SeedOptions): Promise<SeedResult> {
  const { corpus } = services
  const { filter, limit, top = Infinity, dryRun } = options
  const result: SeedResult = { considered: 0, seeded: 0, already: 0, skipped: 0, unknown: [] }
  if (dryRun) result.papers = []
  let fitting = 0
  for (const page of seedPages(corpus, filter)) {
    const places = page.places.slice(0, top - fitting)
    fitting += places.length
    const known = await namedExecutions(services.db, [
      ...page.unknown,
      ...places.map(({ arxiv_id }) => arxiv_id),
    ])
    countLeft(result, page, known)
    if (filter.ids !== undefined) noteDropped(result, known)
    const wanted = new Map<string, SeedPlace>()
    for (const place of places) {
      if (wanted.size === limit - result.seeded) break
      result.considered += 1
      if (known.has(place.arxiv_id)) result.already += 1
      else if (filter.ids === undefined && services.isLacking?.(place.arxiv_id) === true) {
        result.skipped += 1
        notePaper((result.left_out ??= { papers: 0, first: [] }), place.arxiv_id)
      } else wanted.set(place.arxiv_id, place)
    }
    const papers = page.candidates((arxivId) => wanted.has(arxivId))
    const rows = papers.map((paper) => ({
      ...paper,
      priority: options.priority ?? paper.priority,
      pipeline: options.pipeline,
    }))
    const inserted = dryRun ? rows.length : await insertExecutions(services.db, rows, services.clock.now())
    services.onSeeded?.(rows.map(({ arxiv_id }) => arxiv_id))
    result.papers?.push(...choices(corpus, rows, wanted))
    result.seeded += inserted
    result.already += rows.length - inserted
    if (result.seeded >= limit || fitting >= top) break
    // Both databases answer at once: without a pause no timer runs, and the heap fills with what could be let go.
    await turn()
  }
  if (filter.query !== undefined) result.matched = countMatches(corpus)
  if (fitting === 0 && result.unknown.length === 0) {
    const nearest = nearestOf(corpus, filter)
    if (nearest.conditions.length > 0) result.nearest = nearest
  }
  return result
}

/** Counts what a page holds beside papers that fit. */
function countLeft(result: SeedResult, page: SeedPage, known: ReadonlyMap<string, NamedExecution[]>): void {
  const left = page.invalid.length + page.disabled.length
  for (const id of page.disabled) notePaper((result.excluded ??= { papers: 0, first: [] }), id)
  for (const id of page.invalid) notePaper((result.without_id ??= { papers: 0, first: [] }), id)
  const unknown = page.unknown.filter((id) => !known.has(id))
  result.unknown.push(...unknown)
  result.already += page.unknown.length - unknown.length
  result.skipped += left + unknown.length
  result.considered += left + page.unknown.length
}

function choices(
  corpus: Corpus,
  papers: readonly SeedCandidate[],
  places: ReadonlyMap<string, SeedPlace>,
): SeedChoice[] {
  const figures = figuresOf(
    corpus,
    papers.map(({ paper_id }) => paper_id),
  )
  return papers.map(({ paper_id, arxiv_id, title, categories, published_at, priority }) => {
    const place = places.get(arxiv_id)
    const { score = null, citations = null } = figures.get(paper_id) ?? {}
    return {
      arxiv_id,
      title,
      categories: categories.split(' ').filter((one) => one !== ''),
      published_at,
      priority,
      score,
      citations,
      relevance: place?.relevance ?? null,
      reasons: place?.reasons ?? [],
    }
  })
}

/** Whoever names a paper wants it; that it was dropped may be long ago. */
function noteDropped(result: SeedResult, known: ReadonlyMap<string, NamedExecution[]>): void {
  for (const { arxiv_id, status } of [...known.values()].flat())
    if (status === 'dropped') result.dropped = [...(result.dropped ?? []), arxiv_id]
}
