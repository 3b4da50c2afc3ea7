const SHORTEST = 40
const LONGEST = 400

const MATH = /[=<>≤≥≈∈∉∑∏∫√∂∇→←↦×·^_{}\\|∥⊂⊆∪∩∀∃±†‡§¶~∞α-ωΑ-Ω𝐀-𝟿]/gu
const BROKEN = /[\uFFFD\uE000-\uF8FF]|\(cid:\d+\)|https?:\/\/\S{60}/u
const MARKUP =
  /<\/?[a-z!?]|\]\(|!\[|`|^\s*(?:#|---|>|\|)|&(?:#\d+|#x[0-9a-f]+|[a-z]+);|javascript:|\{\{|\{%|%\}/i
const ADDRESS =
  /\S@\S|\b(?:Corresponding author|The authors? (?:is|are) with|All rights reserved|Permission to make|Copyright|Preprint|Under review|Received \d)/i
/** Thanks and money, wherever they stand. */
const THANKS =
  /\b(?:(?:is|was|were|been) (?:partially |partly |in part )?(?:supported|funded) by|we (?:thank|acknowledge|are grateful)|the authors? (?:thanks?|acknowledges?)|grant (?:no|number|agreement)\b)/i
/** Speaks to a language model instead of a reader: text no report should carry. */
const INSTRUCTION =
  /\b(?:ignore|disregard|forget) (?:all |any |the |your )?(?:previous|prior|above|earlier|preceding)\b|\bas an ai\b|\bsystem prompt\b/i

/**
 * Returns whether a sentence reads as prose when quoted alone: whole, mostly letters, no markup, no formula, no address.
 *
 * @param isItem it is an item of a list, whole without a capital and a full stop.
 */
export function isQuotable(text: string, isItem = false): boolean {
  if (text.length < SHORTEST || text.length > LONGEST) return false
  if (!isItem && (!/^[\p{Lu}\p{Lo}]/u.test(text) || !/[.!?。！？]["'’)\]\d,\s–-]*$/u.test(text))) return false
  if (
    BROKEN.test(text) ||
    MARKUP.test(text) ||
    ADDRESS.test(text) ||
    THANKS.test(text) ||
    INSTRUCTION.test(text)
  )
    return false
  // A nested pair of the report's own quotation marks would make the quote end too early.
  if (/[“”]/.test(text)) return false
  return isProse(text)
}

function isProse(text: string): boolean {
  const visible = text.replace(/\s/g, '').length
  const letters = text.match(/\p{L}/gu)?.length ?? 0
  if (letters / visible < 0.7) return false
  if ((text.match(MATH)?.length ?? 0) > Math.max(2, text.length / 60)) return false
  const capitals = text.match(/\p{Lu}/gu)?.length ?? 0
  if (capitals / letters > 0.3) return false
  const tokens = text.split(/\s+/)
  if (tokens.length < 6 && !/\p{Lo}/u.test(text)) return false
  const single = tokens.filter((token) => /^[^\p{Lo}]$/u.test(token) && !/^[aAI&–-]$/.test(token)).length
  if (single > 2 && single / tokens.length > 0.12) return false
  if (tokens.some((token) => token.length > 45 && !token.includes('/'))) return false
  return isBalanced(text)
}

function isBalanced(text: string): boolean {
  let depth = 0
  for (const char of text) {
    if (char === '(' || char === '[') depth++
    else if ((char === ')' || char === ']') && --depth < 0) return false
  }
  return depth === 0
}

/** Returns untrusted text as one line without control characters, with what Markdown or HTML would act on taken out. */
export function plainInline(text: string, longest: number): string {
  const line = stripControls(text)
    .replace(/[<>`*_|[\]{}#\\~$“”]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/^[-+=]+\s*/, '')
  return line.length <= longest ? line : `${line.slice(0, longest - 1).replace(/\s+\S*$/, '')}…`
}

/** Returns the text without control, bidirectional and zero-width characters; tabs become blanks, line ends stay. */
export function stripControls(text: string): string {
  return text
    .replace(/\r\n?|[\u2028\u2029\u0085\v\f]/g, '\n')
    .replace(/\t/g, ' ')
    .replace(/(?!\n)[\p{Cc}\p{Cf}]/gu, '')
}
