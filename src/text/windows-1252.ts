/** What the bytes 0x80 to 0x9F are (WHATWG Encoding Standard, index windows-1252): some releases of Node read them as Latin-1. */
export const UPPER = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008DŽ\u008F\u0090‘’“”•–—˜™š›œ\u009DžŸ'

/** Returns the text that bytes are. */
export function fromWindows1252(data: Buffer): string {
  return data
    .toString('latin1')
    .replace(/[\u0080-\u009F]/g, (sign) => UPPER.charAt(sign.charCodeAt(0) - 0x80))
}

/** Returns the bytes that a text is, also of signs that are bytes themselves; null where one is neither. */
export function toWindows1252(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'latin1')
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code <= 0xff) continue
    const byte = UPPER.indexOf(text.charAt(at))
    if (byte < 0) return null
    bytes[at] = 0x80 + byte
  }
  return bytes
}
