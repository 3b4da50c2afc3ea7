/** East Asian wide and fullwidth characters, and emoji (Unicode Standard Annex 11, roughly). */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u
const NO_WIDTH = /[\p{Mn}\p{Me}\p{Cf}]/u
// eslint-disable-next-line no-control-regex
const STYLE = /\u001b\[[\d;]*m/y

function cellsOf(letter: string): number {
  if (NO_WIDTH.test(letter)) return 0
  return WIDE.test(letter) ? 2 : 1
}

/**
 * Returns a text without control characters but line breaks and colours: papers and providers have a say in it, and an escape
 * sequence of theirs must not reach the terminal.
 */
export function withoutControls(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/\u001b(?!\[[\d;]*m)|[\u0000-\u0009\u000b-\u001a\u001c-\u001f\u007f-\u009f]/g, ' ')
}

/** Returns how many cells of a terminal a line takes; colours take none. */
export function widthOf(line: string): number {
  let cells = 0
  for (const { text, isStyle } of pieces(line)) if (!isStyle) cells += cellsOf(text)
  return cells
}

/** Returns a line that takes no more than so many cells, with `…` where something is left out; its colours end with it. */
export function cut(line: string, cells: number): string {
  if (widthOf(line) <= cells) return line
  if (cells < 1) return ''
  let room = cells - 1
  let kept = ''
  let isStyled = false
  for (const { text, isStyle } of pieces(line)) {
    if (!isStyle && (room -= cellsOf(text)) < 0) break
    isStyled ||= isStyle
    kept += text
  }
  return `${kept}…${isStyled ? '\u001b[0m' : ''}`
}

/** Text that goes on in the next line leaves at least this much room there. */
const LEAST_ROOM = 16

/**
 * Returns a text whose lines take no more than so many cells, broken between words and indented as what they belong to: as the
 * text behind the last gap in the line, else a little more than the line. A word that is too long stays whole, to be copied.
 */
export function wrapped(text: string, cells: number): string {
  return text
    .split('\n')
    .map((line) => (widthOf(line) <= cells ? line : wrappedLine(line, cells)))
    .join('\n')
}

function wrappedLine(line: string, cells: number): string {
  const indent = ' '.repeat(hangOf(line, cells))
  const lines: string[] = []
  let current = ''
  for (const word of line.split(/(?<=\S)(?= )/).flatMap(letters)) {
    // One that fits nowhere gains nothing by a line of its own.
    const isTooLong = widthOf(word.trim()) + indent.length > cells
    if (current.trim() === '' || isTooLong || widthOf(current + word) <= cells) current += word
    else {
      lines.push(current)
      current = indent + word.trimStart()
    }
  }
  return [...lines, current].join('\n')
}

/** Wide characters are written without blanks, and may be parted anywhere. */
function letters(word: string): string[] {
  return WIDE.test(word) ? [...pieces(word)].map(({ text }) => text) : [word]
}

/** Signs within names behind which they may go on in the next line; numbers and dates stay whole. */
const SEAM = /(?<=[_@]|[a-z][-.])(?=[a-z{*])/i

/** Paths, addresses and names of models are there to be copied. */
const COPIED = /[\\/]/

/** Returns the words of a text that stand whole however narrow a column is. */
export function copied(text: string): string[] {
  return text.split(/\s+/).filter((word) => COPIED.test(word))
}

/** Returns the parts of a text that a column does not break where it is as wide as they are. */
export function unbroken(text: string): string[] {
  return text
    .split(/\s+/)
    .flatMap((word) => (COPIED.test(word) ? [word] : letters(word).flatMap((part) => part.split(SEAM))))
}

/**
 * Returns the lines of a text in a column so many cells wide; a word that is too long goes on in the next line, behind a sign within
 * it if it has one. What is there to be copied stands whole, also where it is wider.
 */
export function broken(text: string, cells: number): string {
  const lines: string[] = []
  let current = ''
  for (const word of text.split(/(?<=\S)(?= )/).flatMap((one) => chopped(one, cells))) {
    if (widthOf(current + word) <= cells) current += word
    else {
      lines.push(current)
      current = word.trimStart()
    }
  }
  return [...lines, current].filter((line) => line !== '').join('\n')
}

function chopped(word: string, cells: number): string[] {
  if (widthOf(word.trim()) <= cells || COPIED.test(word)) return [word]
  return word.split(SEAM).flatMap((part) => {
    const parts = ['']
    for (const { text } of pieces(part)) {
      const last = parts.at(-1) ?? ''
      if (widthOf(last + text) <= cells) parts[parts.length - 1] = last + text
      else parts.push(text)
    }
    return parts
  })
}

function hangOf(line: string, cells: number): number {
  const lead = /^ */.exec(line)?.[0].length ?? 0
  const gap = /^ *\S+(?: \S+)*?(?: {2,}\S+)*? {2,}(?=\S)/.exec(line)?.[0]
  const hang = gap === undefined ? lead + 2 : widthOf(gap)
  return hang + LEAST_ROOM <= cells ? hang : Math.min(lead + 2, Math.max(0, cells - LEAST_ROOM))
}

function* pieces(line: string): Generator<{ text: string; isStyle: boolean }> {
  for (let at = 0; at < line.length;) {
    STYLE.lastIndex = at
    const style = STYLE.exec(line)?.[0]
    const text = style ?? String.fromCodePoint(line.codePointAt(at) ?? 0)
    yield { text, isStyle: style !== undefined }
    at += text.length
  }
}
