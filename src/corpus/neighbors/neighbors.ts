import { isLocalId } from '../../core/arxiv-id.js'
import { systemCode } from '../../core/errors.js'
import { createRowCounts, matchAny } from '../full-text.js'
import { keywordsOf } from './keywords.js'
import type { Corpus } from '../open.js'
import { column, IS_NEWEST, retracted } from '../papers.js'
import { neighborhoodOf, type NeighborRow } from './signals.js'
import type { Neighborhood } from '../types.js'

/** The paper whose neighbours are wanted; `arxiv_id` null for a text that is no arXiv paper. */
export interface NeighborQuery {
  title: string
  abstract: string
  arxiv_id: string | null
}

export interface NeighborOptions {
  /** How many nearest papers are looked at; default 25. */
  considered?: number
  /** How many of them go into the signals and the answer; default 8. */
  used?: number
}

const CONSIDERED = 25
const USED = 8
/** Hits are versions of papers, so more are taken than neighbours are wanted. */
const SPARE = 2
/** Up to so many rows ranking all that match costs less than finding out which to rank. */
const ALL_RANKED_ROWS = 5_000
/** Rows that are ranked: at least so many, and at most this share of the index plus one term. */
const MIN_RANKED = 2_500
const RANKED_SHARE = 0.08
const MIN_REQUIRED_TERMS = 3
/**
 * A neighbour scores at least this share of the weight (inverse document frequency) of all terms. Measured among 10,000
 * papers of arXiv: the eighth neighbours of 60 papers score 0.21 to 0.5, the first ones of texts about bread, leases and sheep
 * 0.11 to 0.15.
 */
const LEAST_SHARE = 0.17
/** In a corpus of fewer rows it says little how many hold a word. */
const MEANINGFUL_ROWS = 1_000

/**
 * Returns the papers nearest to one by FTS5's bm25 over title and abstract (newest version of each, without the paper
 * itself), nearest first, and numbers about those used. Without a usable index, or when the paper has no searchable
 * word, there are no neighbours and `note` says why; nothing is thrown for that.
 */
export function findNeighbors(
  corpus: Corpus,
  paper: NeighborQuery,
  options: NeighborOptions = {},
): Neighborhood {
  const considered = options.considered ?? CONSIDERED
  const terms = keywordsOf(paper.title, paper.abstract)
  if (!corpus.features.fts) return neighborhoodOf('no_index', terms, [], 0)
  if (terms.length === 0) return neighborhoodOf('no_terms', terms, [], 0)
  return corpus.read(() => {
    try {
      const plan = planOf(corpus, terms)
      const rows = nearest(corpus, terms, plan, selfOf(paper), considered)
      const near = rows.filter(({ bm25 }) => -bm25 >= plan.floor)
      const status = near.length > 0 ? 'ok' : rows.length > 0 ? 'nothing_near' : 'no_match'
      const used = detailed(corpus, near, options.used ?? USED)
      return neighborhoodOf(status, terms, used, near.length)
    } catch (error) {
      if (!isBrokenIndex(error)) throw error
      return neighborhoodOf('broken_index', terms, [], 0)
    }
  })
}

/**
 * Ranking is what costs, so at first only rows with one of the rarer terms are ranked, by all terms. A row without
 * them scores little; if the last row found scores no more than such a row would, all matching rows are ranked.
 */
function nearest(
  corpus: Corpus,
  terms: string[],
  { required, missable }: Plan,
  self: Self,
  wanted: number,
): Hit[] {
  if (required.length < terms.length) {
    const rows = ranked(corpus, terms, required, self, wanted)
    const last = rows.at(-1)
    if (rows.length >= wanted && last !== undefined && -last.bm25 >= missable) return rows
  }
  return ranked(corpus, terms, null, self, wanted)
}

/** What the paper itself is left out by. */
interface Self {
  arxivId: string
  /** Key of the title of a PDF of one's own, which the corpus may hold under an id; null for a paper that has one. */
  title: string | null
}

function selfOf({ arxiv_id: id, title }: NeighborQuery): Self {
  return { arxivId: id ?? '', title: id !== null && isLocalId(id) ? titleKey(title) : null }
}

function titleKey(title: string): string {
  return title.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '')
}

/** A row of the index that matches. */
interface Hit {
  id: number
  bm25: number
}

interface Plan {
  /** The rarer terms; a row to be ranked holds one of them. */
  required: string[]
  /** What a row with each of the other terms scores, about (bm25 with a term frequency part of 1). */
  missable: number
  /** What a row has to score at least to be near. */
  floor: number
}

const rowCounts = new WeakMap<Corpus, (term: string) => number>()

