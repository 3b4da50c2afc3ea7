import fc from '../support/properties.js'
import { describe, expect, it } from 'vitest'
import { cutPaperText } from '../../src/papers/cut-text.js'

const para = (word: string, n: number): string => Array.from({ length: n }, () => word).join(' ')

const ABSTRACT = `## Abstract\n\n${para('abstract', 20)}`
const CONCLUSION = `## 5 Conclusion\n\n${para('conclusion', 20)}`

const TEXT = [
  '[p. 1]',
  ABSTRACT,
  '## 1 Introduction',
  para('intro', 30),
  '## 2 Related Work',
  para('related', 40),
  `${para('related', 20)} [p. 2] ${para('related', 20)}`,
  '## 3 Method',
  para('method', 50),
  '### 3.1 Training',
  para('training', 60),
  para('training', 60),
  '## 4 Results',
  para('result', 40),
  CONCLUSION,
  '## Acknowledgements',
  para('thanks', 20),
  '## A Proofs',
  para('proof', 70),
  `${para('proof', 35)} [p. 3] ${para('proof', 35)}`,
  '### A.1 Lemmas',
  para('lemma', 70),
].join('\n\n')

describe('cutPaperText', () => {
  it('leaves a text alone that fits', () => {
    expect(cutPaperText(TEXT, TEXT.length)).toEqual({ text: TEXT, cut: [], fits: true })
  })

  it('takes acknowledgements and the end of the last appendix first, and no more than it must', () => {
    const { text, cut } = cutPaperText(TEXT, TEXT.length - 20)
    expect(cut).toEqual(['Acknowledgements'])
    expect(text).not.toContain('thanks')
    expect(text).toContain('[… section "Acknowledgements" left out …]\n\n## A Proofs')
    const more = cutPaperText(TEXT, TEXT.length - 400)
    expect(more.cut).toEqual(['Acknowledgements', 'A Proofs'])
    expect(more.text).toContain('proof')
    expect(more.text).not.toContain('lemma')
    expect(more.text).toContain(para('related', 40))
  })

  it('then all of the appendices, then related work, and says so in the text, with the page that follows', () => {
    const { text, cut } = cutPaperText(TEXT, 2_950)
    expect(cut).toEqual(['2 Related Work', 'Acknowledgements', 'A Proofs'])
    expect(text).toContain('[… section "2 Related Work" shortened …]\n\n[p. 2]\n\n## 3 Method')
    expect(text).toMatch(/\[… sections "Acknowledgements" to "A\.1 Lemmas" left out …\]$/)
    expect(text).toContain(`${para('training', 60)}\n\n${para('training', 60)}`)
  })

  it('then the ends of the longest sections, at paragraph borders', () => {
    const { text, cut, fits } = cutPaperText(TEXT, 2_100)
    expect(fits).toBe(true)
    expect(cut).toEqual(['2 Related Work', '3 Method', 'Acknowledgements', 'A Proofs'])
    expect(text).toContain(
      `### 3.1 Training\n\n${para('training', 60)}\n\n[… section "3.1 Training" shortened …]`,
    )
    expect(text).toContain(para('method', 50))
    expect(text).toContain(para('intro', 30))
    expect(text).not.toContain('related related')
  })

  it('never cuts abstract and conclusion, keeps whole paragraphs, and fits unless it says it does not', () => {
    const paragraphs = new Set(TEXT.split('\n\n'))
    fc.assert(
      fc.property(fc.integer({ min: 0, max: TEXT.length }), (limit) => {
        const { text, cut, fits } = cutPaperText(TEXT, limit)
        expect(text).toContain(ABSTRACT)
        expect(text).toContain(CONCLUSION)
        for (const part of text.split('\n\n')) {
          expect(paragraphs.has(part) || /^\[(… sections? ".*" .* …|p\. \d)\]$/.test(part)).toBe(true)
        }
        expect(fits).toBe(text.length <= limit)
        if (limit > 700) expect(fits).toBe(true)
        expect(cut.length > 0).toBe(text !== TEXT)
        expect(cutPaperText(TEXT, limit)).toEqual({ text, cut, fits })
      }),
    )
  })

  it('counts in the unit it is given', () => {
    const words = (text: string): number => text.split(/\s+/).length
    const { text, fits } = cutPaperText(TEXT, 300, words)
    expect(fits).toBe(true)
    expect(words(text)).toBeLessThanOrEqual(300)
    expect(words(text)).toBeGreaterThan(200)
  })

  it.each([
    ['Acknowledgments', '1 Method'],
    ['ACKNOWLEDGMENT', 'II METHOD'],
    ['Author Contributions', '1 Method'],
    ['Funding', '1 Method'],
    ['VIII Conflicts of Interest', 'II METHOD'],
    ['NeurIPS Paper Checklist', '1 Method'],
    ['References', '1 Method'],
    ['Appendix', 'Method'],
    ['APPENDIX B PROOFS', 'II METHOD'],
    ['Supplementary Material', 'Method'],
    ['C Prompts', '1 Method'],
    ['2 Background and Related Work', '3 Method'],
    ['II. Related work', 'III METHOD'],
  ])('gives up "%s" before "%s"', (early, late) => {
    const heads = ['1 Introduction', 'II SETTING', '2 Data', late, early]
    const text = [ABSTRACT, ...heads.map((title) => `## ${title}\n\n${para('word', 100)}`)].join('\n\n')
    const { cut } = cutPaperText(text, text.length - 300)
    expect(cut).toEqual([early])
  })

  it.each([
    'V DISCUSSION',
    'A Theory of Everything',
    'Limitations',
    'Data Availability',
    'Checklists for Pilots',
  ])('holds "%s" for a section like others', (title) => {
    const numbered = title.startsWith('V') ? ['I INTRODUCTION', 'II METHOD'] : ['Introduction', 'Method']
    const heads = [...numbered, title]
    const text = [
      ABSTRACT,
      ...heads.map((head, i) => `## ${head}\n\n${para('word', 100 - i)}\n\n${para('word', 30 - i)}`),
    ].join('\n\n')
    expect(cutPaperText(text, text.length - 60).cut).toEqual([heads[0]])
  })

  it('cuts a text without headings from its end, a text without paragraphs at a line end, and one without either', () => {
    const line = `${para('line', 15)}.`
    const start = 'A title\nAbstract\nWe show that it works.'
    const lines = `${start}\n${Array.from({ length: 400 }, () => line).join('\n')}\nTHE END`
    const byLine = cutPaperText(lines, 10_000)
    expect(byLine).toMatchObject({ fits: true, cut: [''] })
    expect(byLine.text.startsWith(start)).toBe(true)
    expect(byLine.text).toMatch(/line\.\n\n\[… shortened here …\]$/)
    expect(byLine.text.length).toBeGreaterThan(7_000)
    const solid = cutPaperText('字'.repeat(30_000), 10_000)
    expect(solid.fits).toBe(true)
    expect(solid.text.length).toBeGreaterThan(7_000)
  })

  it('keeps a text of two million characters within the limit, whatever it is made of', () => {
    for (const piece of [
      '## A\n\nb\n\n',
      'b\n\n',
      'word ',
      'a',
      '## H\n\n',
      `## 1 S\n\n${para('w', 99)}\n\n`,
    ]) {
      const text = piece.repeat(Math.ceil(2e6 / piece.length))
      const result = cutPaperText(text, 50_000)
      expect(result.fits).toBe(true)
      expect(result.text.length).toBeLessThanOrEqual(50_000)
    }
  })
})
