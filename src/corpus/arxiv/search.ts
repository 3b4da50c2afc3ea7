import { isoTime } from '../../core/clock.js'
import { EXIT, RpaError } from '../../core/errors.js'
import type { ImportedPaper } from '../formats/types.js'
import { askApi, type ApiPage } from './api.js'
import type { ArxivClient } from './arxiv-client.js'
import { searchQuery, type FetchFilter } from './fetch-filter.js'

/** Times of publication, both ends included, ISO text to the minute. */
type Window = readonly [from: string, until: string]

/** Where a search stands; saved after each page. */
export interface SearchPlace {
  /** Still to be asked for, the first of them from `start` on. */
  windows: Window[]
  start: number
}

export interface SearchPage {
  papers: ImportedPaper[]
  problems: string[]
  /** Where the search stands once the papers are stored. */
  place: SearchPlace
  /** Papers in all, of this window. */
  total: number
}

const PAGE = 1000
/** The API loses its way further in: longer lists are asked for in parts of time. */
const MAX_LIST = 10_000
const ROUNDS = 3
const HOUR_MS = 3_600_000

/** Returns the first minute of arXiv. */
export const BEGINNING = '1991-07-01T00:00'

/** Returns a time as a window writes it. */
export function minuteOf(epochMs: number): string {
  return isoTime(epochMs).slice(0, 16)
}

/**
 * Yields the papers of a filter, page by page, the first published first.
 *
 * @throws RpaError `arxiv_busy` where pages stay empty; and as `askApi`.
 */
export async function* search(
  client: ArxivClient,
  apiUrl: string,
  filter: FetchFilter,
  begin: SearchPlace,
): AsyncGenerator<SearchPage> {
  let place = begin
  for (let window = place.windows[0]; window !== undefined; window = place.windows[0]) {
    const { start } = place
    const page = await fullPage(client, apiUrl, filter, window, start)
    const rest = place.windows.slice(1)
    const parts = start === 0 && page.total > MAX_LIST ? halves(window) : null
    const next = start + page.papers.length
    if (parts !== null) place = { windows: [...parts, ...rest], start: 0 }
    else place = next >= page.total ? { windows: rest, start: 0 } : { windows: place.windows, start: next }
    yield { papers: page.papers, problems: page.problems, place, total: page.total }
  }
}

/** Pages come back short or empty although there is more: they are asked for again. */
async function fullPage(
  client: ArxivClient,
  apiUrl: string,
  filter: FetchFilter,
  [from, until]: Window,
  start: number,
): Promise<ApiPage> {
  let best: ApiPage = { total: 0, papers: [], problems: [] }
  for (let round = 0; round < ROUNDS; round++) {
    const page = await askApi(client, apiUrl, {
      search_query: searchQuery(filter, digits(from), digits(until)),
      start,
      max_results: PAGE,
      sortBy: 'submittedDate',
      sortOrder: 'ascending',
    })
    const total = Math.max(best.total, page.total)
    best = page.papers.length >= best.papers.length ? { ...page, total } : { ...best, total }
    const read = best.papers.length + best.problems.length
    if (read >= Math.min(PAGE, total - start)) return best
  }
  if (best.papers.length > 0) return best
  throw new RpaError('arxiv_busy', `arXiv says there are ${best.total} papers, and gives none of them.`, {
    hint: 'Run the same command again later: it goes on where it stopped.',
    exitCode: EXIT.tempfail,
  })
}

function digits(minute: string): string {
  return minute.replace(/\D/g, '')
}

/** Null for a time too short to be parted. */
function halves([from, until]: Window): Window[] | null {
  const [first, last] = [Date.parse(`${from}Z`), Date.parse(`${until}Z`)]
  if (last - first < HOUR_MS) return null
  const middle = Math.floor((first + last) / 2 / 60_000) * 60_000
  return [
    [from, minuteOf(middle)],
    [minuteOf(middle + 60_000), until],
  ]
}
