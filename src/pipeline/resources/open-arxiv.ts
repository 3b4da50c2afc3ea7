import type { Clock } from '../../core/clock.js'
import type { Logger } from '../../core/logging.js'
import type { Settings } from '../../core/settings/settings.js'
import { ArxivClient } from '../../corpus/arxiv/arxiv-client.js'
import type { Db } from '../../db/engine/prepared.js'
import { userAgentOf } from './user-agent.js'

/** Returns who asks arXiv for metadata according to the settings, behind the gate that all processes on the DB share. */
export function openArxiv(
  { contact, pdfGap }: Settings,
  services: { db: Db; clock: Clock; log: Logger; signal?: AbortSignal },
): ArxivClient {
  const { db, clock, log, signal } = services
  return new ArxivClient({ db, clock, log, signal, userAgent: userAgentOf(contact), gapSeconds: pdfGap })
}
