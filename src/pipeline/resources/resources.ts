import type { Clock } from '../../core/clock.js'
import type { ConfigTree } from '../../core/files/config-tree.js'
import type { Logger } from '../../core/logging.js'
import { packageVersion } from '../../core/package.js'
import type { Settings } from '../../core/settings/settings.js'
import type { Corpus } from '../../corpus/open.js'
import { besideCorpus, hasContent } from '../../corpus/fetched-corpus.js'
import { openCorpus } from '../../corpus/open.js'
import { processOwnerId, sharedOwnerId } from '../../core/processes/owner.js'
import { openDatabase, openForReading } from '../../db/engine/open.js'
import type { ModelProfile, Provider, ProviderName } from '../../llm/provider.js'
import type { Terminology } from '../../report/terms/terminology.js'
import type { ActionServices } from '../actions/services.js'
import { configFolders } from '../config/config-folders.js'
import { loadTerminology } from '../config/load-terminology.js'
import { EXTRACT_WORKER, pdfLimits } from './pdf-limits.js'
import { pdfSources } from './pdf-sources.js'
import { userAgentOf } from './user-agent.js'
import { PdfExtractor } from '../../papers/extractor.js'

/** Requests under way, each with the moment (by `performance.now()`) at which it will have ended at the latest. */
export type InFlight = Map<string, number>

/** Everything a command works with, opened when first asked for and closed together. */
export interface Resources extends ActionServices {
  settings: Settings
  env: NodeJS.ProcessEnv
  /** Only looked at: nothing is written, no provider is asked, no key is needed. */
  reading: boolean
  /** What users read of where the executions DB is. */
  place: string
  /** @throws RpaError `disk_full` where what comes next could not be stored. */
  requireRoom: () => void
  /** Names host, process and start of the process. */
  ownerId: string
  config: ConfigTree
  /** Requests under way in this process. */
  inFlight: InFlight
  provider: (profile: ModelProfile) => Promise<Provider>
  /** Aborted when they are closed: what goes on in the background ends then. */
  closing: AbortSignal
  close(): Promise<void>
}

/** The composition root: opens the executions DB and prepares the rest. */
export async function openResources(
  settings: Settings,
  log: Logger,
  options: { workers?: number; env?: NodeJS.ProcessEnv; clock?: Clock; reading?: boolean } = {},
): Promise<Resources> {
  const env = options.env ?? process.env
  const version = packageVersion()
  const closing = new AbortController()
  const reading = options.reading ?? false
  const database = await (reading ? openForReading : openDatabase)(settings.databaseUrl)
  const clock = options.clock ?? database.clock
  if (!reading) database.keepReserve()
  let corpus: Corpus | undefined
  let beside: Corpus | null | undefined
  let terminology: Terminology | undefined
  let extractor: PdfExtractor | undefined
  const userAgent = userAgentOf(settings.contact)
  const openai = async (): Promise<Provider> => {
    const { OpenAiProvider } = await import('../../llm/openai.js')
    return new OpenAiProvider({ env, clock, userAgent })
  }
  const offline = async (): Promise<Provider> => {
    const { OfflineProvider } = await import('../../llm/offline/provider.js')
    return new OfflineProvider()
  }
  const openers: Record<ProviderName, () => Promise<Provider>> = { openrouter: openai, openai, offline }
  const providers = new Map<() => Promise<Provider>, Promise<Provider>>()
  return {
    settings,
    log,
    env,
    clock,
    version,
    reading,
    place: database.place,
    requireRoom: database.requireRoom,
    ownerId: database.shared ? sharedOwnerId() : processOwnerId(),
    db: database.db,
    config: configFolders(settings),
    inFlight: new Map(),
    pdfSources: pdfSources(settings, { db: database.db, clock, log, userAgent }),
    otherPdfs: settings.pdfOther,
    reportsDir: settings.reportsDir,
    terminology: () => (terminology ??= loadTerminology(settings)),
    corpus: async () => (corpus ??= openCorpusFor(settings, log)),
    besideCorpus: () => (beside ??= openBeside(settings)),
    extractor: async () =>
      (extractor ??= new PdfExtractor({
        workers: Math.min(options.workers ?? 2, 2),
        limits: pdfLimits(settings),
        workerUrl: EXTRACT_WORKER,
      })),
    provider: async ({ provider }) => {
      const open = openers[provider]
      const opened = providers.get(open) ?? open()
      providers.set(open, opened)
      return opened
    },
    closing: closing.signal,
    close: async () => {
      closing.abort()
      await extractor?.close()
      for (const provider of providers.values()) await (await provider).close?.()
      corpus?.close()
      beside?.close()
      await database.close()
    },
  }
}

function openCorpusFor(settings: Settings, log: Logger): Corpus {
  const corpus = openCorpus(settings.corpusDb)
  if (!corpus.features.fts) {
    log.warn(
      `${settings.corpusDb} has no full-text index (papers_fts): reports will name no neighbours. Importing any metadata file into it builds one.`,
    )
  }
  return corpus
}

function openBeside({ dataDir }: Settings): Corpus | null {
  const path = besideCorpus(dataDir)
  return hasContent(path) ? openCorpus(path) : null
}
