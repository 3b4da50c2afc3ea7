import { elementScanner, type XmlElement } from '../formats/xml-elements.js'
import { rootOf } from '../formats/xml-root.js'
import { HostClient, type HostAccess, type HostKind } from '../hosts/client.js'

/** One answer, read to its end. */
export interface ArxivAnswer {
  status: number
  /** Of the names that were looked for, in their order. */
  elements: XmlElement[]
  /** What could not be read in it. */
  problems: string[]
}

const ARXIV: HostKind = {
  code: 'arxiv',
  accept: 'application/atom+xml, text/xml, application/xml',
  refusals: new Set([406, 429, 503]),
  settings: 'arxiv_api_url (RPA_ARXIV_API_URL) or oai_url (RPA_OAI_URL)',
}
const ROOTS = new Set(['feed', 'OAI-PMH'])

/** Asks arXiv's servers for XML. */
export class ArxivClient {
  readonly #client: HostClient

  constructor(access: HostAccess) {
    this.#client = new HostClient(access, ARXIV)
  }

  /** Returns the elements with the given names of an answer, whole; throws as `HostClient.ask`. */
  async ask(url: URL, names: ReadonlySet<string>): Promise<ArxivAnswer> {
    const { status, content } = await this.#client.ask(url, (body) => readAnswer(body, names))
    return { status, ...content }
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    await this.#client.close()
  }
}

/** Returns what a whole document holds, null for one that is cut off and for anything else. */
function readAnswer(
  body: Buffer,
  names: ReadonlySet<string>,
): Pick<ArxivAnswer, 'elements' | 'problems'> | null {
  if (!ROOTS.has(rootOf({ bytes: body, whole: true }) ?? '')) return null
  const scanner = elementScanner(names)
  const found = scanner.push(body)
  if (scanner.end().length > 0) return null
  return {
    elements: found.flatMap((one) => ('content' in one ? one.content : [])),
    problems: found.flatMap((one) => ('problem' in one ? `line ${one.line}: ${one.problem}` : [])),
  }
}
