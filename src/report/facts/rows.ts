import type { ReadNumber } from '../numbers/numbers.js'
import { stemsOf } from '../numbers/word-keys.js'
import type { PaperIndex, Passage } from '../paper/paper-index.js'

/** A row of a table as the paper's text holds it; its name is the first cell, or what stands before the first number. */
export interface Row {
  /** Keys of the words and numbers of its name, each once. */
  tokens: readonly string[]
  /** In order, those of the name left out. */
  numbers: readonly ReadNumber[]
}

const MAX_ROWS = 40
const MAX_NUMBERS = 24
/** A row that the reader of the PDF took for a line of its own: a name and two numbers or more. */
const STRAY = /^>? ?[^\d|]{0,60}(?:\s[-+]?\d+(?:\.\d+)?%?){2,}/u

const known = new WeakMap<PaperIndex, ReadonlyMap<number, readonly Row[][]>>()

/** Returns the tables of a page, each as its rows from the top; what separates one from the next is a caption or running text. */
export function tablesOn(index: PaperIndex, page: number): readonly Row[][] {
  let pages = known.get(index)
  if (pages === undefined) known.set(index, (pages = tablesByPage(index)))
  return pages.get(page) ?? []
}

function tablesByPage({ passages }: PaperIndex): Map<number, Row[][]> {
  const pages = new Map<number, Row[][]>()
  let open: Row[] | null = null
  let page = -1
  for (const passage of passages) {
    const row = rowOf(passage)
    if (row === null) {
      if (!passage.text.startsWith('> ')) open = null
      else if (/^> (?:tab|fig)/i.test(passage.text)) open = null
      continue
    }
    if (open === null || passage.page !== page) {
      page = passage.page
      open = []
      const tables = pages.get(page)
      if (tables === undefined) pages.set(page, [open])
      else tables.push(open)
    }
    if (open.length < MAX_ROWS && row.numbers.length > 0) open.push(row)
  }
  return pages
}

function rowOf({ text, numbers }: Passage): Row | null {
  const isRow = text.startsWith('> |')
  if (!isRow && (text.length > 200 || !STRAY.test(text))) return null
  const end = isRow ? text.indexOf('|', 3) : (numbers[0]?.at ?? 0)
  const name = text.slice(isRow ? 3 : text.startsWith('> ') ? 2 : 0, end).trim()
  const isNamed = /\p{L}/u.test(name)
  return {
    tokens: isNamed ? tokensOf(name) : [],
    numbers: numbers.filter(({ at, spelled }) => !spelled && (!isNamed || at >= end)).slice(0, MAX_NUMBERS),
  }
}

/** Returns keys of the words, letters and numbers of a text by which the rows of a table are told apart, each once. */
export function tokensOf(text: string): string[] {
  const others = text.toLowerCase().match(/\d+(?:\.\d+)?|(?<!\p{L})\p{L}(?!\p{L})/gu) ?? []
  return [...new Set([...stemsOf(text), ...others])]
}
