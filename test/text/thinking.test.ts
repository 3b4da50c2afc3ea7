import { describe, expect, it } from 'vitest'
import { splitSections } from '../../src/report/answers/split.js'
import { withoutThinking } from '../../src/text/thinking.js'

const TEXT = '## Key Results\n\n- The accuracy is **91.2 %** [p. 4].\n- It holds on both sets.'
const THOUGHT =
  'Okay, the user wants the key outcome.\nCould it be 12 percent? No.\n\n## Key Results\n- draft'

const TAGS: [string, string][] = [
  ['<think>', '</think>'],
  ['<THINK>', '</THINK>'],
  ['<thinking>', '</thinking>'],
  ['<thought>', '</thought>'],
  ['<thoughts>', '</thoughts>'],
  ['<reasoning>', '</reasoning>'],
  ['<reflection>', '</reflection>'],
  ['<think time="3">', '</think >'],
  ['<seed:think>', '</seed:think>'],
  ['<thinking>', '</thinking>'],
  ['◁think▷', '◁/think▷'],
  ['[THINK]', '[/THINK]'],
  ['<|begin_of_thought|>', '<|end_of_thought|>'],
  ['<|START_THINKING|>', '<|END_THINKING|>'],
  ['<|think|>', '<|/think|>'],
  ['<|channel>thought', '<channel|>'],
]

describe.each(TAGS)('thinking between %s and %s', (open, close) => {
  it.each<[string, string]>([
    ['closed', `${open}\n${THOUGHT}\n${close}\n\n${TEXT}`],
    ['after blanks', `\uFEFF\n  ${open}${THOUGHT}${close}${TEXT}`],
    ['with Windows line ends', `${open}\r\n${THOUGHT}\r\n${close}\r\n\r\n${TEXT}`],
    ['only closed', `${THOUGHT}\n${close}\n\n${TEXT}`],
    ['only closed, glued', `${THOUGHT}${close}${TEXT}`],
    ['only closed, at the end of a line', `${THOUGHT} ${close}\n${TEXT}`],
    ['only closed, in a code block that it began', `${THOUGHT}\n\`\`\`python\nx = 1\n${close}\n${TEXT}`],
    ['empty', `${open}\n\n${close}\n\n${TEXT}`],
    ['twice', `${open}a${close}\n${open}b\nc${close}\n${TEXT}`],
    ['one in the other', `${open}a\n${open}b${close}\nmore\n${close}\n${TEXT}`],
  ])('is gone: %s', (_, given) => {
    expect(withoutThinking(given)).toBe(TEXT)
  })

  it('leaves nothing where it never ends', () => {
    expect(withoutThinking(`${open}\n${THOUGHT}\n${TEXT}`).trim()).toBe('')
    expect(withoutThinking(`\n${open}${THOUGHT}`).trim()).toBe('')
    expect(withoutThinking(`${THOUGHT}\n${close}\n`).trim()).toBe('')
  })

  it('is gone from the middle, and from the end where it never ends', () => {
    expect(withoutThinking(`First.\n${open}\nHmm.\n${close}\nSecond.`)).toBe('First.\nSecond.')
    expect(withoutThinking(`First.\n${open}\nHmm.`)).toBe('First.')
  })

  it('stays where it is only spoken of', () => {
    for (const text of [
      `The template puts reasoning between \`${open}\` and \`${close}\`, the answer behind.`,
      `The template puts reasoning between ${open} and ${close} tags.`,
      `The reward is given only if ${open} … ${close} comes first [p. 3].`,
      `Generation stops at "${close}" and the budget is spent.`,
      `## Method Summary\n\n\`\`\`\n${open}\nreasoning here\n${close}\nanswer here\n\`\`\`\n\nThat is the template.`,
      `- **Format**: \`${close}\` ends it\n- more`,
    ])
      expect(withoutThinking(text)).toBe(text)
  })
})

describe('channels', () => {
  it.each<[string, string]>([
    [
      'all of them',
      `<|channel|>analysis<|message|>${THOUGHT}<|end|><|start|>assistant<|channel|>final<|message|>${TEXT}<|return|>`,
    ],
    ['begun by the template', `${THOUGHT}<|end|><|start|>assistant<|channel|>final<|message|>${TEXT}`],
    [
      'with a commentary and a constraint',
      `<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>commentary<|message|>b<|end|><|start|>assistant<|channel|>final <|constrain|>text<|message|>${TEXT}<|end|>`,
    ],
    ['without their tokens', `analysisWe need to write the key results. Fine.assistantfinal${TEXT}`],
  ])('but the final one are gone: %s', (_, given) => {
    expect(withoutThinking(given)).toBe(TEXT)
  })

  it('leave nothing where the final one never came', () => {
    expect(withoutThinking(`<|channel|>analysis<|message|>${THOUGHT}`)).toBe('')
    expect(withoutThinking(`<|start|>assistant<|channel|>analysis<|message|>${THOUGHT}<|end|>`)).toBe('')
  })

  it('stay where they are only spoken of', () => {
    const text =
      'The format has `<|channel|>final<|message|>` before the answer.\n\nAnalysis of it is missing.'
    expect(withoutThinking(text)).toBe(text)
  })
})

it('leaves an answer as it was given', () => {
  for (const text of [
    TEXT,
    `  ${TEXT}\n\n`,
    TEXT.replaceAll('\n', '\r\n'),
    'Thinking Machines reports <b>bold</b> claims about <thing>.',
    'We think [think] that a < b and c > d.',
    'Analysis of variance: the assistant final score is 3.',
    '',
  ])
    expect(withoutThinking(text)).toBe(text)
})

