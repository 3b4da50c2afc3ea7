import type { Clock } from '../core/clock.js'
import type { Logger } from '../core/logging.js'
import type { Corpus } from '../corpus/open.js'
import type { SeedFilter } from '../corpus/seed-filter.js'
import { seedPages } from '../corpus/seed-candidates.js'
import { insertExecutions } from '../db/executions/executions.js'
import { namedExecutions } from '../db/executions/named.js'
import type { Db } from '../db/engine/prepared.js'

export interface SeedOptions {
  limit: number
  filter: SeedFilter
  /** Priority of the new executions; null: the queue's own. */
  priority: number | null
  dryRun: boolean
}

/** What `seed` prints with --json. */
export interface SeedResult {
  /** Papers of the corpus that were looked at. */
  considered: number
  seeded: number
  /** Had an execution already. */
  already: number
  /** Not usable: no arXiv id, excluded by the corpus, or unknown to it. */
  skipped: number
  unknown: string[]
}

/**
 * Makes pending executions of the corpus's best papers. Papers that were seeded before are passed over, so that the
 * next call goes on where this one stopped.
 */
export async function seed(
  services: { db: Db; corpus: Corpus; clock: Clock; log: Logger },
  options: SeedOptions,
): Promise<SeedResult> {
  const { db, corpus, clock, log } = services
  const result: SeedResult = { considered: 0, seeded: 0, already: 0, skipped: 0, unknown: [] }
  for (const page of seedPages(corpus, options.filter)) {
    const left = page.invalid + page.disabled
    const known = await namedExecutions(db, [...page.unknown, ...page.places.map(({ arxiv_id }) => arxiv_id)])
    const unknown = page.unknown.filter((id) => !known.has(id))
    result.unknown.push(...unknown)
    result.already += page.unknown.length - unknown.length
    result.skipped += left + unknown.length
    result.considered += left + page.unknown.length
    const wanted = new Set<string>()
    for (const { arxiv_id } of page.places) {
      if (wanted.size === options.limit - result.seeded) break
      result.considered += 1
      if (known.has(arxiv_id)) result.already += 1
      else wanted.add(arxiv_id)
    }
    const papers = page.candidates((arxivId) => wanted.has(arxivId))
    const rows = papers.map((paper) => ({ ...paper, priority: options.priority ?? paper.priority }))
    const inserted = options.dryRun ? rows.length : await insertExecutions(db, rows, clock.now())
    result.seeded += inserted
    result.already += rows.length - inserted
    if (result.seeded >= options.limit) break
  }
  for (const id of result.unknown) log.warn(`the corpus has no paper "${id}"`)
  if (result.unknown.length > 0)
    log.warn(
      `import their metadata first (rpa corpus import FILE), or name the corpus that has them with --corpus`,
    )
  return result
}
