/** A part of a line of Markdown: code with its backticks, or text. */
export interface LinePart {
  text: string
  isCode: boolean
}

/**
 * Parts a line of Markdown into text and code spans, as CommonMark reads it. Backticks that nothing on the line closes are
 * escaped, so that they can neither begin nor end a span on another line.
 */
export function codeParts(line: string): LinePart[] {
  const parts: LinePart[] = []
  let text = ''
  let at = 0
  while (at < line.length) {
    const sign = line.charAt(at)
    if (sign === '\\') {
      text += line.slice(at, at + 2)
      at += 2
      // Readers differ over backticks behind one that is escaped: none of them begins a span.
      const behind = line.charAt(at - 1) === '`' ? runAt(line, at) : 0
      text += '\\`'.repeat(behind)
      at += behind
      continue
    }
    if (sign !== '`') {
      text += sign
      at += 1
      continue
    }
    const run = runAt(line, at)
    const end = closing(line, at + run, run)
    if (end < 0) {
      text += '\\`'.repeat(run)
      at += run
      continue
    }
    parts.push({ text, isCode: false }, { text: line.slice(at, end), isCode: true })
    text = ''
    at = end
  }
  if (text !== '') parts.push({ text, isCode: false })
  return parts.filter((part) => part.text !== '')
}

function runAt(line: string, at: number): number {
  let end = at
  while (line.charAt(end) === '`') end += 1
  return end - at
}

/** Where the next run of so many backticks ends, or -1. */
function closing(line: string, from: number, length: number): number {
  for (let at = line.indexOf('`', from); at >= 0; at = line.indexOf('`', at)) {
    const run = runAt(line, at)
    at += run
    if (run === length) return at
  }
  return -1
}
