import { describe, expect, it } from 'vitest'
import { checkComputed, markComputed } from '../../src/report/facts/computed.js'
import { applyCorrections } from '../../src/report/sections/corrections.js'
import { findDiscrepancies } from '../../src/report/paper/discrepancies.js'
import { joinMarks } from '../../src/report/markdown/page-marks.js'
import { paperBrief } from '../../src/report/paper-brief.js'
import { findRepeats } from '../../src/report/sections/repeats.js'

const kinds = (text: string, abstract = ''): string[] =>
  findDiscrepancies(abstract, text).map(({ kind }) => kind)

describe('what does not add up', () => {
  const TABLE = `[p. 8]

> | GPT | 0.1457 | 0.3873 |
> | Ours | 0.1448 | 0.4834 |
> | Other | 0.2012 | 0.2001 |

> Table 5: Results.
`

  it('is a printed gain beside the difference of two entries', () => {
    expect(findDiscrepancies('', `[p. 2]\n\nWe see a 9.64% improvement in recall.\n\n${TABLE}`)).toEqual([
      {
        kind: 'gain',
        text: 'The text prints a change of 9.64 [p. 2]; the nearest difference in a column of a table is 9.61 (0.4834 and 0.3873) [p. 8].',
      },
    ])
    expect(kinds(`We see a 9.61% improvement in recall.\n\n${TABLE}`)).toEqual([])
    expect(kinds(`We see a 24.8% relative improvement in recall.\n\n${TABLE}`)).toEqual([])
    expect(kinds(`A 55.5% improvement that no table is about.\n\n${TABLE}`)).toEqual([])
  })

  it.each([
    [
      'a number of the abstract that stands nowhere else',
      ['abstract'],
      '## 1 Text\n\nIt holds 30 things.',
      'We reach 97.5% of them.',
    ],
    [
      'one that nothing rounds to',
      ['abstract', 'abstract', 'abstract'],
      '## 1 Text\n\nIt takes 37.9 s, 6.6 of them for 72.6% of 4.8 rounds, at 10⁻⁶.',
      'It takes 39 seconds for 5 pages, and reaches 72%.',
    ],
    ['a share that is none', ['share'], 'We found 97 of 235 objects (51%).', ''],
    [
      'powers that are called equal',
      ['equated'],
      'There are 10⁶·⁶ or, rather, 10⁶.⁶ (or 3.5 × 10⁶) of them.',
      '',
    ],
    [
      'long numbers with a digit changed',
      ['twins'],
      'The training set has 33,511 queries of papers.\n\nThe training set has 33,551 queries of papers.',
      '',
    ],
    [
      'a total that is none',
      ['sum'],
      '> | A | 10 |\n> | B | 20 |\n> | C | 30 |\n> | Total | 63 |\n\n> Table 1: T.',
      '',
    ],
  ])('is %s', (_, expected, text, abstract) => {
    expect(kinds(text, abstract)).toEqual(expected)
  })

  it.each([
    ['We reach 97.5% of them.', '## 1 Text\n\nA share of 0.975 is reached.'],
    ['It holds 168233 images.', '## 1 Text\n\nThere are 168 233 images of symbols.'],
    [
      'It is 7.5 times as long, reaches 54%, 72% and 15%, takes 39 seconds and 24 times the bytes of 1.2 million rows.',
      '## 1 Text\n\nThe factor is 7.52; 0.5432 hold it; 15.1 % do not.\n\n> | bytes | 23.8 |\n> | s | 38.9 |\n\n> Table 1: Of 1,187,342 rows, 72.1%.',
    ],
    ['', 'We found 97 of 235 objects (41%) in 2014, others in 2015.'],
    ['', '> | A | 10 |\n> | B | 20 |\n> | C | 30 |\n> | Total | 60 |\n\n> Table 1: T.'],
    ['', 'There are 20,500 asteroids of that size.\n\nThere are 20,000 asteroids of that size.'],
    ['', '> | A | 1.5 |\n> | B | 2.5 |\n> | C | 3.5 |\n\n> Table 1: Results for two models.'],
    ['', 'On 20140422 and 20140423 the telescope looked at the same field of stars.'],
    ['', 'There are 10⁶.⁶ (or 4.0 × 10⁶) of them.'],
  ])('is nothing here: %j %j', (abstract, text) => {
    expect(findDiscrepancies(abstract, text)).toEqual([])
  })

  it('is looked for in bounded time', () => {
    const rows = Array.from({ length: 60 }, (_, n) => `> | r | ${n}.5 | ${n}.7 |`).join('\n')
    const text = `${`${rows}\n\n> Table 1: T.\n\n`.repeat(40)}${Array.from({ length: 3000 }, (_, n) => `an improvement of ${n}.${n}% of 5 of 7 (3% `).join('')}`
    expect(findDiscrepancies('', text).length).toBeLessThanOrEqual(12)
  })
})

describe('what is said too often', () => {
  const sections = new Map([
    [
      'Executive Summary',
      'Recall is 0.6111. The pool leaves out the systems that are compared, so finds of theirs cannot count.',
    ],
    ['Key Results', '| a | 0.6111 |\n- Recall 0.6111 against 0.3075.'],
    [
      'Limitations',
      '- The pool leaves out systems that are compared, so that finds of theirs cannot count [p. 4].',
    ],
    ['Next Checks', '- 0.6111 again, and 0.6111.'],
  ])

  it('is a number over three times, tables apart, and a caveat in two sections', () => {
    expect(findRepeats(sections)).toEqual({
      numbers: [
        { number: '0.6111', times: 4, sections: ['Executive Summary', 'Key Results', 'Next Checks'] },
      ],
      caveats: [
        {
          text: 'The pool leaves out the systems that are compared, so finds of theirs cannot count.',
          sections: ['Executive Summary', 'Limitations'],
        },
      ],
    })
  })

  it('is told to the last writer with the kind of paper', () => {
    const key_outcome = '## Executive Summary\n\n0.61 0.61 0.61\n\n## Key Results\n\n- 0.61'
    expect(paperBrief({ title: 'A survey', abstract: '', paper_text: 'Text.', key_outcome })).toEqual({
      kind: 'survey',
      discrepancies: [],
      said_often: ['0.61: 4 times, in Executive Summary, Key Results'],
    })
    expect(paperBrief({ title: 'T', paper_text: null })).toBeNull()
  })
})

describe('corrections', () => {
  const base: [string, string][] = [
    [
      'Key Results',
      '- Recall 0.61 on the first set [p. 8].\n- A sentence said twice stands here. Another one stays [p. 9].',
    ],
    ['Limitations', '- Only one set was tried.'],
  ]
  const after = (corrections: string): Map<string, string> =>
    applyCorrections(new Map([...base, ['Corrections', corrections]]))

  it('are carried out and leave the report', () => {
    const sections = after(
      '- Key Results: "Recall 0.61 on" → "Recall 0.6111 on" [p. 8]\n- **Key results:** "A sentence said twice stands here." → ""',
    )
    expect(sections.get('Key Results')).toBe(
      '- Recall 0.6111 on the first set [p. 8].\n- Another one stays [p. 9].',
    )
    expect(sections.has('Corrections')).toBe(false)
  })

  it.each([
    [
      'without emphasis and mark',
      '- Key Results: "Another one stays" → "Another one goes"',
      'Another one goes [p. 9]',
    ],
    ['across a mark', '- Key Results: "on the first set." → "on both sets."', '- Recall 0.61 on both sets.'],
    [
      'with a gap',
      '- Key Results: "Recall … first set" → "Recall 0.7 on the second set"',
      'Recall 0.7 on the second set',
    ],
    ['under another name', '- Nowhere: "Recall 0.61 on" → "Recall 0.62 on"', 'Recall 0.62 on the first'],
  ])('find what they mean: %s', (_, line, now) => {
    const sections = after(line)
    expect(sections.get('Key Results')).toContain(now)
    expect(sections.has('Corrections')).toBe(false)
  })

  it.each([
    ['Key Results', '- Key Results: "words that are not there" → "others"'],
    ['Limitations', '- Limitations: "- Only one set was tried." → ""'],
    ['Key Results', '- Key Results: "A sentence said twice stands here. Another one stays" → ""'],
  ])('that cannot be carried out stand at the end of %s: %s', (heading, line) => {
    const sections = after(line)
    expect(sections.has('Corrections')).toBe(false)
    for (const [name, body] of base) {
      const shown = sections.get(name) ?? ''
      if (name === heading) expect(shown).toContain(`${body}\n\n*Correction:* `)
      else expect(shown).toBe(body)
    }
  })

  it('are gone where their section was written again since, if they do not fit it', () => {
    const lines =
      '- Key Results: "words that are not there" → "others"\n- Key Results: "0.61" → "0.62"\n- Key Results: "Recall 0.61 on" → "Recall 0.62 on"'
    const sections = applyCorrections(new Map([...base, ['Corrections', lines]]), new Set(['Key Results']))
    expect(sections.get('Key Results')).toBe(base[0]?.[1].replace('0.61', '0.62'))
  })

  it.each([
    '- Nowhere: "no such words" → "x"',
    '- The summary is too kind to the method, which was run once.',
  ])('that name no section stay to be read: %s', (line) => {
    const sections = after(line)
    expect(sections.get('Corrections')).toBe(line)
    for (const [heading, body] of base) expect(sections.get(heading)).toBe(body)
  })

  it.each(['None.', '- None', 'Nothing to correct.', '- No corrections are needed.'])(
    '%s is no section',
    (line) => {
      expect(after(line).has('Corrections')).toBe(false)
    },
  )
})

describe('what was computed', () => {
  it.each([
    ['0.6111 / 0.3075 = 1.99', true],
    ['20^1.5 = 89', true],
    ['(5 + 3) × 2 = 16', true],
    ['0.4834 − 0.3873 = 9.61%', true],
    ['1/√257 = 6.2 %', true],
    ['5,204 + 5,743 = 10,947', true],
    ['10⁶ / 10³ ≈ 1000', true],
    ['(5 + 3) × 2 = 17', false],
    ['0.4834 − 0.3873 = 0.69', false],
  ])('%s: %s', (sum, isRight) => {
    const text = `- A thing (computed: ${sum}) [p. 3].`
    const checked = checkComputed(new Map([['Key Results', text]]))
    expect(checked).toMatchObject({ total: 1, right: isRight ? 1 : 0 })
    expect(markComputed(text) === text).toBe(isRight)
  })

  it('and is wrong says what comes out', () => {
    expect(markComputed('(computed: 2 + 2 = 5)')).toBe('(computed: 2 + 2 = 5 [recomputed: 4])')
    expect(markComputed('(computed: arccos(18 / 18.9) = 17.7°)')).not.toContain('recomputed')
    expect(markComputed('(computed: ln(8) / ln(2) = 3)')).not.toContain('recomputed')
    expect(markComputed('(computed: sqrt(16) + exp(0) = 6)')).toContain('[recomputed: 5]')
    expect(markComputed('(computed: 2 × √(0.8 × 0.2 / 7400) = 0.93 points)')).not.toContain('recomputed')
    expect(markComputed('(computed: 2 × √(0.8 × 0.2 / 7400) = 9.3 points)')).toContain('recomputed')
    expect(markComputed('(computed: 28 × 50,000,000 = 1.4 billion)')).not.toContain('recomputed')
    expect(markComputed('(computed: 28 × 50,000,000 = 1.6 billion)')).toContain('[recomputed: 1.4]')
    const chain = '(computed: 300 / 30^4 = 300 / 810,000 = 0.00037)'
    expect(markComputed(chain)).toBe(chain)
    expect(checkComputed(new Map([['x', chain]]))).toMatchObject({ total: 1, right: 1 })
    expect(markComputed('(computed: 300 / 30^4 = 300 / 810,000 = 0.37)')).toBe(
      '(computed: 300 / 30^4 = 300 / 810,000 = 0.37 [recomputed: 0.0003704])',
    )
  })

  it('with words in it is left alone', () => {
    for (const text of [
      'computed: a third of it = 5',
      'computed: 5',
      'computed: (1 + = 2',
      `computed: ${'('.repeat(5000)}1 = 1`,
    ])
      expect(checkComputed(new Map([['x', text]])).total).toBe(0)
  })
})

describe('page marks', () => {
  it.each([
    ['- A [p. 3]; B [p. 3].', '- A; B [p. 3].'],
    ['- A [p. 3] [p. 4]. B[p. 5][p. 5].', '- A [p. 3, 4]. B[p. 5].'],
    ['- A [p. 3]. B [p. 4]. C [p. 3].', '- A [p. 3]. B [p. 4]. C [p. 3].'],
    ['- A [p. 3]. Inference: B. C [p. 3].', '- A [p. 3]. Inference: B. C [p. 3].'],
    ['| A [p. 3] | B [p. 3] |', '| A [p. 3] | B [p. 3] |'],
    ['- A [p. 3].\n- B [p. 3].', '- A [p. 3].\n- B [p. 3].'],
    ['- A [p. 3-4]. B [p. 3-4].', '- A. B [p. 3-4].'],
  ])('%j becomes %j', (text, joined) => {
    expect(joinMarks(text)).toBe(joined)
    expect(joinMarks(joined)).toBe(joined)
  })
})
