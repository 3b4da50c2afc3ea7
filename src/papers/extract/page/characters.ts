const LIGATURES: Record<number, string> = {
  0xfb00: 'ff',
  0xfb01: 'fi',
  0xfb02: 'fl',
  0xfb03: 'ffi',
  0xfb04: 'ffl',
  0xfb05: 'st',
  0xfb06: 'st',
  // PDFium's marks for a hyphen at a line end, and the soft hyphen.
  0xfffe: '-',
  0x02: '-',
  0xad: '-',
  0x2010: '-',
  0x2011: '-',
}

/**
 * Distiller numbers the glyphs of bitmap fonts `A0` to `ZZ`, and some of these names are known for other signs: code 99, the
 * letter c, is `CR`, and code 93, the closing bracket, `CL`, the sign of a centre line.
 */
export const LETTER_CR = 0x63
const NAMED_CL = 0x2104

/** Ligatures of the old TeX text encoding where a font carries no names; its math founts have pieces of signs there. */
const TEX_LIGATURES: Record<number, string> = {
  0x0b: 'ff',
  0x0c: 'fi',
  0x0e: 'ffi',
  0x0f: 'ffl',
  // Those of the newer one.
  0x1b: 'ff',
  0x1c: 'fi',
  0x1d: 'fl',
  0x1e: 'ffi',
  0x1f: 'ffl',
}

/**
 * Returns the text of a code point; '' for controls, lone surrogates and private-use characters. `math` says that
 * the font holds signs for formulas.
 */
export function charOf(code: number, math: boolean): string {
  if (code > 0x20 && code < 0x7f) return String.fromCharCode(code)
  if ((code >= 0x0b && code <= 0x0f) || (code >= 0x1b && code <= 0x1f))
    return math ? '' : (TEX_LIGATURES[code] ?? '')
  if (code === NAMED_CL) return ']'
  const mended = LIGATURES[code]
  if (mended !== undefined) return mended
  if (code <= 0x20 || (code >= 0x7f && code < 0xa0)) return ''
  if (code >= 0xd800 && code <= 0xdfff) return ''
  if (code >= 0xe000 && code <= 0xf8ff) return ''
  if (code >= 0xfff0 && code <= 0xffff) return ''
  if (code >= 0xf0000 || isFormat(code)) return ''
  return String.fromCodePoint(code)
}

/** True for controls, private characters and what stands for a character that is not known. */
export function isUnnamed(code: number): boolean {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0xe000 && code <= 0xf8ff) || code >= 0xfff0
}

/** Zero-width, direction and tag characters, which can carry hidden text. */
function isFormat(code: number): boolean {
  return (
    (code >= 0x200b && code <= 0x200f) ||
    (code >= 0x202a && code <= 0x202e) ||
    (code >= 0x2060 && code <= 0x2069) ||
    code === 0xfeff ||
    (code >= 0xe0000 && code <= 0xe0fff)
  )
}

const COMBINING: Record<string, string> = {
  '´': '\u0301',
  '`': '\u0300',
  '¨': '\u0308',
  ˆ: '\u0302',
  '^': '\u0302',
  '˜': '\u0303',
  '~': '\u0303',
  ˇ: '\u030c',
  '˘': '\u0306',
  '¯': '\u0304',
  '˙': '\u0307',
  '˚': '\u030a',
  '¸': '\u0327',
  '˝': '\u030b',
}
const LETTER = /^[A-Za-zıȷ]$/

/**
 * Old TeX fonts print an accent and a letter one over the other. Returns `text` with the two made one letter, if
 * `next` overlaps the last character and one of them is an accent, or null.
 */
export function accentOver(text: string, next: string): string | null {
  const lastCode = text.charCodeAt(text.length - 1)
  // Nearly always both are letters or signs of ASCII that no accent shares.
  if (isPlain(lastCode) && isPlain(next.charCodeAt(0))) return null
  const last = text.at(-1) ?? ''
  const overNext = COMBINING[last]
  if (overNext !== undefined && LETTER.test(next)) return text.slice(0, -1) + combine(next, overNext)
  const overLast = COMBINING[next]
  if (overLast !== undefined && LETTER.test(last)) return text.slice(0, -1) + combine(last, overLast)
  return null
}

function isPlain(code: number): boolean {
  return code < 0x7e && code !== 0x5e && code !== 0x60
}

function combine(letter: string, mark: string): string {
  const base = letter === 'ı' ? 'i' : letter === 'ȷ' ? 'j' : letter
  return (base + mark).normalize('NFC')
}

/** True if the text ends with an accent that stands by itself. */
export function isAccent(text: string): boolean {
  if (isPlain(text.charCodeAt(text.length - 1))) return false
  return COMBINING[text.at(-1) ?? ''] !== undefined
}

const SUPERSCRIPTS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    '0': '⁰',
    '1': '¹',
    '2': '²',
    '3': '³',
    '4': '⁴',
    '5': '⁵',
    '6': '⁶',
    '7': '⁷',
    '8': '⁸',
    '9': '⁹',
    '+': '⁺',
    '-': '⁻',
    '−': '⁻',
  }),
)

/** Returns a raised digit or sign as such: else `10⁶` reads 106, and a footnote's mark becomes part of its word. */
export function superscriptOf(text: string): string {
  return SUPERSCRIPTS.get(text) ?? text
}

/** True for letters of Hebrew, Arabic and their kin, which run from right to left. */
export function runsLeft(code: number): boolean {
  if (code < 0x590) return false
  return code < 0x900 || (code >= 0xfb1d && code <= 0xfdff) || (code >= 0xfe70 && code <= 0xfefc)
}
