const ACCENTS: ReadonlyMap<string, string> = new Map(Object.entries({
  '`': '\u0300', "'": '\u0301', '^': '\u0302', '~': '\u0303', '=': '\u0304', '.': '\u0307', '"': '\u0308',
  u: '\u0306', v: '\u030C', H: '\u030B', c: '\u0327', d: '\u0323', b: '\u0331', k: '\u0328', r: '\u030A',
})) // prettier-ignore

const LETTERS: ReadonlyMap<string, string> = new Map(Object.entries({
  ss: 'ß', ae: 'æ', AE: 'Æ', oe: 'œ', OE: 'Œ', aa: 'å', AA: 'Å', o: 'ø', O: 'Ø', l: 'ł', L: 'Ł', i: 'ı', j: 'ȷ',
  dh: 'ð', DH: 'Ð', dj: 'đ', DJ: 'Đ', th: 'þ', TH: 'Þ',
})) // prettier-ignore

/** `\"o`, `\'{e}`, `\c c`, `\'{\i}`: an accent named by a letter is followed by a blank, a brace or a command. */
const ACCENTED =
  /\\(?:([`'^"~=.])|([uvHcdbkr])(?=[\s{\\]))\s*(?:\{\s*(?:\\([ij])|(\p{L}))\s*\}|\\([ij])(?!\p{L})(?:\{\}|\s+(?=\p{L}))?|(\p{L}))/gu
/** TeX takes the blanks behind the name of a letter for its end. */
const LETTER = /\\(ss|ae|AE|oe|OE|aa|AA|dh|DH|dj|DJ|th|TH|[oOlLij])(?!\p{L})(?:\{\}|\s+(?=\p{L}))?/gu

/** A formula is TeX for whoever reads it. */
const FORMULA = /(\$[^$]*\$)/

/**
 * Returns a title or an abstract with TeX's accents and letters as they are printed (`Schr{\"o}dinger`), formulas and all other
 * commands as they stand.
 */
export function withoutTexAccents(text: string): string {
  if (!text.includes('\\')) return text
  return text
    .split(FORMULA)
    .map((part, at) => (at % 2 === 1 ? part : printed(part).replace(/\{(\p{L}\p{M}*)\}/gu, '$1')))
    .join('')
    .normalize('NFC')
}

function printed(text: string): string {
  return text
    .replace(
      ACCENTED,
      (_, sign?: string, letter?: string, ...bases: (string | undefined)[]) =>
        (bases.slice(0, 4).find((base) => base !== undefined) ?? '') +
        (ACCENTS.get(sign ?? letter ?? '') ?? ''),
    )
    .replace(LETTER, (whole, name: string) => LETTERS.get(name) ?? whole)
}

/**
 * Returns names as they are printed, of names that are written with TeX's accents and letters (`Erd\H{o}s`, `Mei{\ss}ner`,
 * `Bj\o rn`), with ties, footnotes and braces; a command of another kind stays.
 */
export function withoutTex(names: string): string {
  if (!/[\\{}~$]/.test(names)) return names
  return printed(names)
    .replace(/\$\s*\^[^$]{0,40}\$/g, '')
    .replace(/\\[,; ]|(?<!\\)~/g, ' ')
    .replace(/\\([&_-])/g, (_, sign: string) => (sign === '-' ? '' : sign))
    .replace(/[{}]/g, '')
    .normalize('NFC')
}
