import { sql } from 'kysely'
import { ARXIV_ID_FORMS, arxivIdOf, classSpellings, faultOfId, isLocalId } from '../../core/arxiv-id.js'
import { UsageError } from '../../core/errors.js'
import { dialectOf } from '../engine/dialect.js'
import type { Db } from '../engine/prepared.js'
import type { ExecutionsTable } from '../engine/schema.js'

export type NamedExecution = Pick<ExecutionsTable, 'execution_id' | 'arxiv_id' | 'status'>

/**
 * Returns the executions that each of the given arXiv or execution ids names; ids that name none are left out. A row of
 * the earlier tool may hold the id as its corpus had it: with a subject class (`math.GT/0309136`), a version or `arXiv:`.
 * Where several rows mean one paper, the one written as we write ids comes first.
 */
export async function namedExecutions(
  db: Db,
  ids: readonly string[],
): Promise<Map<string, NamedExecution[]>> {
  const found = new Map<string, NamedExecution[]>()
  const spellings = await spelled(db, ids)
  const { rows } = await sql<NamedExecution & { name: string }>`
    with spelled as (${dialectOf(db).pairs(JSON.stringify(spellings))})
    select name, execution_id, arxiv_id, status from (
      select name, execution_id, place, 0 as dressed from spelled join executions on arxiv_id = stored
      union select name, execution_id, place, 0 from spelled join executions on execution_id = stored
      union select name, execution_id, place, 1 from spelled
        join executions on arxiv_id > stored || 'v' and arxiv_id < stored || 'w'
    ) as found join executions using (execution_id) order by place, dressed, execution_id`.execute(db)
  for (const { name, ...row } of rows) {
    if (name !== row.execution_id && (arxivIdOf(row.arxiv_id) ?? row.arxiv_id) !== name) continue
    const named = found.get(name)
    if (named === undefined) found.set(name, [row])
    else named.push(row)
  }
  return found
}

/**
 * Returns the executions that ids name, each once, in the order of the ids.
 *
 * @throws UsageError `unknown_paper` for an id that names none.
 */
export async function requireExecutions(db: Db, ids: readonly string[]): Promise<NamedExecution[]> {
  const known = await namedExecutions(db, ids)
  const rows = ids.flatMap((id) => {
    const named = known.get(id)
    if (named !== undefined) return named
    throw unknownPaper(id)
  })
  return [...new Map(rows.map((row) => [row.execution_id, row])).values()]
}

function unknownPaper(id: string): UsageError {
  const fault = faultOfId(id)
  const why = fault === null ? '' : `: ${fault}`
  return arxivIdOf(id) === null
    ? new UsageError('unknown_paper', `There is no execution of "${id}", and it is no arXiv id${why}.`, {
        hint: `${ARXIV_ID_FORMS} \`rpa queue list\` and \`rpa report list\` name the papers that are there.`,
      })
    : new UsageError('unknown_paper', `There is no execution of "${id}".`, {
        hint: `Seed it first: rpa seed ${isLocalId(id) ? '--pdf FILE' : `--id ${id}`}`,
      })
}

/** Pairs of an id and one way in which it may be stored, the usual one first. */
async function spelled(db: Db, ids: readonly string[]): Promise<[string, string][]> {
  const pairs: [string, string][] = []
  const classes = new Map<string, string[]>()
  for (const id of ids) {
    pairs.push([id, id], [id, `arXiv:${id}`])
    const old = classSpellings(id)
    if (old === null) continue
    const known = classes.get(old.after) ?? (await storedClasses(db, old))
    classes.set(old.after, known)
    for (const name of known) pairs.push([id, `${name}${old.ending}`])
  }
  return pairs
}

/** Archives with a class (`math.GT`) that stand in the DB: one step of the index each, however many papers they have. */
async function storedClasses(
  db: Db,
  { after, before }: { after: string; before: string },
): Promise<string[]> {
  const classes: string[] = []
  for (let from = after; ;) {
    const row = await db
      .selectFrom('executions')
      .select((eb) => eb.fn.min('arxiv_id').as('arxiv_id'))
      .where('arxiv_id', '>', from)
      .where('arxiv_id', '<', before)
      .executeTakeFirst()
    if (row?.arxiv_id == null) return classes
    const name = row.arxiv_id.split('/')[0] ?? ''
    classes.push(name)
    // The character behind the slash.
    from = `${name}0`
  }
}
