import { namedExecutions } from '../db/executions/named.js'
import { rewriteReports } from '../db/executions/rewrite.js'
import type { Db } from '../db/engine/prepared.js'
import { isBroken } from '../report/quality/report-findings.js'
import type { QualityOfReport } from './compare-reports.js'

/** Has the broken reports of papers in the DB written again; returns their arXiv ids, or with `dryRun` those that would be. */
export async function rewriteBroken(
  db: Db,
  reports: readonly QualityOfReport[],
  now: number,
  dryRun: boolean,
): Promise<string[]> {
  const ids = reports.filter(isBroken).flatMap(({ arxiv_id: id }) => id ?? [])
  const rows = [...(await namedExecutions(db, ids)).values()].flat()
  const put = new Set(
    await rewriteReports(
      db,
      rows.map((row) => row.execution_id),
      now,
      dryRun,
    ),
  )
  return [...new Set(rows.filter((row) => put.has(row.execution_id)).map((row) => row.arxiv_id))]
}
