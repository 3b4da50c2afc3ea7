import { describe, expect, it } from 'vitest'
import { wholeAnswer } from '../../../src/report/answers/whole-answer.js'

const OWED = ['Limitations', 'Confidence']
const ANSWER =
  '## Limitations\n\n- One dataset only [p. 4].\n\n## Confidence\n\nHigh: two seeds agree [p. 5].'

describe('an answer', () => {
  it('begins with its first heading: a plan before it is no part of it', () => {
    expect(
      wholeAnswer(`I will write two sections.\n\n1. Limitations\n2. Confidence\n\n${ANSWER}`, OWED),
    ).toBe(ANSWER)
  })

  it('is taken once where it stands twice, the second time being meant', () => {
    const final = ANSWER.replace('two', 'three')
    expect(wholeAnswer(`Draft:\n\n${ANSWER}\n\nFinal answer:\n\n${final}`, OWED)).toBe(final)
    expect(wholeAnswer(`${ANSWER}\n\n## Limitations\n\n- One`, OWED)).toContain('two seeds agree')
    expect(wholeAnswer(`${ANSWER}\n\n## Limitations\n\nx\n\n## Confidence\n\ny`, OWED).trim()).toBe(ANSWER)
  })

  it('without headings is taken once where it stands twice', () => {
    const text =
      'The paper reports that the method reaches 91.2 percent accuracy on the test set, above the strongest baseline.'
    expect(wholeAnswer(`${text}\n\n${text}`, [])).toBe(text)
    expect(wholeAnswer(`${text}${text}\n`, OWED)).toBe(text)
  })

  it.each([
    ['as it was asked for', ANSWER],
    ['without any heading', 'Plain words about the paper.\n\nAnd more of them.'],
    ['in a code fence', `Here it is:\n\n\`\`\`markdown\n${ANSWER}\n\`\`\``],
    ['with a heading in code', `\`\`\`\n## Limitations\n\`\`\`\nText.`],
    ['with a word said twice', 'Yes. Yes.'],
  ])('stays as it was given: %s', (_, text) => {
    expect(wholeAnswer(text, OWED)).toBe(text)
  })
})
