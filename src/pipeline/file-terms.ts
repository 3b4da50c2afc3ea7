import { readFile } from 'node:fs/promises'
import { diskHint } from '../core/files/disk-error.js'
import { RpaError, systemCode } from '../core/errors.js'
import type { Settings } from '../core/settings/settings.js'
import type { Term } from '../report/terms/terms.js'
import { extractTerms } from '../report/terms/terms.js'
import { extractFiles } from './extract-files.js'

/** What `terms` prints for one file with --json. */
export interface FileTerms {
  file: string
  /** Of papers in the DB with the number of reports that have the term. */
  terms: (Term & { reports?: number })[]
  error?: { code: string; message: string }
}

/**
 * Returns the keyphrases of texts and PDFs, in the order given; a bad file gets its `error`, the others go on.
 *
 * @param onDone is told how many of the PDFs are read.
 */
export async function fileTerms(
  files: readonly string[],
  max: number,
  workers: number,
  settings: Settings,
  onDone: (files: number, of: number) => void,
): Promise<FileTerms[]> {
  const kinds = await Promise.all(files.map(async (file) => ({ file, content: await readText(file) })))
  const names = kinds.filter(({ content }) => content === 'pdf').map(({ file }) => file)
  const pdfs = await extractFiles(names, workers, settings, (done) => onDone(done, names.length))
  return kinds.map(({ file, content }) => {
    if (content instanceof RpaError) return failed(file, content)
    if (content !== 'pdf') return { file, terms: extractTerms({ text: content.text, max, distinct: true }) }
    const paper = pdfs.find((one) => one.file === file)
    if (paper === undefined || paper.error !== undefined) {
      return { file, terms: [], ...(paper?.error === undefined ? {} : { error: paper.error }) }
    }
    const { title, abstract, authors, keywords, text } = paper
    return {
      file,
      terms: extractTerms({
        title: title ?? '',
        abstract: abstract ?? '',
        authors: authors.join(', '),
        keywords,
        text,
        max,
        distinct: true,
      }),
    }
  })
}

async function readText(file: string): Promise<'pdf' | { text: string } | RpaError> {
  try {
    const bytes = await readFile(file)
    if (bytes.subarray(0, 1024).includes('%PDF-')) return 'pdf'
    return { text: bytes.toString('utf8') }
  } catch (error) {
    return new RpaError(
      'file_unreadable',
      `${file} cannot be read (${systemCode(error) ?? 'unknown error'}).`,
      { hint: diskHint(error, 'choose another file'), cause: error },
    )
  }
}

function failed(file: string, { code, message }: RpaError): FileTerms {
  return { file, terms: [], error: { code, message } }
}
