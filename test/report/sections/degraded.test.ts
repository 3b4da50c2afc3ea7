import { describe, expect, it } from 'vitest'
import { faultOf, isVoid, problemOf } from '../../../src/report/sections/completeness.js'
import { collectSections } from '../../../src/report/sections/collect.js'
import { faultsOf, mainLanguage, UNJUDGED } from '../../../src/report/sections/section-faults.js'
import { ANSWERS } from '../answers.js'

/** What endpoints and models send in place of a section. */
const DEGRADED: readonly (readonly [string, string])[] = [
  ['an error as JSON', '{"error": {"message": "The server is overloaded", "code": 503}}'],
  ['an error as text', 'Error: upstream connect error or disconnect/reset before headers.'],
  ['a status line', '502 Bad Gateway'],
  ['a page of a proxy', '<html><body><h1>504 Gateway Time-out</h1></body></html>'],
  ['a stack trace', 'Traceback (most recent call last):\n  File "serve.py", line 3, in answer'],
  ['a rate limit', 'Rate limit exceeded. Try again in 20 seconds.'],
  ['a refusal', "I'm sorry, but I can't help with that request."],
  ['a refusal of a model', 'As an AI language model, I cannot judge how far this paper can be trusted.'],
  ['a refusal in German', 'Es tut mir leid, dabei kann ich nicht helfen.'],
  ['a refusal in French', 'Désolé, je ne peux pas répondre à cette demande.'],
  ['a refusal in Spanish', 'Lo siento, no puedo ayudar con esa solicitud.'],
  ['a refusal in Portuguese', 'Desculpe, mas não posso ajudar com isso.'],
  ['a refusal in Italian', 'Mi dispiace, non posso aiutarti con questa richiesta.'],
  ['a refusal in Russian', 'Извините, я не могу помочь с этим запросом.'],
  ['a refusal in Chinese', '抱歉，我无法完成这个请求。'],
  ['a refusal in Japanese', '申し訳ありませんが、そのリクエストにはお応えできません。'],
  ['a refusal in Korean', '죄송합니다. 그 요청은 도와드릴 수 없습니다.'],
  ['a question back', 'Please provide the full text of the paper so that I can write the section.'],
  [
    'parts left out',
    '- The first claim holds on both data sets [p. 3].\n- [remaining items omitted for brevity]',
  ],
  [
    'parts left out in round brackets',
    '1. Split the keys into blocks [p. 2].\n(the rest of the section continues as above)',
  ],
  [
    'the prompt itself',
    '3 to 6 list items: what the authors concede, then what the evaluation does not cover.',
  ],
  [
    'the end of the prompt',
    'Now write the three sections, from `## Limitations` to `## Next Checks`.\nUse exactly the headings asked for, each once.',
  ],
  ['a skeleton', '- **Components:**\n- **Data flow:**\n- **Critical path:** …\n- **Trade-offs:**'],
  ['marks alone', '[p. 3] [p. 4] [p. 5]\n[p. 6]'],
  ['marks alone as a list', '- [p. 3]\n- [p. 4, 5]\n- [Table 2]'],
  [
    'a broken sentence',
    'The gain holds on both sets [p. 4]. It is largest where the labels of the training set were',
  ],
  ['the same again', '- The gain holds on both sets.\n'.repeat(6)],
  [
    'thoughts',
    'Okay, so I need to write the limitations. Let me think about what the paper says. The user wants list items. I should check the last page first.',
  ],
  ['blanks of a template', 'The method reaches [insert value] on [insert data set].'],
]

