import { describe, expect, it } from 'vitest'
import { noteComputations, withComputations } from '../../src/report/computation-notes.js'

const SECTION = [
  '| Set | Gain | Source |',
  '|---|---|---|',
  '| Real | 2.0 (computed: 0.6 / 0.3 = 2.0) | Table 5 [p. 8] |',
  '',
  '- It doubles (computed: (0.7 - 0.1) / 0.3 = 2) where labels are few [p. 4].',
  '- Nothing (seen: 4) is worked out here.',
].join('\n')

describe('computations of a section', () => {
  it('stand below it, and their sentences go on without them', () => {
    expect(noteComputations(SECTION, 3)).toEqual({
      markdown: [
        '| Set | Gain | Source |',
        '|---|---|---|',
        '| Real | 2.0[^c3] | Table 5 [p. 8] |',
        '',
        '- It doubles (2)[^c4] where labels are few [p. 4].',
        '- Nothing (seen: 4) is worked out here.',
        '',
        '[^c3]: 0.6 / 0.3 = 2.0',
        '[^c4]: (0.7 - 0.1) / 0.3 = 2',
      ].join('\n'),
      count: 2,
    })
  })

  it('come back to their places', () => {
    const told = SECTION.replace('It doubles', 'It is 2 times as much')
    expect(withComputations(noteComputations(told, 1).markdown)).toBe(told)
  })

  it.each([
    ['It reaches less (computed: 5.39 / 1.22 = 4.42).', 'It reaches less (4.42)[^c1].'],
    [
      'It is 1.64 to 1.99 times as slow (computed: 2 / 1.22 = 1.64; 3.81 / 1.91 = 1.99).',
      'It is 1.64 to 1.99 times as slow[^c1].',
    ],
    ['It is slower (computed: 2 / 1.22 = 1.64; 3.81 / 1.91 = 1.99).', 'It is slower (1.64; 1.99)[^c1].'],
    ['It adds a part (computed: 0.007 / 0.011 = 64%).', 'It adds a part (64%)[^c1].'],
    ['It adds a part (computed: (1.97 − 1.22) / 2).', 'It adds a part[^c1].'],
    ['It is off (computed: 2 + 2 = 5 [recomputed: 4]).', 'It is off (5)[^c1].'],
  ])('leave what comes out where the sentence does not tell it: %s', (section, sentence) => {
    expect(noteComputations(section, 1).markdown.split('\n')[0]).toBe(sentence)
  })

  it.each([
    ['none', 'It doubles [p. 4].'],
    ['a bracket that nobody closes', 'It doubles (computed: 0.6 / 0.3 = 2.0 [p. 4].\n\n(More.)'],
    ['one among other words', 'It doubles (a lot; computed: 0.6 / 0.3 = 2.0).'],
    ['one without end', `(computed: ${'1 + '.repeat(50_000)}1 = 50,001)`],
    ['many brackets', '(computed: ('.repeat(20_000)],
  ])('%s: the section stays as it is, both ways', (_, section) => {
    expect(noteComputations(section, 1)).toEqual({ markdown: section, count: 0 })
    expect(withComputations(section)).toBe(section)
  })

  it('a mark of a writer that no note belongs to stays', () => {
    const section = 'It doubles[^c9].\n\n[^c1]: 0.6 / 0.3 = 2.0'
    expect(withComputations(section)).toBe('It doubles[^c9].')
  })
})
