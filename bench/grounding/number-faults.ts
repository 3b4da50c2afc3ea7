import type { Draw } from './draw.js'
import { pagesOf, replaceMatch, replaceNumber, replaceOnce, withoutQuotations, type Fault } from './fault.js'
import type { BenchPaper } from './paper.js'
import { numbersOf } from './true-statements.js'

const SPELLED = ['two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'twelve', 'twenty']
const COUNTED =
  '(?:layers?|heads?|epochs|steps|iterations|tasks|datasets|seeds|runs|models|classes|images|questions|examples|samples|participants|nights|pages|stages|categories|benchmarks|GPUs|times|hours|days|minutes|years)'

/** What writers do to numbers, kind by kind, each in several forms. */
export const NUMBER_FAULTS: Readonly<Record<string, Readonly<Record<string, Fault>>>> = {
  'changed digit': {
    'a digit': (text, _paper, draw) => replaceNumber(text, draw, (number) => changedDigit(number, draw)),
    'point moved': (text, _paper, draw) =>
      replaceNumber(text, draw, (number) =>
        /^\d+\.\d+$/.test(number)
          ? String(Number((Number(number) * draw.one([0.1, 10])).toPrecision(6)))
          : null,
      ),
    'last zeros': (text, _paper, draw) =>
      replaceNumber(text, draw, (number) => (/^\d{2,}$/.test(number) ? `${number}0` : null)),
  },
  'changed integer': {
    'before what is counted': (text, _paper, draw) =>
      replaceMatch(text, new RegExp(`(?<![\\p{L}\\d.,-])\\d{1,2}(?= ${COUNTED}\\b)`, 'u'), ([number]) =>
        String(Number(number) + 1 + draw.below(7)),
      ),
    spelled: (text, _paper, draw) =>
      replaceMatch(
        text,
        new RegExp(`\\b(?:${SPELLED.join('|')})(?= (?:\\w+ )?${COUNTED}\\b)`, 'i'),
        ([word]) => draw.one(SPELLED.filter((one) => one !== word.toLowerCase())),
      ),
    'of a setting': (text, _paper, draw) =>
      replaceMatch(
        text,
        /(?<=\b(?:batch size|rank|top|beam|dimension|size|width|depth|temperature|window|seed|limit)(?: (?:of|is|to|=)| =)? )\d{1,4}(?![\d.,])/i,
        ([number]) => String(Number(number) * 2 + draw.below(3)),
      ),
  },
  'swapped numbers': { 'two of a statement': swapped },
  'number from elsewhere': {
    'another page': (text, paper, draw) => fromElsewhere(text, paper, draw, ({ apart }) => apart > 1),
    'the page beside': (text, paper, draw) => fromElsewhere(text, paper, draw, ({ apart }) => apart === 1),
    'the same page': (text, paper, draw) => fromElsewhere(text, paper, draw, ({ apart }) => apart === 0),
  },
  'foreign number': {
    'of the same length': (text, _paper, draw) =>
      replaceNumber(text, draw, (number) =>
        [...number]
          .map((sign, at) => (/\d/.test(sign) ? String(at === 0 ? 1 + draw.below(9) : draw.below(10)) : sign))
          .join(''),
      ),
  },
  'changed unit': {
    'another one': changedUnit,
    'a scale': (text, _paper, draw) => changedBy(text, SCALES, draw),
    'points for percent': (text) =>
      /\b(?:improv|gain|increas|decreas|drop|reduc|rise|higher|lower|margin|differ|more|less|point)/i.test(
        text,
      )
        ? null
        : replaceMatch(text, /(?<=\d) ?(?:%|percent\b)/, () => ' percentage points'),
    'percent for points': (text) => replaceMatch(text, /(?<=\d) percentage points?\b/, () => '%'),
    'put behind a bare number': (text, _paper, draw) =>
      replaceNumber(text, draw, (number) => {
        const after = text.slice(text.indexOf(number) + number.length)
        return /^(?:[.,;)]|\s(?:and|or|in|for|on|of|to|with|at|by|\[)\b)/.test(after) && /\.\d/.test(number)
          ? `${number} ${draw.one(['ms', 'hours', 'GB', 'km', 'million'])}`
          : null
      }),
  },
  'changed sign': {
    'put before': (text, _paper, draw) =>
      replaceNumber(text, draw, (number) => {
        const at = text.indexOf(number)
        return /[-–−±~≈]\s?$/.test(text.slice(Math.max(0, at - 2), at)) ? null : `−${number}`
      }),
    'taken away': (text) => replaceMatch(text, /(?<=(?:^|[\s(=]))[−-](?=\d)/u, () => ''),
  },
  'changed relation': {
    'turned round': (text) =>
      replaceMatch(text, /[<>≤≥](?=\s?\d)/u, ([sign]) => (/[<≤]/u.test(sign) ? '>' : '<')),
    'another p or n': (text, _paper, draw) =>
      replaceMatch(text, /(?<=\b[pnN]\s?[=<>≤≥]\s?)\d+(?:\.\d+)?/u, ([number]) => changedDigit(number, draw)),
  },
  'changed power': {
    exponent: (text, _paper, draw) =>
      replaceMatch(
        text,
        /(?<=(?:\d\s?[×x·]\s?)10\^?)[⁻−-]?[⁰¹²³⁴⁵⁶⁷⁸⁹\d]{1,2}(?![\d.])|(?<=\de)-?\d{1,2}\b/u,
        ([power]) => {
          const plain = Number(power.normalize('NFKC').replace('−', '-'))
          const made = String(plain + draw.one([-2, -1, 1, 2]))
          return /[⁰¹²³⁴⁵⁶⁷⁸⁹]/u.test(power) ? raised(made) : made
        },
      ),
    mantissa: (text, _paper, draw) =>
      replaceMatch(
        text,
        /\d+(?:\.\d+)?(?=\s?[×x·]\s?10[\^⁻⁰¹²³⁴⁵⁶⁷⁸⁹])|\d+(?:\.\d+)?(?=e-?\d)/u,
        ([number]) => changedDigit(number, draw),
      ),
  },
  'changed range': {
    'an end': (text, _paper, draw) =>
      replaceMatch(
        text,
        /\d+(?:\.\d+)?(?=\s?[-–]\s?\d)|(?<=\d\s?[-–]\s?)\d+(?:\.\d+)?|(?<=between )\d+(?:\.\d+)?(?= and \d)|\d+(?:\.\d+)?(?= to \d)/u,
        ([number]) => changedDigit(number, draw),
      ),
    'an error': (text, _paper, draw) =>
      replaceMatch(text, /(?<=± ?)\d+(?:\.\d+)?/u, ([number]) => changedDigit(number, draw)),
  },
}

function changedDigit(number: string, draw: Draw): string {
  const digits = [...number].flatMap((sign, at) => (/\d/.test(sign) ? [at] : []))
  const at = draw.one(digits)
  const old = Number(number.charAt(at))
  const fresh = (old + 1 + draw.below(8)) % 10
  return number.slice(0, at) + String(at === 0 && fresh === 0 ? (old % 9) + 1 : fresh) + number.slice(at + 1)
}

function swapped(text: string, _paper: BenchPaper, draw: Draw): string | null {
  const found = [...new Set(numbersOf(withoutQuotations(text)))].filter((number) => number.length >= 2)
  const [one, other] = draw.some(found, 2)
  if (one === undefined || other === undefined || one.includes('.') !== other.includes('.')) return null
  return replaceOnce(replaceOnce(replaceOnce(text, one, '\uE000'), other, one), '\uE000', other)
}

function fromElsewhere(
  text: string,
  paper: BenchPaper,
  draw: Draw,
  isWanted: (place: { apart: number }) => boolean,
): string | null {
  const cited = pagesOf(text)
  const said = new Set(numbersOf(text))
  return replaceNumber(text, draw, (number) => {
    const alike = paper.pages
      .filter(({ page }) => isWanted({ apart: Math.min(...cited.map((one) => Math.abs(one - page))) }))
      .flatMap(({ sentences, rows }) => [...sentences.flatMap(numbersOf), ...rows.flat()])
      .filter(
        (one) =>
          /^\d+(?:[.,]\d+)*$/.test(one) &&
          !said.has(one) &&
          one.includes('.') === number.includes('.') &&
          one.length >= 2,
      )
    return alike.length === 0 ? null : draw.one(alike)
  })
}

type Changes = readonly (readonly [RegExp, readonly string[]])[]

const SCALES: Changes = [
  [/(?<=\d ?)(?:million|M)\b/, ['billion', 'B', 'k', ' thousand']],
  [/(?<=\d ?)(?:billion|B)\b/, ['million', 'M', ' trillion']],
  [/(?<=\d ?)[kK]\b/, ['M', 'B', ' million']],
  [/(?<=\d )thousand\b/, ['million']],
]

const UNITS: Changes = [
  [/(?<=\d) ?(?:%|percent\b)/, [' ms', ' km', '×']],
  [/(?<=\d )(?:ms|milliseconds)\b/, ['s']],
  [/(?<=\d )(?:s|seconds)\b/, ['hours', 'ms']],
  [/(?<=\d )(?:minutes)\b/, ['days']],
  [/(?<=\d )hours\b/, ['minutes', 'days']],
  [/(?<=\d )days\b/, ['years', 'hours']],
  [/(?<=\d )years\b/, ['days', 'months']],
  [/(?<=\d ?)(?:km)\b/, ['mm']],
  [/(?<=\d ?-?)(?:meters?|m)\b/, ['km', 'cm']],
  [/(?<=\d ?)(?:nm)\b/, ['mm']],
  [/(?<=\d ?)(?:GB)\b/, ['MB', 'TB']],
  [/(?<=\d ?)(?:GHz)\b/, ['MHz']],
  [/(?<=\d ?)(?:GeV)\b/, ['MeV']],
  [/(?<=\d )tokens\b/, ['words', 'parameters']],
  [/(?<=\d )epochs\b/, ['layers', 'steps']],
  [/(?<=\d[ -])layers?\b/, ['epochs', 'heads']],
  [/(?<=\d )(?:iterations|steps)\b/, ['layers', 'epochs']],
  [/(?<=\d )(?:queries|examples|samples|images|instances|papers)\b/, ['hours', 'GB', 'parameters']],
]

function changedUnit(text: string, _paper: BenchPaper, draw: Draw): string | null {
  return changedBy(text, UNITS, draw)
}

function changedBy(text: string, changes: Changes, draw: Draw): string | null {
  const fitting = changes.filter(([unit]) => unit.test(withoutQuotations(text)))
  if (fitting.length === 0) return null
  const [unit, others] = draw.one(fitting)
  return replaceMatch(text, unit, () => draw.one(others))
}

function raised(plain: string): string {
  return [...plain].map((sign) => (sign === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'.charAt(Number(sign)))).join('')
}
