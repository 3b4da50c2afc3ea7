import { splitSentences } from '../../src/text/sentences.js'

export interface PaperPage {
  page: number
  sentences: string[]
  /** Cells of tables, row by row. */
  rows: string[][]
}

export interface BenchPaper {
  name: string
  text: string
  pages: PaperPage[]
}

/** Parts a paper's text as the bench needs it; its own reading of it, apart from the one that is measured. */
export function paperOf(name: string, text: string): BenchPaper {
  const pieces = text.split(/\[p\. (\d+)\]/)
  const pages: PaperPage[] = []
  for (let at = 1; at < pieces.length; at += 2) {
    const paragraphs = (pieces[at + 1] ?? '').split('\n').map((line) => line.trim())
    const running = paragraphs.filter((line) => line !== '' && !/^(?:>|#|\d+ https?:)/.test(line))
    pages.push({
      page: Number(pieces[at]),
      sentences: running
        .flatMap((line) => splitSentences(line).map((sentence) => sentence.text))
        .filter(isSentence),
      rows: paragraphs
        .filter((line) => line.startsWith('> |'))
        .map(cellsOf)
        .filter((cells) => cells.length >= 3),
    })
  }
  return { name, text, pages }
}

/** Formulas that the reader has set flat are no sentences. */
function isSentence(text: string): boolean {
  const letters = text.match(/\p{L}{2,}/gu)?.join('').length ?? 0
  return (
    text.length >= 60 &&
    text.length <= 400 &&
    /^["“(]?\p{Lu}/u.test(text) &&
    /[.!?]["”)]?$/.test(text) &&
    letters > text.length * 0.55
  )
}

function cellsOf(row: string): string[] {
  return row
    .slice(3)
    .split('|')
    .map((cell) => cell.trim())
    .filter((cell) => cell !== '')
}
