import { isoTime, type Clock } from '../../core/clock.js'
import type { MetadataRecord } from '../formats/types.js'
import type { PaperStore } from '../importing/paper-store.js'
import type { StoreOutcome } from '../importing/stored-rows.js'
import type { ArxivClient } from './arxiv-client.js'
import { isHarvest, setOf, type FetchFilter } from './fetch-filter.js'
import { harvest, type HarvestPlace } from './harvest.js'
import { papersById } from './papers-by-id.js'
import { SAVED } from './saved-fetches.js'
import { BEGINNING, minuteOf, search, type SearchPlace } from './search.js'

/** What came of fetching. */
export interface FetchCounts extends Record<StoreOutcome, number> {
  /** Records that arXiv gave. */
  read: number
  invalid: number
  /** Changed papers that were published before the time that was asked for, and that the corpus does not hold. */
  older: number
}

export interface FetchServices {
  client: ArxivClient
  store: PaperStore
  clock: Clock
  urls: { api: string; oai: string }
  /** Called after each page. `total`: records in all, as far as arXiv says. */
  onPage?: ((counts: FetchCounts, total: number | null) => void) | undefined
  /** What could not be read. */
  onProblem?: (problem: string) => void
}

/** Returns counts of nothing. */
export function noCounts(): FetchCounts {
  return { read: 0, inserted: 0, updated: 0, unchanged: 0, removed: 0, invalid: 0, older: 0 }
}

/**
 * Fetches the papers of a filter into a corpus. Where it stands is saved with each page: the next call with the same filter goes
 * on there, or fetches what came since.
 *
 * @param filter as `checkedFilter` gives it.
 * @param counts added to, so that they say what was stored also where it ends with an error.
 * @throws as `harvest` and `search`.
 */
export async function fetchPapers(
  services: FetchServices,
  filter: FetchFilter,
  counts: FetchCounts,
): Promise<void> {
  services.store.write([], { state: { key: `${SAVED}${JSON.stringify(filter)}`, value: filter } })
  if (!isHarvest(filter)) return fetchSearch(services, filter, counts)
  for (const category of filter.categories ?? [null]) {
    await fetchHarvest(services, category, { since: filter.since ?? null, onlyKnown: false }, counts)
  }
}

/** Fetches papers by id. Returns the ids that arXiv does not know. */
export async function fetchIds(
  { client, store, urls, onPage }: FetchServices,
  ids: readonly string[],
  counts: FetchCounts,
): Promise<string[]> {
  const unknown: string[] = []
  for await (const part of papersById(client, urls.api, ids)) {
    add(counts, store.write(part.papers))
    unknown.push(...part.unknown)
    onPage?.(counts, ids.length)
  }
  return unknown
}

interface HarvestChoice {
  /** First day of publication; of known papers, that of the first change that is asked for; null: any. */
  since: string | null
  /** Only papers that the corpus holds. */
  onlyKnown: boolean
}

/** Fetches what changed in a category, null for all of arXiv. */
export async function fetchHarvest(
  { client, store, urls, onPage, onProblem }: FetchServices,
  category: string | null,
  { since, onlyKnown }: HarvestChoice,
  counts: FetchCounts,
): Promise<void> {
  const key = onlyKnown ? 'rpa harvest known' : `rpa harvest ${category ?? 'all'} ${since ?? ''}`.trim()
  const saved = store.state<HarvestPlace>(key) ?? { from: since, token: null, begun: null }
  const isWanted = (record: MetadataRecord): boolean => {
    if ('removed' in record || store.has(record.arxiv_id)) return true
    return !onlyKnown && (since === null || (record.published_at ?? '') >= since)
  }
  for await (const page of harvest(client, urls.oai, category === null ? null : setOf(category), saved)) {
    const wanted = page.records.filter(isWanted)
    counts.older += page.records.length - wanted.length
    counts.invalid += page.problems.length
    for (const problem of page.problems) onProblem?.(problem)
    add(counts, store.write(wanted, { state: { key, value: page.place } }))
    onPage?.(counts, page.total)
  }
}

async function fetchSearch(
  { client, store, clock, urls, onPage, onProblem }: FetchServices,
  filter: FetchFilter,
  counts: FetchCounts,
): Promise<void> {
  const key = `rpa search ${JSON.stringify(filter)}`
  const saved = store.state<SearchPlace & { done: string | null }>(key)
  const end = filter.until === undefined ? minuteOf(clock.now()) : `${filter.until}T23:59`
  const from = saved?.done ?? (filter.since === undefined ? BEGINNING : `${filter.since}T00:00`)
  const isUnderWay = saved !== null && saved.windows.length > 0
  const place: SearchPlace = isUnderWay ? saved : { windows: from < end ? [[from, end]] : [], start: 0 }
  const last = place.windows.at(-1)?.[1] ?? null
  for await (const page of search(client, urls.api, filter, place)) {
    counts.invalid += page.problems.length
    for (const problem of page.problems) onProblem?.(problem)
    const done = page.place.windows.length === 0 ? last : null
    add(counts, store.write(page.papers, { state: { key, value: { ...page.place, done } } }))
    onPage?.(counts, page.total)
  }
}

function add(counts: FetchCounts, outcomes: readonly StoreOutcome[]): void {
  counts.read += outcomes.length
  for (const outcome of outcomes) counts[outcome] += 1
}

/** Notes in the crawler's table of runs what a run came to. */
export function noteRun(
  store: PaperStore,
  run: { startedAt: number; filter: string; counts: FetchCounts; error: string | null },
  now: number,
): void {
  const { startedAt, filter, counts, error } = run
  store.noteRun({
    started_at: isoTime(startedAt),
    finished_at: isoTime(now),
    status: error === null ? 'success' : 'failed',
    query: filter,
    fetched_count: counts.read,
    new_count: counts.inserted,
    updated_count: counts.updated,
    error,
  })
}
