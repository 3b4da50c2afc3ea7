import { describe, expect, it } from 'vitest'
import { collectSections } from '../../../src/report/sections/collect.js'
import { checkGrounding } from '../../../src/report/facts/grounding.js'
import { ANSWERS, PAPER_TEXT } from '../answers.js'

function check(report: string, paper: string): ReturnType<typeof checkGrounding> {
  return checkGrounding(new Map([['Key Results', report]]), paper)
}

describe('checkGrounding', () => {
  it('finds every number, quotation and page of a faithful report', () => {
    const grounding = checkGrounding(collectSections(ANSWERS).sections, PAPER_TEXT)
    expect(grounding.ungrounded).toEqual([])
    expect(grounding.score).toBe(1)
    expect(grounding.quotes).toEqual({ total: 2, found: 2 })
    expect(grounding.numbers.total).toBeGreaterThanOrEqual(8)
    expect(grounding.pages).toEqual({ total: 11, valid: 11 })
  })

  it('names what was made up', () => {
    const { numbers, quotes, pages, score, ungrounded } = check(
      'It gains 12.7% and "beats every known method on all tasks" [p. 99], 97.1% on [p. 5].',
      PAPER_TEXT,
    )
    expect(numbers).toEqual({ total: 2, found: 1 })
    expect(quotes).toEqual({ total: 1, found: 0 })
    expect(pages).toEqual({ total: 2, valid: 1 })
    expect(score).toBe(0.4)
    expect(ungrounded).toEqual(['[p. 99]', '12.7%', '"beats every known method on all tasks"'])
  })

  it.each([
    ['95.2%', 'an accuracy of 95.2 % was seen'],
    ['95.2%', 'accuracy 0.952'],
    ['95.2 percent', 'accuracy 95.2\\%'],
    ['1,281,167 images', 'ImageNet has 1281167 images'],
    ['1281167 images', 'ImageNet has 1,281,167 images'],
    ['1 281 167 images', 'ImageNet has 1,281,167 images'],
    ['12.5B parameters', 'with 12.5 billion parameters'],
    ['1.2M examples', 'on 1,200,000 examples'],
    ['a rate of 3e-4', 'learning rate of 3 × 10−4'],
    ['a rate of 3×10^-4', 'learning rate of 3e-4'],
    ['a rate of 10^{-4}', 'learning rate of 10⁻⁴'],
    ['2.5 × 10⁶ steps', 'for 2.5 ×106 steps'],
    ['0.50 s', 'within 0.5 seconds'],
    ['76.1 points', 'a score of 76. 1 on it'],
    ['8 GPUs', 'trained on 8 A100s'],
    ['0.95', 'a correlation of .95'],
    ['−3.1 dB', 'a loss of -3.1dB'],
    ['28.4 BLEU', 'scores (28.4, 41.8)'],
  ])('takes %j for grounded in %j', (report, paper) => {
    const { numbers, ungrounded } = check(report, `[p. 1]\n${paper}`)
    expect(ungrounded).toEqual([])
    expect(numbers.total).toBeGreaterThan(0)
  })

  it.each([
    ['95.3%', '95.2% and 5.3%'],
    ['17 epochs', 'trained for 170 epochs on 7 nodes'],
    ['2.5 s', '12.5 s and 2.55 s'],
    ['4,096 tokens', '4 096-token blocks of 96'.replace('4 096', '4097')],
    ['7 days', '[p. 7]\nthree days'],
    ['1.3M examples', '1,200,000 examples'],
  ])('does not take %j for grounded in %j', (report, paper) => {
    expect(check(report, paper).numbers).toMatchObject({ total: 1, found: 0 })
  })

  it('does not count labels, page anchors, ids and plain integers', () => {
    const report = 'Section 3.1 and Table 2.3 of arXiv:2401.01234 [p. 4] (see §4.2, Eq. 1.5) name 3 reasons.'
    expect(check(report, 'nothing').numbers).toEqual({ total: 0, found: 0 })
  })

  it.each([
    ['“fine-tuning the first layer fails”', 'we saw that ﬁne- tuning the\nfirst layer fails'],
    ['"the loss … falls below the bound"', 'The loss, as expected, falls below the bound.'],
    ['"Most heads [in layer 3] attend locally here"', 'most heads attend locally here'],
    ['"it **does not** hold for long inputs"', 'It does not hold for long inputs'],
    ['"a claim that runs over pages"', 'a claim that [p. 4] runs over pages'],
    ['"as shown before by others already"', 'as shown before [12, 14] by others already'],
    ['"obtain the heights of both peaks here"', 'to obtain the heights of both peaks,3–5 here we'],
    ['“naïve Bayes works here too”', 'nai\u0308ve Bayes works here too'],
  ])('finds the quotation %j in %j', (report, paper) => {
    expect(check(report, paper).quotes).toEqual({ total: 1, found: 1 })
  })

  it('wants the parts of a quotation in their order, and three words', () => {
    expect(check('"falls below the bound … the loss"', 'The loss falls below the bound.').quotes).toEqual({
      total: 1,
      found: 0,
    })
    expect(check('"not there"', 'nothing').quotes.total).toBe(0)
  })

  it('reads lists and ranges of pages, and counts none where the paper has no marks', () => {
    const paper = '[p. 1]\na\n[p. 2]\nb\n[p. 3]\nc'
    expect(check('x [p. 1] [p.2] [pp. 2–3] (p. 3) [p. 1, 4]', paper).pages).toEqual({ total: 7, valid: 6 })
    expect(check('x [p. 9]', 'no marks').pages).toEqual({ total: 0, valid: 0 })
  })

  it('has no score where nothing can be checked, lists at most ten faults, leaves code’s own section out', () => {
    expect(check('Nothing to check here.', 'text').score).toBeNull()
    const many = Array.from({ length: 30 }, (_, n) => `${n}.77%`).join(', ')
    expect(check(many, 'text').ungrounded).toHaveLength(10)
    expect(checkGrounding(new Map([['Quick Facts', '99.9%']]), 'text').numbers.total).toBe(0)
  })

  it('stays linear on long hostile input', () => {
    const hostile = `${'"'.repeat(20_001)} ${'1'.repeat(50_000)} ${'1,111'.repeat(10_000)} ${'[p. 1, '.repeat(5000)} ${'10 '.repeat(20_000)}`
    expect(check(hostile, hostile).pages.total).toBeGreaterThanOrEqual(0)
  })
})

