import { isUtf8 } from 'node:buffer'
import type { Found, RecordScanner, Rejected } from './types.js'
import { MAX_RECORD_BYTES, NO_UTF8 } from './values.js'

const NEWLINE = 0x0a
const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const CLOSE_BRACKET = 0x5d
const SILENT = new Set(Array.from(' \t\r\n,[\uFEFF', (char) => [...Buffer.from(char)]).flat())

/** Returns a scanner for one record a line; blank lines are passed over. */
export function lineScanner(): RecordScanner<string> {
  let parts: Buffer[] = []
  let held = 0
  let line = 1
  const take = (): Found<string>[] => {
    const tooLong = held > MAX_RECORD_BYTES
    const bytes = Buffer.concat(parts)
    parts = []
    held = 0
    if (tooLong) return [rejected(line, `the line is longer than ${MAX_RECORD_BYTES} bytes`)]
    if (!isUtf8(bytes)) return [rejected(line, `the line is ${NO_UTF8}`)]
    const text = bytes
      .toString('utf8')
      .replace(/^\uFEFF/, '')
      .trim()
      .replace(/,$/, '')
    return text === '' ? [] : [{ line, content: text }]
  }
  const hold = (part: Buffer): void => {
    held += part.length
    if (held <= MAX_RECORD_BYTES) parts.push(part)
    else parts = []
  }
  return {
    push(chunk) {
      const records: Found<string>[] = []
      let start = 0
      for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
        hold(chunk.subarray(start, end))
        records.push(...take())
        line++
        start = end + 1
      }
      hold(chunk.subarray(start))
      return records
    },
    end: take,
  }
}

/** Returns a scanner for the objects of one JSON array, however they are broken into lines. */
export function arrayScanner(): RecordScanner<string> {
  return new ObjectScanner(false)
}

/** Returns a scanner for JSON objects one behind the other, however they are broken into lines and parted. */
export function objectScanner(): RecordScanner<string> {
  return new ObjectScanner(true)
}

function rejected(line: number, problem: string): Rejected {
  return { line, problem, reason: problem }
}

class ObjectScanner implements RecordScanner<string> {
  #parts: Buffer[] = []
  #held = 0
  #depth = 0
  #inString = false
  #escaped = false
  #line = 1
  #startLine = 1
  #closed: boolean
  #inJunk = false

  /** @param closed what is no record needs no bracket at its end. */
  constructor(closed: boolean) {
    this.#closed = closed
  }

  push(chunk: Buffer): Found<string>[] {
    const records: Found<string>[] = []
    let start = 0
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] ?? 0
      if (byte === NEWLINE) this.#line++
      if (this.#depth === 0) {
        if (byte === OPEN_BRACE) {
          this.#depth = 1
          this.#startLine = this.#line
          this.#inJunk = false
          start = at
        } else records.push(...this.#between(byte))
      } else if (this.#inside(byte)) {
        records.push(this.#take(chunk.subarray(start, at + 1)))
      } else if (byte === NEWLINE && this.#inString) {
        records.push(this.#give('a text is not closed on its line'))
      }
    }
    if (this.#depth > 0) this.#hold(chunk.subarray(start))
    if (this.#held > MAX_RECORD_BYTES)
      records.push(this.#give(`the record is longer than ${MAX_RECORD_BYTES} bytes`))
    return records
  }

  end(): Found<string>[] {
    if (this.#depth > 0) return [this.#give('the file ends in the middle of a record')]
    return this.#closed ? [] : [rejected(this.#line, 'the file ends before the array does')]
  }

  /** Returns whether the byte ends the record. */
  #inside(byte: number): boolean {
    if (this.#inString) {
      if (this.#escaped) this.#escaped = false
      else if (byte === BACKSLASH) this.#escaped = true
      else if (byte === QUOTE) this.#inString = false
    } else if (byte === QUOTE) this.#inString = true
    else if (byte === OPEN_BRACE) this.#depth++
    else if (byte === CLOSE_BRACE) this.#depth--
    return this.#depth === 0
  }

  /** What stands between two records; a run of anything but blanks and commas is one broken record. */
  #between(byte: number): Found<string>[] {
    if (byte === CLOSE_BRACKET) this.#closed = true
    else if (!SILENT.has(byte)) {
      if (this.#inJunk) return []
      this.#inJunk = true
      return [rejected(this.#line, 'not a JSON object')]
    } else if (byte !== NEWLINE) return []
    this.#inJunk = false
    return []
  }

  #hold(part: Buffer): void {
    this.#held += part.length
    this.#parts.push(part)
  }

  #take(last: Buffer): Found<string> {
    const bytes = Buffer.concat([...this.#parts, last])
    if (!isUtf8(bytes)) return this.#give(`the record is ${NO_UTF8}`)
    this.#reset()
    return { line: this.#startLine, content: bytes.toString('utf8') }
  }

  #give(problem: string): Found<string> {
    this.#reset()
    return rejected(this.#startLine, problem)
  }

  #reset(): void {
    this.#parts = []
    this.#held = 0
    this.#depth = 0
    this.#inString = false
    this.#escaped = false
  }
}
