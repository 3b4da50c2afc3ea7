import { existsSync } from 'node:fs'
import type { Settings } from '../../core/settings/settings.js'

/** Returns whether there is a folder of PDFs: with one, papers further on may need no source at all. */
export function hasLocalPdfs({ pdfDir }: Pick<Settings, 'pdfDir'>): boolean {
  return pdfDir !== null && existsSync(pdfDir)
}
