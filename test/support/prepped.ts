import { openDatabase } from '../../src/db/engine/open.js'
import { storeJson } from '../../src/db/checkpoints/blobs.js'

const TEXT = [
  '## Abstract',
  'We measure how a reader of papers spends its requests, and find that 97 % of them can be used.',
  '## 1 Introduction',
  'A limit of 20 requests a minute is kept by all processes together. [p. 2] Our method books each request before it is sent.',
  '## 2 Results',
  'The share of used requests rises from 61 % to 98 % on 4 processes. We did not measure other providers.',
].join('\n\n')

/** Writes papers into an executions DB that have passed prep: `analyze` can take them. */
export async function addPrepped(path: string, papers: number, text = TEXT): Promise<void> {
  const { db, close } = await openDatabase(path)
  const now = new Date().toISOString()
  await db.transaction().execute(async (trx) => {
    for (let n = 1; n <= papers; n++) {
      const output = { key_outcome: 'The share rises to 98 %.', paper_text: text, reference_count: 0 }
      await trx
        .insertInto('executions')
        .values({
          execution_id: `limited-${String(n).padStart(4, '0')}`,
          arxiv_id: `2401.${String(n).padStart(5, '0')}`,
          paper_id: n,
          title: `Limits, part ${n}`,
          authors: 'A. Reader',
          abstract: 'We measure how requests are spent.',
          status: 'prepped',
          priority: 0,
          created_at: now,
          updated_at: now,
          prep_output: await storeJson(trx, output),
        } as never)
        .execute()
    }
  })
  await close()
}
