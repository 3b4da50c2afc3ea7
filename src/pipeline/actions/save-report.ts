import { reportFileName } from '../../report/file-name.js'
import { writeReport } from '../../report/write-report.js'
import type { Action } from '../../machines/types.js'
import { requireText, textOrNull } from './context.js'
import type { ActionServices } from './services.js'

/** Writes the assembled report. Sets `report_path`. Writing it again gives the same file. */
export function saveReportAction(services: ActionServices): Action {
  return async ({ context }) => {
    const name = reportFileName(requireText(context, 'arxiv_id'), textOrNull(context, 'title') ?? '')
    const { path } = await writeReport(services.reportsDir, name, requireText(context, 'report_body'))
    return { ...context, report_path: path }
  }
}
