import type { CallWindow } from '../../db/calls/slots.js'
import type { LimitGroup } from '../../llm/limits.js'

/** Returns a limit group as the ledger books for it. */
export function callWindow(group: LimitGroup): CallWindow {
  return {
    group: group.name,
    perMinute: group.requestsPerMinute,
    minuteMs: group.minuteMs,
    spacingMs: group.spacingMs,
    perDay: group.requestsPerDay,
    concurrency: group.concurrency,
  }
}
