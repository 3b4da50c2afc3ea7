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

function* pieces(line: string): Generator<{ text: string; isStyle: boolean }> {
  for (let at = 0; at < line.length;) {
    STYLE.lastIndex = at
    const style = STYLE.exec(line)?.[0]
    const text = style ?? String.fromCodePoint(line.codePointAt(at) ?? 0)
    yield { text, isStyle: style !== undefined }
    at += text.length
  }
}
