import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A work as the stand-in knows it. */
export interface FakeWork {
  id: string
  doi: string | null
  cited: number
  retracted?: boolean
  /** Ids of its authors. */
  authors?: readonly string[]
  pages?: readonly string[]
}

/** What a request meets instead of its answer. */
export type Fault = { status: number; retryAfter?: number } | 'cut' | 'html'

export interface OpenAlexServer {
  url: string
  works: FakeWork[]
  /** h-index by the author's id; one that is not in it has no record. */
  authors: Map<string, number>
  /** Members a page, whatever is asked for. */
  pageSize: number
  /** Met by the next requests, one each. */
  faults: Fault[]
  requests: URL[]
  close(): Promise<void>
}

/** Starts a stand-in for OpenAlex on the loopback: filters, pages, keys. */
export async function startOpenAlexServer(key: string | null = null): Promise<OpenAlexServer> {
  const http = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://openalex.example')
    server.requests.push(url)
    const fault = server.faults.shift()
    if (typeof fault === 'object') {
      const header = fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) }
      response.writeHead(fault.status, header).end('{"error":"Rate limit exceeded"}')
    } else if (fault === 'html') response.end('<html>robot?</html>')
    else if (key !== null && url.searchParams.get('api_key') !== key)
      response.writeHead(401).end('{"error":"Invalid API key"}')
    else answer(server, url, response, fault === 'cut')
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const server: OpenAlexServer = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    works: [],
    authors: new Map(),
    pageSize: 100,
    faults: [],
    requests: [],
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve())
        http.closeAllConnections()
      }),
  }
  return server
}

function answer(server: OpenAlexServer, url: URL, response: ServerResponse, cut: boolean): void {
  const [field = '', list = ''] = (url.searchParams.get('filter') ?? '').split(/:(.*)/)
  const values = list.split('|')
  if (values.length > 100) {
    response.writeHead(400).end('{"error":"Invalid query parameters error."}')
    return
  }
  const all = url.pathname === '/authors' ? authorsOf(server, values) : worksOf(server, field, values)
  const cursor = url.searchParams.get('cursor')
  const start = cursor === '*' ? 0 : Number(cursor)
  const end = start + server.pageSize
  // As OpenAlex does, a cursor comes with every page but an empty one.
  const meta = { count: all.length, next_cursor: start < all.length ? String(end) : null }
  const body = JSON.stringify({ meta, results: all.slice(start, end) })
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
  if (!cut) response.end(body)
  else response.write(body.slice(0, body.length / 2), () => response.destroy())
}

function worksOf({ works }: OpenAlexServer, field: string, values: readonly string[]): unknown[] {
  const fits = ({ doi, pages = [] }: FakeWork): boolean =>
    field === 'doi' ? doi !== null && values.includes(doi) : pages.some((page) => values.includes(page))
  return works.filter(fits).map(({ id, doi, cited, retracted = false, authors = [], pages = [] }) => ({
    id: `https://openalex.org/${id}`,
    doi: doi === null ? null : `https://doi.org/${doi}`,
    cited_by_count: cited,
    is_retracted: retracted,
    authorships: authors.map((author) => ({
      author: { id: `https://openalex.org/${author}`, display_name: `Name of ${author}` },
      is_corresponding: false,
    })),
    locations: pages.map((landing_page_url) => ({ landing_page_url })),
  }))
}

function authorsOf({ authors }: OpenAlexServer, values: readonly string[]): unknown[] {
  return values
    .filter((id) => authors.has(id))
    .map((id) => ({
      id: `https://openalex.org/${id}`,
      display_name: `Name of ${id}`,
      orcid: null,
      summary_stats: { h_index: authors.get(id), i10_index: 3 },
      cited_by_count: 100,
      works_count: 10,
    }))
}
