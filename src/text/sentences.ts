/** A sentence as a slice of its paragraph. */
export interface Span {
  text: string
  start: number
}

/** Abbreviations after which a full stop never ends a sentence. */
const NEVER_ENDS = new Set(
  `e.g i.e eg ie cf vs viz resp approx fig figs tab tabs eq eqs eqn eqns sec secs sect ch chap app thm lem prop def ref
  refs no nos vol pp p ed eds dr mr mrs ms prof st dept univ incl excl ca max min avg std var dim w.r.t w.l.o.g s.t a.k.a`.split(
    /\s+/,
  ),
)
/** Abbreviations that may stand last: the next word decides. */
const MAY_END = new Set(['al', 'etc', 'inc', 'ltd', 'co', 'corp', 'jr', 'sr', 'u.s', 'ph.d'])
const USUAL_OPENER =
  /^(?:The|This|These|Those|That|We|In|On|For|It|Its|A|An|As|At|By|To|From|With|However|Our|They|Their|There|Here|Thus|Hence|Then|While|When|Where|Since|If|Although|Moreover|Furthermore|Finally|First|Second|Both|Each|Such|Unlike|Other|Another|Given|Using|After|Also)\b/

const BOUNDARY = /[.!?]+|[。！？]/gu
const CLOSERS = /^(?:["'”’)\]]|\s?\[\d[\d,\s–-]{0,30}\](?=\s))*/u
const MAX_PARENTHESIS = 300

/**
 * Splits a paragraph into sentences. Full stops in abbreviations, initials, decimals, citations and
 * parentheses do not end one; a footnote number printed right after a full stop (`word.3 The`) is left out.
 */
export function splitSentences(paragraph: string): Span[] {
  const spans: Span[] = []
  const depth = parenthesisDepth(paragraph)
  let start = 0
  for (const match of paragraph.matchAll(BOUNDARY)) {
    if (match.index < start || depth[match.index] === 1) continue
    const end = endOfSentence(paragraph, match.index, match[0])
    if (end === null) continue
    pushTrimmed(spans, paragraph, start, end.at)
    start = end.next
  }
  pushTrimmed(spans, paragraph, start, paragraph.length)
  return spans
}

function endOfSentence(text: string, at: number, mark: string): { at: number; next: number } | null {
  const stop = at + mark.length
  if (/[。！？]/u.test(mark)) return { at: stop, next: stop }
  if (stop >= text.length) return { at: text.length, next: text.length }
  const footnote = /^\d{1,2}(?=\s+\p{Lu})/u.exec(text.slice(stop, stop + 8))
  if (footnote !== null) {
    const glued = /\p{Ll}{2}$/u.test(text.slice(Math.max(0, at - 2), at))
    return mark === '.' && glued ? { at: stop, next: stop + footnote[0].length } : null
  }
  const closing = CLOSERS.exec(text.slice(stop, stop + 40))?.[0].length ?? 0
  const rest = text.slice(stop + closing, stop + closing + 40)
  if (!/^\s+\S/.test(rest))
    return stop + closing >= text.length ? { at: text.length, next: text.length } : null
  const following = rest.trimStart()
  if (!/^(?:["'“‘([•–—-]\s?)?(?:[\p{Lu}\p{Lo}\d•]|(?:[ivx]{1,4}|[a-h])\)\s)/u.test(following)) return null
  if (mark.startsWith('.') && mark.length === 1 && isAbbreviation(text, at, following)) return null
  return { at: stop + closing, next: stop + closing }
}

function isAbbreviation(text: string, at: number, following: string): boolean {
  const word = /[\p{L}.]+$/u.exec(text.slice(Math.max(0, at - 16), at))?.[0] ?? ''
  const lower = word.toLowerCase()
  if (NEVER_ENDS.has(lower)) return !(lower === 'no' && USUAL_OPENER.test(following))
  if (MAY_END.has(lower)) return !USUAL_OPENER.test(following)
  // An initial (`J. Smith`), unless the next word could hardly be a surname.
  return /^(?:\p{Lu}\.)*\p{Lu}$/u.test(word) && !USUAL_OPENER.test(following)
}

/** Marks with 1 the characters inside a parenthesis that closes again within a reasonable length. */
function parenthesisDepth(text: string): Uint8Array {
  const inside = new Uint8Array(text.length)
  let open = -1
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i)
    if (char === '(' && open < 0) open = i
    else if (char === ')' && open >= 0) {
      if (i - open <= MAX_PARENTHESIS) inside.fill(1, open, i)
      open = -1
    } else if (open >= 0 && i - open > MAX_PARENTHESIS) {
      i = open
      open = -1
    }
  }
  return inside
}

const LEADING_MARK = /^(?:\s|[•‣▪●◦–—*·-](?=\s)|\((?:[ivx]{1,4}|\d{1,2}|[a-h])\)\s|\d{1,2}[.)]\s(?=\p{Lu}))+/u

function pushTrimmed(spans: Span[], text: string, from: number, to: number): void {
  const raw = text.slice(from, to)
  const lead = LEADING_MARK.exec(raw)?.[0].length ?? 0
  const body = raw
    .slice(lead)
    .trimEnd()
    .replace(/(?<=\p{Ll}{2}[.!?])\d{1,2}$/u, '')
  if (body.length > 0) spans.push({ text: body, start: from + lead })
}
