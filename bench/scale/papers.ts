import { parseArxivId } from '../../src/core/arxiv-id.js'
import { openDatabase } from '../../src/db/engine/open.js'
import { insertExecutions } from '../../src/db/executions/executions.js'

export const ABSTRACT = 'x'.repeat(1400)
/** Rows that are made at once. */
export const PAGE = 1000

/** Makes an executions DB with that many papers waiting. */
export async function fillPapers(url: string, papers: number): Promise<void> {
  const { db, clock, close } = await openDatabase(url)
  for (let first = 0; first < papers; first += PAGE) {
    const page = Array.from({ length: Math.min(PAGE, papers - first) }, (_, index) => {
      const number = first + index
      const { base } = parseArxivId(`2401.${String(number).padStart(5, '0')}`)
      return {
        arxiv_id: base,
        paper_id: number,
        title: 'Title',
        authors: 'Authors',
        abstract: ABSTRACT,
        priority: number % 10,
      }
    })
    await insertExecutions(db, page, clock.now())
  }
  await close()
}
