import { describe, expect, it } from 'vitest'
import { kindsOfHeading } from '../../src/llm/offline/headings.js'
import { isQuotable } from '../../src/llm/offline/quotable.js'
import { splitSentences } from '../../src/text/sentences.js'

function split(text: string): string[] {
  return splitSentences(text).map((span) => span.text)
}

describe('splitSentences', () => {
  it.each([
    ['We use cats, e.g. Siamese ones. They sleep.', ['We use cats, e.g. Siamese ones.', 'They sleep.']],
    ['Smith et al. [3] agree. So do we.', ['Smith et al. [3] agree.', 'So do we.']],
    ['This follows Smith et al. The rest is new.', ['This follows Smith et al.', 'The rest is new.']],
    ['It follows J. R. Smith and others. Fine.', ['It follows J. R. Smith and others.', 'Fine.']],
    ['The value is 3.5 in Fig. 2 and Eq. (4). Next.', ['The value is 3.5 in Fig. 2 and Eq. (4).', 'Next.']],
    [
      'It holds (see Sec. 3. Also App. B.) for all. Done.',
      ['It holds (see Sec. 3. Also App. B.) for all.', 'Done.'],
    ],
    ['It works well.3 The rest fails.', ['It works well.', 'The rest fails.']],
    ['See Section 4.3 The Method for more.', ['See Section 4.3 The Method for more.']],
    ['Is it so? Yes! “Quite.” He left.', ['Is it so?', 'Yes!', '“Quite.”', 'He left.']],
    ['It was shown before. [12] We agree.', ['It was shown before. [12]', 'We agree.']],
    ['• First item here. (ii) Second item here.', ['First item here.', 'Second item here.']],
    ['これは文です。次の文です。', ['これは文です。', '次の文です。']],
    ['An open ( bracket. The next one.', ['An open ( bracket.', 'The next one.']],
    ['', []],
  ])('%j', (text, expected) => {
    expect(split(text)).toEqual(expected)
  })

  it('tells where each sentence begins', () => {
    const text = 'One is here. (i) Two is there.'
    for (const span of splitSentences(text))
      expect(text.slice(span.start, span.start + span.text.length)).toBe(span.text)
  })
})

describe('isQuotable', () => {
  it('takes whole prose sentences', () => {
    expect(isQuotable('The model reaches an accuracy of 93.5% on the test set (see Table 2).')).toBe(true)
  })

  it.each([
    'Too short.',
    'fragment of a sentence that begins in the middle of the thought.',
    'A sentence without its end, cut off where the column ended and',
    'x = y + z ∑ i=1 n f ( x i ) ≤ 1 / 2 + ε ∫ g ( t ) d t = 0 for 0 < t < 1.',
    'The bracket that was opened (here is never closed in this sentence at all.',
    'Please write to jane.doe@example.org for the data of this very nice paper.',
    'THIS RUNNING HEAD IS PRINTED IN CAPITALS ON EVERY PAGE OF THE JOURNAL.',
    'This text has a <b>bold</b> word that a browser would act on in a report.',
  ])('leaves out %j', (text) => {
    expect(isQuotable(text)).toBe(false)
  })
})

describe('kindsOfHeading', () => {
  it.each([
    ['1 Introduction', ['introduction']],
    ['II. RELATED WORK', ['background']],
    ['5 Conclusion and Future Work', ['future', 'conclusion']],
    ['Limitations', ['limitations']],
    ['4.2 Implementation Details', ['setup']],
    ['4 Experiments', ['results']],
    ['Acknowledgments', ['back']],
    ['3 Our Approach', ['method']],
    ['7 Parcels and Geese', []],
  ])('%j', (heading, kinds) => {
    expect(kindsOfHeading(heading)).toEqual(kinds)
  })
})
