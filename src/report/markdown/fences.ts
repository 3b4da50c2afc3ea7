export interface FenceLine {
  text: string
  /** Inside a fenced code block, its fences included. */
  code: boolean
}

interface Fence {
  mark: string
  info: string
}

/** Returns the fence that a line opens or closes (three or more backticks or tildes), or null. */
export function fenceOf(line: string, maxIndent = 3): Fence | null {
  const match = /^( *)(`{3,}(?=[^`]*$)|~{3,})(.*)$/.exec(line)
  if (match === null || (match[1] ?? '').length > maxIndent) return null
  return { mark: match[2] ?? '', info: (match[3] ?? '').trim() }
}

/** Returns whether a line closes the given fence: same character, at least as long, nothing behind it. */
export function closesFence(line: string, mark: string): boolean {
  const fence = fenceOf(line)
  return fence !== null && fence.info === '' && fence.mark[0] === mark[0] && fence.mark.length >= mark.length
}

/**
 * Marks the lines of closed code blocks. A fence that is never closed, or not before a line that cannot be code, is plain
 * text: it must not swallow what follows.
 */
export function markCode(
  lines: readonly string[],
  maxIndent = 3,
  isNoCode: (line: string) => boolean = () => false,
): FenceLine[] {
  const marked: FenceLine[] = []
  // Shortest fence of each character that nothing closes: a longer one need not be looked for.
  const unclosed = new Map<string, number>()
  let end = -1
  lines.forEach((text, index) => {
    const fence = index > end ? fenceOf(text, maxIndent) : null
    if (fence !== null && fence.mark.length < (unclosed.get(fence.mark.charAt(0)) ?? Infinity)) {
      let close = index + 1
      while (close < lines.length && !closesFence(lines[close] ?? '', fence.mark)) {
        if (isNoCode(lines[close] ?? '')) break
        close++
      }
      if (close < lines.length && closesFence(lines[close] ?? '', fence.mark)) end = close
      else if (close >= lines.length) unclosed.set(fence.mark.charAt(0), fence.mark.length)
    }
    marked.push({ text, code: index <= end })
  })
  return marked
}

/** Returns the text of a `#` heading without its marks, or null if the line is none. */
export function hashHeading(line: string): { level: number; text: string } | null {
  const lead = /^ {0,3}(#{1,6})(?:\s|$)/.exec(line)
  if (lead === null) return null
  const text = line
    .slice(lead[0].length)
    .trim()
    .replace(/(?:^|\s)#+$/, '')
  return { level: lead[1]?.length ?? 1, text: text.trimEnd() }
}
