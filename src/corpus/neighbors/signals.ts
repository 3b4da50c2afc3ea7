import { matchAny } from '../full-text.js'
import { oneLine } from '../papers.js'
import type { CorpusSignals, Neighbor, Neighborhood, NeighborStatus } from '../types.js'

const NAMED = 3

/** A neighbour as SQLite gives it. */
export type NeighborRow = Omit<Neighbor, 'retracted'> & { retracted: 0 | 1 | null }

/**
 * Returns numbers about the neighbours that are used, the nearest first.
 *
 * @param considered how many were near.
 */
export function neighborhoodOf(
  status: NeighborStatus,
  terms: string[],
  rows: readonly NeighborRow[],
  considered: number,
): Neighborhood {
  const used = rows.map((row) => ({
    ...row,
    title: oneLine(row.title),
    abstract: oneLine(row.abstract),
    retracted: row.retracted === null ? null : row.retracted === 1,
  }))
  const scores = numbers(used.map((row) => row.fmr_score))
  const citations = numbers(used.map((row) => row.cited_by_count))
  const hIndex = highest(numbers(used.map((row) => row.max_h_index)))
  const signals: CorpusSignals = {
    status,
    neighbors_considered: considered,
    neighbors_used: used.length,
    query_terms: terms,
    neighbor_query: matchAny(terms),
    avg_fmr_score: mean(scores),
    avg_cited_by_count: mean(citations),
    max_h_index: hIndex,
    avg_neighbor_fmr: mean(scores),
    max_neighbor_fmr: highest(scores),
    avg_neighbor_citations: mean(citations),
    max_neighbor_citations: highest(citations),
    max_neighbor_author_h_index: hIndex,
    neighbor_titles: used.map(({ title }) => title),
    summary: summaryOf(status, used),
  }
  return status === 'ok' ? { signals, neighbors: used } : { signals, neighbors: used, note: NOTES[status] }
}

const NOTES: Record<Exclude<NeighborStatus, 'ok'>, string> = {
  no_index: 'The corpus has no full-text index (papers_fts): no neighbours. `rpa corpus import` adds one.',
  broken_index: 'The full-text index of the corpus (papers_fts) is damaged: no neighbours.',
  no_terms: 'Title and abstract hold no searchable word: no neighbours.',
  no_match: 'No other paper of the corpus shares a search term: no neighbours.',
  nothing_near: 'No paper of the corpus shares enough of what is rare in this one: no neighbours.',
}

function summaryOf(status: NeighborStatus, used: readonly Neighbor[]): string {
  if (status !== 'ok') return NOTES[status]
  const [score, cited, hIndex] = [
    mean(numbers(used.map((row) => row.fmr_score))),
    highest(numbers(used.map((row) => row.cited_by_count))),
    highest(numbers(used.map((row) => row.max_h_index))),
  ]
  const known = [
    ...(score === null ? [] : [`mean score ${score.toFixed(2)}`]),
    ...(cited === null ? [] : [`at most ${cited} citations`]),
    ...(hIndex === null ? [] : [`highest h-index ${hIndex}`]),
  ]
  const nearest = used.slice(0, NAMED).map(({ title }) => title)
  return `${used.length} papers near it (${['nearest first', ...known].join(', ')}): ${nearest.join('; ')}${used.length > NAMED ? '; …' : ''}`
}

function numbers(values: readonly (number | null)[]): number[] {
  return values.filter((value) => value !== null)
}

function highest(values: readonly number[]): number | null {
  return values.length === 0 ? null : Math.max(...values)
}

/** Mean of the known values; null when none is known. */
function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
}
