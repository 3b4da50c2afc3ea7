import type { Settings } from '../core/settings/settings.js'
import { systemClock } from '../core/clock.js'
import { PaperError, RpaError } from '../core/errors.js'
import { PdfExtractor } from '../papers/extractor.js'
import type { ExtractedPaper, PaperSection } from '../papers/types.js'
import { EXTRACT_WORKER, pdfLimits } from './resources/pdf-limits.js'

/** What `extract` prints for one file with --json. */
export interface ExtractedFile {
  file: string
  pages: number
  title: string | null
  authors: string[]
  affiliations: string[]
  abstract: string | null
  /** The authors' own. */
  keywords: string[]
  /** Of the paper, as its first page says. */
  doi: string | null
  /** Id and version that arXiv has stamped on the first page. */
  arxiv_stamp: string | null
  /** Title, authors, affiliations as printed, on one line. */
  front: string
  text: string
  sections: PaperSection[]
  captions: ExtractedPaper['captions']
  references: string[]
  /** Characters nobody can see in the PDF, left out. */
  hidden_characters: number
  duration_ms: number
  error?: { code: string; message: string }
}

/**
 * Reads PDFs with several workers; a bad file gets its `error`, the others go on.
 *
 * @param onDone is told how many files are done.
 * @returns one entry a file, in the order given.
 */
export async function extractFiles(
  files: readonly string[],
  workers: number,
  settings: Settings,
  onDone: (files: number) => void,
): Promise<ExtractedFile[]> {
  const extractor = new PdfExtractor({ workers, limits: pdfLimits(settings), workerUrl: EXTRACT_WORKER })
  try {
    const results = new Array<ExtractedFile>(files.length)
    const waiting = [...files.entries()]
    // One lane a worker, so that a file's duration holds no waiting for its turn.
    let done = 0
    const lane = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        results[next[0]] = await extractFile(extractor, next[1])
        onDone((done += 1))
      }
    }
    await Promise.all(Array.from({ length: workers }, lane))
    return results
  } finally {
    await extractor.close()
  }
}

async function extractFile(extractor: PdfExtractor, file: string): Promise<ExtractedFile> {
  const started = systemClock.now()
  const empty = {
    pages: 0,
    title: null,
    authors: [],
    affiliations: [],
    abstract: null,
    keywords: [],
    doi: null,
    arxiv_stamp: null,
    front: '',
    text: '',
    sections: [],
    captions: [],
    references: [],
    hidden_characters: 0,
  }
  try {
    const paper = await extractor.extract(file)
    const { pages, title, authors, affiliations, abstract, keywords, doi, arxivStamp } = paper
    const { front, text, sections, captions, references, hiddenCharacters } = paper
    const head = {
      pages,
      title,
      authors,
      affiliations,
      abstract,
      keywords,
      doi,
      arxiv_stamp: arxivStamp,
      front,
    }
    const read = { ...head, text, sections, captions, references, hidden_characters: hiddenCharacters }
    return { file, ...read, duration_ms: systemClock.now() - started }
  } catch (error) {
    if (!(error instanceof PaperError || error instanceof RpaError)) throw error
    const { code, message } = error
    return { file, ...empty, duration_ms: systemClock.now() - started, error: { code, message } }
  }
}
