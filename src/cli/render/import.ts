import { basename } from 'node:path'
import type { CorpusImport, FileImport, ImportReason, ReadBytes } from '../../corpus/importing/import.js'
import { printable } from '../errors.js'
import type { ProgressState } from './progress.js'
import { renderTable } from '../layout/table.js'
import { counted } from '../layout/counted.js'

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
  const problems = result.files.flatMap((file) => [
    ...file.errors.map((error) => `${file.file}:${error.line}: ${error.message}`),
    ...(file.errors.length < file.invalid + file.conflicting
      ? file.reasons.map((reason) => `${file.file}: ${reasonWords(reason)}`)
      : []),
  ])
  return [renderTable(columns, rows), ...problems, `${path} holds ${counted(result.papers, 'paper')}`].join(
    '\n',
  )
}

const SHOWN_RANGES = 8

function reasonWords({ reason, records, lines }: ImportReason): string {
  const ranges: [first: number, last: number][] = []
  for (const line of lines) {
    const range = ranges.at(-1)
    if (range !== undefined && line <= range[1] + 1) range[1] = line
    else ranges.push([line, line])
  }
  const shown = ranges
    .slice(0, SHOWN_RANGES)
    .map(([first, last]) => (first === last ? first : `${first}-${last}`))
  const more = ranges.length > SHOWN_RANGES || lines.length < records ? ' … (--json names more)' : ''
  return `${counted(records, 'record')}: ${reason}: ${lines.length === 1 ? 'line' : 'lines'} ${shown.join(', ')}${more}`
}

/** Returns how the import of a file is getting on: the bytes of it tell how much is left. */
export function importProgress(
  { file, read, invalid }: Pick<FileImport, 'file' | 'read' | 'invalid'>,
  { bytes, total }: ReadBytes,
): ProgressState {
  return {
    doing: printable(basename(file)),
    done: read,
    unit: 'records',
    ...(total === null ? {} : { share: { done: bytes, total } }),
    more: invalid > 0 ? [`${invalid} unreadable`] : [],
  }
}
