import { expect, it } from 'vitest'
import { withoutTexAccents } from '../../src/text/tex-accents.js'

it.each([
  ['Schr\\"odinger and {\\"U}bung', 'Schrödinger and Übung'],
  ["Erd\\H{o}s, \\v{C}ech and Poincar\\'e", 'Erdős, Čech and Poincaré'],
  ['Mei{\\ss}ner, \\L{}ukasiewicz and Bj\\o rn', 'Meißner, Łukasiewicz and Bjørn'],
  [
    'Bounds for $\\ell_1$ and $\\bar{\\o}$ after \\emph{Weil}',
    'Bounds for $\\ell_1$ and $\\bar{\\o}$ after \\emph{Weil}',
  ],
  ['A cost of $5 and \\"a price', 'A cost of $5 and ä price'],
  ['Ties~and {braces} stay', 'Ties~and {braces} stay'],
])('%s', (title, printed) => {
  expect(withoutTexAccents(title)).toBe(printed)
})
