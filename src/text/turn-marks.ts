const ENDS =
  'im_end|end|eot|eot_id|eom|eom_id|eos|eos_token|eod|eod_id|eog|endoftext|end_of_(?:text|turn|message|sentence|sequence|box|utterance|document)|endofturn|endofprompt|end_?of_turn_token|end_response|return|call|stop|sep|separator|pad|file_separator'
const BEGINS =
  'user|human|assistant|system|observation|tool|chatbot|bot|ipython|im_start|im_user|im_assistant|im_system|im_middle|start|start_header_id|end_header_id|begin_of_text|start_?of_turn_token|(?:user|chatbot|system)_token|startofturn'

/**
 * How templates of chat models mark where a turn ends or another begins, and servers leave it in an answer: ChatML, Llama,
 * Phi, Zephyr and GLM (`<|user|>`), Gemma, Mistral (`[/INST]`), DeepSeek (with its own bars), Cohere, Falcon, Jamba, Kimi,
 * EXAONE (`[|endofturn|]`), SmolVLM, T5 (`<eos>`), llama.cpp's `[end of text]`.
 */
export const TURN_MARK = String.raw`(?:<\|(?:${ENDS}|${BEGINS})\|>|<\/s>|<(?:eos|eot|eod|eom|end_of_turn|start_of_turn|end_of_utterance|endoftext|end_of_text|pad|turn\||\|turn)>|<｜(?:end▁of▁sentence|User|Assistant|begin▁of▁sentence)｜>|\[\/?INST\]|\[(?:EOS|EOT|end of text|end of sentence|\|endofturn\|)\]|<<\/?SYS>>)`

const MARK = new RegExp(TURN_MARK, 'i')

/** Returns whether a mark of a turn stands anywhere in a text. */
export function hasTurnMark(text: string): boolean {
  return MARK.test(text)
}

/** Any name between these bars, where nothing but the end of the text follows. */
const ANY_MARK = String.raw`(?:${TURN_MARK}|<[|｜][\w▁.-]{2,30}[|｜]>)`
/** Sought once in a run of blanks, not from each. */
const AT_END = new RegExp(String.raw`(?<!\s)(?:\s*${ANY_MARK})+\s*$`, 'i')
/** In the middle of a sentence a mark is spoken of. */
const SPOKEN_OF = /[\p{L}\p{N},;(]$/u

/** Returns a text without marks of turns at its end, where they are not the last word of a sentence. */
export function withoutEndMarks(text: string): string {
  return text.replace(AT_END, (marks: string, at: number) =>
    /^[ \t]/.test(marks) && SPOKEN_OF.test(text.slice(Math.max(0, at - 2), at)) ? marks : '',
  )
}

const LINE_BEGIN = new RegExp(String.raw`^\s*(?:${TURN_MARK}\s*)+(?=#|$)`, 'i')
const SENTENCE_END = /(?:^|[.!?:)\]}*_"”|>。])$/u

/** Returns a line without marks of turns that stand alone on it, before a heading or behind the end of a sentence. */
export function lineWithoutMarks(line: string): string {
  const rest = line.replace(LINE_BEGIN, '')
  return rest.replace(AT_END, (marks: string, at: number) =>
    SENTENCE_END.test(rest.slice(0, at)) ? '' : marks,
  )
}
