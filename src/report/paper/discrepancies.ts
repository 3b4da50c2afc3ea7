import { pageFinder } from '../../text/paper-text.js'
import { contentStems } from '../../text/words.js'
import { claimedNumbers, numberKeys, type ReadNumber } from '../numbers/numbers.js'
import { differInOneDigit, longNumbers, type LongNumber } from '../numbers/long-numbers.js'
import { mark, type Discrepancy, type PageAt } from './discrepancy.js'
import { tableDiscrepancies } from './table-discrepancies.js'

const MOST_OF_A_KIND = 3
const MOST = 12
const MAX_TEXT = 400_000

/**
 * Returns what in a paper may contradict itself, found by arithmetic alone: numbers of the abstract that stand nowhere
 * else, not even with more digits, gains that are not the difference of any two entries of a table's column, columns that miss their total, captions that
 * count other rows than there are, shares
 * that are not the quotient beside them, values that are called equal and are not, long numbers that differ in one digit
 * in the same context.
 */
export function findDiscrepancies(abstract: string, paperText: string): Discrepancy[] {
  const text = paperText.slice(0, MAX_TEXT)
  const at = pageFinder(text)
  const found = [
    ...tableDiscrepancies(text, at),
    equated(text, at),
    shares(text, at),
    twins(text, at),
    abstractAlone(abstract, text),
  ]
  return found.flatMap((list) => list.slice(0, MOST_OF_A_KIND)).slice(0, MOST)
}

function abstractAlone(abstract: string, text: string): Discrepancy[] {
  const [head = '', body] = parted(text)
  const own = head
    .split('\n')
    .filter((line) => line.length > 80 && !/^>|\bPACS\b/.test(line))
    .join('\n')
  const plain = body.replace(/\[p\. \d+\]/g, ' ')
  // Thousands may be parted by a blank that says nothing of it.
  const known = new Set([...numberKeys(plain), ...numberKeys(plain.replace(/(?<=\d) (?=\d{3}(?!\d))/g, ''))])
  const values = [...known].map(Number)
  const seen = new Set<string>()
  return claimedNumbers(`${abstract}\n${own}`.replace(/\[p\. \d+\]/g, ' ')).flatMap((number) => {
    if (number.keys.some((key) => known.has(key)) || seen.has(number.keys[0] ?? '')) return []
    if (isRounded(number, values)) return []
    seen.add(number.keys[0] ?? '')
    return [
      { kind: 'abstract', text: `The abstract gives "${number.text}"; no other place of the text does.` },
    ]
  })
}

/** Whether one of the values rounds to the number as it is printed: 54.3 and 0.543 to `54%`. */
function isRounded({ value, decimals, unit }: ReadNumber, values: readonly number[]): boolean {
  const step = 10 ** -decimals
  const isPrinted = Math.abs(value / step - Math.round(value / step)) < 1e-6
  // What is counted is whole, and of a power no decimals are known.
  if (!isPrinted || unit?.kind === 'count') return false
  const scales = unit?.name === '%' ? [1, 1 / 100] : unit?.kind === 'scale' ? [1, unit.factor] : [1]
  return scales.some((scale) =>
    values.some((other) => Math.abs(other - value * scale) <= (step * scale) / 2 + 1e-9 * scale),
  )
}

/** The text up to the end of its abstract, and the rest. */
function parted(text: string): [string, string] {
  const start = /^#{2,4} (?:abstract|summary)\b.*$/im.exec(text.slice(0, 20_000))
  if (start === null) return ['', text]
  const end = text.indexOf('\n## ', start.index + start[0].length)
  return end < 0 ? ['', text] : [text.slice(start.index, end), text.slice(end)]
}

const SHARE =
  /(?<![\w.,])(\d{1,6}(?:,\d{3})*)\s(?:\/|of|out of)\s(?:the |all |these )?(\d{1,6}(?:,\d{3})*)\b[^.()\n]{0,40}\(\s?(\d{1,3}(?:\.\d{1,2})?)\s?%/g

function shares(text: string, at: PageAt): Discrepancy[] {
  return [...text.matchAll(SHARE)].flatMap((match) => {
    const [whole, part = '', of = '', percent = ''] = match
    const quotient = (plainNumber(part) / plainNumber(of)) * 100
    const unit = 10 ** -(percent.split('.')[1]?.length ?? 0)
    if (!Number.isFinite(quotient) || Math.abs(quotient - Number(percent)) <= unit) return []
    return [
      {
        kind: 'share' as const,
        text: `"${whole.replace(/\s+/g, ' ')}%)"${mark(at(match.index))}: ${part} of ${of} is ${quotient.toFixed(1)} %.`,
      },
    ]
  })
}

const POWER = String.raw`(?:(\d+(?:\.\d+)?)\s?[×x·]\s?)?10\s?([⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+(?:\.[⁰¹²³⁴⁵⁶⁷⁸⁹]+)?)`
const EQUATED = new RegExp(String.raw`${POWER}\s?\((?:or|i\.e\.,?|that is,?|=|about)\s?${POWER}`, 'g')

function equated(text: string, at: PageAt): Discrepancy[] {
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
        text: `"${whole.replace(/\s+/g, ' ')})"${mark(at(match.index))}: the first is ${one.toPrecision(3)}, the second ${other.toPrecision(3)}.`,
      },
    ]
  })
}

function power(mantissa: string | undefined, exponent: string): number {
  return Number(mantissa ?? 1) * 10 ** Number(exponent.normalize('NFKC').replace('\u2212', '-'))
}

const AROUND = 90
const SHARED_STEMS = 3

/** Long numbers that differ in one digit, or have two changed over, and stand in the same context. */
function twins(text: string, at: PageAt): Discrepancy[] {
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
        if (isRound(one) || isRound(other) || !differInOneDigit(one.digits, other.digits)) continue
        const around = ({ index: from, text: shown }: LongNumber): Set<string> =>
          new Set(contentStems(text.slice(Math.max(0, from - AROUND), from + shown.length + AROUND)))
        const stems = around(other)
        const shared = [...around(one)].filter((stem) => stems.has(stem) && !/\d/.test(stem)).length
        if (shared < SHARED_STEMS) continue
        found.push({
          kind: 'twins',
          text: `${one.text}${mark(at(one.index))} and ${other.text}${mark(at(other.index))} stand in like contexts and differ in a digit.`,
        })
      }
    }
  }
  return found
}

/** Few digits before the zeros: an estimate, of which there are many. */
function isRound({ digits }: LongNumber): boolean {
  return digits.replace(/0+$/, '').length < 4
}

function plainNumber(text: string): number {
  return Number(text.replaceAll(',', ''))
}
