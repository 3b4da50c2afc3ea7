import { describe, expect, it } from 'vitest'
import { splitSections } from '../../src/report/split.js'
import { unpackedAnswer } from '../../src/report/unpacked-answer.js'

const PLAIN = '## Limitations\n\nOnly English was tried.\n\n## Confidence\n\n- High for the main claim.'
const SECTIONS = { Limitations: 'Only English was tried.', Confidence: '- High for the main claim.' }
const LIST = Object.entries(SECTIONS).map(([heading, content]) => ({ heading, content }))

describe('an answer in JSON', () => {
  it.each<[string, string]>([
    ['a string', JSON.stringify(PLAIN)],
    ['an object around it', JSON.stringify({ answer: PLAIN, confidence_score: 0.9 })],
    ['an object around it, twice', JSON.stringify({ result: { markdown: PLAIN } })],
    ['an object of sections', JSON.stringify(SECTIONS, null, 2)],
    [
      'names of members for headings',
      JSON.stringify({ limitations: SECTIONS.Limitations, confidence: ['High for the main claim.'] }),
    ],
    ['sections under a name', JSON.stringify({ sections: SECTIONS })],
    ['a list of sections', JSON.stringify(LIST)],
    [
      'a list under a name',
      JSON.stringify({ sections: LIST.map(({ heading, content }) => ({ title: heading, body: content })) }),
    ],
    ['a fence around it', `\`\`\`json\n${JSON.stringify(SECTIONS)}\n\`\`\``],
    ['line breaks written out', PLAIN.replaceAll('\n', '\\n')],
    ['no line breaks at all', PLAIN.replace(/\s+/g, ' ')],
    ['line breaks written out twice', JSON.stringify(PLAIN.replaceAll('\n', '\\n'))],
  ])('is the Markdown in it: %s', (_, answer) => {
    const found = splitSections(unpackedAnswer(answer), ['Limitations', 'Confidence'])
    expect([...found]).toEqual(Object.entries(SECTIONS))
  })

  it.each([
    PLAIN,
    'A sentence about \\n and {"json": 1}.',
    '{"a": 1, "b": 2}',
    '{"Limitations": "cut off in the mid',
    '[p. 3] says it.',
    '```json\n{"learning_rate": 0.1}\n```',
    'null',
    '""',
  ])('%j is left as it is', (answer) => expect(unpackedAnswer(answer)).toBe(answer))
})
