import { pageFinder } from '../text/paper-text.js'
import { contentStems } from '../text/words.js'
import { numberKeys, claimedNumbers } from './numbers.js'
import { readTables, type PaperTable } from './paper-tables.js'

/** Something of a paper that may not add up, for a reader to judge: code sees numbers, not what they mean. */
export interface Discrepancy {
  kind: 'abstract' | 'gain' | 'sum' | 'share' | 'equated' | 'twins'
  /** One line, with pages. */
  text: string
}

const MOST_OF_A_KIND = 3
const MOST = 12
const MAX_TEXT = 400_000
/** More than papers have, so that a text made for it takes no longer. */
const MOST_GAINS = 40
const MOST_TABLES = 40

/**
 * Returns what in a paper may contradict itself, found by arithmetic alone: numbers of the abstract that stand nowhere
 * else, gains that are not the difference of any two entries of a table's column, columns that miss their total, shares
 * that are not the quotient beside them, values that are called equal and are not, long numbers that differ in one digit
 * in the same context.
 */
export function findDiscrepancies(abstract: string, paperText: string): Discrepancy[] {
  const text = paperText.slice(0, MAX_TEXT)
  const pageAt = pageFinder(text)
  const tables = readTables(text)
  const at = (offset: number): string => {
    const page = pageAt(offset)
    return page === null ? '' : ` [p. ${page}]`
  }
  const found = [
    gains(text, tables, at),
    sums(text, tables),
    equated(text, at),
    shares(text, at),
    twins(text, at),
    abstractAlone(abstract, text),
  ]
  return found.flatMap((list) => list.slice(0, MOST_OF_A_KIND)).slice(0, MOST)
}

type Place = (offset: number) => string

function abstractAlone(abstract: string, text: string): Discrepancy[] {
  const [head = '', body] = parted(text)
  const own = head
    .split('\n')
    .filter((line) => line.length > 80 && !/^>|\bPACS\b/.test(line))
    .join('\n')
  const plain = body.replace(/\[p\. \d+\]/g, ' ')
  // Thousands may be parted by a blank that says nothing of it.
  const known = new Set([...numberKeys(plain), ...numberKeys(plain.replace(/(?<=\d) (?=\d{3}(?!\d))/g, ''))])
  const seen = new Set<string>()
  return claimedNumbers(`${abstract}\n${own}`.replace(/\[p\. \d+\]/g, ' ')).flatMap((number) => {
    if (number.keys.some((key) => known.has(key)) || seen.has(number.keys[0] ?? '')) return []
    seen.add(number.keys[0] ?? '')
    return [
      { kind: 'abstract', text: `The abstract gives "${number.text}"; no other place of the text does.` },
    ]
  })
}

/** The text up to the end of its abstract, and the rest. */
function parted(text: string): [string, string] {
  const start = /^#{2,4} (?:abstract|summary)\b.*$/im.exec(text.slice(0, 20_000))
  if (start === null) return ['', text]
  const end = text.indexOf('\n## ', start.index + start[0].length)
  return end < 0 ? ['', text] : [text.slice(start.index, end), text.slice(end)]
}

const GAIN =
  /(?<![\w.])(\d{1,3}\.\d{1,3})\s?(?:%|percent|percentage points?|points?)[^.\n]{0,60}?\b(?:improve\w*|gains?|higher|lower|increase\w*|decrease\w*|better|more|reduc\w+|drop\w*)\b|\b(?:by|gains?|improve\w*|increase\w*|decrease\w*|drops?)\b[^.\n]{0,40}?(?<![\w.])(\d{1,3}\.\d{1,3})\s?(?:%|percent|points?)/gi

/** Printed gains that lie beside a difference of two entries of one column without being one. */
function gains(text: string, tables: readonly PaperTable[], at: Place): Discrepancy[] {
  const entries = new Set(tables.flatMap(({ columns }) => columns.flat().map(({ text: shown }) => shown)))
  const seen = new Set<string>()
  return [...text.matchAll(GAIN)].flatMap((match) => {
    const printed = match[1] ?? match[2] ?? ''
    if (seen.has(printed) || seen.size >= MOST_GAINS || entries.has(printed)) return []
    seen.add(printed)
    const near = nearest(printed, tables.slice(0, MOST_TABLES))
    if (near === null) return []
    const table = near.page === null ? '' : ` [p. ${near.page}]`
    const line = `The text prints a change of ${printed}${at(match.index)}; the nearest difference in a column of a table is ${near.difference} (${near.of})${table}.`
    return [{ kind: 'gain' as const, text: line }]
  })
}

interface Near {
  difference: string
  of: string
  page: number | null
}

/** Null where a pair gives the printed value, and where none comes near. */
function nearest(printed: string, tables: readonly PaperTable[]): Near | null {
  const value = Number(printed)
  const decimals = printed.split('.')[1]?.length ?? 0
  const unit = 10 ** -decimals
  let best: (Near & { miss: number }) | null = null
  for (const { columns, page } of tables) {
    for (const column of columns) {
      for (const [index, one] of column.entries()) {
        for (const other of column.slice(index + 1)) {
          const [high, low] = one.value > other.value ? [one, other] : [other, one]
          const scale = high.value <= 1 ? 100 : 1
          const plain = (high.value - low.value) * scale
          const relative = low.value === 0 ? NaN : (high.value / low.value - 1) * 100
          const drop = high.value === 0 ? NaN : (1 - low.value / high.value) * 100
          for (const difference of [plain, relative, drop]) {
            const miss = Math.abs(difference - value)
            if (miss <= unit * 0.51) return null
            if (difference !== plain || miss > Math.max(unit * 20, value * 0.02)) continue
            if (best !== null && best.miss <= miss) continue
            best = {
              difference: difference.toFixed(decimals),
              of: `${high.text} and ${low.text}`,
              page,
              miss,
            }
          }
        }
      }
    }
  }
  return best
}

