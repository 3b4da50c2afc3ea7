import { UsageError } from '../../core/errors.js'
import { matchAll, matchAny } from '../full-text.js'
import type { Corpus } from '../open.js'
import { column, IS_NEWEST, oneLine } from '../papers.js'
import type { Relevance } from './relevance.js'
import { excludedTerms, queryTerms, type PaperFacts, type SeedFilter, type SeedOrder } from './seed-filter.js'

/** What is known of the newest version of a paper before its texts are read. */
export interface FactRow extends PaperFacts {
  paper_id: number
  /** As the corpus writes it. */
  arxiv_id: string
  /** 1: the corpus says that it is to be left out. */
  disabled: number | null
  /** Why the lists of keywords weigh it so; empty without them. */
  reasons: readonly string[]
}

/** SQL of a paper's score, and of the citations that the source with most of them counts; NULL where a corpus has none. */
export function scoreColumn(corpus: Corpus): string {
  const { scoreColumns } = corpus.features
  if (scoreColumns.length === 0) return 'NULL'
  const each = ['NULL', ...scoreColumns.map((name) => `r.${name}`)].join(', ')
  return `(SELECT coalesce(${each}) FROM paper_relevance r WHERE r.paper_id = p.id)`
}

/** As {@link scoreColumn}: the most citations that a source counts. */
export function citationsColumn(corpus: Corpus): string {
  if (!corpus.features.citations) return 'NULL'
  return '(SELECT max(c.cited_by_count) FROM paper_citations c WHERE c.paper_id = p.id)'
}

/**
 * Throws UsageError `nothing_to_order_by` where a corpus holds no value that an order goes by: any paper would be as good as
 * another.
 */
export function requireFigures(corpus: Corpus, order: SeedOrder | undefined): void {
  const { citations, scoreColumns } = corpus.features
  if (order === 'citations')
    requireSome(corpus, 'citations', citations ? 'paper_citations WHERE cited_by_count IS NOT NULL' : null)
  if (order === 'score') {
    const columns = ['NULL', ...scoreColumns].join(', ')
    const from = `paper_relevance WHERE coalesce(NULL, ${columns}) IS NOT NULL`
    requireSome(corpus, 'scores', scoreColumns.length === 0 ? null : from)
  }
}

const SOURCES = {
  citations: '`rpa corpus enrich` asks OpenAlex for citations',
  scores: 'scores come from a crawler (paper_relevance)',
} as const

function requireSome(corpus: Corpus, what: keyof typeof SOURCES, from: string | null): void {
  if (from !== null && corpus.read(() => corpus.statement(`SELECT 1 FROM ${from} LIMIT 1`).get())) return
  throw new UsageError('nothing_to_order_by', `The corpus has no ${what}, so there is nothing to order by.`, {
    hint: `Order by date, priority or relevance; ${SOURCES[what]}.`,
  })
}

/** Returns a function that reads what a filter looks at of rows of `papers`, in any order; those that are no newest version are left out. */
export function factReader(corpus: Corpus, filter: SeedFilter): (paperIds: readonly number[]) => FactRow[] {
  const { authors = [], minScore, relevance = null } = filter
  const query = queryTerms(filter)
  const exclude = excludedTerms(filter)
  if (query !== null) fillHits(corpus, 'seed_matches', query, 'all')
  if (exclude !== null) fillHits(corpus, 'seed_excluded', exclude, 'any')
  const columns = [
    'p.id AS paper_id',
    'p.arxiv_id',
    `${column(corpus, 'categories')} AS categories`,
    `${column(corpus, 'published_at')} AS published_at`,
    `${column(corpus, 'disable_summary')} AS disabled`,
    `${authors.length === 0 ? 'NULL' : column(corpus, 'authors')} AS authors`,
    `${minScore === undefined ? 'NULL' : scoreColumn(corpus)} AS score`,
    `${query === null ? 'NULL' : 'p.id IN temp.seed_matches'} AS in_query`,
    `${exclude === null ? 'NULL' : 'p.id IN temp.seed_excluded'} AS excluded`,
    ...(relevance === null ? [] : ['p.title', 'p.abstract']),
  ]
  const statement = corpus.statement(`
    SELECT ${columns.join(', ')} FROM papers p
    WHERE p.id IN (SELECT value FROM json_each(?)) AND ${IS_NEWEST}`)
  const weigh = (row: { title?: string; abstract?: string }): Relevance | null =>
    relevance?.weigh(oneLine(row.title ?? ''), oneLine(row.abstract ?? '')) ?? null
  return (paperIds) => {
    const rows = corpus.read(() => statement.all(JSON.stringify(paperIds))) as (FactRow & {
      title?: string
      abstract?: string
    })[]
    return rows.map(({ title = '', abstract = '', ...row }) => {
      const weight = weigh({ title, abstract })
      return { ...row, relevance: weight?.value ?? null, reasons: weight?.reasons ?? [] }
    })
  }
}

/** What ranks a paper; null where the corpus does not know. */
export interface Figures {
  score: number | null
  citations: number | null
}

/** Returns the score and the citations of rows of `papers`. */
export function figuresOf(corpus: Corpus, paperIds: readonly number[]): Map<number, Figures> {
  const statement = corpus.statement(`
    SELECT p.id, ${scoreColumn(corpus)} AS score, ${citationsColumn(corpus)} AS citations
    FROM papers p WHERE p.id IN (SELECT value FROM json_each(?))`)
  const rows = corpus.read(() => statement.all(JSON.stringify(paperIds))) as (Figures & { id: number })[]
  return new Map(rows.map(({ id, ...figures }) => [id, figures]))
}

/** Returns how many papers (newest versions) of the corpus the query of a reader made before matches. */
export function countMatches(corpus: Corpus): number {
  const statement = corpus.statement(
    `SELECT count(*) AS n FROM temp.seed_matches m JOIN papers p ON p.id = m.id WHERE ${IS_NEWEST}`,
  )
  return corpus.read(() => (statement.get() as { n: number }).n)
}

/** The rows found are kept beside the corpus, in a table of this connection: as a list they would be asked for page by page. */
function fillHits(
  corpus: Corpus,
  table: 'seed_matches' | 'seed_excluded',
  terms: readonly string[],
  wanted: 'all' | 'any',
): void {
  corpus.read(() => {
    corpus.statement(`CREATE TEMP TABLE IF NOT EXISTS ${table} (id INTEGER PRIMARY KEY)`).run()
    corpus.statement(`DELETE FROM temp.${table}`).run()
    if (corpus.features.fts) {
      const match = wanted === 'all' ? matchAll(terms) : matchAny(terms)
      corpus
        .statement(`INSERT INTO temp.${table} SELECT rowid FROM papers_fts WHERE papers_fts MATCH ?`)
        .run(match)
      return
    }
    const each = terms.map(() => "(title || ' ' || abstract) LIKE ? ESCAPE '\\'")
    const patterns = terms.map((term) => `%${term.replace(/[\\%_]/g, '\\$&')}%`)
    corpus
      .statement(
        `INSERT INTO temp.${table} SELECT id FROM papers WHERE ${each.join(wanted === 'all' ? ' AND ' : ' OR ')}`,
      )
      .run(...patterns)
  })
}
