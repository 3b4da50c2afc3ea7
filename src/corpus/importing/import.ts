import { statSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { systemClock, type Clock } from '../../core/clock.js'
import { messageOf, RpaError, systemCode, UsageError } from '../../core/errors.js'
import { formatOf } from '../formats/detect.js'
import type { Found, MetadataFormat, MetadataRecord, Rejected } from '../formats/types.js'
import { openSource, type ImportSource } from './import-source.js'
import { metRows } from './met-rows.js'
import { openPaperStore, type PaperStore } from './paper-store.js'

export interface FileImport {
  file: string
  /** Name of the format found. */
  format: string
  /** Records read, broken ones included. */
  read: number
  /** Papers the corpus did not know. */
  inserted: number
  /** Papers with a newer version (a row is added) or with amended metadata. */
  updated: number
  unchanged: number
  /** Papers that arXiv has removed. */
  removed: number
  invalid: number
  /** Of the unchanged: those that say something else of a version than another of this import, which stands. */
  conflicting: number
  /** The first five records that are broken or conflict. */
  errors: { line: number; message: string }[]
  /** All of them by what is wrong, the most frequent first. */
  reasons: ImportReason[]
  /** Why nothing could be read from some point on: the file is cut short or damaged. What came before is stored. */
  broken?: string
}

/** What is wrong with some records of a file. */
export interface ImportReason {
  reason: string
  records: number
  /** Where they begin, the first 10,000. */
  lines: number[]
}

export interface CorpusImport {
  files: FileImport[]
  /** How many papers the corpus holds afterwards. */
  papers: number
}

export interface ImportOptions {
  /** Called after each transaction with the counts of the current file so far, and how much of it was read. */
  onProgress?: (file: FileImport, read: ReadBytes) => void
  /** Called before the full-text index is made of all papers at once, which takes a while. */
  onIndexing?: () => void
  /** Read for the file name `-`; default standard input. */
  stdin?: Readable
  clock?: Clock
  /** Papers a transaction; default 1000. */
  batchSize?: number
}

/** Bytes of the file as it lies there, packed or not. */
export interface ReadBytes {
  bytes: number
  /** Null: nobody knows, as of standard input. */
  total: number | null
}

const BATCH_SIZE = 1_000
const SHOWN_ERRORS = 5
const NAMED_LINES = 10_000

/**
 * Adds the papers of arXiv metadata files to a corpus, making it if there is none; importing again changes nothing.
 * Files are streamed and stored in transactions, so memory stays constant and an import that was killed is completed
 * by running it again. Broken records are counted and passed over. Throws UsageError `import_missing`, RpaError
 * `import_format`, ConfigError `corpus_foreign`, `corpus_unreadable`, `corpus_unwritable`.
 */
export async function importCorpus(
  dbPath: string,
  files: readonly string[],
  options: ImportOptions = {},
): Promise<CorpusImport> {
  for (const file of files) requireFile(file)
  let store: PaperStore | undefined
  const results: FileImport[] = []
  try {
    for (const file of files) {
      const source = await openForImport(file, options.stdin ?? process.stdin)
      try {
        const format = formatOf(file, source.sample)
        store ??= openPaperStore(dbPath, options.clock ?? systemClock)
        results.push(await importFile(store, { file, format, source }, options))
      } finally {
        await source.close()
      }
    }
    store ??= openPaperStore(dbPath, options.clock ?? systemClock)
    store.finish(options.onIndexing)
    return { files: results, papers: store.count() }
  } finally {
    store?.close()
  }
}

interface Job {
  file: string
  format: MetadataFormat
  source: ImportSource
}

async function importFile(
  store: PaperStore,
  { file, format, source }: Job,
  options: ImportOptions,
): Promise<FileImport> {
  const result = emptyResult(file, format.name)
  let batch = new Map<MetadataRecord, number>()
  const met = metRows((record, fields) => {
    const line = batch.get(record as MetadataRecord) ?? 0
    const of = fields.join(', ').replace(/, ([^,]*)$/, ' and $1')
    const problem = `${record.arxiv_id} is there twice, with another ${of}; the first one stands`
    result.conflicting++
    note(result, { line, problem, reason: 'another text for one version; the first one stands' })
  })
  const flush = (): void => {
    for (const outcome of batch.size === 0 ? [] : store.write([...batch.keys()], { met })) result[outcome]++
    batch = new Map()
    options.onProgress?.({ ...result, errors: [...result.errors] }, source.progress())
  }
  for await (const { record, last } of recordsOf(format, source)) {
    result.read++
    if ('content' in record) batch.set(record.content, record.line)
    else {
      result.invalid++
      note(result, record)
      if (last) result.broken = record.problem
    }
    if (batch.size >= (options.batchSize ?? BATCH_SIZE)) flush()
  }
  flush()
  result.reasons.sort((a, b) => b.records - a.records)
  return result
}

function emptyResult(file: string, format: string): FileImport {
  const counts = { read: 0, inserted: 0, updated: 0, unchanged: 0, removed: 0, invalid: 0, conflicting: 0 }
  return { file, format, ...counts, errors: [], reasons: [] }
}

function note({ errors, reasons }: FileImport, { line, problem, reason }: Rejected): void {
  if (errors.length < SHOWN_ERRORS) errors.push({ line, message: problem })
  let same = reasons.find((one) => one.reason === reason)
  if (same === undefined) reasons.push((same = { reason, records: 0, lines: [] }))
  same.records++
  if (same.lines.length < NAMED_LINES) same.lines.push(line)
}

/** A file that breaks off (a download cut short) is a broken record at its end; what came before counts. */
async function* recordsOf(
  format: MetadataFormat,
  source: ImportSource,
): AsyncGenerator<{ record: Found<MetadataRecord>; last: boolean }> {
  const scanner = format.scanner()
  let line = 1
  try {
    for await (const chunk of source.chunks()) {
      for (const record of scanner.push(chunk)) {
        line = record.line
        yield { record, last: false }
      }
    }
  } catch (error) {
    if (systemCode(error)?.startsWith('Z_') !== true) throw error
    const reason = 'the compressed file is broken from here on'
    yield { record: { line: line + 1, problem: `${reason}: ${messageOf(error)}`, reason }, last: true }
    return
  }
  // What has no end of its own is what a download that was cut short ends with.
  for (const record of scanner.end()) yield { record, last: true }
}

async function openForImport(file: string, stdin: Readable): Promise<ImportSource> {
  try {
    return await openSource(file, stdin)
  } catch (error) {
    if (systemCode(error) === null) throw error
    throw new RpaError('import_unreadable', `${file} cannot be read: ${messageOf(error)}`, {
      hint: 'Check that the file is complete and that you may read it.',
      cause: error,
    })
  }
}

function requireFile(file: string): void {
  if (file === '-') return
  const stat = statSync(file, { throwIfNoEntry: false })
  if (stat !== undefined && !stat.isDirectory()) return
  throw new UsageError(
    'import_missing',
    stat === undefined ? `There is no file ${file}.` : `${file} is a folder.`,
    {
      hint: 'Give the metadata files themselves, or - for standard input.',
    },
  )
}
