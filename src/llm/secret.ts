import type { Mask } from './answers/json-body.js'

/** Shorter ones are none: they would be found in any text. */
const LEAST = 8
/** Escapes inside escapes; a bound, so that a text of nothing else takes no time. */
const MOST_SLASHES = 8

/**
 * Returns what takes a key out of a text, also where it is written with the escapes of JSON (in JSON in JSON …), of URLs or of
 * HTML: a server may send back what it was sent, and the key must not come into messages, reports or the DB that way.
 */
export function maskOf(key: string | null): Mask {
  if (key === null || key.length < LEAST) return (text) => text
  const pattern = new RegExp([...key].map(writings).join(''), 'gi')
  return (text) => text.replace(pattern, '[key]')
}

/** Returns a pattern for one letter of ASCII in all writings. */
function writings(letter: string): string {
  const code = letter.charCodeAt(0)
  const hex = code.toString(16)
  const plain = `\\\\{0,${MOST_SLASHES}}\\x${hex}`
  return `(?:${plain}|\\\\{1,${MOST_SLASHES}}u00${hex}|%${hex}|&#0{0,4}${code};|&#x0{0,4}${hex};)`
}
