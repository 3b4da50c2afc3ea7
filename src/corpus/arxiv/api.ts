import { RpaError } from '../../core/errors.js'
import { errorOf, parseEntry } from '../formats/atom.js'
import { RecordError, type ImportedPaper } from '../formats/types.js'
import { textOf } from '../formats/xml-elements.js'
import type { ArxivClient } from './arxiv-client.js'

/** A page of the API's answer: https://info.arxiv.org/help/api/user-manual.html */
export interface ApiPage {
  /** How many papers there are in all, this page or others. */
  total: number
  papers: ImportedPaper[]
  /** What could not be read. */
  problems: string[]
}

/** The API refuses a request; its words. */
export class ApiRefusal extends RpaError {}

const NAMES = new Set(['entry', 'totalResults'])

/**
 * Returns one page of the API's answer.
 *
 * @throws ApiRefusal `arxiv_refused` with what the API says; and as `ArxivClient.ask`.
 */
export async function askApi(
  client: ArxivClient,
  apiUrl: string,
  parameters: Readonly<Record<string, string | number>>,
): Promise<ApiPage> {
  const url = new URL(apiUrl)
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, String(value))
  const { status, elements, problems } = await client.ask(url, NAMES)
  const entries = elements.filter(({ name }) => name === 'entry')
  const error = entries.map(errorOf).find((one) => one !== null) ?? (status === 200 ? null : `HTTP ${status}`)
  if (error !== null) {
    throw new ApiRefusal('arxiv_refused', `arXiv does not answer this: ${error}.`, {
      hint: 'Check the filters, and arxiv_api_url (RPA_ARXIV_API_URL).',
    })
  }
  const page: ApiPage = { total: 0, papers: [], problems }
  for (const entry of entries) {
    try {
      page.papers.push(parseEntry(entry))
    } catch (failure) {
      if (!(failure instanceof RecordError)) throw failure
      page.problems.push(failure.message)
    }
  }
  const total = Number(textOf(elements.find(({ name }) => name === 'totalResults')))
  page.total = Math.max(Number.isSafeInteger(total) ? total : 0, page.papers.length)
  return page
}
