import { join } from 'node:path'
import type { NewVersions, OtherPdfs, PdfSourceName } from './setting-values.js'
import {
  bucketUrl,
  databaseUrl,
  endpointUrl,
  hostOf,
  hosts,
  httpUrl,
  integer,
  NEW_VERSIONS,
  OTHER_PDFS,
  oneOf,
  path,
  PDF_SOURCES,
  pdfSources,
  pdfTemplate,
  seconds,
  text,
} from './setting-values.js'

const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const
const LOG_FORMATS = ['auto', 'text', 'json'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]
export type LogFormat = (typeof LOG_FORMATS)[number]

/** Every setting, after resolution. Paths are absolute. */
export interface Settings {
  databaseUrl: string
  corpusDb: string
  dataDir: string
  reportsDir: string
  /** The workspace's own configuration; null where there is none. */
  configDir: string | null
  baseUrl: string
  /** Profile that replaces every agent's own; null: agents decide. */
  profile: string | null
  /** Requests a UTC day; 0 = no limit. */
  budget: number
  /** Template of `export`, and of `arxiv` where it is not the default. */
  pdfUrl: string
  /** Root or template of the public bucket. */
  bucketUrl: string
  /** Where metadata are asked for by query and by id. */
  arxivApiUrl: string
  /** Where metadata are harvested. */
  oaiUrl: string
  /** Root of OpenAlex's API, asked for citations. */
  openAlexUrl: string
  /** What becomes of a paper that is done when the corpus holds a later version of it. */
  newVersions: NewVersions
  pdfDir: string | null
  /** Tried in this order. */
  pdfSources: readonly PdfSourceName[]
  /** Seconds between two requests for PDFs or metadata to the same host; null: each host's own. */
  pdfGap: number | null
  /** What becomes of a PDF that names neither the title nor an author of its paper. */
  pdfOther: OtherPdfs
  /** Hosts PDFs may come from, also after a redirect: `host`, `*.domain`, each with `:port` if that port alone. */
  pdfHosts: readonly string[]
  /** Larger files, and those with more pages, are not read. */
  pdfMaxMegabytes: number
  pdfMaxPages: number
  /** Longest time for the reading of one PDF, seconds. */
  pdfTimeout: number
  /** Seconds. */
  leaseTtl: number
  /** Tries after which a paper is left alone. */
  maxAttempts: number
  /** Longest wait for requests in flight after a stop, seconds. */
  drainTimeout: number
  /** E-mail address or URL, part of the User-Agent that arXiv asks for; null if none. */
  contact: string | null
  logLevel: LogLevel
  logFormat: LogFormat
}

export type SettingName = keyof Settings
export type SettingSource = 'flag' | 'environment' | '.env' | 'rpa.yml' | 'default'

export interface ResolvedSettings {
  settings: Settings
  sources: Record<SettingName, SettingSource>
  /** Folder of the rpa.yml in force, or null. */
  workspace: string | null
  /** What its .env sets, and the environment does not. */
  variables: Record<string, string>
  /** Path of its .env, where others than its owner may read it; else null. */
  openEnvFile: string | null
  /** Variables of the environment that were meant for us, as it seems, and are not read: a line each. */
  strangers: string[]
}

export type FlagValues = Partial<Record<SettingName, string | number | undefined>>

export interface Definition {
  /** Key in rpa.yml. */
  key: string
  env: readonly string[]
  /** Returns the value, or throws a plain Error that says what is expected. `base` is what relative paths start from. */
  parse(value: unknown, base: string): Settings[SettingName]
  fallback(known: Partial<Settings>, base: string): Settings[SettingName]
}

export const EXPORT_PDF_URL = 'https://export.arxiv.org/pdf/{arxiv_id}'
/** https://www.kaggle.com/datasets/Cornell-University/arxiv */
const PUBLIC_BUCKET_URL = 'https://storage.googleapis.com/arxiv-dataset'

