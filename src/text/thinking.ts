import { withoutFalseTurns } from './false-turns.js'
import { withoutEndMarks } from './turn-marks.js'

const NAMES = 'think|thinking|thoughts?|reasoning|reflection|scratchpad'

/**
 * How models and their servers mark thinking inside an answer: `<think>` (DeepSeek, Qwen and most others) under several
 * names and with a vendor's prefix (`<seed:think>`), `◁think▷` (Kimi), `[THINK]` (Magistral), `<|begin_of_thought|>`,
 * `<|START_THINKING|>` (Cohere), `<|channel>thought` (Gemma).
 */
const OPEN = String.raw`(?:<(?:[a-z][\w.-]*:)?(?:${NAMES})(?:\s[^<>\n]{0,100})?>|◁(?:${NAMES})▷|\[(?:${NAMES})\]|<\|(?:begin_of_|start_)?(?:${NAMES})\|>|<\|channel>\s*(?:${NAMES}))`
const CLOSE = String.raw`(?:<\/(?:[a-z][\w.-]*:)?(?:${NAMES})\s*>|◁\/(?:${NAMES})▷|\[\/(?:${NAMES})\]|<\|(?:\/|end_of_|end_)(?:${NAMES})\|>|<channel\|>)`

const MARKED = new RegExp(`${OPEN}|${CLOSE}`, 'i')
const HEADING = /^ {0,3}#{1,4}\s/m
const OPENS_LINE = new RegExp(String.raw`^\s*${OPEN}`, 'i')
/** A thought that begins behind the end of a sentence. */
const OPENS_LATE = new RegExp(String.raw`(?<=[.!?\]]["”)*\]]{0,3}\s{0,3})${OPEN}`, 'iu')
const CLOSES = new RegExp(CLOSE, 'i')
const MENTIONS = new RegExp(`${OPEN}|(${CLOSE})`, 'gi')
const CLOSE_ALONE = new RegExp(String.raw`^\s*${CLOSE}\s*$`, 'i')
const FENCE = /^ {0,3}(`{3,}|~{3,})/

/** Channels of OpenAI's harmony format; what stands in any other than `final` is not for readers. */
const FINAL_CHANNEL = /<\|channel\|>\s*final\b[^<\n]{0,40}(?:<\|constrain\|>[^<\n]{0,40})?<\|message\|>/gi
const ANY_CHANNEL = /^\s*(?:<\|start\|>\s*\w+\s*)?<\|channel\|>/i
/** The same where a server has dropped the tokens and left their names. */
const BARE_CHANNELS = /^\s*analysis(?=[\p{Lu}"'(]).{20,}?assistant\s*final(?=[\p{Lu}#*\-"'([])/su

/**
 * Returns a model's answer without what it thought before or in between: closed blocks, all before an end mark that
 * nothing began (the chat template began it), all behind a mark that nothing ends, and every channel but the last one of
 * a harmony answer. A tag that is only spoken of, inside a sentence, a code span or a code block, stays. Blank where
 * nothing but thinking came; the same text where there is none.
 */
export function withoutThinking(text: string): string {
  const whole = finalChannel(text.replace(/^\uFEFF/, ''))
  const said = withoutFalseTurns(whole, isAnswer)
  const kept = withoutThoughts(said)
  return kept === text ? withoutEndMarks(text) : withoutEndMarks(kept).replace(/^(?:[ \t]*\r?\n)+/, '')
}

/** A text that only greets, before one with headings, is none; nor is a thought. */
function isAnswer(before: string, behind: string): boolean {
  const kept = withoutThoughts(before)
  return /[\p{L}\p{N}]/u.test(kept) && (HEADING.test(kept) || !HEADING.test(behind))
}

function withoutThoughts(text: string): string {
  return MARKED.test(text) ? new ThoughtfulText().read(text) : text
}

function finalChannel(text: string): string {
  const finals = [...text.matchAll(FINAL_CHANNEL)].filter(({ index }) => !isInCode(text, index))
  const last = finals.at(-1)
  if (last !== undefined) return text.slice(last.index + last[0].length)
  if (ANY_CHANNEL.test(text)) return ''
  return text.replace(BARE_CHANNELS, '')
}

/** Reads an answer line by line and drops its thinking. */
class ThoughtfulText {
  #kept: string[] = []
  #thinking = false
  /** Mark of the code block that is open, and the opening tags in it that nothing closed. */
  #fence: string | null = null
  #quoted = 0
  /** The last line with an end mark: behind it, no thought ends. */
  #lastClose = -1

  read(text: string): string {
    const lines = text.split('\n')
    this.#lastClose = lines.findLastIndex((line) => CLOSES.test(line))
    lines.forEach((line, index) => this.#line(line, lines, index))
    return this.#kept.join('\n')
  }

  #line(line: string, lines: readonly string[], index: number): void {
    let rest = line
    for (;;) {
      if (this.#thinking) {
        const close = CLOSES.exec(rest)
        if (close === null) return
        this.#thinking = false
        rest = rest.slice(close.index + close[0].length)
        if (rest.trim() === '') return
        continue
      }
      if (this.#isCode(rest)) return void this.#kept.push(rest)
      const open = OPENS_LINE.exec(rest)
      if (open !== null && this.#begins(rest.slice(open[0].length), lines, index)) {
        this.#thinking = true
        rest = rest.slice(open[0].length)
        continue
      }
      const late = index > this.#lastClose ? OPENS_LATE.exec(rest) : null
      if (
        late !== null &&
        /^\s*(?:$|\p{Lu})/u.test(rest.slice(late.index + late[0].length)) &&
        !isInCode(rest, late.index)
      ) {
        this.#thinking = true
        return void this.#kept.push(rest.slice(0, late.index).trimEnd())
      }
      const end = this.#endOfThought(rest)
      if (end === null) return void this.#kept.push(rest)
      this.#kept = []
      this.#fence = null
      rest = rest.slice(end)
      if (rest.trim() === '') return
    }
  }

  /** In a code block, tags are somebody's template; but a lone end mark there ends a thought that had begun a block. */
  #isCode(line: string): boolean {
    const mark = FENCE.exec(line)?.[1] ?? null
    if (this.#fence === null) {
      this.#fence = mark
      this.#quoted = 0
      return mark !== null
    }
    if (mark !== null && mark.startsWith(this.#fence) && line.trim() === mark) {
      this.#fence = null
      return true
    }
    const lone = CLOSE_ALONE.test(line) && this.#quoted < 1
    this.#quoted += balance(line)
    return !lone
  }

  /** At the beginning of an answer a tag always begins a thought; later on it may begin a sentence about tags. */
  #begins(behind: string, lines: readonly string[], index: number): boolean {
    if (this.#kept.every((line) => line.trim() === '')) return true
    const close = CLOSES.exec(behind)
    if (close !== null) return !/^[\s,;.]*\p{Ll}/u.test(behind.slice(close.index + close[0].length))
    if (index > this.#lastClose) return /^\s*(?:$|\p{Lu})/u.test(behind)
    return behind.trim() === '' || lines.slice(index + 1).some((line) => CLOSE_ALONE.test(line))
  }

  /** Returns where behind an end mark that nothing began the answer goes on, or null. */
  #endOfThought(line: string): number | null {
    const close = CLOSES.exec(line)
    if (close === null || isInCode(line, close.index)) return null
    const end = close.index + close[0].length
    const around = line.slice(Math.max(0, close.index - 1), close.index) + line.slice(end, end + 1)
    if (/^(?:""|''|“”|‘’|\(\)|«»)$/.test(around)) return null
    if (CLOSE_ALONE.test(line)) return end
    const spokenOf = balance([...this.#kept, line.slice(0, close.index)].join('\n')) > 0
    const goesOn = /^(?:\s*$|\s*(?:[#*\-|>]|\d+[.)])|[\p{Lu}"“])/u.test(line.slice(end))
    return !spokenOf && goesOn ? end : null
  }
}

/** Opening tags less closing ones. */
function balance(text: string): number {
  return [...text.matchAll(MENTIONS)].reduce((sum, [, close]) => sum + (close === undefined ? 1 : -1), 0)
}

/** Whether a place lies inside a code span, as far as its line tells. */
function isInCode(text: string, at: number): boolean {
  const line = text.slice(text.lastIndexOf('\n', at - 1) + 1, at)
  return (line.match(/`+/g)?.length ?? 0) % 2 === 1
}
