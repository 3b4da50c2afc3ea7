import { join } from 'node:path'
import type { Clock } from '../../core/clock.js'
import type { Logger } from '../../core/logging.js'
import type { Settings } from '../../core/settings.js'
import type { Db } from '../../db/engine/prepared.js'
import { beginRequest, bookRequest, endRequest, holdRequests } from '../../db/hosts/request-gate.js'
import type { RequestGate } from '../../papers/request-gate.js'
import type { PdfSources } from '../../papers/types.js'
import { pdfLimits } from './pdf-limits.js'

const DOWNLOAD_TIMEOUT_MS = 120_000
/** What arXiv asks for: https://info.arxiv.org/help/api/tou.html */
const GAP_MS = 3000

/** Returns where PDFs come from according to the settings, behind the gate that all processes on the DB share. */
export function pdfSources(
  settings: Settings,
  { db, clock, log, userAgent }: { db: Db; clock: Clock; log: Logger; userAgent: string },
): PdfSources {
  return {
    order: settings.pdfSources,
    dir: settings.pdfDir,
    cacheDir: join(settings.dataDir, 'pdf'),
    urlTemplate: settings.pdfUrl,
    hosts: settings.pdfHosts,
    userAgent,
    timeoutMs: DOWNLOAD_TIMEOUT_MS,
    maxBytes: pdfLimits(settings).maxBytes,
    gate: requestGate(db, clock, settings.pdfGap),
    debug: (message) => log.debug(message),
  }
}

function requestGate(db: Db, clock: Clock, gapSeconds: number | null): RequestGate {
  const gapMs = (host: string): number => {
    if (gapSeconds !== null) return gapSeconds * 1000
    return isLoopback(host) ? 0 : GAP_MS
  }
  return {
    now: () => clock.now(),
    book: (host) => bookRequest(db, host, gapMs(host), clock.now()),
    begin: (host) => beginRequest(db, host, gapMs(host), clock.now()),
    hold: (host, retryAfterMs) => holdRequests(db, host, retryAfterMs, clock.now()),
    served: (host) => endRequest(db, host, gapMs(host), clock.now()),
  }
}

/** `host` as URLs write it. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(\.\d+){3}$/.test(host)
}
