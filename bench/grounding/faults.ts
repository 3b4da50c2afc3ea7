import type { Draw } from './draw.js'
import type { BenchPaper } from './paper.js'
import { numbersOf, type TrueStatement } from './true-statements.js'

/** Makes a false statement out of a true one; null where it does not apply. */
export type Fault = (statement: string, paper: BenchPaper, draw: Draw) => string | null

const MARK = /\[p\. (\d+)\]/g

/** One of each kind that a writer is known to make, and that nothing but the paper can tell. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  'changed digit': (text, _paper, draw) => replaceNumber(text, draw, (number) => changedDigit(number, draw)),
  'swapped numbers': swapped,
  'number from elsewhere': fromElsewhere,
  'foreign number': (text, _paper, draw) => replaceNumber(text, draw, (number) => foreign(number, draw)),
  'changed unit': changedUnit,
  'changed sign': changedSign,
  'wrong page': wrongPage,
  'no such anchor': noSuchAnchor,
  'word put into a quotation': insertedWord,
  'spliced quotation': spliced,
  'invented result': (_text, paper, draw) => inventedResult(paper, draw),
  'invented address': (text, _paper, draw) =>
    text.replace(/ \[p\. /, `, with code at https://github.com/${word(draw)}/${word(draw)}-net [p. `),
  'invented citation': (text, _paper, draw) =>
    text.replace(/ \[p\. /, `, as shown by ${capital(word(draw))} et al. (${2003 + draw.below(20)}) [p. `),
}

/** A section of results that the paper does not have. */
export function inventedSection(paper: BenchPaper, draw: Draw): string {
  return Array.from({ length: 5 }, () => `- ${inventedResult(paper, draw)}`).join('\n')
}

