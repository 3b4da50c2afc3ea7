import { describe, expect, it } from 'vitest'
import { collectSections } from '../../../src/report/sections/collect.js'
import { ALL_HEADINGS, headingsOf } from '../../../src/report/answers/headings.js'
import { faultsOf, UNJUDGED } from '../../../src/report/sections/section-faults.js'
import { unpackedAnswer } from '../../../src/report/answers/unpacked-answer.js'
import { wholeAnswer } from '../../../src/report/answers/whole-answer.js'

const HEADINGS = ['Limitations', 'Confidence', 'Next Checks'] as const
const BODIES = [
  '- Only one model family was tried [p. 8].\n- Inference: no seeds were varied.',
  '- **High**: linear time, shown by the curve [p. 6].',
  '1. Run the router with 8 blocks.\n2. Compare with 97.1% [p. 5].',
] as const

/** The three sections, each below a heading in that form. */
function below(form: (heading: string, index: number) => string, between = '\n\n'): string {
  return HEADINGS.map((heading, index) => `${form(heading, index)}${between}${BODIES[index]}`).join('\n\n')
}

function each(form: (heading: string, body: string) => string): string {
  return HEADINGS.map((heading, index) => form(heading, BODIES[index] ?? '')).join('\n')
}

function indented(text: string): string {
  return text.replace(/^/gm, '  ')
}

const snake = (heading: string): string => heading.toLowerCase().replaceAll(' ', '_')
const camel = (heading: string): string =>
  snake(heading)
    .replace(/[^a-z_]/g, '')
    .replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
const singleQuoted = (value: object): string =>
  `{${Object.entries(value)
    .map(([key, body]) => `'${key}': '${String(body).replaceAll('\n', '\\n')}'`)
    .join(', ')}}`
const members = Object.fromEntries(HEADINGS.map((heading, index) => [heading, BODIES[index]]))
const named = (names: readonly string[]): string => below((_, index) => `## ${names[index]}`)

const PLAIN = below((heading) => `## ${heading}`)

/** How sections are counted → the counter's text for the first, second and third. */
const COUNTERS = Object.fromEntries(
  [
    ['Part 1: ', 'Part 2: ', 'Part 3: '],
    ['Part 1 – ', 'Part 2 – ', 'Part 3 – '],
    ['Part I. ', 'Part II. ', 'Part III. '],
    ['Step 1: ', 'Step 2: ', 'Step 3: '],
    ['Chapter 1. ', 'Chapter 2. ', 'Chapter 3. '],
    ['§1 ', '§2 ', '§3 '],
    ['§ 4.1 ', '§ 4.2 ', '§ 4.3 '],
    ['① ', '② ', '③ '],
    ['1️⃣ ', '2️⃣ ', '3️⃣ '],
    ['一、', '二、', '三、'],
    ['第一部分：', '第二部分：', '第三部分：'],
    ['(1) ', '(2) ', '(3) '],
  ].flatMap((marks): [string, string][] => [
    [`counted with ${marks[0]}`, below((heading, index) => `## ${marks[index]}${heading}`)],
    [`counted with ${marks[0]}in bold`, below((heading, index) => `**${marks[index]}${heading}**`)],
    [`counted with ${marks[0]}without a mark`, below((heading, index) => `${marks[index]}${heading}`)],
  ]),
)

