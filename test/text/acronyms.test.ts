import { describe, expect, it } from 'vitest'
import { findAcronyms } from '../../src/text/acronyms.js'

function pairs(text: string): Record<string, string> {
  return Object.fromEntries(findAcronyms(text).map((a) => [a.short, a.long]))
}

describe('findAcronyms', () => {
  it.each([
    ['We train a convolutional neural network (CNN) on it.', { CNN: 'convolutional neural network' }],
    ['The support vector machines (SVMs) of old.', { SVM: 'support vector machines' }],
    ['In quality of service (QoS) terms.', { QoS: 'quality of service' }],
    [
      'The Equal Employment Opportunity Commission (EEOC) said.',
      { EEOC: 'Equal Employment Opportunity Commission' },
    ],
    ['We use long short-term memory (LSTM; Hochreiter, 1997) cells.', { LSTM: 'long short-term memory' }],
    ['The Hypertext markup language (HTML) files.', { HTML: 'Hypertext markup language' }],
    ['The RNN (recurrent neural network) of [3].', { RNN: 'recurrent neural network' }],
  ])('%s', (text, expected) => {
    expect(pairs(text)).toEqual(expected)
  })

  it.each([
    'The models are worse than the abstractive counterparts (PEGASUS) by far.',
    'As shown by Smith (2010) and in Table (IV) of (Fig. 3).',
    'The value (p < 0.05) and (see Section 3) are no short forms.',
    'Nothing before it stands for this (XYZ).',
    '(NASA',
  ])('finds none in %j', (text) => {
    expect(findAcronyms(text)).toEqual([])
  })

  it('keeps the first definition and tells where its long form begins', () => {
    const text = 'A language model (LM) is not a lunar module (LM).'
    expect(findAcronyms(text)).toEqual([{ short: 'LM', long: 'language model', index: 2 }])
  })

  it('reads a long hostile text in linear time', () => {
    expect(findAcronyms('(A'.repeat(200_000) + 'AA) '.repeat(50_000))).toEqual([])
  })
})
