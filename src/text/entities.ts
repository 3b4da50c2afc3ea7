import { codeParts } from './code-spans.js'

/** Names that stand in for signs of a plain text; rare ones are words of whoever writes about them. */
const NAMES: ReadonlyMap<string, string> = new Map(Object.entries({
  quot: '"', apos: "'", amp: '&', lt: '<', gt: '>', nbsp: ' ', ndash: '–', mdash: '—', hellip: '…', lsquo: '‘', rsquo: '’',
  ldquo: '“', rdquo: '”', times: '×', plusmn: '±', minus: '−', middot: '·', deg: '°', micro: 'µ', le: '≤', ge: '≥', ne: '≠',
  approx: '≈', sim: '∼', infin: '∞', rarr: '→', larr: '←', alpha: 'α', beta: 'β', gamma: 'γ', delta: 'δ', epsilon: 'ε',
  lambda: 'λ', mu: 'μ', pi: 'π', sigma: 'σ', theta: 'θ', omega: 'ω', auml: 'ä', ouml: 'ö', uuml: 'ü', szlig: 'ß',
  eacute: 'é', egrave: 'è', aacute: 'á', oacute: 'ó', iacute: 'í', ntilde: 'ñ', ccedil: 'ç',
})) // prettier-ignore

/** `&quot;`, also packed twice or more (`&amp;quot;`), and signs by their numbers. */
const ENTITY = /&(?:amp;)*(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,8}));/gi

/** Returns plain text with the signs that HTML entities in it stand for; an unknown name stays. */
export function withoutEntities(text: string, literal: (sign: string) => string = (sign) => sign): string {
  if (!text.includes('&')) return text
  return text.replace(ENTITY, (whole, decimal?: string, hex?: string, name?: string) => {
    const sign =
      name === undefined ? signOf(Number.parseInt(decimal ?? hex ?? '', decimal ? 10 : 16)) : NAMES.get(name)
    return sign === undefined ? whole : literal(sign)
  })
}

/**
 * The same for Markdown: code spans stay, and a sign that would begin something in Markdown stands for itself.
 */
export function markdownWithoutEntities(line: string): string {
  if (!line.includes('&')) return line
  return codeParts(line)
    .map(({ text, isCode }) =>
      isCode ? text : withoutEntities(text, (sign) => (/[\\`*_{}[\]()#|~]/.test(sign) ? `\\${sign}` : sign)),
    )
    .join('')
    .replace(/^(\s*)>(?=\s)/, (whole, blank: string) => (/^\s*>/.test(line) ? whole : `${blank}\\>`))
}

/** No control character, half of a pair or unassigned place: what cannot be typed is a blank. */
function signOf(code: number): string | undefined {
  if (Number.isNaN(code) || code > 0x10ffff) return undefined
  const isSign = code >= 0x20 && !(code >= 0x7f && code < 0xa0) && !(code >= 0xd800 && code < 0xe000)
  return isSign ? String.fromCodePoint(code).replace('\u00a0', ' ') : ' '
}
