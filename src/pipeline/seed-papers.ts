import { arxivIdOf, isLocalId } from '../core/arxiv-id.js'
import type { Clock } from '../core/clock.js'
import type { Logger } from '../core/logging.js'
import type { Settings } from '../core/settings/settings.js'
import { hasContent } from '../corpus/fetched-corpus.js'
import { openCorpus, SMALL_CACHE_KIB } from '../corpus/open.js'
import type { Db } from '../db/engine/prepared.js'
import { fetchMissing, missingError, type FetchedMissing } from './fetch-missing.js'
import { lackingPdfs } from './lacking-pdfs.js'
import { seed, type SeedOptions, type SeedResult } from './seed.js'

interface Services {
  db: Db
  clock: Clock
  log: Logger
  settings: Settings
  onSeeded?: (arxivIds: readonly string[]) => void
}

/**
 * Seeds from the corpus, as `seed`; papers that are named and whose metadata lack are asked of arXiv first. What can be done is
 * done before an error ends it.
 *
 * @throws as `openCorpus`; RpaError `arxiv_unreachable` (exit 69) or `arxiv_busy` (exit 75) where arXiv could not be asked.
 */
export async function seedPapers(services: Services, options: SeedOptions): Promise<SeedResult> {
  const { settings, log } = services
  const { filter, dryRun } = options
  const missing = filter.ids === undefined || dryRun ? null : await fetchMissing(services, filter.ids)
  const failure = missing?.failure ?? null
  if (failure !== null && !hasContent(settings.corpusDb)) throw missingError(failure, 0)
  const pdfs = lackingPdfs(settings)
  const result = await seedBoth({ ...services, ...pdfs }, options, missing)
  const without = pdfs?.found()
  if (without !== undefined && without.papers > 0) result.without_pdf = without
  if (missing !== null && missing.fetched.length > 0) result.fetched = missing.fetched
  for (const id of result.unknown) log.warn(`${unknownWords(id, dryRun)}`)
  if (failure !== null) throw missingError(failure, result.seeded)
  return result
}

/** Requires that there is a corpus where nothing will make one. Throws as `openCorpus`. */
export function requireCorpus(settings: Settings, mayBeMade: boolean): void {
  if (mayBeMade && !hasContent(settings.corpusDb)) return
  openCorpus(settings.corpusDb, SMALL_CACHE_KIB).close()
}

/** From the corpus, and from what stands beside a crawler's. */
async function seedBoth(
  services: Services,
  options: SeedOptions,
  missing: FetchedMissing | null,
): Promise<SeedResult> {
  const { settings } = services
  if (missing === null) return seedFrom(settings.corpusDb, services, options)
  const elsewhere = new Set([...missing.besides, ...(missing.failure?.ids ?? [])])
  const ids = (options.filter.ids ?? []).filter((id) => !elsewhere.has(id))
  const inCorpus = await seedFrom(settings.corpusDb, services, {
    ...options,
    filter: { ...options.filter, ids },
  })
  if (missing.besides.length === 0) return inCorpus
  const filter = { ...options.filter, ids: missing.besides }
  const beside = await seedFrom(missing.beside, services, { ...options, filter })
  return {
    ...inCorpus,
    considered: inCorpus.considered + beside.considered,
    seeded: inCorpus.seeded + beside.seeded,
    already: inCorpus.already + beside.already,
    skipped: inCorpus.skipped + beside.skipped,
  }
}

async function seedFrom(path: string, services: Services, options: SeedOptions): Promise<SeedResult> {
  const corpus = openCorpus(path, SMALL_CACHE_KIB)
  try {
    const result = await seed({ ...services, corpus }, options)
    for (const id of result.dropped ?? [])
      services.log.warn(`${id} was dropped from the queue; rpa queue release ${id} brings it back`)
    return result
  } finally {
    corpus.close()
  }
}

function unknownWords(id: string, dryRun: boolean): string {
  if (isLocalId(id)) return `no PDF was seeded as "${id}": rpa seed --pdf FILE`
  if (arxivIdOf(id) === null) return `"${id}" is no paper of arXiv`
  return dryRun
    ? `the corpus has no paper "${id}": arXiv would be asked for it`
    : `neither the corpus nor arXiv has a paper "${id}"`
}