describe('a writer that quotes the paper word for word', () => {
  const paper = [
    '[p. 1]',
    '## 3.4 XY-cut',
    'The bucket was described by Turner as a way to police traffic [13]; its twin is specified in RFC 2697.',
    'The widest empty strip is cut if it is wide enough.',
    '[p. 2]',
    '## 4 Discussion',
    'A strip must be empty over the whole block.',
  ].join('\n\n')
  const check = (text: string) => checkGrounding(new Map([['Key Results', text]]), paper)

  it('may name sections by number and title, quote reference numbers, and say how many sentences follow', () => {
    const report = [
      'Three sentences stand under 3.4 XY-cut and 4 Discussion.',
      '',
      '- 3.4 XY-cut: “The widest empty strip is cut if it is wide enough.” [p. 1]',
      '- “The bucket was described by Turner as a way to police traffic [13]; its twin is specified in RFC 2697.” [p. 1]',
    ].join('\n')
    expect(check(report)).toMatchObject({ ungrounded: [], score: 1 })
  })

  it('is caught where it puts numbers in', () => {
    const { ungrounded } = check(
      '- “The bucket was described by Turner as a way to police traffic [14.5 %]; its twin is specified.” [p. 1]',
    )
    expect(ungrounded).not.toEqual([])
    expect(check('- The cut is 3.4 times as wide as before [p. 1].').ungrounded).not.toEqual([])
  })
})
