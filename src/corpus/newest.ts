import { arxivIdOf } from '../core/arxiv-id.js'
import { isWithdrawal } from './formats/withdrawal.js'
import type { Corpus } from './open.js'
import { column, storedId } from './papers.js'

/** A paper's newest version. */
export interface NewestVersion {
  version: number
  /** It was taken back, as its mark or its texts say. */
  withdrawn: boolean
  /** When it appeared, epoch milliseconds; null where the corpus does not say. */
  since: number | null
}

/** Returns what a corpus knows of a paper's newest version, null where it does not hold the paper. */
export function newestOf(corpus: Corpus, arxivId: string, paperId: number | null): NewestVersion | null {
  const stored = storedId(corpus, arxivId, paperId)
  if (stored === null) return null
  const sql = `SELECT p.version, p.title, p.abstract, ${column(corpus, 'comment')} AS comment,
    ${column(corpus, 'withdrawn')} AS withdrawn, ${column(corpus, 'updated_at')} AS updated_at FROM papers p WHERE p.arxiv_id = ? ORDER BY p.version DESC LIMIT 1`
  const row = corpus.read(() => corpus.statement(sql).get(stored)) as {
    version: number
    title: string | null
    abstract: string | null
    comment: string | null
    withdrawn: number | null
    updated_at: string | null
  }
  const says = isWithdrawal(row.title ?? '', row.abstract ?? '', row.comment)
  const since = Date.parse(row.updated_at ?? '')
  return {
    version: row.version,
    withdrawn: row.withdrawn === 1 || says,
    since: Number.isNaN(since) ? null : since,
  }
}

/** Returns the version of the row that a paper was seeded from, null where it is another paper's. */
export function versionOfRow(corpus: Corpus, arxivId: string, paperId: number): number | null {
  const sql = 'SELECT arxiv_id, version FROM papers WHERE id = ?'
  const row = corpus.read(() => corpus.statement(sql).get(paperId)) as
    { arxiv_id: string; version: number } | undefined
  return row !== undefined && arxivIdOf(row.arxiv_id) === arxivId ? row.version : null
}
