import type { ImportedPaper } from '../formats/types.js'
import { ApiRefusal, askApi, type ApiPage } from './api.js'
import type { ArxivClient } from './arxiv-client.js'

/** So many fit into an address. */
const CHUNK = 100
/** An empty or short page is asked for again. */
const ROUNDS = 3

/** Papers of some ids, and the ids that arXiv does not know. */
export interface FoundById {
  papers: ImportedPaper[]
  unknown: string[]
}

/**
 * Yields what arXiv knows of papers, a hundred ids a request.
 *
 * @param ids without version, as `readArxivId` gives them.
 * @throws as `askApi`.
 */
export async function* papersById(
  client: ArxivClient,
  apiUrl: string,
  ids: readonly string[],
): AsyncGenerator<FoundById> {
  for (let start = 0; start < ids.length; start += CHUNK) {
    const missing = new Set(ids.slice(start, start + CHUNK))
    const unknown: string[] = []
    const papers: ImportedPaper[] = []
    for (let round = 0; round < ROUNDS && missing.size > 0; round++) {
      const page = await askFor(client, apiUrl, missing, unknown)
      for (const paper of page.papers) if (missing.delete(paper.arxiv_id)) papers.push(paper)
      if (page.papers.length > 0 && page.papers.length >= page.total) break
    }
    yield { papers, unknown: [...unknown, ...missing] }
  }
}

/** One id that the API takes for none spoils the request: it is left out, and the others are asked for again. */
async function askFor(
  client: ArxivClient,
  apiUrl: string,
  missing: Set<string>,
  unknown: string[],
): Promise<ApiPage> {
  while (missing.size > 0) {
    try {
      return await askApi(client, apiUrl, {
        id_list: [...missing].join(','),
        start: 0,
        max_results: missing.size,
      })
    } catch (error) {
      if (!(error instanceof ApiRefusal)) throw error
      const refused = [...missing].find((id) => error.message.includes(id))
      if (refused === undefined) throw error
      missing.delete(refused)
      unknown.push(refused)
    }
  }
  return { total: 0, papers: [], problems: [] }
}
