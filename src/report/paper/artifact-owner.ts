const BEFORE = 160
const OURS =
  /\b(?:our|ours|we (?:\w+ ){0,3}(?:release|provide|publish|share|open-source|make)|this (?:paper|work|project)(?:['’]s)?)\b[^.]{0,60}$/i
/** Somebody else's, that a paper uses. */
const OF_OTHERS =
  /\b(?:(?:released|provided|published|shared|maintained|developed|implemented|made (?:public|available)) by|(?:we|were|was|is|are) (?:used?|using|based|built|adapted|adopt\w*|employ\w*|follow\w*|borrow\w*|obtained|taken|downloaded|fine-?tuned)|their|the (?:official|original|authors['’]?))\b/i
const OFFERED =
  /\b(?:(?:is|are|be|made|been) (?:\w+ ){0,2}(?:available|accessed|found|released|downloaded|obtained|hosted)|available (?:at|from|on|under|via)|(?:code|data|models?|demo|website|project page)(?: and \w+)?:?)\b[^.]{0,40}$/i
/** The number of a footnote that begins with an address. */
const FOOTNOTE = /(?:^|[\s.])(\d{1,2})\s?$/
const RAISED = '⁰¹²³⁴⁵⁶⁷⁸⁹'
/** What a title names what it gives by: `SPECTER: Document-level …`. */
const NAMED = /^([\p{L}\d][\p{L}\d-]{3,30}):\s/u

/**
 * Returns whether an address is offered as the paper's own: by the words before it, by those before the mark of the footnote that
 * it stands in, or by the name that the title gives to the work.
 *
 * @param at where it begins in the text.
 */
export function isOffered(text: string, at: number, url: string, title: string): boolean {
  const name = NAMED.exec(title)?.[1]
  if (name !== undefined && plain(lastSegment(url)).includes(plain(name))) return true
  const before = text.slice(Math.max(0, at - BEFORE), at)
  const note = FOOTNOTE.exec(before)?.[1]
  return offers(before) || (note !== undefined && offers(beforeMark(text, at, note) ?? ''))
}

function offers(before: string): boolean {
  const sentence = before.split(/[.!?]\s/).at(-1) ?? ''
  return OURS.test(before) || (OFFERED.test(before) && !OF_OTHERS.test(sentence))
}

/** The words before the raised number that leads to a footnote; null where there is none before it. */
function beforeMark(text: string, at: number, note: string): string | null {
  const raised = [...note].map((digit) => RAISED[Number(digit)]).join('')
  for (let mark = text.lastIndexOf(raised, at); mark > 0; mark = text.lastIndexOf(raised, mark - 1)) {
    const isWhole =
      !RAISED.includes(text[mark - 1] ?? ' ') && !RAISED.includes(text[mark + raised.length] ?? ' ')
    if (isWhole) return text.slice(Math.max(0, mark - BEFORE), mark)
  }
  return null
}

function lastSegment(url: string): string {
  return (
    url
      .replace(/[/#?]+$/, '')
      .split('/')
      .slice(3)
      .at(-1) ?? ''
  )
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\d]/gu, '')
}
