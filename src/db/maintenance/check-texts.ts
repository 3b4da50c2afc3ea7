import type BetterSqlite3 from 'better-sqlite3'
import { RpaError } from '../../core/errors.js'
import { textOf } from '../checkpoints/packed-texts.js'
import { DAMAGE_HINT, DamageError } from '../checkpoints/damage.js'
import type { BlobsTable } from '../engine/schema.js'
import { DOCUMENT_COLUMNS, TRANSITIONS_A_RUN } from '../engine/schema.js'

/** Papers that are named in a message. */
const NAMED = 20

/**
 * Checks every stored text against its hash.
 *
 * @param path the DB, for the message.
 * @throws RpaError `db_corrupt`, naming the papers whose texts are damaged.
 */
export function requireSoundTexts(handle: BetterSqlite3.Database, path: string): void {
  if (handle.prepare("select 1 from sqlite_master where name = 'blobs'").get() === undefined) return
  const damaged: string[] = []
  for (const row of handle.prepare('select hash, codec, size, data from blobs').iterate()) {
    try {
      textOf(row as BlobsTable)
    } catch (error) {
      if (!(error instanceof DamageError)) throw error
      damaged.push((row as BlobsTable).hash)
    }
  }
  if (damaged.length === 0) return
  const papers = papersOf(handle, damaged)
  const named = papers.slice(0, NAMED).join(', ')
  const whose = papers.length === 0 ? 'no paper in particular' : named
  throw new RpaError(
    'db_corrupt',
    `${damaged.length} stored texts in ${path} are not what was stored; they belong to ${whose}.`,
    { hint: DAMAGE_HINT },
  )
}

function papersOf(handle: BetterSqlite3.Database, hashes: readonly string[]): string[] {
  // A file in an older form is not brought up to date for this.
  const known = new Set(handle.prepare("select name from pragma_table_info('executions')").pluck().all())
  const queries = DOCUMENT_COLUMNS.filter((column) => known.has(column)).map(
    (column) => `select arxiv_id from executions where instr(${column}, @hash) > 0`,
  )
  if (handle.prepare("select 1 from sqlite_master where name = 'machine_transitions'").get() !== undefined) {
    queries.push(
      `select e.arxiv_id from machine_transitions t
       join machine_runs r on r.run_id = t.transition_id / ${TRANSITIONS_A_RUN}
       join executions e on e.execution_id = r.execution_id where instr(t.delta, @hash) > 0`,
    )
  }
  const finds = queries.map((query) => handle.prepare(query).pluck())
  return [
    ...new Set(hashes.flatMap((hash) => finds.flatMap((find) => find.all({ hash }) as string[]))),
  ].sort()
}
