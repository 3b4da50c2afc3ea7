import { addTotals, amountOf, combine, oddsOf, type Target } from './combine.js'
import type { Odds } from './odds.js'
import { tablesOn, tokensOf, type Row } from './rows.js'
import type { Said } from './said-ops.js'
import type { ReadNumber } from '../numbers/numbers.js'
import type { PaperIndex } from '../paper/paper-index.js'

/** Shares of the numbers beside one that tables may give as well: the less a statement says of its inputs, the fewer. */
const NAMED = 0.22
const NAMED_ONE = 0.08
const ANY = 0.05

/** More pairs give nearly every number. */
const MOST_PAIRS = 1500

/** The tables on the pages of a statement, and the rows that it names. */
interface Tables {
  all: readonly (readonly Row[])[]
  named: readonly ReadonlySet<Row>[]
}

const known = new WeakMap<Said, Tables>()

/**
 * Returns whether two entries of a table give the number: first of two rows that the statement names, then of one such row, then of one and
 * any other, then of any two rows.
 *
 * @param pages null: the whole paper, where the statement has to name the rows.
 */
export function fromTables(
  target: Target,
  said: Said,
  index: PaperIndex,
  pages: ReadonlySet<number> | null,
): boolean {
  const { all: tables, named } = tablesOf(said, index, pages)
  if (tables.length === 0) return false
  const some = tables.map((rows, n) => rows.filter((row) => named[n]?.has(row) === true))
  if (fromColumnsOf(target, some, () => true, NAMED) || fromRows(target, some)) return true
  if (pages === null) return false
  const isOne = (n: number, one: Row, other: Row): boolean =>
    named[n]?.has(one) === true || named[n]?.has(other) === true
  return (
    fromColumnsOf(target, tables, isOne, NAMED_ONE) ||
    (pairsIn(tables) <= MOST_PAIRS && fromColumnsOf(target, tables, () => true, ANY)) ||
    fromTotals(target, tables)
  )
}

function tablesOf(said: Said, index: PaperIndex, pages: ReadonlySet<number> | null): Tables {
  let tables = known.get(said)
  if (tables === undefined) {
    const all = [...(pages ?? index.pages)].flatMap((page) => tablesOn(index, page))
    const tokens = new Set(tokensOf(`${said.statement} ${said.title}`))
    tables = { all, named: all.map((rows) => namedIn(rows, tokens, said.others)) }
    known.set(said, tables)
  }
  return tables
}

function pairsIn(tables: readonly (readonly Row[])[]): number {
  return tables.reduce(
    (sum, rows) => sum + (rows.length * rows.length * (rows[0]?.numbers.length ?? 0)) / 2,
    0,
  )
}

/** From two entries of one column. */
function fromColumnsOf(
  target: Target,
  tables: readonly (readonly Row[])[],
  isMeant: (table: number, one: Row, other: Row) => boolean,
  most: number,
): boolean {
  const odds = oddsOf(target)
  for (const [n, rows] of tables.entries()) {
    for (const [m, row] of rows.entries()) {
      for (let k = m + 1; k < rows.length; k += 1) {
        const other = rows[k]!
        if (isMeant(n, row, other)) combineColumns(odds, target, row, other)
      }
    }
  }
  return odds.tells(most)
}

/** From two entries of one row. */
function fromRows(target: Target, tables: readonly (readonly Row[])[]): boolean {
  const odds = oddsOf(target)
  for (const { numbers } of tables.flat()) {
    for (let n = 0; n < numbers.length; n += 1) {
      for (let k = n + 1; k < numbers.length; k += 1) combine(odds, target, numbers[n]!, numbers[k]!)
    }
  }
  return odds.tells(NAMED_ONE)
}

/** Combines the entries of two rows that stand below one another; where one has fewer, those at its left or right are taken for lost. */
function combineColumns(odds: Odds, target: Target, one: Row, other: Row): void {
  const [own, others] = [one.numbers, other.numbers]
  const shift = own.length - others.length
  for (const by of shift === 0 ? [0] : [0, shift]) {
    for (let n = Math.max(0, by); n < own.length && n - by < others.length; n += 1)
      combine(odds, target, own[n]!, others[n - by]!)
  }
}

/** Totals and means of columns. */
function fromTotals(target: Target, tables: readonly (readonly Row[])[]): boolean {
  const odds = oddsOf(target)
  for (const rows of tables) {
    const width = Math.max(0, ...rows.map(({ numbers }) => numbers.length))
    for (let column = 1; column <= width; column += 1) {
      const values = rows.flatMap(({ numbers }) => {
        const entry = numbers[numbers.length - column]
        return entry === undefined ? [] : [amountOf(entry)]
      })
      addTotals(odds, target, values)
    }
  }
  return odds.tells(NAMED)
}

/** The rows that a statement names: by half of their words, one of them not the name of most rows, or by a number that they hold. */
function namedIn(rows: readonly Row[], said: ReadonlySet<string>, others: readonly ReadNumber[]): Set<Row> {
  const told = new Set(others.filter((one) => one.value >= 10 || one.decimals > 0).map(amountOf))
  const often = new Map<string, number>()
  for (const { tokens } of rows) for (const token of tokens) often.set(token, (often.get(token) ?? 0) + 1)
  const isTelling = (token: string): boolean => (often.get(token) ?? 0) * 2 <= Math.max(2, rows.length)
  return new Set(
    rows.filter(({ numbers, tokens }) => {
      if (numbers.some((one) => (one.value >= 10 || one.decimals > 0) && told.has(amountOf(one)))) return true
      const shared = tokens.filter((token) => said.has(token))
      return shared.length * 2 >= tokens.length && shared.some(isTelling)
    }),
  )
}
