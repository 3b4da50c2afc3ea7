import { createHash } from 'node:crypto'
import { open, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { diskHint } from '../core/files/disk-error.js'
import { RpaError, messageOf, systemCode } from '../core/errors.js'
import { makeFolders } from '../core/files/make-folders.js'
import { replaceFile } from '../core/files/replace-file.js'
import { readFrontmatter } from './frontmatter/read-frontmatter.js'

export interface WrittenReport {
  path: string
  bytes: number
  /** Hex digest of the file. */
  sha256: string
}

/** Frontmatter lies within this much of a file's beginning. */
const HEAD_BYTES = 64 * 1024

/**
 * Writes a report so that its path holds the whole new file or what was there before, even if the power fails.
 * Makes the folder. Once the report is in place, reports of the same arXiv id under another title are removed, and what
 * killed processes left of this one.
 *
 * @param elsewhere how another place is chosen, beginning with a verb.
 * @throws RpaError `report_write_failed`; the temporary file is removed
 */
export async function writeReport(
  dir: string,
  fileName: string,
  markdown: string,
  elsewhere = 'choose another folder with RPA_REPORTS_DIR',
): Promise<WrittenReport> {
  const path = join(dir, fileName)
  const bytes = Buffer.from(markdown, 'utf8')
  const startedMs = Date.now()
  try {
    makeFolders(dir)
    await replaceFile(path, bytes)
  } catch (error) {
    throw writeFailed(path, error, elsewhere)
  }
  const names = await readdir(dir).catch(() => [])
  await removeRemains(dir, fileName, names, startedMs)
  await removeOlder(dir, fileName, names, markdown)
  return { path, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }
}

/** File systems tell times that are some milliseconds behind the clock. */
const FILE_TIME_MS = 50

/**
 * Whoever writes a report holds the paper's lease, so that an older temporary file beside it is nobody's any more: of a process that was
 * killed, or of one that sleeps and would put an old report in place. A younger one is that of who holds the lease since.
 */
async function removeRemains(
  dir: string,
  fileName: string,
  names: readonly string[],
  startedMs: number,
): Promise<void> {
  for (const name of names) {
    if (!name.startsWith(`.${fileName}.`) || !name.endsWith('.tmp')) continue
    const path = join(dir, name)
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Infinity }))
    if (mtimeMs < startedMs - FILE_TIME_MS) await rm(path, { force: true }).catch(() => undefined)
  }
}

/** Removes reports of the same paper whose title was another; files that are not our reports stay. */
async function removeOlder(
  dir: string,
  fileName: string,
  names: readonly string[],
  markdown: string,
): Promise<void> {
  const arxivId = readFrontmatter(markdown)?.['arxiv_id']
  if (typeof arxivId !== 'string') return
  const prefix = fileName.slice(0, fileName.lastIndexOf('_') + 1)
  if (prefix === '') return
  for (const name of names) {
    if (name === fileName || !name.startsWith(prefix) || !name.endsWith('.md')) continue
    const other = join(dir, name)
    if (await isReportOf(other, arxivId)) await rm(other, { force: true }).catch(() => undefined)
  }
}

async function isReportOf(path: string, arxivId: string): Promise<boolean> {
  try {
    if (!(await stat(path)).isFile()) return false
    const file = await open(path, 'r')
    const { buffer, bytesRead } = await file
      .read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
      .finally(() => file.close())
    const head = readFrontmatter(buffer.toString('utf8', 0, bytesRead))
    return head?.['arxiv_id'] === arxivId && 'ver' in head && 'core_contribution' in head
  } catch {
    return false
  }
}

function writeFailed(path: string, cause: unknown, elsewhere: string): RpaError {
  const code = systemCode(cause)
  return new RpaError(
    'report_write_failed',
    `The report ${path} could not be written: ${code ?? messageOf(cause)}.`,
    {
      hint: diskHint(cause, elsewhere),
      cause,
    },
  )
}
