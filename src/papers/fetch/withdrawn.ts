import { PaperError } from '../../core/errors.js'
import { saysWithdrawn } from '../../text/withdrawal.js'

/** Returns whether a page that came in place of a PDF says that the paper was withdrawn. */
export function isWithdrawnPage(html: string): boolean {
  const text = html
    .replace(/<(script|style)\b[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&nbsp;/gi, ' ')
  return saysWithdrawn(text)
}

/** The paper's authors, or arXiv, took it back: no other host has it. */
export class WithdrawnError extends PaperError {
  /** @param where what says so. */
  constructor(where: string) {
    super('pdf_withdrawn', `${where} says that the paper has been withdrawn`, {
      hint: 'There is nothing to analyze; to have an earlier version read all the same, put its PDF into the PDF folder.',
    })
  }
}
