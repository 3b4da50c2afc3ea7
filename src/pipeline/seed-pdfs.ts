import type { PipelineName } from '../core/phases.js'
import { basename } from 'node:path'
import { localId } from '../core/arxiv-id.js'
import type { Clock } from '../core/clock.js'
import { PaperError, RpaError, systemCode } from '../core/errors.js'
import type { Settings } from '../core/settings/settings.js'
import { namedExecutions } from '../db/executions/named.js'
import { insertPdfPaper } from '../db/executions/pdf-papers.js'
import type { Db } from '../db/engine/prepared.js'
import { PdfExtractor } from '../papers/extractor.js'
import { untilWritten } from '../papers/fetch/being-written.js'
import { describePdf, isMissing } from '../papers/fetch/pdf-file.js'
import { readingOf } from './actions/extract-text.js'
import { pdfsAt, type FoundPdf } from './found-pdfs.js'
import { EXTRACT_WORKER, pdfLimits } from './resources/pdf-limits.js'
import type { SeedResult } from './seed.js'

/** What became of one file. */
export interface SeededPdf {
  file: string
  /** null where the file could not be read. */
  arxiv_id: string | null
  title: string | null
  /** Id and version that arXiv has stamped on its first page, where it has. */
  arxiv_stamp?: string
  outcome: 'seeded' | 'already' | 'failed'
  error?: { code: string; message: string; hint?: string }
}

/** What `seed --pdf` prints with --json. */
export interface SeedPdfsResult extends SeedResult {
  pdfs: SeededPdf[]
}

export interface SeedPdfsOptions {
  /** New papers at most. */
  limit: number
  priority: number
  pipeline?: PipelineName | undefined
  dryRun: boolean
  /** Told how many of all files are done. */
  onDone?(files: number, of: number): void
}

interface Services {
  db: Db
  clock: Clock
  settings: Settings
}

/** Files read at the same time. */
const WORKERS = 2

/**
 * Makes pending executions of PDFs: files, and those in folders. What is read of them is stored, so that no later command
 * needs the file, wherever it runs. A file that cannot be read is named in the result; the others go on.
 *
 * @throws UsageError `no_pdfs` where a path is not there or a folder holds none.
 */
export async function seedPdfs(
  services: Services,
  paths: readonly string[],
  options: SeedPdfsOptions,
): Promise<SeedPdfsResult> {
  const files = await pdfsAt(paths)
  const limits = pdfLimits(services.settings)
  const extractor = new PdfExtractor({ workers: WORKERS, limits, workerUrl: EXTRACT_WORKER })
  const pdfs = new Array<SeededPdf>(files.length)
  const seen = new Set<string>()
  let left = options.limit
  let count = 0
  const waiting = [...files.entries()]
  const lane = async (): Promise<void> => {
    while (left > 0) {
      const next = waiting.shift()
      if (next === undefined) return
      // Taken before it is known: two lanes must not both take the last.
      left -= 1
      const pdf = await seedPdf(services, extractor, next[1], seen, options)
      if (pdf.outcome !== 'seeded') left += 1
      pdfs[next[0]] = pdf
      options.onDone?.((count += 1), files.length)
    }
  }
  try {
    await Promise.all(Array.from({ length: WORKERS }, lane))
  } finally {
    await extractor.close()
  }
  const done = pdfs.filter((pdf) => pdf !== undefined)
  const countOf = (outcome: SeededPdf['outcome']): number =>
    done.filter((pdf) => pdf.outcome === outcome).length
  return {
    considered: done.length,
    seeded: countOf('seeded'),
    already: countOf('already'),
    skipped: countOf('failed'),
    unknown: [],
    pdfs: done,
  }
}

async function seedPdf(
  { db, clock, settings }: Services,
  extractor: PdfExtractor,
  { file, error: fault }: FoundPdf,
  seen: Set<string>,
  { priority, pipeline, dryRun }: SeedPdfsOptions,
): Promise<SeededPdf> {
  try {
    if (fault !== undefined) throw fault
    await untilWritten(file)
    const pdf = await describePdf(file, 'local', pdfLimits(settings).maxBytes)
    const id = localId(pdf.sha256)
    const isTwice = seen.has(id)
    seen.add(id)
    if (isTwice || (await namedExecutions(db, [id])).size > 0)
      return { file, arxiv_id: id, title: null, outcome: 'already' }
    const paper = await extractor.extract(file)
    const title = paper.title ?? basename(file).replace(/\.pdf$/iu, '')
    const reading = readingOf(paper, { sha256: pdf.sha256, source: pdf.source })
    const { doi, affiliations, keywords } = paper
    const stamp = paper.arxivStamp === null ? {} : { arxiv_stamp: paper.arxivStamp }
    const source = { ...reading, paper: { ...reading.paper, doi, affiliations, keywords, ...stamp } }
    const row = {
      arxiv_id: id,
      title,
      authors: paper.authors.join(', '),
      abstract: paper.abstract ?? '',
      priority,
      pipeline,
    }
    const isNew = dryRun || (await insertPdfPaper(db, row, source, clock.now()))
    return { file, arxiv_id: id, title, ...stamp, outcome: isNew ? 'seeded' : 'already' }
  } catch (error) {
    if (!isOfFile(error)) throw error
    const { code, message, hint } = error
    const shown = { code, message, ...(hint === undefined ? {} : { hint }) }
    return { file, arxiv_id: null, title: null, outcome: 'failed', error: shown }
  }
}

/** A fault of the file, not of the database or of this machine. */
function isOfFile(error: unknown): error is RpaError {
  if (error instanceof PaperError) return true
  return error instanceof RpaError && (systemCode(error.cause) === 'EACCES' || isMissing(error.cause))
}