/** Form of an answer → the answer: the text of each is kept whole, and none costs a request. */
const FORMS: Readonly<Record<string, string>> = {
  'as asked for': below((heading) => `## ${heading}`),
  'level 1': below((heading) => `# ${heading}`),
  'level 4': below((heading) => `#### ${heading}`),
  numbered: below((heading, index) => `## ${index + 1}. ${heading}`),
  'roman numbers': below((heading, index) => `## ${['I', 'II', 'III'][index]}. ${heading}`),
  'as sections': below((heading, index) => `## Section ${index + 1}: ${heading}`),
  bold: below((heading) => `**${heading}**`),
  'bold with a colon': below((heading) => `**${heading}:**`),
  'bold in a heading': below((heading) => `## **${heading}**`),
  underlined: below((heading) => `${heading}\n===========`, '\n'),
  'underlined with dashes': below((heading) => `${heading}\n-----------`, '\n'),
  'plain with a colon': below((heading) => `${heading}:`),
  capitals: below((heading) => `## ${heading.toUpperCase()}`),
  'with a sign': below((heading) => `## 🔍 ${heading}`),
  'closed heading': below((heading) => `## ${heading} ##`),
  'with a remark': below((heading) => `## ${heading} (3 items)`),
  'list of sections': each((heading, body) => `- **${heading}**\n${indented(body)}`),
  'HTML headings': below((heading) => `<h2>${heading}</h2>`),
  'HTML headings with attributes': below((heading) => `<h3 class="x">${heading}</h3>`),
  'in a block of code': `\`\`\`markdown\n${below((heading) => `## ${heading}`)}\n\`\`\``,
  quoted: below((heading) => `## ${heading}`).replace(/^/gm, '> '),
  'with words around': `Sure! Here they are:\n\n${below((heading) => `## ${heading}`)}\n\nLet me know if you need more.`,
  'Windows line ends': below((heading) => `## ${heading}`).replaceAll('\n', '\r\n'),
  'after a thought': `<think>\n## Limitations\nNone yet.\n</think>\n${below((heading) => `## ${heading}`)}`,
  'below a title': `## Report\n\n${below((heading) => `### ${heading}`)}`,
  'sections in a section': `## Limitations\n\n${BODIES[0]}\n\n### Confidence\n\n${BODIES[1]}\n\n### Next Checks\n\n${BODIES[2]}`,
  'after a template’s mark on its line': `<|begin_of_box|>${PLAIN}`,
  'after two marks on its line': `<unused95><|START_RESPONSE|>${PLAIN}`,
  'in a tag that begins on its line': `<answer>${PLAIN}</answer>`,
  'in a tag, its end on another line': `<response>${PLAIN}\n</response>`,
  'after a tag, in another language': `<output>${named(['局限性', '置信度', '下一步检查'])}`,
  'in a box of LaTeX': `\\boxed{${PLAIN}}`,
  'after words on its line': `Here is the analysis: ${PLAIN}`,
  'after bold words on its line': `**Final Answer:** ${PLAIN}`,
  'each after words on its line': PLAIN.replaceAll('\n\n## ', ' ## '),
  'in two languages, brackets': named([
    'Limitations（局限）',
    'Confidence (置信度)',
    'Next Checks（下一步检查）',
  ]),
  'in two languages, slash': named(['Limitations / 局限', 'Confidence / 置信度', 'Next Checks / 下一步检查']),
  'in two languages, English in brackets': named([
    'Einschränkungen (Limitations)',
    '置信度 (Confidence)',
    'Was als Nächstes zu prüfen ist (Next Checks)',
  ]),
  'in two languages, English after a slash': named([
    '局限 / Limitations',
    'Konfidenz / Confidence',
    'Was zu prüfen ist / Next Checks',
  ]),
  'with attributes': below((heading) => `## ${heading} {#${snake(heading)} .x}`),
  'longer words, the first too': named(['Limitations and Weak Points', 'Confidence', 'Next Checks']),
  ...COUNTERS,
  'list of labels': each((heading, body) => `- **${heading}:** ${body}`),
  'list of labels, colon behind': each((heading, body) => `* **${heading}**: ${body}`),
  'list of plain names': each((heading, body) => `* ${heading}\n${indented(body)}`),
  'HTML in bold': below((heading) => `<strong>${heading}</strong>`),
  'HTML in bold with text': each((heading, body) => `<b>${heading}:</b> ${body}`),
  'HTML to unfold': each(
    (heading, body) => `<details>\n<summary>${heading}</summary>\n\n${body}\n\n</details>`,
  ),
  'HTML to unfold, on one line': each(
    (heading, body) => `<details open><summary><b>${heading}</b></summary>\n${body}\n</details>`,
  ),
  'HTML on one line': each(
    (heading, body) => `<h2>${heading}</h2><p>${body.replaceAll('\n', ' ')}</p>`,
  ).replaceAll('\n', ''),
  LaTeX: below((heading) => `\\section{${heading}}`),
  'LaTeX without numbers': below((heading) => `\\subsection*{${heading}}`),
  JSON: JSON.stringify(members),
  'JSON with names in camel case': JSON.stringify(
    Object.fromEntries(HEADINGS.map((heading, index) => [camel(heading), BODIES[index]])),
  ),
  'JSON with single quotes': singleQuoted(members),
  'behind a tool’s tags': `<tool_call>\n<function=write>\n<parameter=content>\n${PLAIN}\n</parameter>\n</function>\n</tool_call>`,
  'with what is left of a tool’s tags': `${PLAIN}</parameter></invoke>`,
  'with a call of a tool': `${PLAIN}\n<tool_call>\n{"name": "search", "arguments": {}}\n</tool_call>`,
  'JSON with other names': JSON.stringify(
    Object.fromEntries(HEADINGS.map((heading, index) => [snake(heading), BODIES[index]])),
  ),
  'JSON in a block of code with words around': `Here it is:\n\`\`\`json\n${JSON.stringify({ sections: HEADINGS.map((title, index) => ({ title, content: BODIES[index] })) }, null, 1)}\n\`\`\`\nDone.`,
  'JSON with a comma too many': `${JSON.stringify(members).slice(0, -1)},}`,
  'JSON with line breaks in its strings': JSON.stringify(members).replaceAll('\\n', '\n'),
  YAML: each((heading, body) => `${heading}: |\n${indented(body)}`),
  'YAML with other names': each((heading, body) => `${snake(heading)}: |\n${indented(body)}`),
  'YAML in a block of code': `\`\`\`yaml\n${each((heading, body) => `${heading}: |\n${indented(body)}`)}\n\`\`\``,
  'XML tags': each((heading, body) => `<${snake(heading)}>\n${body}\n</${snake(heading)}>`),
  'XML tags on the line of the text': each(
    (heading, body) => `<${snake(heading)}>${body}</${snake(heading)}>`,
  ),
  'XML tags in camel case': each(
    (heading, body) => `<${heading.replace(' ', '')}>\n${body}\n</${heading.replace(' ', '')}>`,
  ),
  'XML with names': each((heading, body) => `<section name="${heading}">\n${body}\n</section>`),
  German: named(['Einschränkungen', 'Konfidenz', 'Nächste Prüfungen']),
  French: named(['Limites', 'Confiance', 'Prochaines vérifications']),
  Spanish: named(['Limitaciones', 'Confianza', 'Próximas comprobaciones']),
  Chinese: named(['局限性', '置信度', '下一步检查']),
  'other words': named(['Weaknesses', 'Confidence Assessment', 'Follow-up Checks']),
  'longer words': named(['Limitations of the Study', 'Confidence Levels', 'Next Steps']),
}

