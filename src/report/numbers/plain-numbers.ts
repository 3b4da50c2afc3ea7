/**
 * Returns the keys of numbers that were torn or run together: a PDF reader may part a number ("76. 1") or put it behind a
 * letter, and set a raised exponent flat ("10-4", "3 ×106").
 */
export function mendedKeys(text: string): Set<string> {
  const keys = new Set<string>()
  for (const [whole] of text.matchAll(/(?<!\d)\d{1,12}(?: \. ?|\. )\d{1,12}(?![\d.])/g))
    keys.add(keyOf(Number(whole.replace(/ /g, ''))))
  for (const [, exponent] of text.matchAll(/\b10 ?\^?(-\d{1,2})(?!\d)/g))
    keys.add(keyOf(10 ** Number(exponent)))
  for (const [, mantissa, exponent] of text.matchAll(
    /(?<!\d)(\d{1,9}(?:\.\d{1,9})?) ?[×x*·] ?10 ?(\d{1,2})(?!\d)/g,
  ))
    keys.add(keyOf(Number(mantissa) * 10 ** Number(exponent)))
  for (const [, digits] of text.matchAll(/[\p{L})](\d{1,12}(?:\.\d{1,12})?)/gu))
    keys.add(keyOf(Number(digits)))
  return keys
}

/** Returns the key by which equal values are found. */
export function keyOf(value: number): string {
  return Number.isSafeInteger(value) ? String(value) : String(Number(value.toPrecision(10)))
}

/** Returns a text with numbers set in one way: plain digits without thousands separators, `-` for every dash, `^` for a raised exponent, `%` for percent. */
export function plainNumbers(text: string): string {
  const plain = isAscii(text)
    ? text
    : text
        .replace(/[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+(?:[.·][⁰¹²³⁴⁵⁶⁷⁸⁹]+)?/g, (raised) => `^${raised.normalize('NFKC')}`)
        .replace(/(\d)[\u00A0\u2009\u202F\u2006](?=\d{3}(?!\d))/g, '$1')
        .normalize('NFKC')
        .replace(/[\u2010-\u2015\u2212]/g, '-')
  return plain
    .replace(/\\times|\\cdot/g, '×')
    .replace(/\\?[{}$]|\\(?=%)/g, '')
    .replace(/(\d)[,'’](?=\d{3}(?!\d))/g, '$1')
    .replace(/(\d)[\s-]{0,3}per ?cent\b/gi, '$1%')
}

const BLANKS = /(?<![\d.,]|[\d.,] )\d{1,3}(?: \d{3})+(?![\d.,]| ?\d)/g
/** A paper that parts thousands by blanks does so more than once, and never by commas. */
const LEAST_BLANKS = 3

/** Returns whether a paper parts thousands by blanks: `168 233 images`. */
export function partsByBlanks(text: string): boolean {
  return (text.match(BLANKS)?.length ?? 0) >= LEAST_BLANKS && !/\d,\d{3}(?!\d)/.test(text)
}

/** Returns a text whose thousands are parted by blanks without them. */
export function withoutBlanks(text: string): string {
  return text.replace(BLANKS, (number) => number.replaceAll(' ', ''))
}

/** Returns whether a text has ASCII signs alone, which need no folding. */
export function isAscii(text: string): boolean {
  // eslint-disable-next-line no-control-regex -- the range of ASCII begins with them
  return /^[\u0000-\u007F]*$/.test(text)
}