/** Which true statements a kind of fault is planted in. */
export function takes(kind: string, { kind: of, text }: TrueStatement): boolean {
  if (of === 'computed' || (of === 'with a label' && kind !== 'no such anchor')) return false
  // The columns of a row have no order in words.
  if (kind === 'swapped numbers' && of === 'from a table') return false
  if (/quotation/.test(kind)) return /["“][^"”]{15,}["”]/.test(text)
  if (/number|digit|unit|sign/.test(kind))
    return of !== 'quoted' && of !== 'words alone' && numbersOf(text).length > 0
  return true
}

/** Numbers inside quotations are the quotation's. */
function replaceNumber(text: string, draw: Draw, make: (number: string) => string | null): string | null {
  const number = pick(text, draw)
  const made = number === null ? null : make(number)
  return number === null || made === null || made === number ? null : replaceOnce(text, number, made)
}

function pick(text: string, draw: Draw): string | null {
  const found = numbersOf(text.replace(/["“][^"”\n]*["”]/g, ' ')).filter(
    (number) => number.replace(/\D/g, '').length >= 2,
  )
  return found.length === 0 ? null : draw.one(found)
}

function replaceOnce(text: string, number: string, made: string): string {
  const at = new RegExp(
    `(?<![\\p{L}\\p{N}_.^@#-])${number.replace(/\./g, '\\.')}(?![\\p{L}\\p{N}]|\\.\\d)`,
    'u',
  )
  return text.replace(at, made)
}

function changedDigit(number: string, draw: Draw): string {
  const digits = [...number].flatMap((sign, at) => (/\d/.test(sign) ? [at] : []))
  const at = draw.one(digits)
  const old = Number(number.charAt(at))
  const fresh = (old + 1 + draw.below(8)) % 10
  return number.slice(0, at) + String(at === 0 && fresh === 0 ? (old % 9) + 1 : fresh) + number.slice(at + 1)
}

function foreign(number: string, draw: Draw): string {
  return [...number]
    .map((sign, at) => (/\d/.test(sign) ? String(at === 0 ? 1 + draw.below(9) : draw.below(10)) : sign))
    .join('')
}

function swapped(text: string, _paper: BenchPaper, draw: Draw): string | null {
  const found = [...new Set(numbersOf(text.replace(/["“][^"”\n]*["”]/g, ' ')))].filter(
    (number) => number.length >= 2,
  )
  const [one, other] = draw.some(found, 2)
  if (one === undefined || other === undefined || one.includes('.') !== other.includes('.')) return null
  return replaceOnce(replaceOnce(replaceOnce(text, one, '\uE000'), other, one), '\uE000', other)
}

function fromElsewhere(text: string, paper: BenchPaper, draw: Draw): string | null {
  const cited = new Set(pagesOf(text))
  return replaceNumber(text, draw, (number) => {
    const alike = paper.pages
      .filter(({ page }) => !cited.has(page) && !cited.has(page - 1) && !cited.has(page + 1))
      .flatMap(({ sentences, rows }) => [...sentences.flatMap(numbersOf), ...rows.flat()])
      .filter(
        (one) =>
          /^\d+(?:[.,]\d+)*$/.test(one) &&
          one !== number &&
          one.includes('.') === number.includes('.') &&
          one.length >= 2,
      )
    return alike.length === 0 ? null : draw.one(alike)
  })
}

const UNITS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/(?<=\d) ?(?:%|percent\b)/, [' ms', ' km', '×']],
  [/(?<=\d ?)(?:million|M)\b/, ['billion', 'B', 'k']],
  [/(?<=\d ?)(?:billion|B)\b/, ['million', 'M']],
  [/(?<=\d ?)[kK]\b/, ['M']],
  [/(?<=\d )(?:ms|milliseconds)\b/, ['s']],
  [/(?<=\d )(?:s|seconds)\b/, ['hours', 'ms']],
  [/(?<=\d )(?:minutes)\b/, ['days']],
  [/(?<=\d )hours\b/, ['minutes', 'days']],
  [/(?<=\d )days\b/, ['years']],
  [/(?<=\d )years\b/, ['days']],
  [/(?<=\d ?)(?:km)\b/, ['mm']],
  [/(?<=\d ?-?)(?:meters?|m)\b/, ['km', 'cm']],
  [/(?<=\d ?)(?:nm)\b/, ['mm']],
  [/(?<=\d ?)(?:GB)\b/, ['MB', 'TB']],
  [/(?<=\d )epochs\b/, ['layers']],
  [/(?<=\d[ -])layers?\b/, ['epochs']],
  [/(?<=\d )(?:iterations|steps)\b/, ['layers']],
  [/(?<=\d )(?:queries|examples|samples|images|instances|papers)\b/, ['hours', 'GB']],
]

function changedUnit(text: string, _paper: BenchPaper, draw: Draw): string | null {
  const bare = text.replace(/["“][^"”\n]*["”]/g, (quote) => ' '.repeat(quote.length))
  const fitting = UNITS.filter(([unit]) => unit.test(bare))
  if (fitting.length === 0) return null
  const [unit, others] = draw.one(fitting)
  const match = unit.exec(bare)!
  return text.slice(0, match.index) + draw.one(others) + text.slice(match.index + match[0].length)
}

function changedSign(text: string, _paper: BenchPaper, draw: Draw): string | null {
  return replaceNumber(text, draw, (number) => {
    const at = text.indexOf(number)
    return /[-–−±~≈]\s?$/.test(text.slice(Math.max(0, at - 2), at)) ? null : `−${number}`
  })
}

function wrongPage(text: string, paper: BenchPaper, draw: Draw): string | null {
  const marks = [...text.matchAll(MARK)]
  const cited = new Set(pagesOf(text))
  const others = paper.pages
    .map(({ page }) => page)
    .filter((page) => !cited.has(page) && !cited.has(page + 1) && !cited.has(page - 1))
  if (marks.length === 0 || others.length === 0) return null
  const mark = draw.one(marks)
  return `${text.slice(0, mark.index)}[p. ${draw.one(others)}]${text.slice(mark.index + mark[0].length)}`
}

function noSuchAnchor(text: string, paper: BenchPaper, draw: Draw): string {
  const anchor = draw.one([
    `[p. ${paper.pages.length + 20 + draw.below(400)}]`,
    `[Table ${41 + draw.below(40)}]`,
    `[Figure ${61 + draw.below(30)}]`,
    `[§${21 + draw.below(9)}.${1 + draw.below(9)}]`,
  ])
  return text.replace(/\[(?:p\.|Table|Figure|§)[^\]]*\]/, anchor)
}

function insertedWord(text: string, _paper: BenchPaper, draw: Draw): string | null {
  const [whole, inside] = /["“]([^"”]{15,})["”]/.exec(text) ?? []
  if (whole === undefined || inside === undefined) return null
  const words = inside.split(' ')
  words.splice(
    1 + draw.below(Math.max(1, words.length - 1)),
    0,
    draw.one(['never', 'always', 'significantly', 'not', 'clearly', '[not]', 'only']),
  )
  return text.replace(inside, words.join(' '))
}

function spliced(text: string, paper: BenchPaper, draw: Draw): string | null {
  const [, inside] = /["“]([^"”]{15,})["”]/.exec(text) ?? []
  const other = draw
    .one(draw.one(paper.pages.filter(({ sentences }) => sentences.length > 0)).sentences)
    .replace(/["“”]/g, '')
  if (inside === undefined) return null
  const [head, tail] = [inside.split(' '), other.split(' ')]
  const joint = draw.one([' ', ' … '])
  return text.replace(
    inside,
    head.slice(0, Math.ceil(head.length / 2)).join(' ') + joint + tail.slice(-4).join(' '),
  )
}

function inventedResult(paper: BenchPaper, draw: Draw): string {
  const page = draw.one(paper.pages).page
  const [high, low] = [
    40 + draw.below(55) + draw.below(100) / 100,
    10 + draw.below(30) + draw.below(100) / 100,
  ]
  const name = `${capital(word(draw))}${draw.one(['Net', 'Bench', 'QA', '-XL'])}`
  return draw.one([
    `**${name}:** accuracy ${high.toFixed(2)} against ${low.toFixed(2)} for the strongest baseline [p. ${page}]`,
    `On ${name} the error falls from ${high.toFixed(1)}% to ${low.toFixed(1)}% [p. ${page}]`,
    `The method is ${(high / 7).toFixed(1)}× faster than ${name} at ${low.toFixed(1)} points higher recall [p. ${page}]`,
    `A user study with ${17 + draw.below(400)} participants prefers it in ${high.toFixed(1)}% of cases [p. ${page}]`,
  ])
}

function word(draw: Draw): string {
  return Array.from({ length: 2 + draw.below(2) }, () =>
    draw.one(['ka', 'lo', 'mir', 'ten', 'zu', 'vex', 'ora', 'qui', 'bel', 'dra']),
  ).join('')
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function pagesOf(text: string): number[] {
  return [...text.matchAll(MARK)].map((mark) => Number(mark[1]))
}
