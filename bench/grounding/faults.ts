import type { Draw } from './draw.js'
import { replaceMatch, type Fault } from './fault.js'
import { NUMBER_FAULTS } from './number-faults.js'
import type { BenchPaper } from './paper.js'
import { PLACE_FAULTS } from './place-faults.js'
import { QUOTATION_FAULTS } from './quotation-faults.js'
import { numbersOf, type TrueStatement } from './true-statements.js'

/** Kind → form: what a writer is known to do wrong, and nothing but the paper can tell. */
export const FAULTS: Readonly<Record<string, Readonly<Record<string, Fault>>>> = {
  ...NUMBER_FAULTS,
  ...PLACE_FAULTS,
  ...QUOTATION_FAULTS,
  'invented result': { 'of a system that is not there': (_text, paper, draw) => inventedResult(paper, draw) },
  'invented address': {
    'of code': (text, _paper, draw) =>
      text.replace(/ \[p\. /, `, with code at https://github.com/${word(draw)}/${word(draw)}-net [p. `),
    'another path': (text, _paper, draw) =>
      replaceMatch(text, /(?<=https?:\/\/[\w.-]{1,60}\/)[\w./-]{2,80}/, () => `${word(draw)}/${word(draw)}`),
  },
  'invented citation': {
    'of nobody': (text, _paper, draw) =>
      text.replace(/ \[p\. /, `, as shown by ${capital(word(draw))} et al. (${2003 + draw.below(20)}) [p. `),
    'another year': (text, _paper, draw) =>
      replaceMatch(text, /(?<=\p{Lu}\p{Ll}+(?: et al\.?)?,? \(?)(?:19|20)\d\d(?=[a-z]?\))/u, ([year]) =>
        String(Number(year) - 11 - draw.below(9)),
      ),
  },
}

/** A section of results that the paper does not have. */
export function inventedSection(paper: BenchPaper, draw: Draw): string {
  return Array.from({ length: 5 }, () => `- ${inventedResult(paper, draw)}`).join('\n')
}

/** Which true statements a kind of fault is planted in. */
export function takes(kind: string, { kind: of, text }: TrueStatement): boolean {
  if (of === 'computed' || of === 'of the abstract' || (of === 'with a label' && kind !== 'no such anchor'))
    return false
  // The columns of a row have no order in words.
  if (kind === 'swapped numbers' && of === 'from a table') return false
  if (/quotation/.test(kind)) return /["“][^"”]{15,}["”]|(?<= )'[^'’]{10,}'/.test(text)
  if (kind in NUMBER_FAULTS) return of !== 'quoted' && of !== 'words alone' && numbersOf(text).length > 0
  return true
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
