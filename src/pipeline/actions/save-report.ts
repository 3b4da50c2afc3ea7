import { join } from 'node:path'
import { reportFileName } from '../../report/file-name.js'
import { writeReport } from '../../report/write-report.js'
import type { Action } from '../../machines/types.js'
import { requireText, textOrNull } from './context.js'
import type { ActionServices } from './services.js'
import { beforeReport } from './stored-report.js'

/**
 * Writes the assembled report, and keeps that of an earlier version of the paper in a folder of its own. Sets `report_path`.
 * Writing it again gives the same files.
 */
export function saveReportAction(services: ActionServices): Action {
  return async ({ context, executionId }) => {
    const { earlier } = await beforeReport(services.db, executionId)
    if (earlier !== null) {
      await writeReport(join(services.reportsDir, earlier.folder), earlier.name, earlier.markdown)
    }
    const name = reportFileName(requireText(context, 'arxiv_id'), textOrNull(context, 'title') ?? '')
    const { path } = await writeReport(services.reportsDir, name, requireText(context, 'report_body'))
    return { ...context, report_path: path }
  }
}
