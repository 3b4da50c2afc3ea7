import type { WorkNotes } from '../../db/leases/own-work.js'
import type { Action, ActionRegistry } from '../../machines/types.js'
import { assembleReportAction } from './assemble-report.js'
import { corpusSignalsAction } from './corpus-signals.js'
import { extractTextAction } from './extract-text.js'
import { fetchPdfAction } from './fetch-pdf.js'
import type { ActionName } from './names.js'
import { saveReportAction } from './save-report.js'
import type { ActionServices } from './services.js'

/** Returns the actions for one paper. All but the fetching of its PDF are our own work on it. */
export function createActions(services: ActionServices, ownWork: WorkNotes): ActionRegistry {
  const own =
    (action: Action, beginsItself = false): Action =>
    async (call) => {
      if (!beginsItself) await ownWork.begin()
      const context = await action(call)
      await ownWork.end()
      return context
    }
  const actions: Record<ActionName, Action> = {
    fetch_pdf: fetchPdfAction(services),
    extract_text: own(extractTextAction(services, ownWork), true),
    corpus_signals: own(corpusSignalsAction(services)),
    assemble_report: own(assembleReportAction(services)),
    save_report: own(saveReportAction(services)),
  }
  return actions
}
