import { describe, expect, it } from 'vitest'
import { FactChecker } from '../../../src/report/facts/fact-check.js'
import { checkGrounding } from '../../../src/report/facts/grounding.js'
import { Odds } from '../../../src/report/facts/odds.js'
import { indexPaper } from '../../../src/report/paper/paper-index.js'
import { faultsOf } from '../../../src/report/sections/section-faults.js'

const PAPER = `[p. 1]

## Abstract

Buckets shape traffic. The set holds 168 233 traces of 369 routers, of which 26 780 are long and 12 400 short.

[p. 2]

## 2 Results

> | method | error | recall | queue |
> | Plain bucket | 28.54 | 61.3 | 1.7 |
> | Twin bucket | 25.03 | 64.1 | 2.9 |
> | Twin bucket, tuned | 24.19 | 66.7 | 19.4 |
> | Leaky queue | 30.77 | 58.2 | 4.4 |

> Table 1: Error in per mille, recall and length of the queue.

> 40 30 20 10 0 length of the queue

The router has 11.3 billion rules, fewer than the older ones (15.3/19.6 billion).

It is idle in 76.3% of cases. Its core stays below 2400 K on all days, and fans start at 1925 K.

[p. 3]

## 3 Discussion

A trace takes 64 updates for each of 128 packets. Some 12 450 sessions were kept.
`
const about = { title: 'Twin bucket: shaping traffic', abstract: null }

function misses(statement: string): string[] {
  return checkGrounding(new Map([['Key Results', statement]]), PAPER, about).ungrounded
}

describe('a number that is worked out', () => {
  it.each([
    [
      'from two rows of a table that are named',
      'The twin bucket is 3.51 points better than the plain one [p. 2].',
    ],
    [
      'as another of the same kind',
      'Tuning the twin bucket adds 0.84 points of error and 2.6 of recall [p. 2].',
    ],
    ['as the ratio of two rows', 'Tuned, the queue of the twin bucket is 6.7 times as long [p. 2].'],
    ['as what a printed share leaves', 'The router is busy in 23.7% of cases [p. 2].'],
    [
      'from thousands parted by blanks',
      'A router has 456 traces on average, as 168,233 traces of 369 routers make [p. 1].',
    ],
    ['as an expression says', 'The flow is (1/4)^(1/4) = 0.707 of the whole [p. 2].'],
    [
      'as the total of a list',
      'Rules of 112, 72, 21, 32 and 38 entries add up to 275 [p. 3].'.replace(' [p. 3]', ' (Inference)'),
    ],
    ['as a product', 'A trace of 64 updates for 128 packets makes 8,192 updates in all [p. 3].'],
  ])('%s is no doubt', (_how, statement) => {
    expect(misses(statement)).toEqual([])
  })

  it.each([
    'The twin bucket is 3.59 points better than the plain one [p. 2].',
    'Tuned, the queue of the twin bucket is 7.9 times as long [p. 2].',
    'The router is busy in 27.3% of cases [p. 2].',
    'The flow is (1/4)^(1/4) = 0.757 of the whole [p. 2].',
    'A trace of 64 updates for 128 packets makes 8,492 updates in all [p. 3].',
    'The error falls by 12.7 points [p. 2].',
  ])('is one where it does not come out: %s', (statement) => {
    expect(misses(statement)).not.toEqual([])
  })

  it('is taken from the columns of a table that say so, and from no others', () => {
    const table = (difference: string, recall: string) =>
      [
        '| Variant | Recall | Difference | Source |',
        '|---|---|---|---|',
        '| Plain bucket | 61.3 | – | Table 1 [p. 2] |',
        `| Leaky queue | ${recall} | ${difference} | Table 1 [p. 2] |`,
      ].join('\n')
    expect(misses(table('−3.1', '58.2'))).toEqual([])
    expect(misses(table('−3.7', '58.2'))).toEqual(['-3.7'])
    expect(misses(table('−3.1', '57.4'))).toContain('57.4')
  })

  it('is derived in each section, where one of them works it out', () => {
    const sections = new Map([
      ['Key Results', 'The twin bucket is 3.51 points better than the plain one [p. 2].'],
      [
        'Confidence',
        '- **High:** two buckets help; 3.51 points at one size.\n- **Low:** 8.88 points are in reach.',
      ],
    ])
    const { sections: counts, ungrounded } = checkGrounding(sections, PAPER, about)
    expect(ungrounded).toEqual(['8.88 points'])
    expect(counts['Confidence']).toMatchObject({ derived: 1, missing: 1 })
  })
})

describe('a unit', () => {
  it.each([
    'The twin bucket recalls 64.1% [p. 2].',
    'It stays below 2400 K [p. 2].',
    'Fans start at 1925 K [p. 2].',
    'The queue is at most 40 long [p. 2].',
    'The longest traces, 26,780 of them [p. 1].',
  ])('may be left to the head of a table, or to how the paper sets numbers: %s', (statement) => {
    expect(misses(statement)).toEqual([])
  })

  it('is a kelvin behind a blank and a thousand without one', () => {
    expect(misses('Fans start at 1925K [p. 2].')).not.toEqual([])
  })
})

describe('a section of the report', () => {
  const checker = new FactChecker(indexPaper(PAPER), about)
  const faults = (body: string) =>
    faultsOf(new Map([['Key Results', body]]), { checker, language: null }).filter(
      ({ problem }) => problem === 'ungrounded',
    )

  it('is not asked for again where its sums are right', () => {
    expect(
      faults(
        '- The twin bucket is 3.51 points better than the plain one and 5.74 better than the leaky queue [p. 2].\n- Tuning is worth 0.84 points [p. 2].',
      ),
    ).toEqual([])
  })

  it('is where its results are invented', () => {
    expect(
      faults(
        '- On the second set the error is 17.34 against 14.92, 2.42 points less [p. 2].\n- It needs 41% less power [p. 2].',
      ),
    ).toHaveLength(1)
  })
})

describe('odds', () => {
  it('tell that a value is met, and that others are not', () => {
    const odds = new Odds(3.51, 0.01)
    odds.add(-3.512)
    expect(odds.tells(0.05)).toBe(true)
    for (let step = 1; step <= 20; step += 1) odds.add(3.51 + step / 100)
    expect(odds.tells(0.25)).toBe(false)
    expect(odds.tells(0.5)).toBe(true)
  })

  it('tell nothing of a value that is not met', () => {
    const odds = new Odds(3.51, 0.01)
    odds.add(3.52)
    expect(odds.tells(1)).toBe(false)
  })
})
