import { describe, expect, it } from 'vitest'
import { splitSections } from '../../../src/report/answers/split.js'
import { unpackedAnswer } from '../../../src/report/answers/unpacked-answer.js'

const PLAIN = '## Limitations\n\nOnly English was tried.\n\n## Confidence\n\n- High for the main claim.'
const SECTIONS = { Limitations: 'Only English was tried.', Confidence: '- High for the main claim.' }
const LIST = Object.entries(SECTIONS).map(([heading, content]) => ({ heading, content }))

const { Limitations: LIMITS, Confidence: TRUST } = SECTIONS
const TIGHT = JSON.stringify(SECTIONS)
const PRETTY = JSON.stringify(SECTIONS, null, 2)
const call = (given: unknown): object => ({ name: 'write_report', arguments: given })

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
    ['a list of objects of one section', JSON.stringify([{ Limitations: LIMITS }, { Confidence: TRUST }])],
    ['a list of texts', JSON.stringify(PLAIN.split(/\n\n(?=##)/))],
    [
      'one object a line',
      `${JSON.stringify({ Limitations: LIMITS })}\n${JSON.stringify({ Confidence: TRUST })}`,
    ],
    ['one section a line', LIST.map((one) => JSON.stringify(one)).join(',\n')],
    ['a string of JSON', JSON.stringify(TIGHT)],
    ['a string of JSON in an object', JSON.stringify({ answer: PRETTY })],
    ['a string of a string of JSON', JSON.stringify(JSON.stringify(TIGHT))],
    ['arguments of a call', JSON.stringify(call({ path: 'report.md', content: PLAIN }))],
    ['arguments of a call, packed', JSON.stringify(call(JSON.stringify({ content: PLAIN })))],
    ['arguments that are the sections', JSON.stringify(call(SECTIONS))],
    ['a list of calls', JSON.stringify([{ type: 'function', id: 'x', function: call(TIGHT) }])],
    [
      'calls under their name',
      JSON.stringify({ content: null, tool_calls: [{ id: 'x', function: call(TIGHT) }] }).replace(
        '"content":null,',
        '',
      ),
    ],
    ['a call in a tag', `<tool_call>\n${JSON.stringify(call({ content: PLAIN }))}\n</tool_call>`],
    ['a call in a tag, on its line', `<tool_call>${JSON.stringify(call({ content: PLAIN }))}</tool_call>`],
    ['a call behind Mistral’s mark', `[TOOL_CALLS][${JSON.stringify(call({ content: PLAIN }))}]`],
    [
      'an action',
      `Action:\n\`\`\`json\n${JSON.stringify({ action: 'Final Answer', action_input: PLAIN })}\n\`\`\``,
    ],
    ['no last bracket', TIGHT.slice(0, -1)],
    ['no last brackets', JSON.stringify({ sections: LIST }).slice(0, -3)],
    ['no last bracket in a fence', `\`\`\`json\n${PRETTY.slice(0, -1)}\n\`\`\``],
    ['a bracket too many', `${TIGHT}}`],
    ['comments', PRETTY.replace('{', '{ // the sections').replace('",', '", /* of two */')],
    ['a comment before it', `// report.json\n${PRETTY}`],
    ['a comment of Python', PRETTY.replace('",', '",  # the first')],
    ['Python', `{'Limitations': '${LIMITS}', 'Confidence': '${TRUST}', 'done': True, 'more': None}`],
    ['Python, in two kinds of quotes', `{'Limitations': "${LIMITS}", 'Confidence': '${TRUST}'}`],
    [
      'Python, a list',
      `[{'heading': 'Limitations', 'content': '${LIMITS}'}, {'heading': 'Confidence', 'content': '${TRUST}', 'ok': False}]`,
    ],
    [
      'a tuple',
      `('${LIMITS}', )`.replace(/^.*$/, `{'Limitations': '${LIMITS}', 'Confidence': ('${TRUST.slice(2)}',)}`),
    ],
    ['three quotes', `{"Limitations": """${LIMITS}""", "Confidence": """\n${TRUST}\n"""}`],
    ['quotes of JavaScript', `{Limitations: \`${LIMITS}\`, Confidence: \`${TRUST}\`}`],
    ['names without quotes', `{Limitations: "${LIMITS}", Confidence: "${TRUST}"}`],
    ['no commas between members', PRETTY.replace('",', '"')],
    ['commas too many', `{,"Limitations": "${LIMITS}",, "Confidence": "${TRUST}",}`],
    ['words before it', `Here is the report in JSON:\n\n${PRETTY}`],
    ['words behind it', `${PRETTY}\n\nLet me know if you need more!`],
    ['members of no section beside it', JSON.stringify({ status: 'done', words: 12, analysis: SECTIONS })],
  ])('is the Markdown in it: %s', (_, answer) => {
    const found = splitSections(unpackedAnswer(answer), ['Limitations', 'Confidence'])
    expect([...found]).toEqual(Object.entries(SECTIONS))
  })

  it('keeps quotes, backslashes and signs that stand in its strings', () => {
    const said = `{"Limitations": "The "best" set, of 'old' data: \\beta = 3, \\frac{1}{2} and \\alpha; it's [p. 3]."}`
    expect(unpackedAnswer(said)).toBe(
      `## Limitations\n\nThe "best" set, of 'old' data: \\beta = 3, \\frac{1}{2} and \\alpha; it's [p. 3].`,
    )
    expect(unpackedAnswer('{"Confidence": "\\beta is \\u00e4 \\"good\\" one."}')).toBe(
      '## Confidence\n\n\\beta is ä "good" one.',
    )
  })

  it.each([
    PLAIN,
    `${PLAIN}\n\n\`\`\`json\n{"text": "hello"}\n\`\`\`\n\nThat is sent.`,
    `Sure.\n\n\`\`\`json\n{"text": "hello"}\n\`\`\``,
    `{"text": "hello"}\n\n${PLAIN}`,
    '"Attention" is all there is, says the paper: "so it is", and more.',
    '"So it is", says the paper.',
    '[{"Limitations": "Whole."}, {"Confidence": "cut off in the mid',
    '{x_i} is a set.',
    'A sentence about \\n and {"json": 1}.',
    '{"a": 1, "b": 2}',
    '{"Limitations": "cut off in the mid',
    '[p. 3] says it.',
    '```json\n{"learning_rate": 0.1}\n```',
    'null',
    '""',
  ])('%j is left as it is', (answer) => expect(unpackedAnswer(answer)).toBe(answer))
})
