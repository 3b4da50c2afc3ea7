import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { atomError, atomFeed, oaiAnswer, oaiDocument, oaiRecord, type FakePaper } from './arxiv-wire.js'

/** What a request meets instead of its answer; `short`: one paper of a page, `empty`: none, `packed`: gzip. */
export type Fault =
  | { status: number; retryAfter?: number }
  | 'cut'
  | 'empty'
  | 'html'
  | 'packed'
  | 'packed, cut'
  | 'packed, spoilt'
  | 'short'
  | 'token forgotten'

export interface ArxivServer {
  /** For RPA_ARXIV_API_URL and RPA_OAI_URL. */
  env: { RPA_ARXIV_API_URL: string; RPA_OAI_URL: string }
  papers: FakePaper[]
  /** Ids of papers that were removed, each with the day. */
  removed: Map<string, string>
  /** Records a page of OAI-PMH. */
  pageSize: number
  /** Met by the next requests, one each. */
  faults: Fault[]
  /** In the order in which they came; `at` in epoch milliseconds. */
  requests: { url: URL; at: number; userAgent: string }[]
  close(): Promise<void>
}

/** Starts a stand-in for arXiv's API and its OAI-PMH server on the loopback. */
export async function startArxivServer(papers: readonly FakePaper[] = []): Promise<ArxivServer> {
  const http = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://arxiv.example')
    server.requests.push({ url, at: Date.now(), userAgent: request.headers['user-agent'] ?? '' })
    const fault = server.faults.shift()
    if (typeof fault === 'object') {
      const header = fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) }
      response.writeHead(fault.status, header).end('Rate exceeded.')
    } else if (url.pathname === '/api/query') answerQuery(server, url, response, fault)
    else if (url.pathname === '/oai') answerHarvest(server, url, response, fault)
    else response.writeHead(404).end('<html>nothing here</html>')
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  const server: ArxivServer = {
    env: { RPA_ARXIV_API_URL: `${origin}/api/query`, RPA_OAI_URL: `${origin}/oai` },
    papers: [...papers],
    removed: new Map(),
    pageSize: 3,
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

function send(response: ServerResponse, document: string, fault: Fault | undefined, status = 200): void {
  const type = { 'content-type': 'application/atom+xml; charset=utf-8' }
  if (fault === 'html')
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>robot?</body></html>')
  else if (fault === 'packed')
    response.writeHead(status, { ...type, 'content-encoding': 'gzip' }).end(gzipSync(document))
  else if (fault === 'packed, cut' || fault === 'packed, spoilt')
    response.writeHead(status, { ...type, 'content-encoding': 'gzip' }).end(spoilt(document, fault))
  else if (fault === 'cut') {
    response.writeHead(status, type)
    response.write(document.slice(0, document.length / 2), () => response.destroy())
  } else response.writeHead(status, type).end(document)
}

/** Packed and whole for HTTP, but without its end, or with a checksum that is not its own. */
function spoilt(document: string, fault: 'packed, cut' | 'packed, spoilt'): Buffer {
  const packed = gzipSync(document)
  if (fault === 'packed, cut') return packed.subarray(0, packed.length / 2)
  packed.writeUInt8(packed.readUInt8(packed.length - 8) ^ 1, packed.length - 8)
  return packed
}

function answerQuery(
  server: ArxivServer,
  url: URL,
  response: ServerResponse,
  fault: Fault | undefined,
): void {
  const ids = (url.searchParams.get('id_list') ?? '').split(',').filter((id) => id !== '')
  const wrong = ids.find((id) => !/^(?:\d{4}\.\d{4,5}|[a-z-]+\/\d{7})$/.test(id) || id.startsWith('0000.'))
  if (wrong !== undefined) return send(response, atomError(wrong), fault, 400)
  const query = url.searchParams.get('search_query') ?? ''
  const found = server.papers
    .filter((paper) => (ids.length > 0 ? ids.includes(paper.id) : matches(paper, query)))
    .sort((a, b) => (a.versions[0] ?? '').localeCompare(b.versions[0] ?? ''))
  const start = Number(url.searchParams.get('start') ?? 0)
  const most =
    fault === 'empty' ? 0 : fault === 'short' ? 1 : Number(url.searchParams.get('max_results') ?? 10)
  send(response, atomFeed(found.slice(start, start + most), { total: found.length, start }), fault)
}

/** The part of the query language that is used. */
function matches(paper: FakePaper, query: string): boolean {
  const categories = [...query.matchAll(/cat:([\w.*-]+)/g)].map(([, name = '']) => name)
  const isIn = categories.some((name) =>
    paper.categories.some((one) => (name.endsWith('*') ? one.startsWith(name.slice(0, -1)) : one === name)),
  )
  if (categories.length > 0 && !isIn) return false
  const [, from = '', until = ''] = /submittedDate:\[(\d{12}) TO (\d{12})\]/.exec(query) ?? []
  const minute = (paper.versions[0] ?? '').replace(/\D/g, '').slice(0, 12)
  if (from !== '' && (minute < from || minute > until)) return false
  const authors = [...query.matchAll(/au:"([^"]*)"/g)].map(([, name = '']) => name)
  if (!authors.every((name) => paper.authors.some((author) => author.includes(name)))) return false
  const words = [...query.matchAll(/ti:"([^"]*)"/g)].map(([, word = '']) => word)
  return words.every((word) => `${paper.title} ${paper.abstract}`.toLowerCase().includes(word.toLowerCase()))
}

interface Place {
  set: string
  from: string
  skip: number
}

function answerHarvest(
  server: ArxivServer,
  url: URL,
  response: ServerResponse,
  fault: Fault | undefined,
): void {
  const error = (code: string, words: string): void =>
    send(response, oaiDocument(`<error code="${code}">${words}</error>`), fault)
  const token = url.searchParams.get('resumptionToken')
  if (fault === 'token forgotten') return error('badResumptionToken', 'The token is not known')
  if (url.searchParams.get('verb') !== 'ListRecords') return error('badVerb', 'Bad verb')
  const place: Place =
    token === null
      ? { set: url.searchParams.get('set') ?? '', from: url.searchParams.get('from') ?? '', skip: 0 }
      : (JSON.parse(Buffer.from(token, 'base64url').toString()) as Place)
  const records = [
    ...server.papers.flatMap((paper) => {
      const day = paper.datestamp ?? paper.versions.at(-1)?.slice(0, 10) ?? ''
      const isGone = server.removed.has(paper.id)
      return !isGone && day >= place.from && isInSet(paper, place.set) ? [oaiRecord(paper)] : []
    }),
    ...[...server.removed].flatMap(([id, day]) => (day >= place.from ? [removal(id, day)] : [])),
  ]
  if (records.length === 0) return error('noRecordsMatch', 'An empty list')
  const page = records.slice(place.skip, place.skip + server.pageSize)
  const skip = place.skip + page.length
  const next = Buffer.from(JSON.stringify({ ...place, skip })).toString('base64url')
  const more = skip < records.length ? next : ''
  send(response, oaiAnswer(`${page.join('')}<resumptionToken>${more}</resumptionToken>\n`), fault)
}

function removal(id: string, day: string): string {
  return `<record><header status="deleted"><identifier>oai:arXiv.org:${id}</identifier><datestamp>${day}</datestamp></header></record>\n`
}

/** `cs:cs:CL` holds papers of cs.CL, `cs` all of cs. */
function isInSet(paper: FakePaper, set: string): boolean {
  const [, archive, subject] = set.split(':')
  if (set === '') return true
  const name = subject === undefined ? (archive ?? set) : `${archive ?? ''}.${subject}`
  return paper.categories.some((one) => one === name || (subject === undefined && one.startsWith(`${name}.`)))
}
