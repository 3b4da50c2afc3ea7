import { expect, it } from 'vitest'
import {
  judgedPair,
  pairedMeasures,
  positionOf,
  verdictOfSides,
  type JudgedPair,
} from '../../../src/report/judging/judged-pairs.js'
import type { Letter } from '../../../src/report/judging/read-verdict.js'

/** A paper by what was said with the baseline as A, and with ours as A. */
function pair(
  n: number,
  baselineFirst: [number, number, Letter | 'tie'],
  oursFirst: [number, number, Letter | 'tie'],
): JudgedPair {
  const verdict = ([A, B, preferred]: [number, number, Letter | 'tie']) => ({
    scores: { accuracy: { A, B } },
    preferred,
    certainty: null,
    why: null,
  })
  return judgedPair(`2401.0000${n}`, [
    verdictOfSides(verdict(baselineFirst), 'baseline', 'm'),
    verdictOfSides(verdict(oursFirst), 'ours', 'm'),
  ])
}

it('a preference counts where both orders agree, and scores are means of both', () => {
  const pairs = [
    pair(1, [5, 9, 'B'], [7, 5, 'A']),
    pair(2, [5, 9, 'A'], [7, 5, 'A']),
    pair(3, [5, 5, 'tie'], [5, 5, 'tie']),
    pair(4, [9, 5, 'A'], [5, 9, 'B']),
  ]
  expect(pairs.map(({ preferred }) => preferred)).toEqual(['ours', 'split', 'split', 'baseline'])
  expect(pairs[0]?.orders.map(({ scores }) => scores.accuracy)).toEqual([
    { baseline: 5, ours: 9 },
    { baseline: 5, ours: 7 },
  ])
  const [preferred, accuracy, ...others] = pairedMeasures(pairs)
  expect(preferred).toMatchObject({ measure: 'preferred', pairs: 4, mean: 0.25, baseline_mean: 0.25, p: 1 })
  expect(accuracy).toMatchObject({ measure: 'accuracy', pairs: 4, mean: 6.5, baseline_mean: 6 })
  expect(others).toEqual([])
  expect(positionOf(pairs)).toEqual({ first: 4, second: 2, tie: 2, p: 1 })
})

it('six papers with one preference are the fewest that tell two sets apart', () => {
  const six = Array.from({ length: 6 }, (_, n) => pair(n, [5, 9, 'B'], [9, 5, 'A']))
  expect(pairedMeasures(six)[0]).toMatchObject({ mean: 1, baseline_mean: 0, effect: 1, p: 2 / 64 })
  expect(pairedMeasures([])).toEqual([])
})

it('six papers that go by place tell the judge’s bias', () => {
  const six = Array.from({ length: 6 }, (_, n) => pair(n, [5, 5, 'A'], [5, 5, 'A']))
  expect(positionOf(six)).toEqual({ first: 12, second: 0, tie: 0, p: 2 / 64 })
})
