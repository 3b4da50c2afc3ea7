import { wellFormed } from './invisible.js'
import { toWindows1252, UPPER } from './windows-1252.js'

/** A byte behind the first of a letter in UTF-8, as Windows-1252 and Latin-1 show it. */
const MORE = `[\\u0080-\\u00BF${UPPER}]`
const SUSPECT = new RegExp(`[ĠĊ▁]|<0x[0-9A-F]{2}>|[\\u00C2-\\u00F4]${MORE}`)
/** Code, and signs that stand alone in quotes or brackets, are spoken of. */
const SPOKEN_OF = /`[^`\n]*`|"[^\s"]{1,12}"|\([^\s()]{1,12}\)|“[^\s”]{1,12}”/g
/** Fewer marks may be letters (Maltese has Ġ and Ċ) or a picture. */
const LEAST_MARKS = 5

/**
 * Returns a model's text as it was meant, where a server has handed it out half read: with the marks of tokens for blanks and
 * line breaks (`Ġ`, `Ċ`, `▁`, `<0x0A>`), or its UTF-8 taken for Windows-1252 (`â€™`). What a text only speaks of stays.
 */
export function plainText(text: string): string {
  const whole = wellFormed(text)
  if (!SUSPECT.test(whole) || !SUSPECT.test(whole.replace(SPOKEN_OF, ''))) return whole
  return withoutMojibake(withoutMojibake(withoutBytes(withoutMarks(whole))))
}

function count(text: string, part: string): number {
  return text.split(part).length - 1
}

/** Where marks of blanks outnumber blanks, or those of line breaks line breaks, they stand for them. */
function withoutMarks(text: string): string {
  const said = text.replace(SPOKEN_OF, '')
  const isMore = (mark: string, sign: string, least: number): boolean =>
    count(said, mark) >= least && count(said, mark) > count(said, sign)
  if (isMore('▁', ' ', LEAST_MARKS)) return text.replaceAll('▁', ' ').trimStart()
  if (isMore('Ġ', ' ', LEAST_MARKS)) return fromByteLevel(text).trimStart()
  const parts = /Ċ(?:Ċ|\s*(?:#|[-*•]\s|\d+[.)]\s))/.test(said)
  return parts && isMore('Ċ', '\n', 2) ? text.replaceAll('Ċ', '\n') : text
}

/** The letters by which GPT-2 and its kin write bytes that are no letters: 0 to 32, 127 to 160 and 173, from U+0100 on. */
const BYTE_LETTERS: ReadonlyMap<string, number> = new Map(
  [...range(0, 33), ...range(127, 161), 173].map((byte, at) => [String.fromCharCode(0x100 + at), byte]),
)

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, at) => from + at)
}

function fromByteLevel(text: string): string {
  // As Latin-1 a sign is its byte; what is no byte's letter stands there as UTF-8.
  const latin = text.replace(/[^ -~]/gu, (sign) => {
    const byte = BYTE_LETTERS.get(sign) ?? (sign.charCodeAt(0) <= 0xff ? sign.charCodeAt(0) : null)
    return byte === null ? Buffer.from(sign).toString('latin1') : String.fromCharCode(byte)
  })
  const read = utf8(Buffer.from(latin, 'latin1'))
  return read ?? text.replaceAll('Ġ', ' ').replaceAll('Ċ', '\n').replaceAll('ĉ', '\t')
}

const BYTE = /<0x([0-9A-F]{2})>/g
const LETTER = /(?<=[\p{L}\p{N}])(?:<0x[89A-F][0-9A-F]>)+|(?:<0x[89A-F][0-9A-F]>)+(?=[\p{L}\p{N}])/gu

/** Bytes by their numbers: all of them where they are line breaks, else those that are part of a word. */
function withoutBytes(text: string): string {
  if (!text.includes('<0x')) return text
  const said = text.replace(SPOKEN_OF, '')
  const parts = /<0x0A>(?:<0x0A>|\s*(?:#|[-*•]\s|\d+[.)]\s))/.test(said)
  const areBreaks = parts && count(said, '<0x0A>') > count(said, '\n')
  const read = (run: string): string => {
    const bytes = [...run.matchAll(BYTE)].map(([, hex = '']) => Number.parseInt(hex, 16))
    return utf8(Buffer.from(bytes)) ?? run
  }
  return areBreaks ? text.replace(/(?:<0x[0-9A-F]{2}>)+/g, read) : text.replace(LETTER, read)
}

function utf8(bytes: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}

/** The last byte of a closing quotation mark has no sign, and many drop it. */
const CLOSING_QUOTE = new RegExp(`â€(?!${MORE})`, 'g')
/** Letters of two bytes that are also a capital with a mark behind it: CAFÉ”. */
const CAPITAL = /[\u00C2-\u00DF][‘’“”–—…›]/g
const TWO = new RegExp(`[ÂÃÄÅÎÏ]${MORE}`, 'g')
const THREE = new RegExp(`â[\\u0080-\\u008A€‚„…†‡ˆ‰Š]${MORE}|ð[\\u009FŸ]${MORE}${MORE}`, 'g')
const BEGIN = new RegExp(`[\\u00C2-\\u00F4]${MORE}`, 'g')

/** All of a text that is nothing but UTF-8 taken for Windows-1252; of any other, what cannot be meant otherwise. */
function withoutMojibake(text: string): string {
  const said = text.replace(SPOKEN_OF, '')
  const found = said.replace(CAPITAL, '').match(BEGIN)?.length ?? 0
  if (found === 0) return text
  const filled = text.replace(CLOSING_QUOTE, 'â€\u009D')
  const bytes = toWindows1252(filled)
  const read = bytes === null ? null : utf8(bytes)
  if (read !== null) return read
  const one = (letter: string): string => utf8(toWindows1252(letter) ?? Buffer.of(0xff)) ?? letter
  const isSure =
    (said.match(THREE)?.length ?? 0) > 0 || (said.replace(CAPITAL, '').match(TWO)?.length ?? 0) > 1
  return isSure ? filled.replace(THREE, one).replace(TWO, one) : text
}
