import type { Line } from './model.js'

const WORD = /\p{L}[\p{L}\p{M}’'-]*\p{L}/gu
const ASCII = /^[\0-\x7f]*$/
const LINE_HYPHEN = /(\p{L}[\p{L}\p{M}’'-]*)-$/u
const FIRST_WORD = /^(\p{L}[\p{L}\p{M}]*)((?:-\p{L}+)*)/u
/** An address that goes on in the next line. */
const ADDRESS = /(?:https?:|www\.|doi\.org)\S*[/.=?&_:~-]$/
/** First parts after which English keeps the hyphen nearly always. */
const KEEPERS = new Set(['self', 'non', 'well', 'state', 'cross', 'all', 'ex', 'quasi', 'so', 'vice'])

/** The words of a document as they stand inside lines: the witness for how a word broken at a line end is spelt. */
export class Vocabulary {
  private readonly counts = new Map<string, number>()

  constructor(lines: Iterable<Line>) {
    for (const { text } of lines) {
      // The rest of a broken word is no word.
      const end = text.endsWith('-') ? text.lastIndexOf(' ') : text.length
      if (ASCII.test(text)) this.addAscii(text.toLowerCase(), end)
      else for (const word of text.slice(0, Math.max(0, end)).match(WORD) ?? []) this.add(word.toLowerCase())
    }
  }

  /** The same as WORD finds, by codes: most lines are plain, and expressions for all letters are slow. */
  private addAscii(text: string, end: number): void {
    let start = -1
    for (let i = 0; i <= end; i++) {
      const code = i < end ? text.charCodeAt(i) : 0
      const isLetter = code >= 0x61 && code <= 0x7a
      if (start < 0) {
        if (isLetter) start = i
      } else if (!isLetter && code !== 0x27 && code !== 0x2d) {
        let last = i
        while (text.charCodeAt(last - 1) < 0x61) last -= 1
        if (last - start > 1) this.add(text.slice(start, last))
        start = -1
      }
    }
  }

  private add(word: string): void {
    this.counts.set(word, (this.counts.get(word) ?? 0) + 1)
    if (!word.includes('-')) return
    for (const part of word.split('-')) this.counts.set(part, (this.counts.get(part) ?? 0) + 1)
  }

  /** How often the word stands inside a line. */
  count(word: string): number {
    return this.counts.get(word.toLowerCase()) ?? 0
  }
}

/** Returns two lines as one text: the hyphen of a broken word goes, a real hyphen stays, else a space comes between. */
export function joinText(before: string, after: string, words: Vocabulary): string {
  if (before === '') return after
  if (after === '') return before
  // Only the end matters; paragraphs grow long.
  const end = before.slice(-160)
  if (ADDRESS.test(end) && /^[\w/?&=%#.~-]/.test(after)) return before + after
  if (!before.endsWith('-')) return endsOpen(end.slice(-3)) ? before + after : `${before} ${after}`
  const head = LINE_HYPHEN.exec(end.slice(-60))?.[1]
  const tail = FIRST_WORD.exec(after)
  if (head === undefined || tail === null) return startsTight(after) ? before + after : `${before} ${after}`
  return keepsHyphen(head, tail[1] ?? '', tail[2] ?? '', words) ? before + after : before.slice(0, -1) + after
}

/** A dash or slash at the end of a line, as in page ranges and addresses. */
function endsOpen(before: string): boolean {
  return /\S[–—/]$/u.test(before)
}

function startsTight(after: string): boolean {
  return /^[\p{L}\p{N}]/u.test(after)
}

function keepsHyphen(head: string, tail: string, rest: string, words: Vocabulary): boolean {
  const lastPart = head.slice(head.lastIndexOf('-') + 1)
  const joined = words.count(lastPart + tail) + (lastPart === head ? 0 : words.count(head + tail))
  const apart = words.count(`${lastPart}-${tail}`) + (lastPart === head ? 0 : words.count(`${head}-${tail}`))
  if (joined !== apart) return apart > joined
  if (/^\p{Lu}/u.test(tail)) return !/^\p{Lu}+$/u.test(head + tail) || head.length < 4
  if (head.includes('-') || rest !== '') return lastPart.length > 2 && words.count(lastPart) > 0
  if (KEEPERS.has(lastPart.toLowerCase())) return true
  const areWords = words.count(lastPart) > 1 && words.count(tail) > 1
  return areWords && lastPart.length >= 4 && tail.length >= 4
}