function words(text: string | undefined): string {
  return (text?.match(/[\p{L}\p{N}]+/gu) ?? []).join(' ')
}

function sectionsOf(answer: string): Map<string, string> {
  const text = wholeAnswer(unpackedAnswer(answer), headingsOf('limits_confidence'))
  return collectSections({ limits_confidence: text }).sections
}

describe('an answer in another form', () => {
  it.each(Object.entries(FORMS))('%s: text kept whole, no request', (_, answer) => {
    const sections = sectionsOf(answer)
    for (const [index, heading] of HEADINGS.entries())
      expect(words(sections.get(heading))).toBe(words(BODIES[index]))
    const asked = faultsOf(sections, UNJUDGED).map(({ heading }) => heading)
    expect(asked.filter((heading) => (HEADINGS as readonly string[]).includes(heading))).toEqual([])
  })

  it('one heading for two sections: the text stands in the first, the second says so', () => {
    const sections = sectionsOf(
      `## Limitations and Confidence\n\n${BODIES[0]}\n\n${BODIES[1]}\n\n## Next Checks\n\n${BODIES[2]}`,
    )
    expect(words(sections.get('Limitations'))).toBe(words(`${BODIES[0]} ${BODIES[1]}`))
    expect(sections.get('Confidence')).toContain('Limitations')
    expect(faultsOf(sections, UNJUDGED).map(({ heading }) => heading)).not.toContain('Confidence')
  })

  it('a section inside another writer’s answer is found', () => {
    const { sections, sources } = collectSections({
      open_questions: `## Open Questions the Paper Calls Out\n\n- One [p. 2].\n\n## Limitations\n\n${BODIES[0]}`,
    })
    expect(words(sections.get('Limitations'))).toBe(words(BODIES[0]))
    expect(sources.get('Limitations')).toBe('open_questions')
  })

  it('other words mean a section only where it was asked for', () => {
    const { sections } = collectSections({
      reproduction_notes:
        '## Method Summary\n\n1. Split the keys [p. 2].\n\n### Next Steps\n\n2. Route them.\n\n## Architecture Onboarding\n\n- **Components:** router [p. 2].',
    })
    expect(sections.has('Next Checks')).toBe(false)
    expect(sections.get('Method Summary')).toContain('Route them')
  })

  it('optional sections are known in each dress that the others are', () => {
    const dresses: ((heading: string) => string)[] = [
      (heading) => `## ${heading}（相关）`,
      (heading) => `## ${heading} / 相关`,
      (heading) => `## ${heading} {#x}`,
      (heading) => `## ${heading} and More`,
      (heading) => `## Mehr davon (${heading})`,
    ]
    for (const dress of dresses) {
      const { sections } = collectSections({
        open_questions: `${dress('Related Work')}\n\n- Two [p. 1].\n\n${dress('Open Questions the Paper Calls Out')}\n\n- One [p. 2].`,
        limits_confidence: ['Limitations', 'Does It Add Up?', 'Confidence', 'Next Checks', 'Corrections']
          .map((heading) => `${dress(heading)}\n\nText of it.`)
          .join('\n\n'),
      })
      expect([...sections.keys()]).toEqual([
        'Related Work',
        'Open Questions the Paper Calls Out',
        'Limitations',
        'Does It Add Up?',
        'Confidence',
        'Next Checks',
        'Corrections',
      ])
    }
  })

  it.each([
    'As said in ## Limitations below, one may ask more.',
    'A rule: ## marks a heading, # a comment.',
    'The prompt was: `## Limitations`.',
    '```\n<answer>## Limitations\n```',
    'The score of C# and F# is: # 3 of 4.',
    'The limits (see Confidence) are told / Next Checks follow.',
  ])('%j is no heading', (line) => {
    const text = `## Limitations\n\n${line}\n\n- One.`
    expect(unpackedAnswer(text)).toBe(text)
    expect(sectionsOf(text).get('Limitations')).toBe(`${line}\n\n- One.`)
  })

  it.each(ALL_HEADINGS)('%s is known by its name in camel case', (heading) => {
    expect(unpackedAnswer(JSON.stringify({ [camel(heading)]: 'Some text.' }))).toBe(
      `## ${heading}\n\nSome text.`,
    )
  })

  it('apostrophes inside of single quotes are text', () => {
    expect(
      unpackedAnswer(
        `{'limitations': 'The authors\\' set isn\\'t "new", it's old.', 'confidence': "It's high.",}`,
      ),
    ).toBe(`## Limitations\n\nThe authors' set isn't "new", it's old.\n\n## Confidence\n\nIt's high.`)
  })

  it.each([
    '- **Confidence:** high for one claim.\n- **Scope:** English only.',
    '- One tag is <tool_call>, another </parameter> and so on.',
    '```\n<tool_call>\n{"name": "x"}\n</tool_call>\n```',
    'The page has <h2>Confidence</h2> in it.',
    'They write \\section{Confidence} for it.',
    '- It writes <b>Confidence</b> in bold.',
  ])('%j is text of its section', (line) => {
    expect(sectionsOf(`## Limitations\n\n${line}\n\n- One.`).get('Limitations')).toBe(`${line}\n\n- One.`)
  })

  it('tags and keys that mean no section stay', () => {
    const text = '## Limitations\n\n- The token <eos> ends a text [p. 2].\nModel:\n  a router\n'
    expect(unpackedAnswer(text)).toBe(text)
  })
})
