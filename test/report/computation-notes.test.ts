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
  it('leave their sentences, which go on without them', () => {
    expect(noteComputations(SECTION, 3)).toEqual({
      markdown: [
        '| Set | Gain | Source |',
        '|---|---|---|',
        '| Real | 2.0[^c3] | Table 5 [p. 8] |',
        '',
        '- It doubles[^c4] where labels are few [p. 4].',
        '- Nothing (seen: 4) is worked out here.',
      ].join('\n'),
      notes: ['[^c3]: 0.6 / 0.3 = 2.0', '[^c4]: (0.7 - 0.1) / 0.3 = 2'],
    })
  })

  it('come back to their places', () => {
    const { markdown, notes } = noteComputations(SECTION, 1)
    const report = [markdown, '## Confidence', 'High.', notes.join('\n')].join('\n\n')
    expect(withComputations(report)).toBe([SECTION, '## Confidence', 'High.'].join('\n\n'))
  })

  it.each([
    ['none', 'It doubles [p. 4].'],
    ['a bracket that nobody closes', 'It doubles (computed: 0.6 / 0.3 = 2.0 [p. 4].\n\n(More.)'],
    ['one among other words', 'It doubles (a lot; computed: 0.6 / 0.3 = 2.0).'],
    ['one without end', `(computed: ${'1 + '.repeat(50_000)}1 = 50,001)`],
    ['many brackets', '(computed: ('.repeat(20_000)],
  ])('%s: the section stays as it is, both ways', (_, section) => {
    expect(noteComputations(section, 1)).toEqual({ markdown: section, notes: [] })
    expect(withComputations(section)).toBe(section)
  })

  it('a mark of a writer that no note belongs to stays', () => {
    const section = 'It doubles[^c9].\n\n[^c1]: 0.6 / 0.3 = 2.0'
    expect(withComputations(section)).toBe('It doubles[^c9].')
  })
})