/** In order: later defaults may build on earlier values. */
export const DEFINITIONS: Record<SettingName, Definition> = {
  dataDir: { key: 'data_dir', env: ['RPA_DATA_DIR'], parse: path, fallback: (_, base) => join(base, 'data') },
  databaseUrl: {
    key: 'database_url',
    env: ['RPA_DATABASE_URL', 'V2_EXECUTIONS_DB_PATH'],
    parse: databaseUrl,
    fallback: (known) => join(known.dataDir ?? '', 'executions.sqlite'),
  },
  corpusDb: {
    key: 'corpus_db',
    env: ['RPA_CORPUS_DB', 'ARXIV_DB_PATH'],
    parse: path,
    fallback: (known) => join(known.dataDir ?? '', 'arxiv.sqlite'),
  },
  reportsDir: {
    key: 'reports_dir',
    env: ['RPA_REPORTS_DIR'],
    parse: path,
    fallback: (known) => join(known.dataDir ?? '', 'reports'),
  },
  configDir: { key: 'config_dir', env: ['RPA_CONFIG_DIR'], parse: path, fallback: () => null },
  baseUrl: {
    key: 'base_url',
    env: ['OPENROUTER_BASE_URL', 'RPA_LLM_BASE_URL'],
    parse: endpointUrl,
    fallback: () => 'https://openrouter.ai/api/v1',
  },
  profile: { key: 'profile', env: ['RPA_PROFILE'], parse: text, fallback: () => null },
  budget: { key: 'budget', env: ['RPA_BUDGET'], parse: (value) => integer(value, 0), fallback: () => 1000 },
  pdfUrl: {
    key: 'pdf_url',
    env: ['RPA_PDF_URL'],
    parse: pdfTemplate,
    fallback: () => EXPORT_PDF_URL,
  },
  bucketUrl: {
    key: 'bucket_url',
    env: ['RPA_BUCKET_URL'],
    parse: bucketUrl,
    fallback: () => PUBLIC_BUCKET_URL,
  },
  arxivApiUrl: {
    key: 'arxiv_api_url',
    env: ['RPA_ARXIV_API_URL'],
    parse: httpUrl,
    fallback: () => 'https://export.arxiv.org/api/query',
  },
  oaiUrl: {
    key: 'oai_url',
    env: ['RPA_OAI_URL'],
    parse: httpUrl,
    fallback: () => 'https://oaipmh.arxiv.org/oai',
  },
  openAlexUrl: {
    key: 'openalex_url',
    env: ['RPA_OPENALEX_URL'],
    parse: httpUrl,
    fallback: () => 'https://api.openalex.org',
  },
  newVersions: {
    key: 'new_versions',
    env: ['RPA_NEW_VERSIONS'],
    parse: oneOf(NEW_VERSIONS),
    fallback: () => 'flag',
  },
  pdfDir: { key: 'pdf_dir', env: ['RPA_PDF_DIR'], parse: path, fallback: () => null },
  pdfSources: {
    key: 'pdf_sources',
    env: ['RPA_PDF_SOURCES'],
    parse: pdfSources,
    fallback: ({ pdfUrl, bucketUrl: bucket }) => {
      // Who names a host of their own wants that one asked, and no other that they have not named.
      const isOwn = pdfUrl !== EXPORT_PDF_URL && bucket === PUBLIC_BUCKET_URL
      return isOwn ? PDF_SOURCES.filter((source) => source !== 'bucket') : PDF_SOURCES
    },
  },
  pdfGap: {
    key: 'pdf_gap',
    env: ['RPA_PDF_GAP'],
    parse: (value) => seconds(value, 600),
    fallback: () => null,
  },
  pdfOther: { key: 'pdf_other', env: ['RPA_PDF_OTHER'], parse: oneOf(OTHER_PDFS), fallback: () => 'refuse' },
  pdfHosts: {
    key: 'pdf_hosts',
    env: ['RPA_PDF_HOSTS'],
    parse: hosts,
    fallback: ({ pdfUrl = '', bucketUrl: bucket = '', pdfSources: asked = [] }) => {
      const named = asked.includes('bucket') ? [pdfUrl, bucket] : [pdfUrl]
      return [...new Set([...named.map(hostOf), 'arxiv.org', '*.arxiv.org'])]
    },
  },
  pdfMaxMegabytes: {
    key: 'pdf_max_megabytes',
    env: ['RPA_PDF_MAX_MEGABYTES'],
    parse: (value) => integer(value, 1),
    fallback: () => 100,
  },
  pdfMaxPages: {
    key: 'pdf_max_pages',
    env: ['RPA_PDF_MAX_PAGES'],
    parse: (value) => integer(value, 1),
    fallback: () => 400,
  },
  pdfTimeout: {
    key: 'pdf_timeout',
    env: ['RPA_PDF_TIMEOUT'],
    parse: (value) => integer(value, 1),
    fallback: () => 30,
  },
  leaseTtl: {
    key: 'lease_ttl',
    env: ['RPA_LEASE_TTL', 'RPA_V2_LEASE_TTL_SECONDS'],
    parse: (value) => integer(value, 1),
    fallback: () => 300,
  },
  maxAttempts: {
    key: 'max_attempts',
    env: ['RPA_MAX_ATTEMPTS'],
    parse: (value) => integer(value, 1),
    fallback: () => 5,
  },
  drainTimeout: {
    key: 'drain_timeout',
    env: ['RPA_DRAIN_TIMEOUT'],
    parse: (value) => integer(value, 0),
    fallback: () => 120,
  },
  contact: { key: 'contact', env: ['RPA_CONTACT'], parse: text, fallback: () => null },
  logFormat: {
    key: 'log_format',
    env: ['RPA_LOG_FORMAT'],
    parse: oneOf(LOG_FORMATS),
    fallback: () => 'auto',
  },
  logLevel: { key: 'log_level', env: ['RPA_LOG_LEVEL'], parse: oneOf(LOG_LEVELS), fallback: () => 'info' },
}

export const SETTING_NAMES = Object.keys(DEFINITIONS) as SettingName[]

/** The key of each setting in rpa.yml. */
export const KEYS = Object.fromEntries(SETTING_NAMES.map((name) => [name, DEFINITIONS[name].key])) as Record<
  SettingName,
  string
>
