import { basename, dirname } from 'node:path'
import { momentText } from '../../core/clock.js'
import { PaperError, RpaError } from '../../core/errors.js'
import type { HttpResponse } from '../../http/connections.js'
import { Connections } from '../../http/connections.js'
import { retryAfterMs } from '../../http/retry-after.js'
import { gateOf } from '../../db/hosts/gates.js'
import { Cookies } from './cookies.js'
import {
  basicAuth,
  checkStatus,
  checkUrl,
  failureOf,
  isOpenRange,
  isRefusal,
  isWholeRange,
  redirectOf,
  shown,
} from './http-answer.js'
import { sweepParts } from './part-file.js'
import { fileExists } from './pdf-file.js'
import { PAGE_BYTES } from './pdf-check.js'
import { cut, receivePdf, type Download, type Validators } from './receive-pdf.js'
import { awaitTurn, SourceBusyError } from './host-turn.js'
import type { PdfSources } from './types.js'
import { isNotYetPage, isWithdrawnPage, WithdrawnError } from './withdrawn.js'

const MAX_REDIRECTS = 5
/** A server that sends nothing for so long will not go on. */
const STALL_MS = 30_000
/** The wait after a refusal that says nothing of it, where no gate knows better. */
const PATIENCE_MS = 60_000

export interface Wanted {
  url: string
  /** The file, which is whole or not there. */
  target: string
  /** What `target` was downloaded with, to load it only if it has changed; null to load it. */
  known: Validators | null
  /** There is no file yet: one that is there when the turn comes was brought by another process. */
  mayCome: boolean
}

/**
 * Downloads a PDF.
 *
 * @returns null if it has not changed; `came` if another process brought it meanwhile.
 * @throws as `fetchPdf`.
 */
export async function downloadPdf(
  { url, target, known, mayCome }: Wanted,
  sources: PdfSources,
  signal?: AbortSignal,
): Promise<Download | 'came' | null> {
  const start = checkUrl(url, sources.hosts)
  const connections = new Connections({
    connectTimeout: sources.timeoutMs,
    bodyTimeout: Math.min(STALL_MS, sources.timeoutMs),
  })
  const call: Call = {
    connections,
    sources,
    known,
    awaited: mayCome ? target : null,
    signal,
    cookies: new Cookies(),
    url: start,
    deadline: null,
    whole: false,
  }
  try {
    await sweepOnce(dirname(target), sources)
    const answer = await follow(call)
    if (answer === null) return 'came'
    const download =
      answer.statusCode === 304
        ? null
        : await receivePdf(answer, { url: call.url, target, maxBytes: sources.maxBytes })
    if (download?.hasEnd !== false) await sources.gate?.served(gateOf(call.url))
    return download
  } catch (error) {
    if (signal?.aborted === true) throw signal.reason
    if (error instanceof SourceBusyError) throw error
    if (error instanceof RpaError && !(error instanceof PaperError)) throw error
    const late = call.deadline?.aborted === true
    const failure = error instanceof PaperError ? error : late ? tooSlow(call) : failureOf(error, call.url)
    throw (await sources.gate?.failed(gateOf(call.url), basename(target), failure)) ?? failure
  } finally {
    await connections.destroy().catch(() => undefined)
  }
}

interface Call {
  readonly connections: Connections
  readonly sources: PdfSources
  readonly known: Validators | null
  /** A file that another process may bring; null: none. */
  readonly awaited: string | null
  readonly signal: AbortSignal | undefined
  readonly cookies: Cookies
  /** Asked last. */
  url: URL
  /** Of the request under way. */
  deadline: AbortSignal | null
  /** A part came, which was not asked for: no store on the way may answer from what it has. */
  whole: boolean
}

type Answer = HttpResponse

