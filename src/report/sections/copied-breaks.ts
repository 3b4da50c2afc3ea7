import { PAGE_MARK } from '../../text/paper-text.js'

/** Where so many words behind a mark are those with which its page begins, it was copied with them; fewer where there are no more. */
const WORDS = 4
const LEAST_WORDS = 2
/** A page may begin with a heading, or a line that stands beside its text. */
const LINES = 3
const BLOCK = /^(?:#{1,6} |[-*+] |\d{1,3}[.)] |[|>])/

/**
 * Returns what takes out of an answer the breaks of pages that were copied together with the paper's text around them:
 * `we propose a [p. 2] new method`. A mark behind a statement, which says where that stands, stays.
 */
export function copiedBreaksOf(paperText: string): (answer: string) => string {
  const beginnings = beginningsOf(paperText)
  return (answer) =>
    answer.replace(PAGE_MARK, (mark, page: string, at: number) => {
      // At the end of its line it is the mark of what stands there.
      if (/\]\s*\n/.test(mark) && !/\n\s*\[/.test(mark)) return mark
      const behind = wordsOf(/^[^\n]*/.exec(answer.slice(at + mark.length))?.[0] ?? '')
      const isCopied = (beginnings.get(Number(page)) ?? []).some((words) => beginAlike(words, behind))
      return isCopied ? betweenOf(mark, answer.slice(at + mark.length)) : mark
    })
}

/** Behind a line of its own may begin what has to stand on one: a heading, an item, a row of a table. */
function betweenOf(mark: string, behind: string): string {
  if (!/\n\s*\[/.test(mark) || !BLOCK.test(behind)) return ' '
  return /\n[^\S\n]*\n/.test(mark) ? '\n\n' : '\n'
}

function beginAlike(one: readonly string[], other: readonly string[]): boolean {
  const length = Math.min(one.length, other.length)
  return length >= LEAST_WORDS && one.slice(0, length).every((word, n) => word === other[n])
}

/** Page → the first words of its first lines. */
function beginningsOf(paperText: string): Map<number, string[][]> {
  const marks = [...paperText.matchAll(PAGE_MARK)]
  return new Map(
    marks.map(({ index, 0: mark, 1: page }, n) => {
      const lines = paperText.slice(index + mark.length, marks[n + 1]?.index).split('\n', LINES * 3)
      const told = lines.map(wordsOf).filter((words) => words.length > 0)
      return [Number(page), told.slice(0, LINES)]
    }),
  )
}

function wordsOf(line: string): string[] {
  return line
    .slice(0, 400)
    .replace(/^[#>|*\s-]+/, '')
    .split(/\s+/)
    .filter((word) => word !== '')
    .slice(0, WORDS)
}
