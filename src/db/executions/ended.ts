import { sql } from 'kysely'
import type { Db } from '../engine/prepared.js'
import type { ExecutionsTable } from '../engine/schema.js'

export interface DonePapers {
  count: number
  /** The newest of them. */
  newest: Pick<ExecutionsTable, 'arxiv_id' | 'title'>[]
}

export interface FailedPapers {
  error_class: string
  count: number
  /** Some of them. */
  arxiv_ids: string[]
}

const SHOWN = 3

/** Returns the papers that became done since a moment (ISO text). */
export async function doneSince(db: Db, since: string): Promise<DonePapers> {
  const done = db
    .selectFrom('executions')
    .where('status', '=', sql.lit('done'))
    .where('updated_at', '>=', since)
  const row = await done.select((eb) => eb.fn.countAll<number>().as('n')).executeTakeFirst()
  const newest = await done
    .select(['arxiv_id', 'title'])
    .orderBy('updated_at', 'desc')
    .orderBy('arxiv_id')
    .limit(SHOWN)
    .execute()
  return { count: Number(row?.n ?? 0), newest }
}

/** Returns when the first of the papers that are done became so, ISO text; null: none is. */
export async function firstDone(db: Db): Promise<string | null> {
  const row = await db
    .selectFrom('executions')
    .select('updated_at')
    .where('status', '=', sql.lit('done'))
    .orderBy('updated_at')
    .limit(1)
    .executeTakeFirst()
  return row?.updated_at ?? null
}

/** Returns the papers that failed since a moment (ISO text), by class, most first. */
export async function failedSince(db: Db, since: string): Promise<FailedPapers[]> {
  const rows = await db
    .selectFrom('executions')
    .select(['arxiv_id', 'error_class'])
    .where('status', '=', sql.lit('failed'))
    .where('updated_at', '>=', since)
    .orderBy('arxiv_id')
    .execute()
  const classes = new Map<string, FailedPapers>()
  for (const { arxiv_id: id, error_class: name } of rows) {
    const known = classes.get(name ?? 'unknown') ?? {
      error_class: name ?? 'unknown',
      count: 0,
      arxiv_ids: [],
    }
    known.count += 1
    if (known.arxiv_ids.length < SHOWN) known.arxiv_ids.push(id)
    classes.set(known.error_class, known)
  }
  return [...classes.values()].sort((a, b) => b.count - a.count)
}
