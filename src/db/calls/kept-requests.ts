import { sql } from 'kysely'
import type { PipelineName, Status } from '../../core/phases.js'
import type { Prepared } from '../engine/prepared.js'
import { prepared } from '../engine/prepared.js'
import type { Steps } from '../engine/steps.js'

/** Requests of a day that each paper in a status still needs. */
export interface Need {
  status: Status
  requests: number
  /** Only papers that go through this one; undefined: all. */
  pipeline?: PipelineName
}

const counts = new Map<string, Prepared<{ most: number }, { n: number }>>()

/** Counts no further than it matters. The status stands in the SQL as a literal: so SQLite takes that status's own index. */
function countOf(status: Status, pipeline?: PipelineName): Prepared<{ most: number }, { n: number }> {
  const key = `${status} ${pipeline ?? ''}`
  let count = counts.get(key)
  if (count === undefined) {
    count = prepared((db, p) =>
      db
        .selectFrom(
          db
            .selectFrom('executions')
            .select(sql.lit(1).as('x'))
            .where('status', '=', sql.lit(status))
            .$if(pipeline !== undefined, (query) => query.where('pipeline', '=', sql.lit(pipeline ?? 'full')))
            .limit(p.most)
            .as('some'),
        )
        .select((eb) => eb.fn.countAll<number>().as('n')),
    )
    counts.set(key, count)
  }
  return count
}

/** Returns how many requests all these papers need together; of more than `most`, something above it. */
export function* keptSteps(needs: readonly Need[], most: number): Steps<number> {
  let kept = 0
  for (const { status, requests, pipeline } of needs) {
    if (requests <= 0) continue
    if (kept > most) break
    const [row] = yield* countOf(status, pipeline).step({ most: Math.floor((most - kept) / requests) + 1 })
    kept += Number(row?.n ?? 0) * requests
  }
  return kept
}
