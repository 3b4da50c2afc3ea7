import { describe, expect, it } from 'vitest'
import { splitSections } from '../../../src/report/answers/split.js'

const PLAIN =
  '## Limitations\n\nOnly English was tried.\n\n## Confidence\n\n- High for the main claim.\n\n## Next Checks\n\n1. Run it.'

function entries(markdown: string, owed: string[] = []): [string, string][] {
  return [...splitSections(markdown, owed)]
}

describe('splitSections', () => {
  it('reads a plain answer in its order', () => {
    expect(entries(PLAIN)).toEqual([
      ['Limitations', 'Only English was tried.'],
      ['Confidence', '- High for the main claim.'],
      ['Next Checks', '1. Run it.'],
    ])
  })

  it.each([
    ['CRLF and a byte order mark', `\uFEFF${PLAIN.replace(/\n/g, '\r\n')}`],
    ['a fence around it', `\`\`\`markdown\n${PLAIN}\n\`\`\``],
    [
      'a fence with chatter on both sides',
      `Sure! Here is it:\n\n\`\`\`md\n${PLAIN}\n\`\`\`\n\nLet me know if you need more.`,
    ],
    ['a fence never closed', `\`\`\`markdown\n${PLAIN}`],
    ['leading chatter', `Certainly, here are the sections you asked for.\n\n${PLAIN}`],
    ['a thinking block', `<think>\n## Limitations\nhm, draft\n</think>\n\n${PLAIN}`],
    [
      'a thinking block that the chat template opened',
      `Let me draft.\n## Limitations\ndraft\n</think>\n${PLAIN}`,
    ],
    ['level 1', PLAIN.replace(/^## /gm, '# ')],
    ['level 4', PLAIN.replace(/^## /gm, '#### ')],
    ['no blank after the marks', PLAIN.replace(/^## /gm, '##')],
    ['closing marks', PLAIN.replace(/^(## .+)$/gm, '$1 ##')],
    ['bold headings', PLAIN.replace(/^## (.+)$/gm, '**$1**')],
    ['bold headings with a colon', PLAIN.replace(/^## (.+)$/gm, '**$1:**')],
    ['bold within a heading', PLAIN.replace(/^## (.+)$/gm, '## **$1**')],
    ['a remark in brackets', PLAIN.replace(/^(## .+)$/gm, '$1 (3 items)')],
    ['numbers', PLAIN.replace(/^## /gm, '## 3. ')],
    ['bold numbers', PLAIN.replace(/^## (.+)$/gm, '**2. $1**')],
    ['list marks, as in the prompt', PLAIN.replace(/^## /gm, '- ## ')],
    ['plain lines with a colon', PLAIN.replace(/^## (.+)$/gm, '$1:')],
    ['underlined headings', PLAIN.replace(/^## (.+)$/gm, '$1\n-----------')],
    ['upper case and other punctuation', PLAIN.replace(/^## (.+)$/gm, (line) => `${line.toUpperCase()}:`)],
    ['rules between the sections', PLAIN.replace(/\n\n## /g, '\n\n---\n\n## ')],
    ['end tokens and wrapper tags', `<answer>\n${PLAIN}\n</answer>\n<|im_end|>`],
    ['a closing offer', `${PLAIN}\n\n---\n\nI hope this helps!`],
    ['singular headings', PLAIN.replace('Limitations', 'Limitation').replace('Next Checks', 'Next check')],
  ])('reads through %s', (_, answer) => {
    expect(entries(answer)).toEqual(entries(PLAIN))
  })

  it('knows headings by their short forms and puts other spellings under the report’s own', () => {
    const found = splitSections('## Why this works\na\n## Open questions\nb\n## core contribution\nc')
    expect([...found.keys()]).toEqual([
      'Why This Works (Mechanism)',
      'Open Questions the Paper Calls Out',
      'Core Contribution',
    ])
  })

  it('takes a longer heading for the one owed that it begins with, if that does not stand by itself', () => {
    const owed = ['Limitations', 'Confidence']
    expect(
      entries(
        '## Limitations and Future Work (brief)\na\n### Confidence intervals\nb\n## Confidence\nc',
        owed,
      ),
    ).toEqual([
      ['Limitations', 'a\n### Confidence intervals\nb'],
      ['Confidence', 'c'],
    ])
    expect(entries('## Key Results\na\n### Limitations of prior work\nb', ['Key Results'])).toEqual([
      ['Key Results', 'a\n### Limitations of prior work\nb'],
    ])
  })

  it('keeps unknown headings inside their section, one level down', () => {
    const found = splitSections('# Report\n## Limitations\na\n## Data\nb\n# Scale #\nc')
    expect(found.size).toBe(1)
    expect(found.get('Limitations')).toBe('a\n### Data\nb\n### Scale\nc')
    expect(splitSections('## Limitations\n## Data\nb').get('Limitations')).toBe('### Data\nb')
  })

  it('leaves code alone: a comment is no heading, a fence inside stays', () => {
    const body = 'Run:\n\n```bash\n# Limitations\npython x.py\n```\n\nthen look.'
    expect(
      splitSections(`## Method Summary\n${body}\n## Limitations\nnone known to us`).get('Method Summary'),
    ).toBe(body)
    const wrapped = splitSections(`\`\`\`markdown\n## Method Summary\n${body}\n## Limitations\nx\n\`\`\``)
    expect(wrapped.get('Method Summary')).toBe(body)
    expect(wrapped.get('Limitations')).toBe('x')
  })

  it('does not let a fence that is never closed swallow the next section', () => {
    expect(
      splitSections('## Method Summary\n```python\nx = 1\n\n## Limitations\nsmall data').get('Limitations'),
    ).toBe('small data')
  })

  it('takes a bold label for text where the same heading stands with marks', () => {
    const answer = '## Confidence\n\n**Limitations**\n\nof the score\n\n## Limitations\n\nEnglish only'
    expect(entries(answer)).toEqual([
      ['Confidence', '**Limitations**\n\nof the score'],
      ['Limitations', 'English only'],
    ])
  })

  it('reads text behind a heading on its line', () => {
    expect(entries('**Limitations:** Only English.\n\n**Confidence:** High, says p. 3.')).toEqual([
      ['Limitations', 'Only English.'],
      ['Confidence', 'High, says p. 3.'],
    ])
    expect(entries('## Core Contribution: A faster sort.')).toEqual([['Core Contribution', 'A faster sort.']])
  })

  it('keeps a mention of thinking tags in a sentence', () => {
    const body = 'The model writes `<think>` and `</think>` around its steps [p. 3].\nSo it is trained.'
    expect(splitSections(`## Method Summary\n${body}`).get('Method Summary')).toBe(body)
  })

  it('drops thinking that never ended', () => {
    expect(entries('<think>\nI will write\n## Limitations\n')).toEqual([])
  })

  it('joins a section that comes twice', () => {
    expect(entries('## Limitations\na\n## Confidence\nb\n## Limitations\nc')).toEqual([
      ['Limitations', 'a\n\nc'],
      ['Confidence', 'b'],
    ])
  })

  it('takes an answer without headings for the one section owed, else for nothing', () => {
    const owed = ['Open Questions the Paper Calls Out']
    expect(entries('1. Does it scale?\n2. Why?', owed)).toEqual([[owed[0], '1. Does it scale?\n2. Why?']])
    expect(entries('1. Does it scale?', ['Limitations', 'Confidence'])).toEqual([])
    expect(entries('')).toEqual([])
  })

  it('gives an empty body where nothing follows the heading', () => {
    expect(entries('## Limitations\n\n## Confidence\nHigh')).toEqual([
      ['Limitations', ''],
      ['Confidence', 'High'],
    ])
  })

  it('stays linear on long hostile input', () => {
    const hostile = `${'*'.repeat(40_000)}\n${'# '.repeat(20_000)}\n${'```x\n'.repeat(20_000)}\`\`\`${' '.repeat(40_000)}\`\n# ${' '.repeat(40_000)}a\n${'_'.repeat(40_000)}a`
    expect(splitSections(`## Limitations\n${hostile}`).has('Limitations')).toBe(true)
  })
})

describe('a code block that is never closed', () => {
  const OWED = ['Limitations', 'Confidence', 'Next Checks']
  it.each(['```python', '```', '~~~'])(
    'takes no section with it, though a later block has an end: %s',
    (open) => {
      const answer = `## Limitations\n\nA.\n\n${open}\nx = 1\n\n## Confidence\n\nHigh.\n\n${open}\ny = 2\n${open.slice(0, 3)}\n\n## Next Checks\n\n1. Run.`
      expect(entries(answer, OWED)).toEqual([
        ['Limitations', `A.\n\n${open}\nx = 1`],
        ['Confidence', `High.\n\n${open}\ny = 2\n${open.slice(0, 3)}`],
        ['Next Checks', '1. Run.'],
      ])
    },
  )

  it('is not meant where the heading in it stands outside too', () => {
    const code = '```markdown\n## Confidence\n```'
    const answer = `## Limitations\n\nThe prompt is:\n\n${code}\n\n## Confidence\n\nHigh.`
    expect(entries(answer, OWED)).toEqual([
      ['Limitations', `The prompt is:\n\n${code}`],
      ['Confidence', 'High.'],
    ])
  })
})
