import { sql } from 'kysely'
import { systemClock } from '../../core/clock.js'
import { dialectOf } from '../engine/dialect.js'
import { newestVersion, schemaVersion } from '../engine/migrate.js'
import type { OpenDatabase } from '../engine/open-database.js'
import type { Db } from '../engine/prepared.js'

export interface DatabaseCheck {
  database: string
  kind: 'sqlite' | 'postgres'
  /** Of the server or the library. */
  version: string
  /** Version of the tables; 0: there are none. They are brought up to `newest` by the first command that writes. */
  schema: number
  newest: number
  papers: number
  /** It copies another server, and is only read. */
  replica: boolean
  writes: boolean
  creates: boolean
  /** How far its clock is ahead of this machine's, milliseconds. */
  clock_ahead_ms: number
  /** Median time of one small question, milliseconds. */
  latency_ms: number
}

const QUESTIONS = 9

/** Returns what an executions DB is, what this user may do there, and how far away it is. Changes nothing. */
export async function checkDatabase({ db, place, clock }: OpenDatabase): Promise<DatabaseCheck> {
  const dialect = dialectOf(db)
  const schema = await schemaVersion(db)
  const papers = schema === 0 ? 0 : await countPapers(db)
  const times: number[] = []
  for (let asked = 0; asked < QUESTIONS; asked += 1) {
    const began = performance.now()
    await sql`select 1`.execute(db)
    times.push(performance.now() - began)
  }
  const median = times.sort((a, b) => a - b)[QUESTIONS >> 1] ?? 0
  return {
    database: place,
    kind: dialect.name,
    ...(await dialect.about(db, place)),
    schema,
    newest: newestVersion(),
    papers,
    clock_ahead_ms: clock.now() - systemClock.now(),
    latency_ms: Math.round(median * 100) / 100,
  }
}

async function countPapers(db: Db): Promise<number> {
  const { papers } = await db
    .selectFrom('executions')
    .select((eb) => eb.fn.countAll<number>().as('papers'))
    .executeTakeFirstOrThrow()
  return papers
}