describe.each([
  '<|im_end|>',
  '<|eot_id|>',
  '</s>',
  '<|endoftext|>',
  '<end_of_turn>',
  '<|end_of_box|>',
  '<|END_RESPONSE|>',
  '<｜end▁of▁sentence｜>',
  ...[
    '<|user|>',
    '<|USER|>',
    '<|eot|>',
    '<|EOT|>',
    '<|eom|>',
    '<|eos|>',
    '<|end|>',
    '<|observation|>',
    '<｜User｜>',
  ],
  ...[
    '<|im_user|>',
    '<|END_OF_TURN_TOKEN|>',
    '<eos>',
    '<end_of_utterance>',
    '<start_of_turn>',
    '[/INST]',
    '[INST]',
  ],
  ...['[end of text]', '[|endofturn|]', '[EOS]'],
])('the end mark %s', (mark) => {
  it.each([
    ['nothing', ''],
    [
      'a false turn',
      '\n<|im_start|>user\nNow the next paper.<|im_end|>\n<|im_start|>assistant\n## Key Results\n\nNone.',
    ],
    ['a role', 'user\nThanks!'],
    ['chatter', '\nI hope this helps.'],
    ['the answer again', `${TEXT}`],
    ['a thought', `\n<think>Is it right?</think>\n${TEXT}`],
  ])('ends the answer before %s', (_, behind) => {
    expect(withoutThinking(`${TEXT}${mark}${behind}`)).toBe(TEXT)
    expect(withoutThinking(`<think>\nHm.\n</think>\n${TEXT}\n${mark}${behind}`).trimEnd()).toBe(TEXT)
  })

  it('is gone from the end', () => {
    for (const end of [mark, ` ${mark}`, `\n${mark}\n`, `${mark}${mark}`, `\n\n${mark}\n\n${mark}`])
      expect(withoutThinking(TEXT + end)).toBe(TEXT)
    expect(withoutThinking(`${TEXT}\n- 8 blocks${mark}`)).toBe(`${TEXT}\n- 8 blocks`)
  })

  it('ends no answer that goes on with its next section', () => {
    const next = '## Confidence\n\nHigh.'
    expect(withoutThinking(`${TEXT}${mark}\n\n${next}${mark}`)).toBe(`${TEXT}${mark}\n\n${next}`)
    const sections = splitSections(`${TEXT}${mark}\n\n${next}\n${mark}\n`)
    expect([...sections.values()].join('\n')).not.toContain(mark)
    expect(sections.get('Confidence')).toBe('High.')
  })

  it('ends no answer that has not begun', () => {
    expect(withoutThinking(`Sure.${mark}\n${TEXT}`)).toContain(TEXT)
    expect(withoutThinking(`${mark}\n${TEXT}`)).toContain(TEXT)
  })

  it('stays where it is only spoken of', () => {
    for (const text of [
      `${TEXT}\n- Each turn ends with \`${mark}\`.\n- More.`,
      `${TEXT}\n- The mark ${mark} ends a turn.\n- More.`,
      `${TEXT}\n- Marks: ${mark}, and others.\n- More.`,
      `${TEXT}\n\n\`\`\`\nHello.${mark}\nWorld\n\`\`\`\n\nMore.`,
      `${TEXT}\n\n| mark | text |\n| --- | --- |\n| ${mark} | end |\n\nMore.`,
      `${TEXT}\n1. ${mark} User turns follow.\n2. More.`,
      `${TEXT}\n- **${mark}**: the end of a turn.\n- More.`,
      `${TEXT}\n- "${mark}" and (${mark}) are two.\n- More.`,
      `${TEXT}\n\n${mark} Marks the end.\n\n## Confidence\n\nHigh.`,
      `${TEXT}\n- Each turn ends with \`${mark}\``,
      `${TEXT}\n- Each turn ends with ${mark}`,
      `${TEXT}\n- Each turn ends with ${mark}.`,
    ]) {
      expect(withoutThinking(text)).toBe(text)
      expect([...splitSections(text).values()].join('\n').split(mark)).toHaveLength(text.split(mark).length)
    }
  })
})

describe('a thought that begins behind the text and never ends', () => {
  it.each(['\n<think>\n', '\n<think>', '<think>', ' <think>\n', '\n\n<thinking>'])('is gone: %j', (open) => {
    expect(withoutThinking(`${TEXT}${open}Let me check that.\n## Key Results\nMore?`).trimEnd()).toBe(TEXT)
  })

  it.each([
    '- It writes <think> Then it answers.',
    '<think> is a tag of its own.',
    'It ends. `<think>` Begins.',
  ])('is not meant: %s', (line) => expect(withoutThinking(`${TEXT}\n\n${line}`)).toBe(`${TEXT}\n\n${line}`))
})

it('takes end tokens off the end and leaves them inside', () => {
  expect(withoutThinking(`${TEXT}<|im_end|>\n<|endoftext|>\n`)).toBe(TEXT)
  expect(withoutThinking('The token <|im_end|> ends a turn.')).toBe('The token <|im_end|> ends a turn.')
  expect(withoutThinking(`${TEXT}\n<|a_token_of_tomorrow|>`)).toBe(TEXT)
})

it('reads a megabyte of tags in less than a second', () => {
  const begin = performance.now()
  withoutThinking('a <think> b\n'.repeat(100_000))
  withoutThinking(`${'x\n'.repeat(300_000)}</think> y`)
  expect(performance.now() - begin).toBeLessThan(5000)
})
