import { mark, type Discrepancy, type PageAt } from './discrepancy.js'
import { differInOneDigit, longNumbers } from '../numbers/long-numbers.js'
import { readTables, type PaperTable } from './tables.js'

/** More than papers have, so that a text made for it takes no longer. */
const MOST_GAINS = 40
const MOST_TABLES = 40

/** Returns what of a paper's tables may contradict its text, its captions or itself: gains, totals, counts of rows. */
export function tableDiscrepancies(text: string, at: PageAt): Discrepancy[][] {
  const tables = readTables(text).slice(0, MOST_TABLES)
  return [gains(text, tables, at), sums(text, tables), counts(tables)]
}

const COUNT_WORDS = 'two three four five six seven eight nine ten eleven twelve'.split(' ')
/** `results for eight classifiers` */
const COUNTED = new RegExp(
  String.raw`\b(?:for|of|the|our|all)\s+(${COUNT_WORDS.join('|')}|[2-9]|1\d)\s+((?:\w+ )?(?:classifiers|models|methods|systems|datasets|data sets|baselines|algorithms|approaches|networks|architectures|tasks|languages|planets|stars|participants))\b`,
  'i',
)
/** A header that was read as a row makes one more; many more are rows of another kind. */
const [LEAST_OFF, MOST_OFF] = [2, 4]

/** Captions that count what the rows are, and count otherwise. */
function counts(tables: readonly PaperTable[]): Discrepancy[] {
  return tables.flatMap(({ rows, caption, page }) => {
    const [whole, shown = ''] = COUNTED.exec(caption) ?? []
    if (whole === undefined) return []
    const word = COUNT_WORDS.indexOf(shown.toLowerCase())
    const off = Math.abs(rows.length - (word < 0 ? Number(shown) : word + 2))
    if (off < LEAST_OFF || off > MOST_OFF) return []
    const place = mark(page)
    return [
      {
        kind: 'count' as const,
        text: `A caption says "${whole}"; the table has ${rows.length} rows${place}.`,
      },
    ]
  })
}

const GAIN =
  /(?<![\w.])(\d{1,3}\.\d{1,3})\s?(?:%|percent|percentage points?|points?)[^.\n]{0,60}?\b(?:improve\w*|gains?|higher|lower|increase\w*|decrease\w*|better|more|reduc\w+|drop\w*)\b|\b(?:by|gains?|improve\w*|increase\w*|decrease\w*|drops?)\b[^.\n]{0,40}?(?<![\w.])(\d{1,3}\.\d{1,3})\s?(?:%|percent|points?)/gi

/** How far two entries of one column are apart: as points, and relative to the lower and the higher, percent. */
interface Difference {
  points: number
  relative: number[]
  of: string
  page: number | null
}

const MOST_DIFFERENCES = 50_000
/** What a printed gain may be off and still mean a difference: last digits, or this share of it. */
const NEAR_DIGITS = 20
const NEAR_SHARE = 0.02

/** Printed gains that lie beside a difference of two entries of one column without being one; a table near the text comes first. */
function gains(text: string, tables: readonly PaperTable[], at: PageAt): Discrepancy[] {
  const entries = new Set(tables.flatMap(({ columns }) => columns.flat().map(({ text: shown }) => shown)))
  const printedGains = [...text.matchAll(GAIN)]
  if (printedGains.length === 0) return []
  const differences = tables.flatMap(differencesIn).slice(0, MOST_DIFFERENCES)
  const seen = new Set<string>()
  return printedGains.flatMap((match) => {
    const printed = match[1] ?? match[2] ?? ''
    if (seen.has(printed) || seen.size >= MOST_GAINS || entries.has(printed)) return []
    seen.add(printed)
    const page = at(match.index)
    const near = nearestTo(printed, page, differences)
    if (near === null) return []
    const decimals = printed.split('.')[1]?.length ?? 0
    const line = `The text prints a change of ${printed}${mark(page)}; the nearest difference in a column of a table is ${near.points.toFixed(decimals)} (${near.of})${mark(near.page)}.`
    return [{ kind: 'gain' as const, text: line }]
  })
}

function differencesIn({ columns, page }: PaperTable): Difference[] {
  return columns.flatMap((column) =>
    column.flatMap((one, index) =>
      column.slice(index + 1).map((other): Difference => {
        const [high, low] = one.value > other.value ? [one, other] : [other, one]
        // Shares are spoken of in points.
        const points = (high.value - low.value) * (high.value <= 1 ? 100 : 1)
        const relative = [(high.value / low.value - 1) * 100, (1 - low.value / high.value) * 100]
        return { points, relative, of: `${high.text} and ${low.text}`, page }
      }),
    ),
  )
}

/** Null where a difference gives the printed value, and where none comes near. */
function nearestTo(
  printed: string,
  page: number | null,
  differences: readonly Difference[],
): Difference | null {
  const value = Number(printed)
  const unit = 10 ** -(printed.split('.')[1]?.length ?? 0)
  const isIt = (one: number): boolean => Math.abs(one - value) <= unit * 0.51
  if (differences.some(({ points, relative }) => isIt(points) || relative.some(isIt))) return null
  const reach = Math.max(unit * NEAR_DIGITS, value * NEAR_SHARE)
  const near = differences.filter(({ points }) => Math.abs(points - value) <= reach)
  const beside = near.filter((one) => Math.abs((one.page ?? 0) - (page ?? 0)) <= 1)
  const [best] = (beside.length > 0 ? beside : near).sort(
    (one, other) => Math.abs(one.points - value) - Math.abs(other.points - value),
  )
  return best ?? null
}

const TOTAL = /^(?:total|sum|all|overall|altogether|gesamt|summe)\b/i

/** Columns whose last row is called a total and is none, or whose sum the text prints with a digit changed. */
function sums(text: string, tables: readonly PaperTable[]): Discrepancy[] {
  const long = longNumbers(text)
  const printed = new Set(long.map(({ digits }) => digits))
  return tables.flatMap(({ rows, columns, page }) => {
    const place = mark(page)
    const total = rows.findIndex((row) => TOTAL.test(row[0] ?? ''))
    return columns.flatMap((column) => {
      const parts = column.filter(({ row }) => row !== total)
      if (parts.length < 3 || !parts.every(({ value }) => Number.isInteger(value))) return []
      const sum = parts.reduce((one, { value }) => one + value, 0)
      const last = column.find(({ row }) => row === total)
      if (last !== undefined) {
        const off = Math.abs(last.value - sum)
        return off === 0 || off > sum * 0.2
          ? []
          : [
              {
                kind: 'sum' as const,
                text: `A column of a table adds up to ${sum}; its total says ${last.text}${place}.`,
              },
            ]
      }
      if (sum < 1000 || printed.has(String(sum))) return []
      const twin = long.find(({ digits }) => differInOneDigit(digits, String(sum)))
      return twin === undefined
        ? []
        : [
            {
              kind: 'sum' as const,
              text: `A column of a table adds up to ${sum}${place}; the text has ${twin.text}.`,
            },
          ]
    })
  })
}
