import type { CorpusImport } from '../../corpus/import.js'
import { renderTable } from './table.js'

/** Returns what a person reads after an import. */
export function renderImport(result: CorpusImport, path: string): string {
  const heads = ['FILE', 'FORMAT', 'READ', 'NEW', 'UPDATED', 'UNCHANGED', 'INVALID']
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
    file.invalid,
  ])
  const problems = result.files.flatMap((file) =>
    file.errors.map((error) => `${file.file}:${error.line}: ${error.message}`),
  )
  return [renderTable(columns, rows), ...problems, `${path} holds ${result.papers} papers`].join('\n')
}