/** What is true of papers about models, prompts, errors and formulas. */
const TRUE = [
  'The prompt ends with a slot {list} that takes the names of all tools [p. 4].',
  'The set {describe, explain, list} holds the verbs of all instructions [p. 3].',
  'The loss is the sum over {your} and {add} tokens, $L = \\sum_{i} w_{list} x_i$ [p. 3].',
  'Hyperparameters of the baselines were not provided by their authors [p. 6].',
  'No text was provided to the annotators besides the abstract, which lowers agreement to 0.61 [p. 5].',
  'The seeds are not provided, so the variance over runs cannot be told [p. 7].',
  'As a language model grows from 1B to 7B parameters, perplexity falls from 12.1 to 8.9 [p. 2].',
  'Sorry-Bench has 450 unsafe instructions in 44 classes [p. 2].',
  'Unfortunately, I/O takes 70% of the time, as the authors concede [p. 7].',
  'Error: 3.1% on the test set, against 4.0% for the baseline [p. 4].',
  'I cannot be told apart from J by this statistic, which is a limit of the test [p. 9].',
  'The proof of the second lemma is omitted for brevity and stands in the appendix [p. 11].',
  'A geometric prior bounds the halting policy (truncated at N), and sequences [truncated to 512 tokens] go in.',
  'Users who wrote "please provide the paper" got a refusal in 12% of all cases [p. 8].',
  'TBD is the time between detections; the median TBD is 4.1 s [p. 2].',
  'Rate limit aware scheduling sends 20 requests a minute, four fewer than allowed [p. 3].',
  'First, we need the bound of the last section; it follows from Lemma 2 [p. 6].',
  '- **Components:** router and block store [p. 2].\n- **Data flow:** query → router → blocks.\n- **Critical path:** the router [p. 3].',
  'Refusals such as "I\'m sorry, but I can\'t help" fall from 30% to 4% [p. 5].',
  'The paper states none.',
  'Keine Grenzen werden genannt; geprüft wurde nur auf Englisch [p. 6].',
]

describe('a degraded section', () => {
  it.each(DEGRADED)('%s is refused', (_, body) => {
    expect(problemOf(body)).not.toBeNull()
    expect(faultOf(body)?.reason).toMatch(/^\w/)
  })

  it.each(DEGRADED)('%s is refused below a heading too, with blank lines and spaces', (_, body) => {
    expect(problemOf(`\n${body}\n\n`)).not.toBeNull()
  })
})

describe('a true section', () => {
  it.each(TRUE)('passes: %s', (body) => {
    expect(faultOf(body)).toBeNull()
  })

  it('passes with all of them together', () => {
    expect(faultOf(TRUE.map((line) => (line.startsWith('-') ? line : `- ${line}`)).join('\n'))).toBeNull()
  })
})

describe('after a repair', () => {
  it.each([
    ['TODO', true],
    ['N/A', true],
    ['', true],
    ["I'm sorry, but I can't help with that request.", false],
    ['- The gain holds [p. 4].\n- [rest of the section omitted]', false],
  ])('%j says nothing at all: %j', (body, nothing) => {
    expect(isVoid(body)).toBe(nothing)
  })

  it('the better text stands, wherever it came from', () => {
    const broken = {
      ...ANSWERS,
      open_questions: '## Open Questions the Paper Calls Out\n[omitted for brevity]',
    }
    const repair =
      '## Open Questions the Paper Calls Out\n- It is open whether routing survives fine-tuning [p. 8].'
    const { sections, sources } = collectSections(broken, [repair])
    expect(sections.get('Open Questions the Paper Calls Out')).toContain('survives fine-tuning')
    expect(sources.get('Open Questions the Paper Calls Out')).toBe('repair')
    expect(faultsOf(sections, UNJUDGED)).toEqual([])
  })

  it('a writer is told what was wrong', () => {
    const { sections } = collectSections({
      ...ANSWERS,
      limits_confidence: '## Limitations\nRate limit exceeded.\n## Confidence\n- High [p. 6], by the curve.',
    })
    expect(faultsOf(sections, UNJUDGED)).toEqual([
      { heading: 'Limitations', problem: 'placeholder', reason: 'it was the message of an error' },
      { heading: 'Next Checks', problem: 'missing', reason: 'it was not there' },
    ])
  })

  it('a section in another language than the rest is one', () => {
    const german =
      'Die Autoren nennen keine Grenzen, und die Messung ist auf eine einzige Familie von Modellen beschränkt, die nicht mit anderen verglichen wird [p. 8].'
    const { sections } = collectSections({
      ...ANSWERS,
      limits_confidence: `## Limitations\n${german}\n## Confidence\n- High [p. 6], by the curve.\n## Next Checks\n- Run it with five seeds.`,
    })
    const language = mainLanguage(Object.values(ANSWERS))
    expect(language).toBe('en')
    expect(faultsOf(sections, { checker: null, language })).toMatchObject([
      { heading: 'Limitations', problem: 'placeholder' },
    ])
    expect(faultsOf(sections, { checker: null, language: 'de' }).map(({ heading }) => heading)).not.toContain(
      'Limitations',
    )
    expect(faultsOf(sections, UNJUDGED)).toEqual([])
  })
})
