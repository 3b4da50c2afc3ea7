import { defuse, findInjection } from '../../report/injection.js'
import { cutPaperText } from '../../papers/paper-text.js'
import type { Action } from '../types.js'
import { objectOrEmpty, requireText, textOrNull } from './context.js'
import type { ActionServices } from './services.js'

/** More text than any paper has: books and files that are no paper must not fill the DB. */
export const MAX_TEXT_CHARACTERS = 2_000_000

/**
 * Reads the PDF. Sets `paper_text` (paper-text format, whole: what a model has no room for is left out when it is
 * asked), `reference_count` and `paper`, what is known of the reading. Text that is there already is not read again.
 */
export function extractTextAction(services: ActionServices): Action {
  return async ({ context }) => {
    if (textOrNull(context, 'paper_text') !== null) return context
    const pdf = objectOrEmpty(context, 'pdf')
    const extractor = await services.extractor()
    const paper = await extractor.extract(requireText(pdf, 'path'))
    const { text, cut } = cutPaperText(paper.text, MAX_TEXT_CHARACTERS)
    return {
      ...context,
      paper_text: defuse(text),
      reference_count: paper.references.length,
      paper: {
        pages: paper.pages,
        extractor: paper.extractor,
        sha256: pdf['sha256'] ?? null,
        source: pdf['source'] ?? null,
        sections: paper.sections.length,
        hidden_characters: paper.hiddenCharacters,
        injection: findInjection(paper.text, paper.hiddenText),
        text_cut: cut,
      },
    }
  }
}
