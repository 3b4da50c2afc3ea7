import { fetchHarvest, fetchIds, fetchPapers } from '../corpus/arxiv/fetch-papers.js'
import { knownIds, newestDay, savedFetches } from '../corpus/arxiv/saved-fetches.js'
import { corpusMissing } from '../corpus/errors.js'
import { fetchTarget, hasContent } from '../corpus/fetched-corpus.js'
import { openCorpus } from '../corpus/open.js'
import { noteChangedPapers, type NotedChanges } from './changed-papers.js'
import { fetchInto, type CorpusFetch, type FetchContext } from './fetch-corpus.js'

/** What `corpus update` prints with --json. */
export interface CorpusUpdate extends NotedChanges {
  /** Null: the corpus is a crawler's, and nothing was fetched beside it. */
  fetched: CorpusFetch | null
}

/** So many papers are asked for one by one; of more, everything that changed is looked through. */
const MANY_PAPERS = 5_000

/**
 * Fetches what changed at arXiv since the last time: papers that the corpus holds, and what its saved fetches would find. Then
 * it notes later versions and withdrawals of papers that were read already.
 *
 * @throws ConfigError `corpus_missing`; and as `fetchPapers`, after the news that came before it are noted.
 */
export async function updateCorpus(context: FetchContext): Promise<CorpusUpdate> {
  const { settings } = context
  if (!hasContent(settings.corpusDb)) throw corpusMissing(settings.corpusDb)
  const target = fetchTarget(settings)
  let fetched: CorpusUpdate['fetched'] = null
  try {
    if (hasContent(target)) fetched = await fetchChanges(target, context)
  } catch (error) {
    await noteChanges(context, target)
    throw error
  }
  return { fetched, ...(await noteChanges(context, target)) }
}

async function fetchChanges(target: string, context: FetchContext): Promise<CorpusFetch> {
  const { known, newest, filters } = heldBy(target)
  return fetchInto(target, context, 'update', async (services, counts) => {
    if (known === null) await fetchHarvest(services, null, { since: newest, onlyKnown: true }, counts)
    else await fetchIds(services, known, counts)
    for (const filter of filters) await fetchPapers(services, filter, counts)
    return []
  })
}

function heldBy(path: string): {
  known: string[] | null
  newest: string | null
  filters: ReturnType<typeof savedFetches>
} {
  const corpus = openCorpus(path)
  try {
    return { known: knownIds(corpus, MANY_PAPERS), newest: newestDay(corpus), filters: savedFetches(corpus) }
  } finally {
    corpus.close()
  }
}

async function noteChanges(context: FetchContext, target: string): Promise<NotedChanges> {
  const { corpusDb } = context.settings
  const paths = target === corpusDb ? [corpusDb] : [corpusDb, ...(hasContent(target) ? [target] : [])]
  const corpora = paths.map((path) => openCorpus(path))
  try {
    const { db, clock, settings } = context
    return await noteChangedPapers({ db, clock, newVersions: settings.newVersions }, corpora)
  } finally {
    for (const corpus of corpora) corpus.close()
  }
}
