import type { Clock } from '../../core/clock.js'
import type { Logger } from '../../core/logging.js'
import type { Db } from '../../db/engine/prepared.js'
import type { LimitGroup, Limits } from '../../llm/limits.js'
import type { ModelProfile } from '../../llm/provider.js'
import type { CallKeep } from '../limits/day-keeper.js'
import type { InFlight } from '../resources/resources.js'
import type { RequestPlace } from './traced-request.js'

/** What the sending of requests works with. */
export interface SendServices {
  db: Db
  /** Throws RpaError `disk_full` where an answer could not be stored. */
  requireRoom: () => void
  clock: Clock
  budget: number
  limits: Limits
  limitGroup: (profile: ModelProfile) => LimitGroup | null
  /** What a request leaves to papers further on, of the budget and of its group's day. */
  keep: (group: string | null) => Promise<CallKeep>
  inFlight: InFlight
  log: Logger
  /** Reasons to wait that were told, each with the moment. */
  told: Map<string, number>
  /** Tokens, prompt and answer together, that an endpoint takes of a model whose profile says more. */
  sizes: Map<string, number>
  /** Nothing is sent after it, epoch milliseconds; null: no end is set. */
  deadline: number | null
  /** Aborted when requests that wait for the slot they have booked are not sent any more. */
  dropBooked: AbortSignal
  /** Called once for each request that is sent. */
  onRequest(role: 'cheap' | 'expensive'): void
}

/** One request as the ledger knows it. */
export interface RequestScope extends RequestPlace {
  /** Hashes of the questions of this paper that this process has an answer to. */
  answered: Set<string>
  /** Aborted when no new request may begin; one that is booked or under way goes on. */
  stopRequests: AbortSignal | undefined
  /** Aborted when the lease is lost: an answer that still comes could not be kept. */
  leaseLost: AbortSignal
}

/** The same, with what is known of its question. */
export interface BookedScope extends RequestScope {
  /** Of the request's body; null where no cache of answers is used. */
  questionHash: string | null
  /** About how many tokens its prompt has. */
  estimatedTokens: number
}
