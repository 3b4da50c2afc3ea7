import { TURN_MARK } from './turn-marks.js'

const MARK = new RegExp(TURN_MARK, 'gi')
const SENTENCE_ENDS = /(?:^|\n|[.!?:)\]}*_"”`|>。])[ \t]*$/u
/** The mark of an item is no end. */
const BEGINS_ITEM = /(?:^|\n)[ \t]*(?:[-*+]|\d{1,2}[.)])[ \t]*$/
/** Behind a mark that is only spoken of, its sentence goes on. */
const SENTENCE_GOES_ON =
  /^(?:[*_~`]|\s*(?:(?!(?:user|human|assistant|system|model)\b)\p{Ll}|[,.;:)\]'"”|=+]))/u
const HEADING = /^ {0,3}#{1,4}\s/m
const NEXT_HEADING = new RegExp(String.raw`^(?:\s|${TURN_MARK})*(#{1,4}\s+[^\n]*)`, 'i')
const FENCE = /^ {0,3}(?:`{3,}|~{3,})/gm
/** Marks that are looked at: an answer about templates has many. */
const MOST_MARKS = 20

/**
 * Returns a text up to the mark that ends the model's turn: what it wrote behind is a turn of somebody it made up, or the
 * answer again. A mark that a sentence, a code span or a code block speaks of ends nothing.
 *
 * @param isAnswer whether what stands before a mark is an answer at all.
 */
export function withoutFalseTurns(
  text: string,
  isAnswer: (before: string, behind: string) => boolean,
): string {
  let looked = 0
  for (const { 0: mark, index } of text.matchAll(MARK)) {
    if (++looked > MOST_MARKS) break
    const [before, behind] = [text.slice(0, index), text.slice(index + mark.length)]
    const isEnd = SENTENCE_ENDS.test(before.slice(-200)) && !BEGINS_ITEM.test(before.slice(-200))
    // Words behind a blank on its line may be about it: then no section must be lost with them.
    const isSure = !/^[ \t]+\S/.test(behind) || !HEADING.test(behind)
    // Some models end each section so.
    const next = NEXT_HEADING.exec(behind)?.[1]
    if (next !== undefined && !before.includes(next)) continue
    if (isEnd && isSure && !SENTENCE_GOES_ON.test(behind) && !isInCode(before))
      if (isAnswer(before, behind)) return before.trimEnd()
  }
  return text
}

function isInCode(before: string): boolean {
  const line = before.slice(before.lastIndexOf('\n') + 1)
  return (line.match(/`+/g)?.length ?? 0) % 2 === 1 || (before.match(FENCE)?.length ?? 0) % 2 === 1
}
