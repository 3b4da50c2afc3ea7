import type { Line } from '../model.js'

const LINE_HYPHEN = /(\p{L}[\p{L}\p{M}’'-]*)-$/u
const FIRST_WORD = /^(\p{L}[\p{L}\p{M}]*)((?:-\p{L}+)*)/u
/** An address that goes on in the next line. */
const ADDRESS = /(?:https?:|www\.|doi\.org)\S*[/.=?&_:~-]$/
const ADDRESS_END = /[/.=?&_:~-]$/
/** First parts after which English keeps the hyphen nearly always. */
const KEEPERS = new Set(['self', 'non', 'well', 'state', 'cross', 'all', 'ex', 'quasi', 'so', 'vice'])

/**
 * The words of a document as they stand inside lines: the witness for how a word broken at a line end is spelt.
 * Words are kept as hashes of 30 bits: ten thousand words of a paper give one false match in twenty papers.
 */
export class Vocabulary {
  readonly #counts = new Map<number, number>()

  constructor(pages: readonly (readonly Line[])[]) {
    for (const lines of pages) {
      for (const { text } of lines) {
        // The rest of a broken word is no word.
        this.#read(text, text.endsWith('-') ? text.lastIndexOf(' ') : text.length)
      }
    }
  }

  /** Counts the words before `end`, and the parts of those with hyphens; runs over every character of a paper. */
  #read(text: string, end: number): void {
    let whole = SEED
    let part = SEED
    let length = 0
    let parts = 0
    for (let i = 0; i <= end; i++) {
      const sign = i < end ? text.charCodeAt(i) : 0
      const code = sign < 0x80 ? ASCII_LETTERS[sign]! : letterOf(sign)
      if (code !== 0 && code !== HYPHEN) {
        whole = mix(whole, code)
        part = mix(part, code)
        length += 1
      } else if (length > 0) {
        if (code === HYPHEN && letterOf(i + 1 < end ? text.charCodeAt(i + 1) : 0) > HYPHEN) {
          this.#add(part)
          parts += 1
          whole = mix(whole, HYPHEN)
          part = SEED
          continue
        }
        if (parts > 0) this.#add(part)
        if (length > 1) this.#add(whole)
        whole = part = SEED
        length = parts = 0
      }
    }
  }

  #add(hash: number): void {
    const key = hash >>> 2
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1)
  }

  /** How often the word stands inside a line. */
  count(word: string): number {
    let hash = SEED
    for (let i = 0; i < word.length; i++) hash = mix(hash, letterOf(word.charCodeAt(i)))
    return this.#counts.get(hash >>> 2) ?? 0
  }
}

const SEED = 0x811c9dc5
const HYPHEN = 0x2d

/** Fowler, Noll and Vo's hash, a step. */
function mix(hash: number, code: number): number {
  return Math.imul(hash ^ code, 0x01000193)
}

/** Returns the code of a letter in lower case (Latin 1), of an apostrophe or hyphen as such, 0 for any other sign. */
function letterOf(code: number): number {
  if (code >= 0x61 && code <= 0x7a) return code
  if (code >= 0x41 && code <= 0x5a) return code | 0x20
  if (code === HYPHEN) return HYPHEN
  if (code === 0x27 || code === 0x2019) return 0x2019
  if (code < 0xc0 || (code >= 0x2000 && code < 0x2c00)) return 0
  return code >= 0xc0 && code <= 0xde ? code + 0x20 : code
}

/** What `letterOf` returns for ASCII, which is nearly all there is. */
const ASCII_LETTERS = Uint16Array.from({ length: 0x80 }, (_, code) => letterOf(code))

/** Returns two lines as one text: the hyphen of a broken word goes, a real hyphen stays, else a space comes between. */
export function joinText(before: string, after: string, words: Vocabulary): string {
  if (before === '') return after
  if (after === '') return before
  // Only the end matters; paragraphs grow long.
  const end = before.slice(-160)
  if (ADDRESS_END.test(end) && ADDRESS.test(end) && /^[\w/?&=%#.~-]/.test(after)) return before + after
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
