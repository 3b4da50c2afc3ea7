/** Marks that end a turn in the templates of chat models. */
const MARK =
  /<\|(?:im_end|eot_id|eom_id|endoftext|end_of_text|end_of_box|END_RESPONSE)\|>|<end_of_turn>|<\/s>|<｜end▁of▁sentence｜>/g
const SENTENCE_ENDS = /(?:^|\n|[.!?:)\]}*_"”`|>。])[ \t]*$/u
/** Behind a mark that is only spoken of, its sentence goes on. */
const SENTENCE_GOES_ON = /^\s*(?:(?!(?:user|human|assistant|system|model)\b)\p{Ll}|[,.;:)\]'"”|=+])/u
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
    if (SENTENCE_ENDS.test(before.slice(-200)) && !SENTENCE_GOES_ON.test(behind) && !isInCode(before))
      if (isAnswer(before, behind)) return before
  }
  return text
}

function isInCode(before: string): boolean {
  const line = before.slice(before.lastIndexOf('\n') + 1)
  return (line.match(/`+/g)?.length ?? 0) % 2 === 1 || (before.match(FENCE)?.length ?? 0) % 2 === 1
}
