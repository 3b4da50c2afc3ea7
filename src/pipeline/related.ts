import { arxivIdOf } from '../core/arxiv-id.js'
import { UsageError } from '../core/errors.js'
import { findNeighbors } from '../corpus/neighbors/neighbors.js'
import type { Corpus } from '../corpus/open.js'
import { findPaper, storedId } from '../corpus/papers.js'
import type { CorpusSignals, Neighbor } from '../corpus/types.js'

/** What `corpus related` prints with --json. */
export interface Related {
  signals: CorpusSignals
  /** Nearest first. */
  neighbors: Neighbor[]
  duration_ms: number
}

/**
 * Returns what is near a paper of the corpus.
 *
 * @throws UsageError `unknown_paper`.
 */
export function relatedToPaper(corpus: Corpus, id: string): Related {
  const arxivId = arxivIdOf(id) ?? id
  const paper = findPaper(corpus, arxivId)
  if (paper === null) {
    throw new UsageError('unknown_paper', `The corpus has no paper "${id}".`, {
      hint: 'Import its metadata (rpa corpus import FILE), or give title and abstract: --text FILE.',
    })
  }
  return timed(corpus, { ...paper, arxiv_id: storedId(corpus, arxivId) })
}

/** Returns what is near a text, whose first line is its title. */
export function relatedToText(corpus: Corpus, text: string): Related {
  const [title = '', ...rest] = text.trim().split(/\r\n|[\n\r]/)
  return timed(corpus, { title, abstract: rest.join('\n'), arxiv_id: null })
}

function timed(corpus: Corpus, paper: { title: string; abstract: string; arxiv_id: string | null }): Related {
  const began = performance.now()
  const { signals, neighbors } = findNeighbors(corpus, paper)
  return { signals, neighbors, duration_ms: Math.round((performance.now() - began) * 10) / 10 }
}
