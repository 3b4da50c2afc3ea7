import { isLocalId } from '../../core/arxiv-id.js'

/** What else than its text is known of the paper. */
export interface AboutPaper {
  title?: string | null | undefined
  abstract?: string | null | undefined
  /** Titles and ids of the near papers that the writers were shown. */
  corpus?: string | null | undefined
}

/** Returns what writers were told of a paper beside its text. */
export function aboutPaper(
  paper: Pick<AboutPaper, 'title' | 'abstract'> & {
    arxiv_id: string
    source_url?: string | null | undefined
    doi?: string | null | undefined
  },
  neighbors: readonly { arxiv_id: string; title: string; line?: string | null | undefined }[],
): AboutPaper {
  const { title, abstract } = paper
  const page = isLocalId(paper.arxiv_id) ? null : `arxiv.org/abs/${paper.arxiv_id}`
  const ids = [paper.arxiv_id, page, paper.source_url, paper.doi].filter(Boolean).join('\n')
  return {
    title: `${title ?? ''}\n${ids}`,
    abstract,
    corpus: neighbors
      .map((near) => `${near.title} ${near.arxiv_id} arxiv.org/abs/${near.arxiv_id} ${near.line ?? ''}`)
      .join('\n'),
  }
}
