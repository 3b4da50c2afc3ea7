import { sql } from 'kysely'
import type { Status } from '../../core/phases.js'
import type { Prepared } from '../engine/prepared.js'
import { prepared } from '../engine/prepared.js'
import type { Steps } from '../engine/steps.js'

/** Requests of a day that each paper in a status still needs. */
export interface Need {
  status: Status
  requests: number
}

const counts = new Map<Status, Prepared<{ most: number }, { n: number }>>()

/** Counts no further than it matters. The status stands in the SQL as a literal: so SQLite takes that status's own index. */
function countOf(status: Status): Prepared<{ most: number }, { n: number }> {
  let count = counts.get(status)
  if (count === undefined) {
    count = prepared((db, p) =>
      db
        .selectFrom(
          db
            .selectFrom('executions')
            .select(sql.lit(1).as('x'))
            .where('status', '=', sql.lit(status))
            .limit(p.most)
            .as('some'),
        )
        .select((eb) => eb.fn.countAll<number>().as('n')),
    )
    counts.set(status, count)
  }
  return count
}

/** Returns how many requests all these papers need together; of more than `most`, something above it. */
export function* keptSteps(needs: readonly Need[], most: number): Steps<number> {
  let kept = 0
  for (const { status, requests } of needs) {
    if (requests <= 0) continue
    if (kept > most) break
    const [row] = yield* countOf(status).step({ most: Math.floor((most - kept) / requests) + 1 })
    kept += Number(row?.n ?? 0) * requests
  }
  return kept
}
