import { describe, expect, it } from 'vitest'
import { contentStems, letterWords, STOP_WORDS, words } from '../../src/text/words.js'

describe('words', () => {
  it('splits at everything that is no ASCII letter or digit', () => {
    expect(words('State-of-the-art GPT-4, naïve!')).toEqual([
      'state',
      'of',
      'the',
      'art',
      'gpt',
      '4',
      'na',
      've',
    ])
    expect(words('')).toEqual([])
  })

  it('knows letters of other scripts where asked', () => {
    expect(letterWords('Naïve Модель 3')).toEqual(['naïve', 'модель', '3'])
  })

  it('keeps the stems of content words only', () => {
    expect(contentStems('The networks are trained on these graphs, e.g. a tree.')).toEqual([
      'network',
      'train',
      'graph',
      'tree',
    ])
  })

  it('has no stop word that the tokenizer could not produce', () => {
    for (const word of STOP_WORDS) expect(word).toMatch(/^[a-z]+$/)
  })
})
