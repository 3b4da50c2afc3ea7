import { existsSync, readdirSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileStem, parseArxivId } from '../../core/arxiv-id.js'
import { diskError } from '../../core/files/disk-error.js'
import { fileExists, isMissing } from './pdf-file.js'

/**
 * Returns the path of a paper's PDF in a folder, or null: the file of the exact id, else without version, else (for an id
 * without version) of its newest version. Throws a disk error.
 */
export async function findLocalPdf(dir: string, arxivId: string): Promise<string | null> {
  const { base, full, version } = parseArxivId(arxivId)
  for (const stem of new Set([fileStem(full), fileStem(base)])) {
    const path = join(dir, `${stem}.pdf`)
    if (await fileExists(path)) return path
  }
  if (version !== null) return null
  const newest = newestVersion(await namesIn(dir), fileStem(base))
  return newest === null ? null : join(dir, newest)
}

function newestVersion(names: readonly string[], stem: string): string | null {
  let best: { name: string; version: number } | null = null
  for (const name of names) {
    if (!name.startsWith(`${stem}v`)) continue
    const match = /^v(\d{1,3})\.pdf$/.exec(name.slice(stem.length))
    const version = Number(match?.[1] ?? 0)
    if (version > (best?.version ?? 0)) best = { name, version }
  }
  return best?.name ?? null
}

/** Returns the file names without extension and version of all PDFs in folders: as `fileStem` makes them of ids. */
export function localStems(dirs: readonly string[]): Set<string> {
  const names = dirs.flatMap((dir) => (existsSync(dir) ? readdirSync(dir) : []))
  return new Set(names.flatMap((name) => /^(.+?)(?:v\d{1,3})?\.pdf$/.exec(name)?.[1] ?? []))
}

async function namesIn(dir: string): Promise<string[]> {
  try {
    return await readdir(dir)
  } catch (error) {
    if (isMissing(error)) return []
    throw diskError(error, dir, 'read')
  }
}
