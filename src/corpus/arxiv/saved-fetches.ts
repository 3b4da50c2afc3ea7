import { arxivIdOf } from '../../core/arxiv-id.js'
import type { Corpus } from '../open.js'
import type { FetchFilter } from './fetch-filter.js'

/** Begins the keys under which a corpus remembers by which filters it was fetched. */
export const SAVED = 'rpa fetch '

/** Returns the arXiv ids of the papers that a corpus holds, null where there are more than `most`. */
export function knownIds(corpus: Corpus, most: number): string[] | null {
  const sql = 'SELECT DISTINCT arxiv_id FROM papers LIMIT ?'
  const rows = corpus.read(() => corpus.statement(sql).all(most + 1)) as { arxiv_id: string }[]
  return rows.length > most ? null : rows.flatMap(({ arxiv_id }) => arxivIdOf(arxiv_id) ?? [])
}

/** Returns the UTC day of the newest version in a corpus, null where none has one. */
export function newestDay(corpus: Corpus): string | null {
  const row = corpus.read(() => corpus.statement('SELECT max(updated_at) AS day FROM papers').get()) as {
    day: string | null
  }
  return row.day?.slice(0, 10) ?? null
}

/** Returns the filters by which a corpus was fetched, each once. */
export function savedFetches(corpus: Corpus): FetchFilter[] {
  const sql = `SELECT value FROM crawler_state WHERE key LIKE '${SAVED}%' ORDER BY key`
  const rows = corpus.read(() => corpus.statement(sql).all()) as { value: string }[]
  return rows.map(({ value }) => JSON.parse(value) as FetchFilter)
}
