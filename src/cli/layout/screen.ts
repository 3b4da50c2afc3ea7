import { wrapped } from './width.js'

interface Stream {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
}

const DEFAULT_COLUMNS = 80

/** Returns the cells of a terminal's line; those of most where it does not know its size (0), as under `script`. */
export function columnsOf({ columns }: Stream): number {
  return columns || DEFAULT_COLUMNS
}

/** Returns how many cells a line that is written there may take; no end where nobody watches. */
export function roomOn(stream: Stream): number {
  return stream.isTTY === true ? columnsOf(stream) : Infinity
}

/** Returns words for people as they are written there: on a terminal broken between words, not at its edge. */
export function wordsOn(stream: Stream, text: string): string {
  const room = roomOn(stream)
  return room === Infinity ? text : wrapped(text, room)
}