async function follow(call: Call): Promise<Answer | null> {
  const start = call.url
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    const answer = await ask(call)
    if (answer === null) return null
    const { statusCode, headers, body } = answer
    call.cookies.note(call.url, headers['set-cookie'])
    if (isRefusal(statusCode)) throw await refused(call, answer)
    const range = headers['content-range']
    if (statusCode === 206 && !isWholeRange(range) && !(call.whole && isOpenRange(range))) {
      await body.dump()
      if (call.whole) throw cut(shown(call.url), 'only a part came, twice')
      call.whole = true
      continue
    }
    const next = redirectOf(statusCode, headers['location'], call.url, call.sources.hosts)
    if (next === null) {
      if (statusCode === 304 && call.known !== null) return answer
      if (statusCode === 404 || statusCode === 410) await lookAtPage(call.url, body)
      checkStatus(statusCode, call.url)
      return answer
    }
    await body.dump()
    call.url = next
  }
  throw new PaperError('pdf_download_failed', `${shown(start)} redirects more than ${MAX_REDIRECTS} times`, {
    hint: 'Check the PDF URL in the settings.',
  })
}

async function ask(call: Call): Promise<Answer | null> {
  const { connections, sources, known, signal, url } = call
  const cookie = call.cookies.headerFor(url)
  if (sources.gate !== null) await awaitTurn(sources.gate, url, signal)
  if (call.awaited !== null && (await fileExists(call.awaited))) return null
  call.deadline = AbortSignal.timeout(sources.timeoutMs)
  return connections.request(url, {
    signal: signal === undefined ? call.deadline : AbortSignal.any([signal, call.deadline]),
    headers: {
      'user-agent': sources.userAgent,
      accept: 'application/pdf, */*;q=0.5',
      'accept-encoding': 'identity',
      ...(cookie === null ? {} : { cookie }),
      ...(call.whole ? { 'cache-control': 'no-cache' } : {}),
      ...(known?.etag ? { 'if-none-match': known.etag } : {}),
      ...(known?.lastModified ? { 'if-modified-since': known.lastModified } : {}),
      ...(url.username === '' ? {} : { authorization: basicAuth(url) }),
    },
  })
}

/** All processes leave the host alone for as long as it asks, and the paper is put back until then. */
async function refused({ sources, url }: Call, { statusCode, headers }: Answer): Promise<SourceBusyError> {
  const { gate } = sources
  const now = gate?.now() ?? Date.now()
  const wait = retryAfterMs(headers['retry-after'], now)
  const until = gate === null ? now + (wait ?? PATIENCE_MS) : await gate.hold(gateOf(url), wait)
  const header = headers['retry-after']
  const told = typeof header === 'string' ? `, Retry-After: ${header.slice(0, 60)}` : ''
  const message = `${url.host} asks to slow down (HTTP ${statusCode}${told}); not asked again before ${momentText(until)}`
  return new SourceBusyError(message, until)
}

/** What the page says that stands where the PDF should. */
async function lookAtPage(url: URL, body: Answer['body']): Promise<void> {
  let page = Buffer.alloc(0)
  for await (const chunk of body) {
    page = Buffer.concat([page, chunk as Buffer])
    if (page.length >= PAGE_BYTES) break
  }
  const html = page.toString('latin1')
  if (isWithdrawnPage(html)) throw new WithdrawnError(shown(url))
  if (isNotYetPage(html)) {
    throw new PaperError('pdf_is_html', `${shown(url)} says that there is no PDF now`, {
      hint: 'It may still be made; it is looked for again.',
    })
  }
}

function tooSlow({ url, sources }: Call): PaperError {
  const { timeoutMs } = sources
  return new PaperError('pdf_download_failed', `${shown(url)} was not loaded within ${timeoutMs / 1000} s`, {
    hint: 'Try again later.',
  })
}

const swept = new WeakSet<PdfSources>()

async function sweepOnce(folder: string, sources: PdfSources): Promise<void> {
  if (swept.has(sources)) return
  swept.add(sources)
  await sweepParts(folder, 2 * sources.timeoutMs, Date.now())
}
