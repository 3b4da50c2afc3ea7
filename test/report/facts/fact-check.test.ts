import { describe, expect, it } from 'vitest'
import { checkGrounding } from '../../../src/report/facts/grounding.js'

const PAPER = `[p. 1]

## Abstract

Routed attention reads long inputs in linear time and keeps 97.1% of the accuracy of dense attention.

## 1 Introduction

Long inputs are dear, because the cost of attention grows with the square of their length (Miller and Okafor, 2019).

[p. 2]

## 2 Method

Keys are split into blocks of 128 tokens, and each query is routed to 16 blocks by a small learned router. We use a batch size of 48 and a learning rate of 3e-4 on 8 GPUs for 12 hours. The router has 24 layers and 1.3 billion parameters.

> Figure 1: A query chooses its blocks.

[p. 3]

## 3 Results

### 3.1 Long inputs

On the first benchmark the routed model reaches 71.4% accuracy while the dense model reaches 68.9% accuracy. Latency falls from 210 ms to 85 ms per document. The difference is significant (p < 0.05, n = 340).

> | Routed | 71.4 | 0.62 |
> | Dense | 68.9 | 0.55 |

> Table 1: Accuracy and recall.

[p. 4]

### 3.2 Short inputs

On short inputs the gain is −1.8 points, which we attribute to the router being trained on long documents only. It is open whether the router survives fine-tuning on conversations between people.

[p. 5]

## 4 Discussion

Our code is at https://example.org/routed/attention. Training with 512 blocks took 30 hours longer than with 64 blocks.
`

function misses(statement: string, about = {}): string[] {
  return checkGrounding(new Map([['Key Results', statement]]), PAPER, about).ungrounded
}

describe('facts that stand where they claim to', () => {
  it.each([
    'The routed model reaches 71.4% accuracy against 68.9% for the dense model [p. 3].',
    'Latency falls from 210 ms to 85 ms [p. 3].',
    'The router has 24 layers and 1.3B parameters [p. 2].',
    'Trained with a batch size of 48, a rate of 3e-4, on eight GPUs for twelve hours [p. 2].',
    'Significant at p < 0.05 with n = 340 [p. 3].',
    'Short inputs lose 1.8 points: the gain is −1.8 points [p. 4].',
    'The gap is 2.5 points, 71.4% against 68.9% [p. 3].',
    'Latency is better by a factor of 2.47, from 210 ms to 85 ms [p. 3].',
    'Each query sees 2048 tokens (computed: 128 × 16 = 2048) [p. 2].',
    'Ten routers leave 0.349 (computed: 0.9^10 = 0.349) [p. 2].',
    'Keeping 97.1% costs 2.9% a router (computed: 1 − 0.971 = 0.029) [p. 1].',
    'Together they are 227 ms off (computed: sqrt(210² + 85²) = 226.6), 22° from the axis (computed: arctan(85 / 210) = 22.0°) [p. 3].',
    'By cost that is 31.7% (computed: cost of its router / 24 = 31.7%) [p. 2].',
    'A router picks 16 blocks. *Check:* How many does a copy with 37 routers pick? *Answer:* About 592 (computed: 16 × 37 = 592) [p. 2].',
    'Twice as long takes 170 ms (computed: 85 × 2 = 170) [p. 3].',
    'That is 0.21 s (computed: 210 / 1000 = 0.21) [p. 3].',
    '*Core assumption:* Keys are split into blocks of tokens, and each query is routed to blocks by a small learned router [p. 5].',
    'Each card takes 1.5 hours (computed from both: 12 / 8) [p. 2].',
    'Solving it for two roots, the edges are 0.0892 and 0.1333 (computed from Eq. (3)) [p. 2].',
    'Latency falls from 210 ms to 85 ms. The limit would be 61.7 ms (computed from the equation for many blocks, at q = 0.1234) [p. 3].',
    'On the first benchmark the routed model reaches 71.4% while the dense model reaches 68.9%, with code to try it [p. 3, 4].',
    'It is left open "whether the router survives fine-tuning" [p. 4].',
    "They call it 'a small learned router' [p. 2].",
    'Attention grows quadratically (Miller and Okafor, 2019) [p. 1].',
    'It builds on references 17, 18 and reference 41, as others do (citation 77) [p. 1].',
    'Code: https://example.org/routed/attention [p. 5].',
    'Routing is shown in Figure 1 [p. 2] and in Table 1 [Table 1].',
    'The gain on short inputs is −1.8 points [§3.2].',
    'It keeps 97.1% of the accuracy [abstract].',
    'It takes 16 blocks of 128 tokens [p. 2, 3].',
    '**Where to read on**: Appendix A Error Patterns; A.1 Question Implies Answer [p. 4].',
    'Inference: at four times the length the saving would be about 950 ms.',
  ])('%s', (statement) => {
    expect(misses(statement)).toEqual([])
  })

  it('looks at the corpus where that is named', () => {
    expect(misses('Sparse Windows (2401.00002) does the same [corpus].')).toEqual(['[corpus]'])
    expect(misses('Sparse Windows does the same [corpus].', { corpus: 'Sparse Windows 2401.00002' })).toEqual(
      [],
    )
  })
})

