import { significantDigits, type ReadNumber } from '../numbers/numbers.js'
import type { PaperIndex } from '../paper/paper-index.js'
import type { Comparison } from './comparison.js'
import {
  computationsIn,
  isComputed,
  isInputOf,
  expressionsIn,
  isOfExpression,
  isOwnInput,
  isTold,
  solvedIn,
} from './computations.js'
import { better, isGood, type Fact } from './fact.js'
import { misplacedIn } from './misplaced.js'
import { locate, type Found } from './number-check.js'
import type { Said } from './said-ops.js'

/** Whose numbers a statement holds that are not the paper's. */
export type Own = 'proposed' | 'inferred' | null

/** A statement whose numbers are looked up. */
interface Numbered {
  text: string
  numbers: readonly ReadNumber[]
  /** Those claimed; null: none, and the whole paper will do. */
  pages: ReadonlySet<number> | null
  own: Own
  /** Null where no pages are claimed. */
  comparison: Comparison | null
  /** Of a row of a table: its head, and the numbers of the rows above it. */
  head: string
  rows: readonly ReadNumber[]
  title: string
}

const TELLING_DIGITS = 4
/** What a reader is asked, and told as the answer, is worked out by the writer, whatever page the item names at its end. */
const ASKED = /\bCheck:/

/**
 * Returns what becomes of the numbers of a statement.
 *
 * @param beside what the metadata say, where the statement may stand as well; null where it may not.
 */
export function numberFacts(
  index: PaperIndex,
  beside: PaperIndex | null,
  { text, numbers, pages, own, comparison, head, rows, title }: Numbered,
): Fact[] {
  const above = rows.map((number) => ({ ...number, at: -1, end: -1 }))
  const repeated = (): boolean => comparison !== null && comparison.sameSentences().length > 0
  const said: Said = { statement: text, head, title, others: [...numbers, ...above], repeated }
  const computations = computationsIn(text)
  const expressions = expressionsIn(text)
  const solved = solvedIn(text)
  const asked = ASKED.exec(text)?.index ?? Infinity
  const isInput = (number: ReadNumber): boolean => isInputOf(computations, number)
  // What comes out of a computation does not vouch for what went in.
  const given = numbers.filter((number) => !isInput(number) && !isComputed(computations, number))
  const misplaced =
    comparison === null
      ? null
      : misplacedIn(
          comparison,
          numbers.filter((number) => !isInput(number)),
        )
  return numbers
    .filter(
      (number) =>
        (isClaim(number) || misplaced?.has(number) === true) &&
        !(own !== null && (number.spelled || number.role === 'plain')),
    )
    .flatMap((number) => {
      const inText =
        isComputed(computations, number) || isOfExpression(expressions, number)
          ? ({ verdict: 'derived', why: '' } as const)
          : isInput(number)
            ? // An expression leaves units out.
              locate(index, { ...number, unit: null }, pages, { ...said, others: given })
            : locate(index, number, pages, said)
      const isSolved = solved.some(({ from, to }) => from <= number.at && number.end <= to)
      const isUnknown = isSolved || isTold(computations, number) || isFlatPower(index, number)
      if (inText.verdict === 'missing' && isUnknown) return []
      // An input of a sum may be taken from anywhere, where its digits leave no doubt which one is meant.
      if (inText.verdict === 'elsewhere' && isInput(number) && significantDigits(number) >= TELLING_DIGITS)
        return []
      if (!isGood(inText) && isInput(number) && isOwnInput(index, number, pages, given)) return []
      const found =
        isGood(inText) || beside === null
          ? inText
          : better(inText, locate(beside, number, null, { ...said, others: numbers, repeated: () => true }))
      if (isOwn(found, number.at > asked ? 'proposed' : own)) return []
      if (number.spelled && found.verdict === 'elsewhere') return []
      const why = found.verdict === 'supported' || !isClaim(number) ? misplaced?.get(number) : undefined
      const fact: Fact = { kind: 'number', text: number.text.trim(), ...found }
      return [why === undefined ? fact : { ...fact, verdict: 'elsewhere', why }]
    })
}

/** Whether the paper's text may have a power of ten whose exponent the reader of the PDF set beside it, without its sign: `10 120`. */
function isFlatPower({ text: paper }: PaperIndex, { text }: ReadNumber): boolean {
  const exponent = /(?:^|[×·*\s])10\^[-−]?(\d{1,3})$/.exec(text.trim())?.[1]
  return exponent !== undefined && new RegExp(`\\b10 ?[-−–]? ?${exponent}\\b`).test(paper)
}

/** Whether a number that is not where it should be is the writer's own. */
function isOwn({ verdict, why }: Found, own: Own): boolean {
  if (own === 'proposed') return verdict === 'missing'
  return own === 'inferred' && (verdict === 'elsewhere' || (verdict === 'missing' && why === ''))
}

/** Returns whether a number says something of the paper: small integers are often the writer's own ("3 reasons"). */
export function isClaim({ role, value, unit, spelled }: ReadNumber): boolean {
  if (role === 'claim')
    return !(spelled && unit?.kind === 'times') && !(unit?.kind === 'count' && value <= 3 && spelled)
  return role === 'plain' && !spelled && value >= 10
}
