import { copyFileSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { importCorpus } from '../../corpus/importing/import.js'
import { makeFolders } from '../../core/files/make-folders.js'
import { packageRoot } from '../../core/package.js'

/** Settings of a workspace of samples; they come before the commented ones. */
export const SAMPLE_SETTINGS = `# The samples' PDFs, and no key: sections are made of the paper's own sentences, and nothing is
# downloaded. Remove the three lines for papers of your own.
pdf_dir: pdf
pdf_sources: [local, cache]
profile: offline

`

/**
 * Returns a list of the sample papers that have a PDF, for \`rpa seed\`: an id a line, the title as a remark.
 */
export function sampleList(): string {
  const titles = new Map(
    readFileSync(join(samples(), 'metadata.jsonl'), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { id: string; title: string })
      .map(({ id, title }) => [id, title]),
  )
  return pdfNames()
    .map((name) => name.replace(/\.pdf$/, ''))
    .map((id) => `${id}  # ${titles.get(id)?.replace(/\s+/g, ' ')}\n`)
    .join('')
}

/**
 * Puts the samples' PDFs into `pdf/` of a workspace, and their metadata into the corpus in `data/`.
 *
 * @throws the system's error where a file cannot be written.
 */
export async function placeSamples(folder: string): Promise<void> {
  makeFolders(join(folder, 'pdf'))
  for (const name of pdfNames()) copyFileSync(join(samples(), 'pdf', name), join(folder, 'pdf', name))
  await importCorpus(join(folder, 'data', 'arxiv.sqlite'), [join(samples(), 'metadata.jsonl')])
}

function pdfNames(): string[] {
  return readdirSync(join(samples(), 'pdf')).sort()
}

function samples(): string {
  return join(packageRoot(), 'samples')
}
