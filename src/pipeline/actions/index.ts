import type { Action, ActionRegistry } from '../../machines/types.js'
import { assembleReportAction } from './assemble-report.js'
import { corpusSignalsAction } from './corpus-signals.js'
import { extractTextAction } from './extract-text.js'
import { fetchPdfAction } from './fetch-pdf.js'
import type { ActionName } from './names.js'
import { saveReportAction } from './save-report.js'
import type { ActionServices } from './services.js'

/** Returns the one action registry. */
export function createActions(services: ActionServices): ActionRegistry {
  const actions: Record<ActionName, Action> = {
    fetch_pdf: fetchPdfAction(services),
    extract_text: extractTextAction(services),
    corpus_signals: corpusSignalsAction(services),
    assemble_report: assembleReportAction(services),
    save_report: saveReportAction(services),
  }
  return actions
}
