import { formatDuration } from '../../core/duration.js'
import type { CorpusImport, FileImport, ReadBytes } from '../../corpus/import.js'
import { renderTable } from './table.js'

/** Returns what a person reads after an import. */
export function renderImport(result: CorpusImport, path: string): string {
  const heads = ['FILE', 'FORMAT', 'READ', 'NEW', 'UPDATED', 'UNCHANGED', 'REMOVED', 'INVALID']
  const columns = heads.map((head, index) => ({
    head,
    align: index < 2 ? ('left' as const) : ('right' as const),
  }))
  const rows = result.files.map((file) => [
    file.file,
    file.format,
    file.read,
    file.inserted,
    file.updated,
    file.unchanged,
    file.removed,
    file.invalid,
  ])
  const problems = result.files.flatMap((file) =>
    file.errors.map((error) => `${file.file}:${error.line}: ${error.message}`),
  )
  return [renderTable(columns, rows), ...problems, `${path} holds ${result.papers} papers`].join('\n')
}

/**
 * Returns the line that tells a person how an import is getting on.
 *
 * @param elapsedMs since the file was begun.
 */
export function renderImportProgress(
  { file, read }: Pick<FileImport, 'file' | 'read'>,
  { bytes, total }: ReadBytes,
  elapsedMs: number,
): string {
  const rate = elapsedMs > 0 ? `, ${Math.round((read * 1000) / elapsedMs)} a second` : ''
  const known = total !== null && total > 0 && bytes > 0
  const part = known ? `, ${Math.floor((bytes / total) * 100)} %` : ''
  const left = known && bytes < total ? `, ${formatDuration((elapsedMs * (total - bytes)) / bytes)} left` : ''
  return `${file}: ${read} records${rate}${part}${left}`
}