const TOTAL = /^(?:total|sum|all|overall|altogether|gesamt|summe)\b/i

/** Columns whose last row is called a total and is none, or whose sum the text prints with a digit changed. */
function sums(text: string, tables: readonly PaperTable[]): Discrepancy[] {
  const long = longNumbers(text)
  const printed = new Set(long.map(({ digits }) => digits))
  return tables.flatMap(({ rows, columns, page }) => {
    const place = page === null ? '' : ` [p. ${page}]`
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

const SHARE =
  /(?<![\w.,])(\d{1,6}(?:,\d{3})*)\s(?:\/|of|out of)\s(?:the |all |these )?(\d{1,6}(?:,\d{3})*)\b[^.()\n]{0,40}\(\s?(\d{1,3}(?:\.\d{1,2})?)\s?%/g

function shares(text: string, at: Place): Discrepancy[] {
  return [...text.matchAll(SHARE)].flatMap((match) => {
    const [whole, part = '', of = '', percent = ''] = match
    const quotient = (plainNumber(part) / plainNumber(of)) * 100
    const unit = 10 ** -(percent.split('.')[1]?.length ?? 0)
    if (!Number.isFinite(quotient) || Math.abs(quotient - Number(percent)) <= unit) return []
    return [
      {
        kind: 'share' as const,
        text: `"${whole.replace(/\s+/g, ' ')}%)"${at(match.index)}: ${part} of ${of} is ${quotient.toFixed(1)} %.`,
      },
    ]
  })
}

const POWER = String.raw`(?:(\d+(?:\.\d+)?)\s?[×x·]\s?)?10\s?([⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+(?:\.[⁰¹²³⁴⁵⁶⁷⁸⁹]+)?)`
const EQUATED = new RegExp(String.raw`${POWER}\s?\((?:or|i\.e\.,?|that is,?|=|about)\s?${POWER}`, 'g')

function equated(text: string, at: Place): Discrepancy[] {
  const seen = new Set<string>()
  return [...text.matchAll(EQUATED)].flatMap((match) => {
    const [whole, m1, e1 = '', m2, e2 = ''] = match
    if (seen.has(whole)) return []
    seen.add(whole)
    const [one, other] = [power(m1, e1), power(m2, e2)]
    if (Math.abs(one / other - 1) < 0.03) return []
    return [
      {
        kind: 'equated' as const,
        text: `"${whole.replace(/\s+/g, ' ')})"${at(match.index)}: the first is ${one.toPrecision(3)}, the second ${other.toPrecision(3)}.`,
      },
    ]
  })
}

function power(mantissa: string | undefined, exponent: string): number {
  return Number(mantissa ?? 1) * 10 ** Number(exponent.normalize('NFKC').replace('\u2212', '-'))
}

interface LongNumber {
  text: string
  digits: string
  index: number
}

const AROUND = 90
const SHARED_STEMS = 3

/** Long numbers that differ in one digit, or have two changed over, and stand in the same context. */
function twins(text: string, at: Place): Discrepancy[] {
  const byLength = new Map<number, LongNumber[]>()
  for (const number of longNumbers(text)) {
    const same = byLength.get(number.digits.length) ?? []
    if (!same.some(({ digits }) => digits === number.digits)) same.push(number)
    byLength.set(number.digits.length, same)
  }
  const found: Discrepancy[] = []
  for (const numbers of byLength.values()) {
    for (const [index, one] of numbers.slice(0, 200).entries()) {
      for (const other of numbers.slice(index + 1, 200)) {
        if (!differInOneDigit(one.digits, other.digits)) continue
        const around = ({ index: from, text: shown }: LongNumber): Set<string> =>
          new Set(contentStems(text.slice(Math.max(0, from - AROUND), from + shown.length + AROUND)))
        const stems = around(other)
        const shared = [...around(one)].filter((stem) => stems.has(stem) && !/\d/.test(stem)).length
        if (shared < SHARED_STEMS) continue
        found.push({
          kind: 'twins',
          text: `${one.text}${at(one.index)} and ${other.text}${at(other.index)} stand in like contexts and differ in a digit.`,
        })
      }
    }
  }
  return found
}

/** Whole numbers of four digits and more with separators, or five without: years and dates are neither. */
function longNumbers(text: string): LongNumber[] {
  return [
    ...text.matchAll(/(?<![\w.,])\d{1,3}(?:,\d{3})+(?![\w.,]*\d)|(?<![\w.,/-])[1-9]\d{4,6}(?![\w]|[.,]\d)/g),
  ].flatMap(({ 0: shown, index }) => {
    const digits = shown.replaceAll(',', '')
    const isYear = !shown.includes(',') && /^(?:1[89]|20)\d\d$/.test(digits)
    return isYear ? [] : [{ text: shown, digits, index }]
  })
}

function differInOneDigit(one: string, other: string): boolean {
  if (one.length !== other.length || one === other) return false
  const places = [...one].flatMap((digit, place) => (digit === other[place] ? [] : [place]))
  const [first = 0, second] = places
  if (places.length === 1) return Math.abs(Number(one) / Number(other) - 1) < 0.1
  return (
    places.length === 2 &&
    second === first + 1 &&
    one[first] === other[second] &&
    one[second] === other[first]
  )
}

function plainNumber(text: string): number {
  return Number(text.replaceAll(',', ''))
}
