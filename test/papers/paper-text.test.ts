import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cutPaperText } from '../../src/papers/paper-text.js'

const para = (word: string, n: number): string => Array.from({ length: n }, () => word).join(' ')

const TEXT = [
  '[p. 1]',
  '## Abstract',
  para('abstract', 20),
  '## 1 Introduction',
  para('intro', 30),
  '## 2 Related Work',
  para('related', 40),
  para('related', 40),
  '## 3 Method',
  para('method', 50),
  '### 3.1 Training',
  para('training', 60),
  para('training', 60),
  '## Acknowledgements',
  para('thanks', 20),
  '## A Proofs',
  para('proof', 70),
  para('proof', 70),
].join('\n\n')

describe('cutPaperText', () => {
  it('leaves a text alone that fits', () => {
    expect(cutPaperText(TEXT, TEXT.length)).toEqual({ text: TEXT, cut: [] })
  })

  it('drops appendices and acknowledgements first', () => {
    const { text, cut } = cutPaperText(TEXT, TEXT.length - 100)
    expect(cut).toEqual(['A Proofs'])
    expect(text).toContain('## A Proofs\n\n[… section "A Proofs" shortened …]')
    expect(text).toContain('thanks')
    expect(cutPaperText(TEXT, TEXT.length - 900).cut).toEqual(['Acknowledgements', 'A Proofs'])
  })

  it('then related work, then the ends of the longest sections', () => {
    const { text, cut } = cutPaperText(TEXT, 1500)
    expect(cut).toEqual(['2 Related Work', '3 Method', 'Acknowledgements', 'A Proofs'])
    expect(text).toContain(para('method', 50))
    expect(text).toContain(para('intro', 30))
    expect(text).not.toContain('related related')
    expect(text.length).toBeLessThanOrEqual(1500)
  })

  it('never cuts the abstract, and keeps to the limit where that can be done', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: TEXT.length }), (limit) => {
        const { text, cut } = cutPaperText(TEXT, limit)
        expect(text).toContain(`## Abstract\n\n${para('abstract', 20)}`)
        for (const title of cut) expect(text).toContain(`[… section "${title}" shortened …]`)
        if (limit > 700) expect(text.length).toBeLessThanOrEqual(limit)
      }),
    )
  })
})
