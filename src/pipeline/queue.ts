import { arxivIdOf } from '../core/arxiv-id.js'
import type { QueueChange, QueueStatus } from '../core/queue.js'
import type { Corpus } from '../corpus/open.js'
import { fittingOf } from '../corpus/seeding/seed-candidates.js'
import type { SeedFilter } from '../corpus/seeding/seed-filter.js'
import type { Db } from '../db/engine/prepared.js'
import type { Status } from '../db/engine/schema.js'
import { requireExecutions } from '../db/executions/named.js'
import {
  changeQueue,
  executionsById,
  queueById,
  queueInOrder,
  withAnswers,
  type QueuedPaper,
} from '../db/executions/queue.js'

export interface QueueFilter {
  /** arXiv or execution ids; empty: any. */
  ids: readonly string[]
  statuses: readonly QueueStatus[]
  /** What the corpus has to say of a paper; null: nothing. */
  papers: { corpus: Corpus; filter: SeedFilter } | null
}

/** A paper that waits, and why it fits. */
export interface ListedPaper extends QueuedPaper {
  /** Why each condition on the paper holds; empty without any. */
  reasons: string[]
}

/** What `queue list` prints with --json. */
export interface QueueList {
  /** Papers that fit. */
  total: number
  /** Those that are shown, as they are claimed: what is furthest first. */
  papers: ListedPaper[]
}

/** What a change of the queue prints with --json. */
export interface QueueResult {
  /** Papers that fit. */
  considered: number
  changed: number
  /** Left alone by `drop`, for they have answers. */
  with_answers: number
  /** The first five of them. */
  with_answers_first?: string[]
  /** Papers that were named and do not wait, or not in a way that this could change. */
  elsewhere: { arxiv_id: string; execution_id: string; status: Status }[]
  /** Only of a dry run: the first of those that would be changed. */
  papers?: ListedPaper[]
}

const PAGE = 500
/** Papers that a dry run shows at most. */
const SHOWN = 1000
/** Papers that stay, named. */
const FIRST = 5

/** Returns the papers that wait and fit, the first `limit` of them in full. */
export async function listQueue(db: Db, filter: QueueFilter, limit: number): Promise<QueueList> {
  const result: QueueList = { total: 0, papers: [] }
  for await (const page of fittingPages(db, filter, 'in order')) {
    result.total += page.length
    result.papers.push(...page.slice(0, limit - result.papers.length))
  }
  return result
}

/**
 * Changes the papers that wait and fit: the next claim obeys. Nothing that was answered is lost; papers that somebody works
 * on are left alone.
 *
 * @param options `force`: papers that have answers may be dropped, too.
 */
export async function changeQueued(
  db: Db,
  filter: QueueFilter,
  change: QueueChange,
  options: { dryRun: boolean; force: boolean; now: number },
): Promise<QueueResult> {
  const result: QueueResult = { considered: 0, changed: 0, with_answers: 0, elsewhere: [] }
  if (filter.ids.length > 0) {
    const wanted = new Set<Status>(filter.statuses)
    const named = await requireExecutions(db, filter.ids)
    result.elsewhere = named.filter(({ status }) => !wanted.has(status))
  }
  const shown: ListedPaper[] = []
  for await (const page of fittingPages(db, filter, 'by id')) {
    result.considered += page.length
    const kept =
      change.kind === 'drop' && !options.force
        ? await withAnswers(
            db,
            page.map(({ execution_id }) => execution_id),
          )
        : new Set<string>()
    const wanted = page.filter(({ execution_id }) => !kept.has(execution_id))
    result.with_answers += kept.size
    for (const { execution_id, arxiv_id } of page) {
      if (!kept.has(execution_id) || (result.with_answers_first?.length ?? 0) === FIRST) continue
      ;(result.with_answers_first ??= []).push(arxiv_id)
    }
    shown.push(...wanted.slice(0, SHOWN - shown.length))
    const ids = wanted.map(({ execution_id }) => execution_id)
    result.changed += options.dryRun ? ids.length : await changeQueue(db, ids, change, options.now)
  }
  return options.dryRun ? { ...result, papers: shown } : result
}

async function* fittingPages(
  db: Db,
  filter: QueueFilter,
  order: 'in order' | 'by id',
): AsyncGenerator<ListedPaper[]> {
  const { papers } = filter
  const fitting = papers === null ? null : fittingOf(papers.corpus, papers.filter)
  for await (const page of queuePages(db, filter, order)) {
    const places = fitting?.(page.map(({ arxiv_id }) => arxiv_id))
    yield page.flatMap((paper) => {
      const place = places?.get(arxivIdOf(paper.arxiv_id) ?? paper.arxiv_id)
      if (places !== undefined && place === undefined) return []
      return [{ ...paper, reasons: place?.reasons ?? [] }]
    })
  }
}

async function* queuePages(
  db: Db,
  { ids, statuses }: QueueFilter,
  order: 'in order' | 'by id',
): AsyncGenerator<QueuedPaper[]> {
  if (ids.length > 0) yield* namedPages(db, ids, statuses)
  else if (order === 'by id') yield* queueById(db, statuses, PAGE)
  else for (const status of statuses) yield* queueInOrder(db, status, PAGE)
}

async function* namedPages(
  db: Db,
  ids: readonly string[],
  statuses: readonly QueueStatus[],
): AsyncGenerator<QueuedPaper[]> {
  const named = (await requireExecutions(db, ids)).map(({ execution_id }) => execution_id)
  const wanted = new Set<Status>(statuses)
  for (let start = 0; start < named.length; start += PAGE) {
    const rows = await executionsById(db, named.slice(start, start + PAGE))
    yield rows.filter((row) => wanted.has(row.status)) as QueuedPaper[]
  }
}
