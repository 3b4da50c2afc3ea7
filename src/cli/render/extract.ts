import { withoutMarks } from '../../papers/extract/document/byline.js'
import type { ExtractedFile } from '../../pipeline/extract-files.js'

/**
 * Returns what was read from one file as Markdown: title, authors as printed, abstract, sections with their numbers,
 * captions as quotations, page marks like `[p. 4]`, references as a numbered list. One line break at the end.
 */
export function extractedMarkdown(file: ExtractedFile): string {
  const { title, front, text, references } = file
  const authors = withoutMarks(title !== null && front.startsWith(title) ? front.slice(title.length) : front)
  const parts = [
    `# ${escaped(title ?? nameOf(file.file))}`,
    ...(authors === '' ? [] : [escaped(authors)]),
    withTables(text),
    ...(references.length === 0 ? [] : ['## References', numbered(references)]),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

/** Returns the documents of several files as one: each begins with a rule and a line that names its file. */
export function joinedMarkdown(files: readonly ExtractedFile[]): string {
  if (files.length === 1) return extractedMarkdown(files[0]!)
  return files
    .map((file) => `<!-- file: ${file.file.replaceAll('--', '- -')} -->\n\n${extractedMarkdown(file)}`)
    .join('\n---\n\n')
}

function nameOf(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
}

/** A title is no heading of its own, nor a list or an element of HTML. */
function escaped(line: string): string {
  return line.replace(/[\\`*_<>[\]#]/g, '\\$&')
}

/** A table needs the line that parts its head from its body. */
function withTables(text: string): string {
  return text.replace(/^> \|.*\|$(?:\n> \|.*\|$)*/gm, (table) => {
    const rows = table.split('\n').map((row) => row.slice(4, -2).split(' | '))
    const width = Math.max(...rows.map((row) => row.length))
    const drawn = rows.map(
      (row) => `> | ${[...row, ...Array<string>(width - row.length).fill('')].join(' | ')} |`,
    )
    return [drawn[0], `> |${' --- |'.repeat(width)}`, ...drawn.slice(1)].join('\n')
  })
}

/** The list numbers its entries itself: labels that count the same way go, any other label stays. */
function numbered(references: readonly string[]): string {
  return references
    .map((entry, i) => {
      const label = /^(?:\[(\d{1,4})\]|\(?(\d{1,4})[.)])\s*/.exec(entry)
      const isSame = label !== null && Number(label[1] ?? label[2]) === i + 1
      return `${i + 1}. ${isSame ? entry.slice(label[0].length) : entry}`
    })
    .join('\n')
}
