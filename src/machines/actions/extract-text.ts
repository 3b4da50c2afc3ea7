import { defuse, findInjection } from '../../report/injection.js'
import { cutPaperText } from '../../papers/paper-text.js'
import type { Action } from '../types.js'
import { objectOrEmpty, requireText } from './context.js'
import type { ActionServices } from './services.js'

/**
 * What models are given at most. At about 4 characters a token this leaves room for prompt and answer in the 32k
 * windows that free models commonly have.
 */
export const MAX_TEXT_CHARACTERS = 90_000

/** Reads the PDF. Sets `paper_text` (paper-text format), `reference_count` and `paper`, what is known of the reading. */
export function extractTextAction(services: ActionServices): Action {
  return async ({ context }) => {
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
        injection: findInjection(paper.text),
        text_cut: cut,
      },
    }
  }
}
