import { expect, it } from 'vitest'
import { extractedMarkdown, joinedMarkdown } from '../../src/cli/render/extract.js'
import type { ExtractedFile } from '../../src/pipeline/extract-files.js'

const PAPER: ExtractedFile = {
  file: 'papers/sleep.pdf',
  pages: 2,
  title: 'Leases for *sleeping* workers',
  authors: [],
  affiliations: [],
  keywords: [],
  doi: null,
  arxiv_stamp: null,
  abstract: 'We count.',
  front: 'Leases for *sleeping* workers Ann Author∗† Institute of Sleep',
  text: '[p. 1]\n\n## Abstract\n\nWe count.\n\n## 1 Introduction\n\nIt goes [p. 2] on.\n\n> Table 1: Results.\n\n> | a | b |\n> | 1 | 2 |',
  sections: [],
  captions: [],
  references: ['[1] A. Author. One. 2019.', '2. B. Author. Two. 2020.', '[AB12] C. Author. Three.'],
  hidden_characters: 0,
  duration_ms: 1,
}

it('writes title, authors, text and references as Markdown', () => {
  expect(extractedMarkdown(PAPER)).toBe(
    [
      '# Leases for \\*sleeping\\* workers',
      'Ann Author Institute of Sleep',
      '[p. 1]',
      '## Abstract',
      'We count.',
      '## 1 Introduction',
      'It goes [p. 2] on.',
      '> Table 1: Results.',
      '> | a | b |\n> | --- | --- |\n> | 1 | 2 |',
      '## References',
      '1. A. Author. One. 2019.\n2. B. Author. Two. 2020.\n3. [AB12] C. Author. Three.\n',
    ].join('\n\n'),
  )
})

it('names a paper without title by its file, and leaves out what it has not', () => {
  const bare = { ...PAPER, title: null, front: '', references: [], text: '[p. 1]\n\nOne paragraph.' }
  expect(extractedMarkdown(bare)).toBe('# sleep.pdf\n\n[p. 1]\n\nOne paragraph.\n')
})

it('parts several files and names each', () => {
  const other = { ...PAPER, file: 'a--b.pdf' }
  const text = joinedMarkdown([PAPER, other])
  expect(text.match(/^<!-- file: .* -->$/gm)).toEqual([
    '<!-- file: papers/sleep.pdf -->',
    '<!-- file: a- -b.pdf -->',
  ])
  expect(text.split('\n---\n')).toHaveLength(2)
  expect(joinedMarkdown([PAPER])).toBe(extractedMarkdown(PAPER))
})
