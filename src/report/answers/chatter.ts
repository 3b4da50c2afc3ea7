/** What a model says to whoever asked, behind its answer. */
const TO_READER = [
  'let me know|please (?:let me|tell me|feel free)|feel free to|i hope (?:this|that|it|these|the)|hope (?:this|that|it) helps',
  'is there anything|would you like|do you (?:want|need) (?:me|any|more|help)|shall i|should i (?:also|go|continue|expand|now)',
  'want me to|need (?:me to|any(?:thing| changes| adjustments))|happy to|glad to',
  "i(?: would|[’']d|[’']ll| will| am|[’']m) (?:be )?(?:happy|glad|pleased) to|i(?: have|[’']ve) (?:kept|followed|included|written|covered|ensured|made sure|tried)",
  'i can (?:also |now |then )*(?:provide|expand|elaborate|go|help|refine|adjust|add|rewrite|revise|shorten|continue|turn|create|produce|draft)',
  "if you(?: would|[’']d)? (?:like|want|need|have|prefer|wish)\\b.{0,120}(?:let me know|\\bi can\\b|\\bi[’'](?:d|ll)\\b|\\bi could\\b|just (?:ask|say|tell)|feel free|please (?:ask|let|tell))",
  'thank you(?: for|[.!]|$)|thanks(?: for|[.!]|$)|best regards|good luck',
  "möchten sie|möchtest du|soll ich|ich hoffe|gerne kann ich|lassen sie mich|lass mich wissen|souhaitez-vous|voulez-vous|n[’']hésitez pas|j[’']espère que",
  '¿(?:quieres|quiere|desea|te gustaría|le gustaría)|espero que (?:esto|esta|isso|este)|se (?:você )?quiser,|fammi sapere|如果(?:您|你)(?:需要|想|希望)|希望(?:这|以上|对)|请(?:告诉|告知)我|需要我',
].join('|')
/** What it says of the answer itself. */
const OF_ANSWER = [
  'end of (?:the |this |my )*(?:report|answer|analysis|response|document|summary|sections?|output|review)\\W*$|(?:the )?end[.!]?$',
  'this (?:concludes|completes|ends|is the end of) (?:the|my|this|our) (?:report|answer|analysis|response|document|summary|sections?|output|review|requested)',
  "that(?: is|[’']s) (?:all|it|everything)\\b|all (?:of the )?(?:required |requested )?sections (?:are|have been|were) ",
  '(?:note: )?(?:this|the above) (?:report|analysis|summary|response|answer|review) (?:was|is|has been) (?:auto\\w*[- ])?(?:generated|prepared|written|produced|created|complete)\\b',
].join('|')
const CHATTER = new RegExp(`^(?:${TO_READER}|${OF_ANSWER})`, 'i')
const WORD_COUNT =
  /^(?:(?:(?:total|approx(?:imate|\.)?|final|current|overall)\s+)*(?:word|words|character|token)s?(?:\s+(?:count|total|used))?\s*(?:\([^()]*\))?\s*[:=≈~]|total\s*[:=])?\s*(?:about|approx(?:imately|\.)?|around|roughly|[~≈≤<])?\s*\d[\d,. ]*(?:\/\s*\d+\s*)?(?:words?|characters?|tokens?)?(?:\s+(?:in total|total|used))?[.!]?$/i
const MARKS = /^[\s>*_~([{#–—=-]+|[\s*_~)\]}–—=-]+$/g
const ITEM = /^\s*(?:[-*+•]|\d{1,2}[.)])\s/
const PAGE = /\[p\. ?\d/

/** Returns whether a line is said to whoever asked, and is no part of a report. A line that names a page is one. */
export function isChatter(line: string): boolean {
  if (PAGE.test(line)) return false
  const bare = line.replace(MARKS, '')
  if (CHATTER.test(bare)) return true
  const isLabelled = /^[a-z]|^\s*[*_~]*[([]/i.test(line.replace(/^[\s*_>]+/, ''))
  return isLabelled && !ITEM.test(line) && /[a-z]/i.test(bare) && WORD_COUNT.test(bare.replace(/[*_]+/g, ''))
}

/** Returns the index of a last line that offers a list, where nothing but that list follows; -1 where there is none. */
export function offerAt(lines: readonly string[]): number {
  let at = lines.length - 1
  while (at >= 0 && (ITEM.test(lines[at] ?? '') || (lines[at] ?? '').trim() === '')) {
    if (PAGE.test(lines[at] ?? '')) return -1
    at -= 1
  }
  const line = lines[at] ?? ''
  return at < lines.length - 1 && /[:?][*_]*\s*$/.test(line) && isChatter(line) ? at : -1
}

const LAST_SENTENCE = /^(.*[.!?)\]][*_]*)\s+([^.!?]{8,200}[.!?)*_]+)\s*$/s
const TO_READER_ALONE = new RegExp(`^(?:${TO_READER})`, 'i')

/** Returns a line without a last sentence that is said to whoever asked. */
export function withoutOffer(line: string): string {
  const [, before, last = ''] = LAST_SENTENCE.exec(line) ?? []
  return before !== undefined && TO_READER_ALONE.test(last.replace(MARKS, '')) && !PAGE.test(last)
    ? before
    : line
}
