import { arxivIdOf } from '../../core/arxiv-id.js'
import { isoTime, type Clock } from '../../core/clock.js'
import { MOST_VALUES, type Author, type OpenAlexClient, type Work } from './client.js'
import { authorsOf, type AskedPaper, type CitationStore, type FoundPaper } from './store.js'

export interface EnrichOptions {
  /** Only these papers, by arXiv id; empty: all of the corpus. */
  ids: readonly string[]
  /** Papers that are asked about at most. */
  limit: number
  /** Papers and authors that were asked about so lately, milliseconds, are not asked about again. */
  maxAgeMs: number
  onPage?: ((counts: EnrichCounts) => void) | undefined
}

export interface EnrichCounts {
  /** Papers that OpenAlex was asked about. */
  asked: number
  found: number
  /** Papers that it does not know. */
  unknown: number
  /** Authors that it was asked about. */
  authors: number
  /** Papers that are retracted, by arXiv id. */
  retracted: string[]
  /** Ids that the corpus does not hold. */
  missing: string[]
}

/** Each paper has at most two values in a filter. */
const PAPERS_A_PAGE = MOST_VALUES / 2
/** What separates values of a filter can be in none of them. */
const PLAIN_DOI = /^10\.\d{4,9}\/[^\s,|"]+$/

/**
 * Asks OpenAlex how often papers are cited, by whom they are, and whether they were retracted, and stores each page of them as it
 * comes: whatever ends it, the next call goes on behind the last page.
 *
 * @param counts added to, so that they say what was stored also where it ends with an error.
 * @throws as `HostClient.ask`, and as `openCitationStore` where the corpus cannot be written.
 */
export async function enrichPapers(
  { client, store, clock }: { client: OpenAlexClient; store: CitationStore; clock: Clock },
  options: EnrichOptions,
  counts: EnrichCounts,
): Promise<void> {
  const before = isoTime(clock.now() - options.maxAgeMs)
  for (const page of pagesOf(store, options, before, counts)) {
    const found = await worksOf(client, page)
    const ids = new Set(found.flatMap(({ works }) => authorsOf(works).map(({ id }) => id)))
    const authors = await authorsWith(client, store.staleAuthors([...ids], before))
    store.write(found, authors)
    counts.asked += page.length
    counts.authors += authors.length
    for (const [at, { works }] of found.entries()) {
      counts[works.length === 0 ? 'unknown' : 'found'] += 1
      const id = page[at]?.arxiv_id
      if (id !== undefined && works.some((work) => work.is_retracted)) counts.retracted.push(id)
    }
    options.onPage?.(counts)
  }
}

/** Returns counts of nothing. */
export function noEnrichCounts(): EnrichCounts {
  return { asked: 0, found: 0, unknown: 0, authors: 0, retracted: [], missing: [] }
}

function* pagesOf(
  store: CitationStore,
  { ids, limit }: EnrichOptions,
  before: string,
  counts: EnrichCounts,
): Generator<AskedPaper[]> {
  if (ids.length > 0) {
    counts.missing.push(...ids.filter((id) => !store.holds(id)))
    const due = ids.flatMap((id) => store.named(id, before) ?? []).slice(0, limit)
    for (let start = 0; start < due.length; start += PAPERS_A_PAGE)
      yield due.slice(start, start + PAPERS_A_PAGE)
    return
  }
  let after = -1
  for (let left = limit; left > 0;) {
    const page = store.next(after, before, Math.min(left, PAPERS_A_PAGE))
    const last = page.at(-1)
    if (last === undefined) return
    yield page
    after = last.paper_id
    left -= page.length
  }
}

/**
 * Returns the works of each paper. A preprint is found by the DOI that arXiv gives it (https://info.arxiv.org/help/doi.html); one
 * that was joined with its printed version has only that one's DOI, and its page on arXiv among its places.
 */
async function worksOf(client: OpenAlexClient, papers: readonly AskedPaper[]): Promise<FoundPaper[]> {
  const dois = new Map(papers.map((paper) => [paper, doisOf(paper)]))
  const found = new Map<AskedPaper, Work[]>()
  const byDoi = await client.works('doi', [...new Set([...dois.values()].flat())])
  for (const paper of papers) {
    const own = dois.get(paper) ?? []
    found.set(
      paper,
      byDoi.filter(({ doi }) => doi !== null && own.includes(doi)),
    )
  }
  const left = papers.filter((paper) => found.get(paper)?.length === 0)
  const byPage = await client.works('locations.landing_page_url', left.flatMap(pagesOnArxiv))
  for (const paper of left) {
    const own = pagesOnArxiv(paper).map((page) => page.toLowerCase())
    found.set(
      paper,
      byPage.filter(({ pages }) => pages.some((page) => own.includes(page.replace(/v\d+$/, '')))),
    )
  }
  return papers.map((paper) => ({ paper_id: paper.paper_id, works: found.get(paper) ?? [] }))
}

function doisOf({ arxiv_id, doi }: AskedPaper): string[] {
  const own = `10.48550/arxiv.${idOf(arxiv_id)}`.toLowerCase()
  const printed = doi?.trim().split(/\s/)[0]?.toLowerCase() ?? ''
  return [...new Set([own, printed])].filter((one) => PLAIN_DOI.test(one))
}

function pagesOnArxiv({ arxiv_id }: AskedPaper): string[] {
  return ['http', 'https'].map((protocol) => `${protocol}://arxiv.org/abs/${idOf(arxiv_id)}`)
}

function idOf(stored: string): string {
  return arxivIdOf(stored) ?? stored
}

async function authorsWith(client: OpenAlexClient, ids: readonly string[]): Promise<Author[]> {
  const authors: Author[] = []
  for (let start = 0; start < ids.length; start += MOST_VALUES)
    authors.push(...(await client.authors(ids.slice(start, start + MOST_VALUES))))
  return authors
}
