/**
 * Returns the text of a file that a person wrote: UTF-8, or UTF-16 with its byte order mark, as some editors and shells
 * store it; without the mark.
 *
 * @throws an Error that says in a few words why the bytes are no such text.
 */
export function textOfFile(bytes: Uint8Array): string {
  const [first, second] = bytes
  const wide = first === 0xff && second === 0xfe ? 'utf-16le' : 'utf-16be'
  const isWide = wide === 'utf-16le' || (first === 0xfe && second === 0xff)
  let text: string
  try {
    text = new TextDecoder(isWide ? wide : 'utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new Error(`it is not text in ${isWide ? 'UTF-16, as it begins' : 'UTF-8'}`)
  }
  if (text.includes('\0')) throw new Error('it holds NUL characters, as UTF-16 does when read as UTF-8')
  return text
}
