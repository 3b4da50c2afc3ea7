import { join } from 'node:path'
import { fileStem } from '../core/arxiv-id.js'
import { isRemote } from '../core/settings/setting-values.js'
import type { Settings } from '../core/settings/settings.js'
import { localStems } from '../papers/fetch/local-pdf.js'
import { notePaper, type SomePapers } from './seed.js'

interface LackingPdfs {
  isLacking: (arxivId: string) => boolean
  onSeeded: (arxivIds: readonly string[]) => void
  found: () => SomePapers
}

/** Returns a count of papers without a PDF on this machine, null where PDFs can be downloaded. */
export function lackingPdfs(settings: Settings): LackingPdfs | null {
  const { pdfSources, pdfDir, dataDir } = settings
  if (pdfSources.some(isRemote)) return null
  const dirs = pdfSources.flatMap((source) => (source === 'local' ? (pdfDir ?? []) : join(dataDir, 'pdf')))
  const stems = localStems(dirs)
  const result: SomePapers = { papers: 0, first: [] }
  const isLacking = (id: string): boolean => !stems.has(fileStem(id))
  return {
    isLacking,
    onSeeded: (arxivIds) => {
      for (const id of arxivIds) if (isLacking(id)) notePaper(result, id)
    },
    found: () => result,
  }
}
