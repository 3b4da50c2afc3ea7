import { join } from 'node:path'
import { fileStem } from '../core/arxiv-id.js'
import { isRemote } from '../core/setting-values.js'
import type { Settings } from '../core/settings.js'
import { localStems } from '../papers/local-pdf.js'
import type { WithoutPdf } from './seed.js'

const SHOWN = 5

interface LackingPdfs {
  onSeeded: (arxivIds: readonly string[]) => void
  found: () => WithoutPdf
}

/** Returns a count of papers without a PDF on this machine, null where PDFs can be downloaded. */
export function lackingPdfs(settings: Settings): LackingPdfs | null {
  const { pdfSources, pdfDir, dataDir } = settings
  if (pdfSources.some(isRemote)) return null
  const dirs = pdfSources.flatMap((source) => (source === 'local' ? (pdfDir ?? []) : join(dataDir, 'pdf')))
  const stems = localStems(dirs)
  const result: WithoutPdf = { papers: 0, first: [] }
  return {
    onSeeded: (arxivIds) => {
      for (const id of arxivIds) {
        if (stems.has(fileStem(id))) continue
        result.papers += 1
        if (result.first.length < SHOWN) result.first.push(id)
      }
    },
    found: () => result,
  }
}
