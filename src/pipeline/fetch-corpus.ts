import type { Clock } from '../core/clock.js'
import { ConfigError, messageOf } from '../core/errors.js'
import type { Logger } from '../core/logging.js'
import type { Settings } from '../core/settings/settings.js'
import type { FetchFilter } from '../corpus/arxiv/fetch-filter.js'
import {
  fetchIds,
  fetchPapers,
  noCounts,
  noteRun,
  type FetchCounts,
  type FetchServices,
} from '../corpus/arxiv/fetch-papers.js'
import { fetchTarget } from '../corpus/fetched-corpus.js'
import { openPaperStore } from '../corpus/importing/paper-store.js'
import type { Db } from '../db/engine/prepared.js'
import { openArxiv } from './resources/open-arxiv.js'

/** What `corpus fetch` prints with --json. */
export interface CorpusFetch extends FetchCounts {
  /** Ids that arXiv does not know. */
  unknown: string[]
  corpus: string
  /** How many papers the corpus holds afterwards. */
  papers: number
}

export interface FetchContext {
  db: Db
  clock: Clock
  log: Logger
  settings: Settings
  onPage?: FetchServices['onPage']
}

const SHOWN_PROBLEMS = 5

/**
 * Fetches metadata from arXiv into the corpus, by a filter or by ids; the same filter goes on where it stopped.
 *
 * @throws ConfigError `corpus_not_ours` for a crawler's file; and as `fetchPapers`, after what came before is stored.
 */
export async function fetchCorpus(
  context: FetchContext,
  chosen: { filter: FetchFilter } | { ids: readonly string[] },
): Promise<CorpusFetch> {
  const { corpusDb } = context.settings
  if (fetchTarget(context.settings) !== corpusDb) throw notOurs(corpusDb)
  return fetchInto(corpusDb, context, JSON.stringify(chosen), async (services, counts) => {
    if ('ids' in chosen) return fetchIds(services, chosen.ids, counts)
    await fetchPapers(services, chosen.filter, counts)
    return []
  })
}

/**
 * Opens what a fetch needs, and notes in the corpus what came of it.
 *
 * @param words what the run was for.
 * @param run returns the ids that arXiv does not know.
 */
export async function fetchInto(
  path: string,
  context: FetchContext,
  words: string,
  run: (services: FetchServices, counts: FetchCounts) => Promise<string[]>,
): Promise<CorpusFetch> {
  const { settings, clock, log } = context
  const counts = noCounts()
  const startedAt = clock.now()
  const store = openPaperStore(path, clock)
  const client = openArxiv(settings, context)
  const services: FetchServices = {
    client,
    store,
    clock,
    urls: { api: settings.arxivApiUrl, oai: settings.oaiUrl },
    onPage: context.onPage,
    onProblem: (problem) => {
      if (counts.invalid <= SHOWN_PROBLEMS) log.warn(`a record of arXiv’s cannot be read: ${problem}`)
    },
  }
  let error: unknown = null
  try {
    const unknown = await run(services, counts)
    store.finish()
    for (const id of unknown) log.warn(`arXiv has no paper "${id}"`)
    return { ...counts, unknown, corpus: path, papers: store.count() }
  } catch (failure) {
    error = failure
    if (counts.read > 0)
      log.warn(`${counts.read} records were stored before; the next run goes on behind them`)
    throw failure
  } finally {
    const said = error === null ? null : messageOf(error)
    noteRun(store, { startedAt, filter: words, counts, error: said }, clock.now())
    store.close()
    await client.close()
  }
}

function notOurs(path: string): ConfigError {
  return new ConfigError('corpus_not_ours', `${path} is a crawler's file, which is only read.`, {
    hint: 'Let its crawler fetch, or name a file of your own with --corpus.',
  })
}
