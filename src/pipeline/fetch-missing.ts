import { arxivIdOf, isLocalId } from '../core/arxiv-id.js'
import type { Clock } from '../core/clock.js'
import { EXIT, messageOf, RpaError } from '../core/errors.js'
import type { Logger } from '../core/logging.js'
import type { Settings } from '../core/settings/settings.js'
import { papersById } from '../corpus/arxiv/papers-by-id.js'
import { besideCorpus, fetchTarget, hasContent } from '../corpus/fetched-corpus.js'
import { openCorpus } from '../corpus/open.js'
import { storedId } from '../corpus/papers.js'
import { openPaperStore } from '../corpus/importing/paper-store.js'
import { namedExecutions } from '../db/executions/named.js'
import type { Db } from '../db/engine/prepared.js'
import { openArxiv } from './resources/open-arxiv.js'

export interface FetchedMissing {
  /** Papers whose metadata were fetched now. */
  fetched: string[]
  /** Papers that stand beside a crawler's corpus, in `beside`. */
  besides: string[]
  beside: string
  /** Papers that could not be asked for, and why; null: none. */
  failure: { ids: string[]; error: RpaError } | null
}

interface Services {
  db: Db
  clock: Clock
  log: Logger
  settings: Settings
  signal?: AbortSignal
}

/**
 * Sees to it that the metadata of named papers are there: what neither corpus nor executions know is asked of arXiv, many
 * papers a request, and stored. A corpus that is not there is made. An id that arXiv does not know is left out.
 *
 * @throws as `fetchTarget` and `openPaperStore`.
 */
export async function fetchMissing(services: Services, named: readonly string[]): Promise<FetchedMissing> {
  const { settings, db, log } = services
  const target = fetchTarget(settings)
  const ids = named.filter((id) => arxivIdOf(id) === id && !isLocalId(id))
  const seeded = await namedExecutions(db, ids)
  const beside = besideCorpus(settings.dataDir)
  const unseeded = lackingIn(
    settings.corpusDb,
    ids.filter((id) => !seeded.has(id)),
  )
  const lacking = target === settings.corpusDb ? unseeded : lackingIn(beside, unseeded)
  const result: FetchedMissing = { fetched: [], besides: [], beside, failure: null }
  if (lacking.length > 0) {
    log.info(
      `asking arXiv for the metadata of ${lacking.length} ${lacking.length === 1 ? 'paper' : 'papers'}`,
    )
    result.failure = await fetchInto(target, services, lacking, result.fetched)
  }
  if (target !== settings.corpusDb) {
    const failed = new Set(lackingIn(beside, unseeded))
    result.besides = unseeded.filter((id) => !failed.has(id))
  }
  return result
}

async function fetchInto(
  target: string,
  services: Services,
  ids: readonly string[],
  fetched: string[],
): Promise<FetchedMissing['failure']> {
  const { settings, clock } = services
  const client = openArxiv(settings, services)
  const left = new Set(ids)
  try {
    for await (const { papers, unknown } of papersById(client, settings.arxivApiUrl, ids)) {
      if (papers.length > 0 || !hasContent(target)) {
        const store = openPaperStore(target, clock)
        try {
          store.write(papers)
        } finally {
          store.close()
        }
      }
      for (const { arxiv_id } of papers) fetched.push(arxiv_id)
      for (const id of [...papers.map(({ arxiv_id }) => arxiv_id), ...unknown]) left.delete(id)
    }
    return null
  } catch (error) {
    const isArxiv = error instanceof RpaError && error.code.startsWith('arxiv_')
    if (!isArxiv) throw error
    return { ids: [...left], error }
  } finally {
    await client.close()
  }
}

/** Returns the papers that a corpus does not hold; all where there is none. */
function lackingIn(path: string, ids: readonly string[]): string[] {
  if (ids.length === 0 || !hasContent(path)) return [...ids]
  const corpus = openCorpus(path)
  try {
    return ids.filter((id) => storedId(corpus, id) === null)
  } finally {
    corpus.close()
  }
}

/** Returns the error that ends a command whose papers could not all be asked for; what could be done is done. */
export function missingError(
  { ids, error }: NonNullable<FetchedMissing['failure']>,
  seeded: number,
): RpaError {
  const shown = ids.length > 5 ? `${ids.slice(0, 5).join(', ')} and ${ids.length - 5} more` : ids.join(', ')
  const done = seeded > 0 ? ` ${seeded} other ${seeded === 1 ? 'paper was' : 'papers were'} seeded.` : ''
  return new RpaError(
    error.code,
    `The metadata of ${shown} could not be fetched: ${messageOf(error)}${done}`,
    {
      hint: `Run the same command again later${error.exitCode === EXIT.unavailable ? ', or import a file of metadata that has been got elsewhere: rpa corpus import FILE' : ''}.`,
      exitCode: error.exitCode,
      cause: error,
    },
  )
}
