/** Where words stand in a text: from, up to. */
export interface Span {
  from: number
  to: number
}

/** What writers leave out or set otherwise when they quote a report: emphasis, marks of evidence, white space, quotation marks, dashes. */
const SKIPPED = /\s?\[p\. ?\d[\d, –-]{0,60}\]|[*_`]|\s+/g
const GAP = /\s?(?:…|\.{3})\s?/
const MAX_GAP = 300

/** Returns where words stand in a text, if once: letter by letter, else without regard to how it is set; `…` stands for what was left out. Null otherwise. */
export function findOnce(text: string, words: string): Span | null {
  const exact = text.indexOf(words)
  if (exact >= 0) return text.indexOf(words, exact + 1) < 0 ? { from: exact, to: exact + words.length } : null
  const plain = plainOf(text)
  const [first = '', ...others] = words.split(GAP).map((part) => plainOf(part).text.trim())
  const at = first === '' ? -1 : plain.text.indexOf(first)
  if (at < 0 || plain.text.indexOf(first, at + 1) >= 0) return null
  let end = at + first.length
  for (const part of others) {
    const next = plain.text.indexOf(part, end)
    if (next < 0 || next - end > MAX_GAP) return null
    end = next + part.length
  }
  const [from, last] = [plain.places[at], plain.places[end - 1]]
  if (from === undefined || last === undefined || text.slice(from, last).includes('\n')) return null
  return { from, to: last + 1 }
}

/** A text as it is compared, with the place of each of its signs. */
function plainOf(text: string): { text: string; places: number[] } {
  let plain = ''
  const places: number[] = []
  const add = (sign: string, at: number): void => {
    plain += sign
    places.push(at)
  }
  let from = 0
  const copy = (to: number): void => {
    for (let at = from; at < to; at += 1) add(folded(text.charAt(at)), at)
  }
  for (const match of text.matchAll(SKIPPED)) {
    copy(match.index)
    from = match.index + match[0].length
    if (/^\s+$/.test(match[0])) add(' ', match.index)
  }
  copy(text.length)
  return { text: plain, places }
}

function folded(sign: string): string {
  if (/[“”„«»]/.test(sign)) return '"'
  if (/[‘’‚]/.test(sign)) return "'"
  return /[‐-―−]/.test(sign) ? '-' : sign
}
