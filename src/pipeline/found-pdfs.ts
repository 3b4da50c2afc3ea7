import type { Dirent } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { diskError } from '../core/files/disk-error.js'
import { systemCode, UsageError, type RpaError } from '../core/errors.js'
import { misnamed } from '../papers/fetch/pdf-file.js'

/** A PDF, or a folder of them that cannot be read. */
export interface FoundPdf {
  file: string
  error?: RpaError
}

/**
 * Returns the files that paths name, those of folders and their subfolders by name. A subfolder that cannot be read stands
 * among them with its error.
 *
 * @throws UsageError `no_pdfs` where a path is not there or a folder holds none; a disk error where it cannot be read.
 */
export async function pdfsAt(paths: readonly string[]): Promise<FoundPdf[]> {
  const found = new Map<string, FoundPdf>()
  for (const path of paths) {
    const here = (await isFolder(path)) ? await pdfsIn(path) : [{ file: path }]
    for (const pdf of here) found.set(pdf.file, pdf)
  }
  return [...found.values()]
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch (error) {
    // Named by a shell's pattern; that it cannot be read is told with the others.
    if (misnamed(path, error) !== null) return false
    if (systemCode(error) !== 'ENOENT') throw diskError(error, path, 'read')
    throw new UsageError('no_pdfs', `There is no file or folder ${path}.`, {
      hint: 'Name PDF files, or a folder that holds some.',
    })
  }
}

async function pdfsIn(folder: string): Promise<FoundPdf[]> {
  const found = await within(folder, await entriesOf(folder))
  if (found.length > 0) return found.sort((a, b) => (a.file < b.file ? -1 : 1))
  throw new UsageError('no_pdfs', `There is no PDF in ${folder}.`, {
    hint: 'Files whose names end in .pdf are taken.',
  })
}

async function within(folder: string, entries: readonly Dirent[]): Promise<FoundPdf[]> {
  const found: FoundPdf[] = []
  for (const entry of entries) {
    const path = join(folder, entry.name)
    if (entry.isFile() && /\.pdf$/iu.test(entry.name)) found.push({ file: path })
    if (!entry.isDirectory()) continue
    try {
      found.push(...(await within(path, await entriesOf(path))))
    } catch (error) {
      found.push({ file: path, error: error as RpaError })
    }
  }
  return found
}

/** Throws a PaperError or a disk error. */
async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true })
  } catch (error) {
    throw misnamed(folder, error) ?? diskError(error, folder, 'read')
  }
}
