import { isoTime, utcDay } from '../../core/clock.js'
import type { Settings } from '../../core/settings/settings.js'
import { requestsSince } from '../../db/usage/usage-by-day.js'
import type { Db } from '../../db/engine/prepared.js'
import type { DonePapers, FailedPapers } from '../../db/executions/ended.js'
import { doneSince, failedSince } from '../../db/executions/ended.js'
import { EXIT } from '../../core/errors.js'
import type { WaitingPapers } from '../../db/executions/waiting.js'
import { failsAlike } from '../failures/rules.js'
import type { StatusReport } from './status-report.js'
import { statusReport } from './status-report.js'

/** What happened since a moment, and how things stand now. Times are ISO-8601 UTC text. */
export interface Digest {
  since: string
  now: string
  done: DonePapers
  failed: FailedPapers[]
  requests: { sent: number; failed: number }
  /** Papers that are to be worked on. */
  queue: number
  waits: StatusReport['waits']
  /** Models and accounts that are out of order; one that only rests until its limit is new is none. */
  broken: { name: string; reason: string | null }[]
  stuck: number
  /** Papers that were put back after a failure, by class. */
  waiting: WaitingPapers[]
  /** Of these, those that failed one after the other for a cause that is not theirs. */
  alike: WaitingPapers[]
  /** Commands whose last run could not do its work: of the configuration, a service that is away, or a fault. */
  unable: { command: string; exit_code: number; error: string; ended_at: string }[]
  forecast: StatusReport['forecast']
  /** Nothing ended, nothing was asked, and nothing is in trouble: there is nothing to tell. */
  quiet: boolean
}

/**
 * Returns what a person wants to know once a day.
 *
 * @param from the first moment that counts, epoch milliseconds.
 */
export async function digestOf(db: Db, settings: Settings, from: number, now: number): Promise<Digest> {
  const since = isoTime(from)
  const status = await statusReport(db, settings, now)
  const done = await doneSince(db, since)
  const failed = await failedSince(db, since)
  const requests = await requestsSince(db, { date: utcDay(from), since })
  const { executions, total, waits, circuits, forecast } = status
  const stuck = status.stuck.length
  const waiting = status.work.flatMap((one) => one.waiting)
  const unable = unableSince(status.commands, since)
  const isTroubled =
    stuck > 0 || waiting.length > 0 || unable.length > 0 || waits.some(({ reason }) => reason === 'circuit')
  return {
    since,
    now: isoTime(now),
    done,
    failed,
    requests,
    // What somebody holds back or has dropped waits for nobody.
    queue: total - executions.done - executions.failed - (executions.held ?? 0) - (executions.dropped ?? 0),
    waits,
    broken: circuits
      .filter(({ state, needs_probe }) => state !== 'closed' && needs_probe)
      .map(({ name, reason }) => ({ name, reason })),
    stuck,
    waiting,
    alike: waiting.filter(({ error_class: name }) => failsAlike(name)),
    unable,
    forecast,
    quiet: done.count === 0 && failed.length === 0 && requests.sent === 0 && !isTroubled,
  }
}

const UNABLE = new Set<number>([EXIT.failure, EXIT.unavailable, EXIT.config])

function unableSince(commands: StatusReport['commands'], since: string): Digest['unable'] {
  return commands.flatMap(({ command, exit_code, ended_at, result }) => {
    if (exit_code === null || ended_at === null || ended_at < since || !UNABLE.has(exit_code)) return []
    const { error } = result ?? {}
    // What ended with a result did its work, and says in it what failed.
    return typeof error === 'string' ? [{ command, exit_code, error, ended_at }] : []
  })
}
