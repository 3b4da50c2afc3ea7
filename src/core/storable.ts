/**
 * Returns a text as every DB can hold it: NUL, and halves of pairs that stand alone, become U+FFFD. Cleaned where texts
 * come in, so that what was read back, a checksum too, is what was given.
 */
export function storable(text: string): string {
  const whole = text.isWellFormed() ? text : text.toWellFormed()
  return whole.includes('\0') ? whole.replaceAll('\0', '\ufffd') : whole
}
