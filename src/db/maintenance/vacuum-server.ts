import { sql } from 'kysely'
import { RpaError } from '../../core/errors.js'
import { textOf } from '../checkpoints/packed-texts.js'
import { DAMAGE_HINT, DamageError } from '../checkpoints/damage.js'
import { columnsInForce } from '../engine/migrate.js'
import type { Db } from '../engine/prepared.js'
import { DOCUMENT_COLUMNS, TRANSITIONS_A_RUN } from '../engine/schema.js'
import type { VacuumResult } from './vacuum.js'

const PAGE = 100
/** Papers that are named in a message. */
const NAMED = 20

/**
 * Lets a server take up the room of dead rows, which it also does by itself, and look anew at what its tables hold;
 * others work on meanwhile. Every text is checked against its hash.
 *
 * @param place the DB, for messages.
 * @throws RpaError `db_corrupt`, naming the papers whose texts are damaged.
 */
export async function vacuumServer(db: Db, place: string): Promise<VacuumResult> {
  const before = await bytesOf(db)
  await requireSoundTexts(db, place)
  for (const table of columnsInForce().keys()) await sql`vacuum (analyze) ${sql.table(table)}`.execute(db)
  return { before_bytes: before, after_bytes: await bytesOf(db), integrity: 'ok', path: place }
}

/** With indexes and what is stored beside the rows. */
async function bytesOf(db: Db): Promise<number> {
  const { rows } = await sql<{ bytes: number }>`
    select coalesce(sum(pg_total_relation_size(c.oid)), 0) as bytes from pg_class c
    where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace`.execute(db)
  return rows[0]?.bytes ?? 0
}

async function requireSoundTexts(db: Db, place: string): Promise<void> {
  const damaged: string[] = []
  for (let after = ''; ;) {
    const rows = await db
      .selectFrom('blobs')
      .selectAll()
      .where('hash', '>', after)
      .orderBy('hash')
      .limit(PAGE)
      .execute()
    for (const row of rows) {
      try {
        textOf(row)
      } catch (error) {
        if (!(error instanceof DamageError)) throw error
        damaged.push(row.hash)
      }
    }
    const last = rows.at(-1)
    if (last === undefined) break
    after = last.hash
  }
  if (damaged.length === 0) return
  const papers = await papersOf(db, damaged)
  const whose = papers.length === 0 ? 'no paper in particular' : papers.slice(0, NAMED).join(', ')
  throw new RpaError(
    'db_corrupt',
    `${damaged.length} stored texts in ${place} are not what was stored; they belong to ${whose}.`,
    { hint: DAMAGE_HINT },
  )
}

async function papersOf(db: Db, hashes: readonly string[]): Promise<string[]> {
  const papers = new Set<string>()
  for (const hash of hashes) {
    const holds = `%${hash}%`
    const rows = await db
      .selectFrom('executions as e')
      .select('e.arxiv_id')
      .where((eb) =>
        eb.or([
          ...DOCUMENT_COLUMNS.map((column) => eb(`e.${column}`, 'like', holds)),
          eb.exists(
            eb
              .selectFrom('machine_transitions as t')
              .innerJoin('machine_runs as r', (join) =>
                join.on('r.run_id', '=', sql<number>`t.transition_id / ${sql.lit(TRANSITIONS_A_RUN)}`),
              )
              .select('t.transition_id')
              .whereRef('r.execution_id', '=', 'e.execution_id')
              .where('t.delta', 'like', holds),
          ),
        ]),
      )
      .execute()
    for (const row of rows) papers.add(row.arxiv_id)
  }
  return [...papers].sort()
}
