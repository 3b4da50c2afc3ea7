import { PaperError } from '../../core/errors.js'
import { saysWithdrawn } from '../../text/withdrawal.js'

/** Returns whether a page that came in place of a PDF says that the paper was withdrawn. */
export function isWithdrawnPage(html: string): boolean {
  return saysWithdrawn(textOf(html))
}

/** arXiv makes PDFs when papers are announced; for minutes to hours its pages say, under 404, that there is none. */
const NOT_YET =
  /\b(?:pdf|file|document|paper)s? (?:is |are )?(?:(?:currently|temporarily|still|not yet) )*(?:unavailable|not (?:yet |currently )?available|being (?:made|generated|processed|produced|converted|prepared))|\b(?:failed|unable) to (?:produce|generate|create|build) (?:a |the )?pdf|\btry (?:again|back) (?:later|soon|in)\b/i

/** Returns whether a page that came in place of a PDF says that it may be there later. */
export function isNotYetPage(html: string): boolean {
  return NOT_YET.test(textOf(html))
}

function textOf(html: string): string {
  return html
    .replace(/<(script|style)\b[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&nbsp;/gi, ' ')
    .replace(/\s+/g, ' ')
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
