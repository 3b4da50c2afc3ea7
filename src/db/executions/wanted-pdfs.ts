import type { Db } from '../engine/prepared.js'
import type { Execution } from './executions.js'

/** A pending paper whose PDF will be wanted. */
export type WantedPdf = Pick<
  Execution,
  'execution_id' | 'arxiv_id' | 'paper_id' | 'title' | 'abstract' | 'priority' | 'created_at'
>

const PAGE = 200

/** Returns how many papers {@link wantedPdfs} yields. */
export async function countWantedPdfs(db: Db): Promise<number> {
  const row = await db
    .selectFrom('executions')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .where('status', '=', 'pending')
    .where('source_text', 'is', null)
    .executeTakeFirst()
  return Number(row?.n ?? 0)
}

/**
 * Yields the pending papers in the order in which they will be claimed, in pages: nobody's transaction has to last as long
 * as the fetching. PDFs that were seeded themselves are left out: their text is there.
 */
export async function* wantedPdfs(db: Db): AsyncGenerator<WantedPdf> {
  let after: WantedPdf | undefined
  for (;;) {
    let query = db
      .selectFrom('executions')
      .select(['execution_id', 'arxiv_id', 'paper_id', 'title', 'abstract', 'priority', 'created_at'])
      .where('status', '=', 'pending')
      .where('source_text', 'is', null)
    const last = after
    if (last !== undefined) {
      query = query.where((eb) =>
        eb.or([
          eb('priority', '<', last.priority),
          eb.and([eb('priority', '=', last.priority), eb('created_at', '>', last.created_at)]),
          eb.and([
            eb('priority', '=', last.priority),
            eb('created_at', '=', last.created_at),
            eb('execution_id', '>', last.execution_id),
          ]),
        ]),
      )
    }
    const rows: WantedPdf[] = await query
      .orderBy('priority', 'desc')
      .orderBy('created_at')
      .orderBy('execution_id')
      .limit(PAGE)
      .execute()
    yield* rows
    if (rows.length < PAGE) return
    after = rows.at(-1)
  }
}
