import { findNeighbors } from '../../corpus/neighbors.js'
import { findPaper, storedId } from '../../corpus/papers.js'
import type { Action } from '../../machines/types.js'
import { numberOrNull, objectOrEmpty, requireText, textOrNull } from './context.js'
import type { ActionServices } from './services.js'

/** Places the paper among its neighbours. Sets `corpus_signals`, `corpus_neighbors`, and what the corpus knows in `paper`. */
export function corpusSignalsAction(services: ActionServices): Action {
  return async ({ context }) => {
    const corpus = await services.corpus()
    const arxivId = requireText(context, 'arxiv_id')
    const paperId = numberOrNull(context, 'paper_id')
    const { signals, neighbors } = findNeighbors(corpus, {
      arxiv_id: storedId(corpus, arxivId, paperId) ?? arxivId,
      title: textOrNull(context, 'title') ?? '',
      abstract: textOrNull(context, 'abstract') ?? '',
    })
    const known = findPaper(corpus, arxivId, paperId)
    return {
      ...context,
      corpus_signals: signals,
      corpus_neighbors: neighbors,
      paper: {
        ...objectOrEmpty(context, 'paper'),
        version: known?.version ?? null,
        categories: known?.categories ?? null,
        published_at: known?.published_at ?? null,
      },
    }
  }
}
