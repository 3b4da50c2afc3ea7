import { wholeKey } from '../llm/api-key.js'
import { corpusMissing } from '../corpus/errors.js'
import { hasContent } from '../corpus/fetched-corpus.js'
import { OpenAlexClient } from '../corpus/openalex/client.js'
import {
  enrichPapers,
  noEnrichCounts,
  type EnrichCounts,
  type EnrichOptions,
} from '../corpus/openalex/enrich.js'
import { openCitationStore } from '../corpus/openalex/store.js'
import type { FetchContext } from './fetch-corpus.js'
import { userAgentOf } from './resources/user-agent.js'

const KEY = 'OPENALEX_API_KEY'

/** What `corpus enrich` works with. */
export interface EnrichContext extends Omit<FetchContext, 'onPage'> {
  env: NodeJS.ProcessEnv
}

/**
 * Fills citations and h-indexes of a corpus of ours from OpenAlex.
 *
 * @throws ConfigError `corpus_missing`, `corpus_not_ours`, `api_key_invalid`; and as `enrichPapers`, after what came before is stored.
 */
export async function enrichCorpus(context: EnrichContext, options: EnrichOptions): Promise<EnrichCounts> {
  const { db, clock, log, settings, env } = context
  if (!hasContent(settings.corpusDb)) throw corpusMissing(settings.corpusDb)
  const key = keyIn(env)
  const store = openCitationStore(settings.corpusDb, clock)
  if (key === null) log.warn(`without a key in ${KEY} OpenAlex answers few requests a day`)
  const client = new OpenAlexClient({
    db,
    clock,
    log,
    userAgent: userAgentOf(settings.contact),
    gapSeconds: settings.pdfGap,
    url: settings.openAlexUrl,
    key,
    mailto: /^[^\s@/]+@[^\s@/]+$/.test(settings.contact ?? '') ? settings.contact : null,
  })
  const counts = noEnrichCounts()
  try {
    await enrichPapers({ client, store, clock }, options, counts)
    for (const id of counts.missing) log.warn(`the corpus has no paper "${id}"`)
    return counts
  } catch (error) {
    if (counts.asked > 0)
      log.warn(`${counts.asked} papers were done before; the next run goes on behind them`)
    throw error
  } finally {
    store.close()
    await client.close()
  }
}

function keyIn(env: NodeJS.ProcessEnv): string | null {
  const key = env[KEY]?.trim()
  return key ? wholeKey(KEY, key, null) : null
}
