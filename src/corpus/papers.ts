import { arxivIdOf, classSpellings } from '../core/arxiv-id.js'
import { withoutEntities } from '../text/entities.js'
import { wellFormed } from '../text/invisible.js'
import { withoutTex, withoutTexAccents } from '../text/tex-accents.js'
import type { Corpus } from './open.js'
import type { CorpusPaper, PaperRecord } from './types.js'

interface PaperRow {
  paper_id: number
  arxiv_id: string
  version: number
  title: string | null
  abstract: string | null
  authors: string | null
  categories: string | null
  published_at: string | null
  pdf_url: string | null
}

/** SQL: no newer version of the paper `p` exists. */
export const IS_NEWEST =
  'NOT EXISTS (SELECT 1 FROM papers newer WHERE newer.arxiv_id = p.arxiv_id AND newer.version > p.version)'

/**
 * Returns the newest version of a paper by its arXiv id (without version), or null.
 *
 * @param paperId the row it was seeded from, for a corpus that writes its ids in a way of its own.
 */
export function findPaper(corpus: Corpus, arxivId: string, paperId?: number | null): CorpusPaper | null {
  const stored = storedId(corpus, arxivId, paperId)
  if (stored === null) return null
  const sql = `SELECT ${paperColumns(corpus)} FROM papers p WHERE p.arxiv_id = ? ORDER BY p.version DESC LIMIT 1`
  const row = corpus.read(() => corpus.statement(sql).get(stored)) as PaperRow | undefined
  return row === undefined ? null : paperOf(row)
}

/** Returns what the metadata of a paper's newest version say of where it was printed and what may be done with it. */
export function recordOf(corpus: Corpus, arxivId: string, paperId?: number | null): PaperRecord | null {
  const stored = storedId(corpus, arxivId, paperId)
  if (stored === null) return null
  const names = ['doi', 'journal_ref', 'comment', 'license']
  const columns = names.map((name) => `${column(corpus, name)} AS ${name}`).join(', ')
  const sql = `SELECT ${columns}, ${retracted(corpus)} AS retracted FROM papers p WHERE p.arxiv_id = ? ORDER BY p.version DESC LIMIT 1`
  const row = corpus.read(() => corpus.statement(sql).get(stored)) as Record<keyof PaperRecord, unknown>
  const said = (value: unknown): string | null => (typeof value === 'string' ? oneLine(value) || null : null)
  return {
    doi: said(row.doi),
    journal_ref: said(row.journal_ref),
    comment: said(row.comment),
    license: said(row.license),
    retracted: row.retracted === null ? null : row.retracted === 1,
  }
}

/** Returns the id of a paper as this corpus writes it, or null where it does not hold the paper. */
export function storedId(corpus: Corpus, arxivId: string, paperId?: number | null): string | null {
  const one = (sql: string, ...values: unknown[]): string | null =>
    corpus.read(() => corpus.statement(sql).get(...values) as { arxiv_id: string } | undefined)?.arxiv_id ??
    null
  const exact = one(
    'SELECT arxiv_id FROM papers WHERE arxiv_id IN (?, ?) LIMIT 1',
    arxivId,
    `arXiv:${arxivId}`,
  )
  if (exact !== null) return exact
  const versioned =
    'SELECT arxiv_id FROM papers WHERE arxiv_id > ? AND arxiv_id < ? ORDER BY version DESC LIMIT 1'
  const withVersion = one(versioned, `${arxivId}v`, `${arxivId}w`)
  if (withVersion !== null) return withVersion
  const old = classSpellings(arxivId)
  const withClass =
    old &&
    one(
      'SELECT arxiv_id FROM papers WHERE arxiv_id > ? AND arxiv_id < ? AND arxiv_id LIKE ? LIMIT 1',
      old.after,
      old.before,
      `%${old.ending}`,
    )
  if (withClass !== null) return withClass
  const own = paperId == null ? null : one('SELECT arxiv_id FROM papers WHERE id = ?', paperId)
  return own !== null && arxivIdOf(own) === arxivId ? own : null
}

/** Returns the given rows of `papers` by their ids; unknown ids are left out. */
export function papersById(corpus: Corpus, paperIds: readonly number[]): Map<number, CorpusPaper> {
  const sql = `SELECT ${paperColumns(corpus)} FROM papers p WHERE p.id IN (SELECT value FROM json_each(?))`
  const rows = corpus.read(() => corpus.statement(sql).all(JSON.stringify(paperIds))) as PaperRow[]
  return new Map(rows.map((row) => [row.paper_id, paperOf(row)]))
}

/** Returns the categories of a row: crawlers write them space-separated or as a JSON array (also a broken one). */
export function categoryList(text: string | null): string[] {
  return (text ?? '').split(/[\s,;"'[\]]+/).filter((part) => part !== '')
}

/** Returns text on one line, blanks for line breaks and indentation, HTML entities as the signs they stand for. */
export function oneLine(text: string | null): string {
  return withoutEntities(wellFormed(text ?? ''))
    .replace(/ ?[^\S ]\s*| {2}\s*/g, ' ')
    .trim()
}

/** Returns an expression for a column of `papers p`, NULL where this corpus lacks it. */
export function column(corpus: Corpus, name: string): string {
  return corpus.features.paperColumns.has(name) ? `p.${name}` : 'NULL'
}

/** Returns an expression: 1 where `papers p` was retracted, NULL where that is not known. */
export function retracted(corpus: Corpus): string {
  if (!corpus.features.retractions) return 'NULL'
  return '(SELECT l.retracted FROM openalex_lookups l WHERE l.paper_id = p.id AND l.works > 0)'
}

function paperColumns(corpus: Corpus): string {
  const optional = ['authors', 'categories', 'published_at', 'pdf_url']
  const selected = optional.map((name) => `${column(corpus, name)} AS ${name}`)
  return ['p.id AS paper_id', 'p.arxiv_id', 'p.version', 'p.title', 'p.abstract', ...selected].join(', ')
}

function paperOf(row: PaperRow): CorpusPaper {
  return {
    ...row,
    arxiv_id: arxivIdOf(row.arxiv_id) ?? row.arxiv_id,
    title: withoutTexAccents(oneLine(row.title)),
    abstract: withoutTexAccents(oneLine(row.abstract)),
    authors: withoutTex(oneLine(row.authors)),
    categories: categoryList(row.categories).join(' '),
  }
}
