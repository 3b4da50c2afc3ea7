import { join } from 'node:path'
import type { Clock } from '../../core/clock.js'
import { ConfigError, type PaperError } from '../../core/errors.js'
import type { Logger } from '../../core/logging.js'
import { EXPORT_PDF_URL, type Settings } from '../../core/settings/settings.js'
import { hostOf } from '../../core/settings/setting-values.js'
import type { Db } from '../../db/engine/prepared.js'
import { gapOf } from '../../db/hosts/gates.js'
import {
  beginRequest,
  bookRequest,
  endRequest,
  holdRequests,
  isRefusing,
} from '../../db/hosts/request-gate.js'
import type { RequestGate } from '../../papers/fetch/host-turn.js'
import { SourceBusyError, SourceTroubleError } from '../../papers/fetch/host-turn.js'
import { momentText } from '../../core/clock.js'
import { ruleOf } from '../failures/rules.js'
import type { PdfSources } from '../../papers/fetch/types.js'
import { pdfLimits } from './pdf-limits.js'

const DOWNLOAD_TIMEOUT_MS = 120_000
const ARXIV_PDF_URL = 'https://arxiv.org/pdf/{arxiv_id}'

/** Returns where PDFs come from according to the settings, behind the gate that all processes on the DB share. */
export function pdfSources(
  settings: Settings,
  { db, clock, log, userAgent }: { db: Db; clock: Clock; log: Logger; userAgent: string },
): PdfSources {
  return {
    order: settings.pdfSources,
    dir: settings.pdfDir,
    cacheDir: join(settings.dataDir, 'pdf'),
    templates: {
      bucket: settings.bucketUrl,
      export: settings.pdfUrl,
      // Who has a host of their own for PDFs does not mean arXiv's beside it.
      arxiv: settings.pdfUrl === EXPORT_PDF_URL ? ARXIV_PDF_URL : settings.pdfUrl,
    },
    hosts: settings.pdfHosts,
    userAgent,
    timeoutMs: DOWNLOAD_TIMEOUT_MS,
    maxBytes: pdfLimits(settings).maxBytes,
    gate: requestGate({ db, clock, log }, settings.pdfGap, hostOf(settings.bucketUrl)),
    debug: (message) => log.debug(message),
  }
}

/** So many different papers in a row without a PDF are no fault of the papers. */
const TROUBLED_PAPERS = 2
/** So many papers that a host has no PDF of, before it ever gave one, make the address wrong rather than the papers. */
const MISSING_PAPERS = 3
/** The first failure may be chance, or the paper's own. */
const FIRST_WAIT_MS = 60_000

function requestGate(
  { db, clock, log }: { db: Db; clock: Clock; log: Logger },
  gapSeconds: number | null,
  bucket: string,
): RequestGate {
  // The public bucket asks for no distance.
  const gapMs = (host: string): number =>
    host === bucket && gapSeconds === null ? 0 : gapOf(host, gapSeconds)
  /** Papers that a host gave no PDF of, since it last gave one. */
  const troubled = new Map<string, Set<string>>()
  const missing = new Map<string, Set<string>>()
  const givers = new Set<string>()
  return {
    now: () => clock.now(),
    waits: (host, until) => log.waits(`the turn at ${host}`, until),
    book: (host) => bookRequest(db, host, gapMs(host), clock.now()),
    begin: (host) => beginRequest(db, host, gapMs(host), clock.now()),
    hold: (host, retryAfterMs) => holdRequests(db, host, retryAfterMs, clock.now()),
    served: (host) => {
      troubled.delete(host)
      givers.add(host)
      return endRequest(db, host, gapMs(host), clock.now())
    },
    failed: async (host, paper, error) => {
      const now = clock.now()
      const kind = ruleOf(error).host?.kind
      if (kind === 'missing' && !givers.has(host)) {
        const papers = noted(missing, host, paper)
        if (papers < MISSING_PAPERS && !(await isRefusing(db, host, now))) return error
        // Also the next command then fails no paper for it; whoever mends the address hardly waits.
        await holdRequests(db, host, 1, now)
        return wrongAddress(host, error)
      }
      if (kind !== 'trouble') return error
      const papers = noted(troubled, host, paper)
      if (papers < TROUBLED_PAPERS && !(await isRefusing(db, host, now)))
        return new SourceTroubleError(error, now + FIRST_WAIT_MS)
      const until = await holdRequests(db, host, null, now)
      const message = `${host} gives no PDFs: ${error.message}; not asked again before ${momentText(until)}`
      return new SourceBusyError(message, until, error.code)
    },
  }
}

/** Notes a paper of a host; returns how many different ones are noted. */
function noted(hosts: Map<string, Set<string>>, host: string, paper: string): number {
  const papers = (hosts.get(host) ?? new Set()).add(paper)
  hosts.set(host, papers)
  return papers.size
}

function wrongAddress(host: string, error: PaperError): ConfigError {
  return new ConfigError(
    'pdf_url_wrong',
    `${host} has no PDF of any paper it was asked for: ${error.message}`,
    {
      hint: 'Check the PDF URL (pdf_url, RPA_PDF_URL); then: rpa retry --error-class pdf_not_found.',
      cause: error,
    },
  )
}
