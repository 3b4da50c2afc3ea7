import { isLocalId } from '../../core/arxiv-id.js'
import { ConfigError } from '../../core/errors.js'
import { findNeighbors } from '../../corpus/neighbors/neighbors.js'
import type { Corpus } from '../../corpus/open.js'
import { findPaper, recordOf, storedId } from '../../corpus/papers.js'
import { splitSentences } from '../../text/sentences.js'
import type { Action } from '../../machines/types.js'
import { numberOrNull, objectOrEmpty, requireText, textOrNull } from './context.js'
import type { ActionServices } from './services.js'

/** Places the paper among its neighbours. Sets `corpus_signals`, `corpus_neighbors`, and what the corpus knows in `paper`. */
export function corpusSignalsAction(services: ActionServices): Action {
  return async ({ context }) => {
    const arxivId = requireText(context, 'arxiv_id')
    const corpus = await corpusFor(services, arxivId)
    if (corpus === null) return context
    const paperId = numberOrNull(context, 'paper_id')
    const { signals, neighbors } = findNeighbors(corpus, {
      arxiv_id: storedId(corpus, arxivId, paperId) ?? arxivId,
      title: textOrNull(context, 'title') ?? '',
      abstract: textOrNull(context, 'abstract') ?? '',
    })
    const beside = storedId(corpus, arxivId, paperId) === null ? services.besideCorpus() : null
    const holder = beside ?? corpus
    const known = findPaper(holder, arxivId, paperId)
    return {
      ...context,
      corpus_signals: signals,
      corpus_neighbors: neighbors.map(({ abstract, ...near }) => ({ ...near, line: lineOf(abstract) })),
      paper: {
        ...objectOrEmpty(context, 'paper'),
        version: known?.version ?? null,
        categories: known?.categories ?? null,
        published_at: known?.published_at ?? null,
        ...(known === null ? {} : recordOf(holder, arxivId, paperId)),
      },
    }
  }
}

/** Returns the corpus; null where there is none and the paper did not come from one. */
async function corpusFor(services: ActionServices, arxivId: string): Promise<Corpus | null> {
  try {
    return await services.corpus()
  } catch (error) {
    const isMissing = error instanceof ConfigError && error.code === 'corpus_missing'
    if (isMissing && isLocalId(arxivId)) return null
    throw error
  }
}

const LONGEST_LINE = 240
/** Abstracts begin with the field; what a paper does comes where it speaks of itself. */
const OWN_DEED =
  /\b(?:we|this (?:paper|work|article|study|survey|report)|our|is (?:proposed|introduced|presented|derived))\b/i

/** "We review remedies." tells a paper from no other. */
const FEWEST_WORDS = 6

/** Returns the sentence of an abstract that says what it does, to know it by; null where there is none. */
function lineOf(abstract: string): string | null {
  const sentences = splitSentences(abstract).map(({ text }) => text)
  const line =
    sentences.find((one) => OWN_DEED.test(one) && one.split(/\s+/).length >= FEWEST_WORDS) ?? sentences[0]
  if (line === undefined) return null
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE - 1).replace(/\s+\S*$/, '')}…` : line
}
