import { arxivIdOf } from '../core/arxiv-id.js'
import type { PipelineName } from '../core/phases.js'
import type { Settings } from '../core/settings/settings.js'
import { fittingOf } from '../corpus/seeding/seed-candidates.js'
import type { Db } from '../db/engine/prepared.js'
import { movableTo } from '../db/executions/pipelines.js'
import { reportRowsOf } from '../db/executions/reports.js'
import { readReportText } from '../report/read-report.js'
import { formKey } from '../report/terms/term-forms.js'
import { writtenReport } from './actions/stored-report.js'
import { loadTerminology } from './config/load-terminology.js'
import type { QueueFilter } from './queue.js'

/** Which papers are to go on through another pipeline; all conditions have to hold. */
export interface MoveFilter {
  /** Tags of which their report has one, in whatever form; empty: any. */
  tags: readonly string[]
  /** What the corpus has to say of a paper; null: nothing. */
  papers: QueueFilter['papers']
}

/**
 * Returns the papers of another pipeline than this one that wait or are done, and fit, by execution id.
 *
 * @throws ConfigError `terminology_invalid`, `terminology_cycle`; RpaError `db_corrupt` where a report is damaged.
 */
export async function papersToMove(
  db: Db,
  settings: Settings,
  pipeline: PipelineName,
  { tags, papers }: MoveFilter,
): Promise<string[]> {
  const fitting = papers === null ? null : fittingOf(papers.corpus, papers.filter)
  const { canonical } = loadTerminology(settings)
  const keyOf = (tag: string): string => formKey(canonical(tag))
  const wanted = new Set(tags.map(keyOf))
  const found: string[] = []
  for await (const page of movableTo(db, pipeline)) {
    const places = fitting?.(page.map(({ arxiv_id: id }) => id))
    for (const { execution_id: id, arxiv_id: name } of page) {
      if (places !== undefined && !places.has(arxivIdOf(name) ?? name)) continue
      const own = wanted.size === 0 ? [] : await tagsOf(db, id)
      if (wanted.size === 0 || own.some((tag) => wanted.has(keyOf(tag)))) found.push(id)
    }
  }
  return found
}

async function tagsOf(db: Db, executionId: string): Promise<string[]> {
  const [row] = await reportRowsOf(db, [executionId])
  const markdown = row === undefined ? null : await writtenReport(db, row)
  return markdown === null ? [] : readReportText(markdown).tags
}