describe('facts that do not', () => {
  it.each([
    ['a changed digit', 'The routed model reaches 74.1% accuracy [p. 3].', '74.1%'],
    [
      'a page that does not say it',
      'Keys are split into blocks of tokens, and each query is routed to blocks by a small learned router [p. 5].',
      '[p. 5]',
    ],
    ['a number of another page', 'The routed model reaches 97.1% accuracy [p. 3].', '97.1%'],
    ['a foreign number', 'It is 4.7 times cheaper than dense attention [p. 3].', '4.7 times'],
    [
      'a number beside one that is solved for',
      'It is 4.7 times cheaper [p. 3]. The limit is 61.7 ms (computed from Eq. (3)).',
      '4.7 times',
    ],
    [
      'one in the sentence before it',
      'It is 4.7 times cheaper. The limit is 61.7 ms (computed from Eq. (3)) [p. 3].',
      '4.7 times',
    ],
    ['another unit', 'Latency falls from 210 s to 85 s [p. 3].', '210 s'],
    ['another scale', 'The router has 1.3 million parameters [p. 2].', '1.3 million'],
    ['another sign', 'On short inputs the gain is +1.8 points [p. 4].', '1.8 points'],
    ['a sign that is not there', 'On long inputs accuracy is −71.4% [p. 3].', '-71.4%'],
    ['another relation', 'The difference is significant (p > 0.05) [p. 3].', '0.05'],
    ['a setting', 'Trained with a batch size of 64 on long documents [p. 2].', '64'],
    ['a spelled number', 'The router has twelve layers [p. 2].', 'twelve layers'],
    [
      'two numbers in each other’s place',
      'On the first benchmark the routed model reaches 68.9% accuracy while the dense model reaches 71.4% accuracy [p. 3].',
      '68.9%',
    ],
    ['an input that was made up', 'It gives 246.5 (computed: 123.25 × 2 = 246.5) [p. 3].', '123.25'],
    ['a sum that is wrong', 'It gives 247 (computed: 340 − 85 = 247) [p. 3].', '247'],
    ['a page that does not exist', 'Latency falls to 85 ms [p. 77].', '[p. 77]'],
    ['a table that does not exist', 'Accuracy is 71.4% [Table 9].', '[Table 9]'],
    ['a section that does not exist', 'Accuracy is 71.4% [§7.2].', '[§7.2]'],
    ['a figure that does not exist', 'Figure 12 shows the routing of a query [p. 2].', 'Figure 12'],
    [
      'a section number as a result',
      'The routed model wins by 3.2 points on the benchmark [p. 4].',
      '3.2 points',
    ],
    [
      'a word put into a quotation',
      'It is "a very small learned router" [p. 2].',
      '"a very small learned router"',
    ],
    [
      'a turned quotation',
      'It is open "whether the router [never] survives fine-tuning" [p. 4].',
      '"whether the router [never] survives fine-tuning"',
    ],
    [
      'a spliced quotation',
      'It is "a small learned router … between people" [p. 2].',
      '"a small learned router ... between people"',
    ],
    ['a quotation of another page', 'It is "a small learned router" [p. 4].', '"a small learned router"'],
    [
      'an invented address',
      'Code: https://github.com/routed/attention [p. 5].',
      'https://github.com/routed/attention',
    ],
    [
      'an invented citation',
      'Attention grows quadratically (Nakamura et al., 2021) [p. 1].',
      'Nakamura et al., 2021)',
    ],
    [
      'a wrong page told by words',
      'Whether the router survives conversations between people is open [p. 2].',
      '[p. 2]',
    ],
  ])('%s', (_, statement, miss) => {
    expect(misses(statement)).toContain(miss)
  })
})

describe('the share of a section', () => {
  it('is told section by section, and a section that is made up is weak', () => {
    const sections = new Map([
      [
        'Method Summary',
        '- Keys are split into blocks of 128 tokens [p. 2].\n- 24 layers, 1.3 billion parameters [p. 2].',
      ],
      [
        'Key Results',
        '- VexBench: 91.27% against 60.12% [p. 3]\n- 5.3× faster on MirQA [p. 4]\n- 417 users prefer it in 88.4% of cases [p. 5]',
      ],
    ])
    const grounding = checkGrounding(sections, PAPER)
    expect(grounding.sections['Method Summary']).toMatchObject({ score: 1, elsewhere: 0, missing: 0 })
    expect(grounding.sections['Key Results']?.score).toBeLessThan(0.6)
    expect(grounding.weak).toEqual(['Key Results'])
    expect(grounding.missing).toBe(grounding.sections['Key Results']?.missing)
    expect(grounding.supported).toBeGreaterThan(5)
  })

  it('counts derived numbers by themselves', () => {
    const { derived, missing } = checkGrounding(
      new Map([['Key Results', '71.4% against 68.9%, a gap of 2.5 points [p. 3].']]),
      PAPER,
    )
    expect({ derived, missing }).toEqual({ derived: 1, missing: 0 })
  })

  it('is not lowered by what a reader is asked to do', () => {
    const body =
      '- Run it with ten seeds on 700 documents. Holds: it stays above the dense model. Refuted: it falls by 20%.'
    expect(checkGrounding(new Map([['Next Checks', body]]), PAPER)).toMatchObject({
      missing: 0,
      elsewhere: 0,
    })
  })
})
