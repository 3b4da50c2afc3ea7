import { describe, expect, it } from 'vitest'
import { headingsOf } from '../../../src/report/answers/headings.js'
import type { NoAnswer } from '../../../src/report/sections/no-answer.js'
import { noAnswerIn } from '../../../src/report/sections/no-answer.js'
import { ANSWERS } from '../answers.js'

const SEVERAL = headingsOf('why_hypotheses')
/** Of which one alone must be there. */
const ONE = headingsOf('open_questions')

const INSTEAD: [NoAnswer, string][] = [
  ['refusal', "I'm sorry, but I can't assist with that request."],
  ['refusal', 'As an AI language model, I cannot judge how far this paper can be trusted.'],
  ['refusal', 'Es tut mir leid, dabei kann ich nicht helfen.'],
  ['refusal', '抱歉，我无法完成这个请求。'],
  ['limit', 'You have reached your daily message limit. Please upgrade to Pro or try again tomorrow.'],
  ['limit', 'Sorry, you have been rate limited. Please try again later.'],
  ['limit', "You've hit your limit for free messages. Upgrade to continue."],
  ['limit', 'Rate limit exceeded. Try again in 20 seconds.'],
  ['error', '{"error":{"message":"Internal server error","type":"server_error","code":500}}'],
  ['error', 'Error: upstream connect error or disconnect/reset before headers.'],
  ['error', '<html><body><h1>504 Gateway Time-out</h1></body></html>'],
  ['chatter', 'Hello! How can I help you today?'],
  ['chatter', 'Please provide the paper you would like me to analyze.'],
  ['chatter', 'Sure! Could you paste the text of the paper, please?'],
  ['chatter', '!'.repeat(800)],
  ['chatter', 'The method works. '.repeat(3000)],
]

const LONG =
  'The method routes each query to a few blocks of keys, and the authors show on three data sets that this costs next to nothing in accuracy while it halves the time of a pass through the whole network, which they put down to locality of attention.'

const REAL: [string, string, readonly string[]][] = [
  ...Object.entries(ANSWERS).map(([writer, text]): [string, string, readonly string[]] => [
    writer,
    text,
    headingsOf(writer as keyof typeof ANSWERS),
  ]),
  ['a single section without its heading', 'The paper states none.', ONE],
  ['nothing to say of a single section', 'None.', ONE],
  ['text without headings', LONG, SEVERAL],
  ['text that names a page', 'The method is fast [p. 3].', SEVERAL],
  ['a heading in bold', '**Why This Works**\nLocality.\n**Foundational Learning**\nAttention.', SEVERAL],
  ['a heading in another language', '## Mechanismus\nLokalität.', SEVERAL],
  ['a refusal below a heading', "## Foundational Learning\nI'm sorry, but I can't assist.", SEVERAL],
  ['JSON', '{"Why This Works (Mechanism)": "Locality.", "Foundational Learning": "Attention."}', SEVERAL],
  ['whatever is no section', 'Hello! How can I help you today?', []],
  ['one that regrets before it writes', `I'm sorry for the brevity. ${LONG} ${LONG} ${LONG}`, SEVERAL],
  [
    'text about limits',
    'The question is open whether an agent that has reached its rate limit should wait or ask another model.',
    ONE,
  ],
]

describe('what stands in the place of an answer', () => {
  it.each(INSTEAD)('%s: %j', (kind, text) => {
    expect(noAnswerIn(text, SEVERAL)).toBe(kind)
    expect(noAnswerIn(text, ONE)).toBe(kind)
  })
})

it.each(REAL)('an answer is one: %s', (_, text, owed) => {
  expect(noAnswerIn(text, owed)).toBeNull()
})