function planOf(corpus: Corpus, terms: string[]): Plan {
  let rowCount = rowCounts.get(corpus)
  if (rowCount === undefined) rowCounts.set(corpus, (rowCount = createRowCounts(corpus)))
  const total =
    (corpus.statement('SELECT max(id) AS total FROM papers').get() as { total: number | null }).total ?? 0
  const budget = Math.max(MIN_RANKED, RANKED_SHARE * total)
  const rising = terms.map((term) => ({ term, count: rowCount(term) })).sort((a, b) => a.count - b.count)
  let rows = 0
  const firstCommon = rising.findIndex(({ count }, index) => {
    const affordable = index < MIN_REQUIRED_TERMS || rows < budget / 4 || rows + count <= budget
    rows += count
    return !affordable
  })
  const weight = rising.reduce((sum, { count }) => sum + inverseFrequency(count, total), 0)
  const floor = total < MEANINGFUL_ROWS ? 0 : LEAST_SHARE * weight
  if (firstCommon === -1 || total < ALL_RANKED_ROWS) return { required: terms, missable: 0, floor }
  const common = rising.slice(firstCommon)
  return {
    required: rising.slice(0, firstCommon).map(({ term }) => term),
    missable: common.reduce((sum, { count }) => sum + inverseFrequency(count, total), 0),
    floor,
  }
}

/** FTS5's inverse document frequency (https://www.sqlite.org/fts5.html#the_bm25_function), never below 1e-6. */
function inverseFrequency(count: number, total: number): number {
  return Math.max(1e-6, Math.log((total - count + 0.5) / (count + 0.5)) || 0)
}

/** Rows of the index are versions; more are asked for until enough of them are newest versions of other papers. */
function ranked(
  corpus: Corpus,
  terms: string[],
  required: string[] | null,
  self: Self,
  wanted: number,
): Hit[] {
  const hitsOf = corpus.statement(hitSql(required !== null))
  const newestOf = corpus.statement(NEWEST_HITS)
  const match = required === null ? [matchAny(terms)] : [matchAny(terms), matchAny(required)]
  for (let limit = wanted * SPARE; ; limit *= SPARE) {
    const hits = hitsOf.all(...match, limit)
    // One more, for the paper itself may be among them.
    const found = newestOf.all(JSON.stringify(hits), self.arxivId, wanted + 1) as (Hit & { title: string })[]
    const rows = found.filter(({ title }) => titleKey(title) !== self.title).slice(0, wanted)
    if (rows.length >= wanted || hits.length < limit) return rows
  }
}

/** The `+` keeps FTS5 from being asked row by row; bm25 is computed only for rows that pass the filter. */
function hitSql(filtered: boolean): string {
  const filter = filtered ? 'AND +rowid IN (SELECT rowid FROM papers_fts WHERE papers_fts MATCH ?)' : ''
  return `SELECT rowid AS id, bm25(papers_fts) AS score FROM papers_fts
    WHERE papers_fts MATCH ? ${filter} ORDER BY score LIMIT ?`
}

/** Those hits that are the newest versions of other papers. */
const NEWEST_HITS = `
  SELECT p.id, p.title, hit.value ->> 'score' AS bm25 FROM json_each(?) hit CROSS JOIN papers p ON p.id = hit.value ->> 'id'
  WHERE p.arxiv_id <> ? AND ${IS_NEWEST} ORDER BY bm25, p.arxiv_id LIMIT ?`

/** Returns the first of the nearest, with all that is known of them; among equals in nearness better ones come first. */
function detailed(corpus: Corpus, near: readonly Hit[], used: number): NeighborRow[] {
  const last = near[used - 1]
  const candidates = near.filter(({ bm25 }, at) => at < used || bm25 === last?.bm25)
  const rows = corpus.statement(neighborSql(corpus)).all(JSON.stringify(candidates)) as NeighborRow[]
  return rows.slice(0, used)
}

/**
 * Scalar subqueries, because several citation sources or
 * authors would repeat the row in a join.
 */
function neighborSql(corpus: Corpus): string {
  const { scoreColumns, citations, authors } = corpus.features
  const fmr = ['NULL', 'NULL', ...scoreColumns.map((name) => `relevance.${name}`)]
  const cited = '(SELECT max(c.cited_by_count) FROM paper_citations c WHERE c.paper_id = p.id)'
  const hIndex = `(SELECT max(a.h_index) FROM paper_authors pa
    JOIN authors a ON a.openalex_id = pa.author_openalex_id WHERE pa.paper_id = p.id)`
  return `
    WITH near AS MATERIALIZED (SELECT value ->> 'id' AS id, value ->> 'bm25' AS bm25 FROM json_each(?))
    SELECT p.id AS paper_id, p.arxiv_id, p.title, p.abstract, near.bm25, coalesce(${fmr.join(', ')}) AS fmr_score,
      ${citations ? cited : 'NULL'} AS cited_by_count, ${authors ? hIndex : 'NULL'} AS max_h_index,
      ${column(corpus, 'published_at')} AS published_at,
      ${retracted(corpus)} AS retracted
    FROM near CROSS JOIN papers p ON p.id = near.id
    ${scoreColumns.length === 0 ? '' : 'LEFT JOIN paper_relevance relevance ON relevance.paper_id = p.id'}
    ORDER BY bm25, fmr_score DESC, cited_by_count DESC, p.arxiv_id`
}

/** The file may be sound and its index not: FTS5 reports that under codes of its own. */
function isBrokenIndex(error: unknown): boolean {
  const code = systemCode(error) ?? ''
  return code === 'SQLITE_CORRUPT_VTAB' || code === 'SQLITE_ERROR'
}
