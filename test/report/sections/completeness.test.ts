import { describe, expect, it } from 'vitest'
import { REPORT_SECTIONS } from '../../../src/core/report-sections.js'
import { countWords, findIncomplete, problemOf } from '../../../src/report/sections/completeness.js'

const WHOLE = new Map(
  REPORT_SECTIONS.filter((section) => section.writer !== null).map(({ heading }): [string, string] => [
    heading,
    '- The paper compares four baselines on two data sets [p. 4].',
  ]),
)

function withBody(heading: string, body: string): Map<string, string> {
  return new Map([...WHOLE, [heading, body]])
}

describe('findIncomplete', () => {
  it('finds nothing in a whole report and does not ask for the section made by code', () => {
    expect(findIncomplete(WHOLE)).toEqual([])
  })

  it('names what is missing, in report order', () => {
    const sections = withBody('Confidence', '')
    sections.delete('Key Results')
    expect(findIncomplete(sections)).toEqual([
      { heading: 'Key Results', problem: 'missing' },
      { heading: 'Confidence', problem: 'empty' },
    ])
    expect(findIncomplete(new Map())).toHaveLength(10)
  })

  it.each(['', '   \n', '---', '-', 'High.', 'See above', '- \n- '])('takes %j for empty', (body) => {
    expect(problemOf(body)).toBe('empty')
  })

  it.each([
    'TODO',
    'TBD.',
    '- TODO\n- TBD',
    'TODO: write this section when the results are in',
    'N/A',
    'n/a',
    'None',
    'null',
    'undefined',
    '[object Object]',
    '...',
    '…',
    '1. ...\n2. ...\n3. ...',
    '[insert limitations here]',
    'The method reaches [insert number] on the test set.',
    'The score is {{ output.score }} on the test set.',
    'Lorem ipsum dolor sit amet, consectetur adipiscing elit.',
    '## Limitations',
    '**Limitations**',
    'Limitations:',
    'As an AI language model, I do not have opinions on this paper.',
    'I cannot analyse this paper because no text was given.',
    "I'm sorry, but I can't help with that request.",
    'Unfortunately, I am unable to read the document.',
    'Please provide the text of the paper so that I can go on.',
    'No paper text was provided, so nothing can be said here.',
    'To be completed.',
    'The same line again. '.repeat(12),
    `${Array.from({ length: 20 }, (_, n) => `Finding ${'abcdefghijklmnopqrst'[n]} holds on all sets [p. ${n}].`).join(' ')} ${'It was tested on the set again. '.repeat(40)}`,
    `The gain comes from the smoothing of the ${'model of the '.repeat(30)}`,
    `- The first finding is real [p. 2].\n${'- The loss is lower on A.\n- The loss is lower on B, which is the harder set.\n'.repeat(12)}`,
  ])('takes %j for a placeholder', (body) => {
    expect(problemOf(body)).toBe('placeholder')
  })

  it.each([
    'The paper states none.',
    'The authors name no limitations; the evaluation covers English only.',
    'None of the four baselines was tuned [p. 6].',
    'The tool finds TODO comments in 40 projects and tells which are stale.',
    'The dataset marks missing cells as "N/A" or null, which 3 % of rows have.',
    'Refusals such as "As an AI language model, I cannot help" fall from 12 % to 3 % [p. 7].',
    'The prompt ends with `[insert answer]`, which every model saw.',
    'I cannot be excluded from the set of index terms… wait for it'.replace(
      'I cannot',
      'The empty word cannot',
    ),
    '该论文没有讨论任何局限性',
    '- **Scale:** only models up to 7B.',
    Array.from({ length: 12 }, (_, n) => `- **Setting ${'abcdefghijkl'[n]}:** not stated in the paper.`).join(
      '\n',
    ),
  ])('takes %j for a body', (body) => {
    expect(problemOf(body)).toBeNull()
  })
})

describe('countWords', () => {
  it('counts words and, in scripts without spaces, characters', () => {
    expect(countWords('A 2.5-fold gain, well-known: [p. 3]')).toBe(6)
    expect(countWords('机器学习 is 学')).toBe(6)
  })
})

describe('a text that breaks off', () => {
  const BEGIN = 'The method reaches 91.2 percent on the test set [p. 4]. '

  it.each([
    `${BEGIN}It is four points above the strongest baseline that the authors`,
    `${BEGIN}The gain is largest where labels are noisy, and`,
    `- ${BEGIN}\n- The gain holds on both sets and for the`,
    `${BEGIN}\n\nThis comes from the smoothing of the labels that lies between`,
    `${BEGIN}The gain is largest,`,
  ])('is seen: %j', (body) => expect(problemOf(body)).toBe('cut'))

  it.each([
    `${BEGIN}It holds.`,
    `${BEGIN}\n\n- accuracy on the test set of the first task\n- recall on the second one`,
    `${BEGIN}\n\n| model | accuracy |\n|---|---|\n| ours | ninety-one percent of all labels in the set |`,
    `${BEGIN}\n\n\`\`\`\nfor each label in the batch do the smoothing and\n\`\`\``,
    `${BEGIN}\n\n$$ a = b + c $$`,
    `${BEGIN}The code is at https://example.org/code/of/the/method`,
    `${BEGIN}It holds for all of them [p. 5]`,
    'Confidence in the main claim of the paper is high',
  ])('is whole: %j', (body) => expect(problemOf(body)).toBeNull())
})
