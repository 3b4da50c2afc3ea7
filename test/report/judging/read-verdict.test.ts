import { describe, expect, it } from 'vitest'
import { CRITERIA, readVerdict } from '../../../src/report/judging/read-verdict.js'

const A = [8, 7, 9, 6, 5, 4, 3]
const B = [7, 8, 5, 6.5, 10, 0, 2]

const EXPECTED = {
  scores: Object.fromEntries(CRITERIA.map((name, n) => [name, { A: A[n], B: B[n] }])),
  preferred: 'B',
  certainty: 0.6,
}

const lines = (line: (name: string, a: number | undefined, b: number | undefined) => string): string =>
  CRITERIA.map((name, n) => line(name, A[n], B[n])).join('\n')
const END = 'preferred: B\ncertainty: 0.6\nwhy: A has 3 wrong numbers, B none.'

const DRESSES: Record<string, string> = {
  'lines as asked': `${lines((name, a, b) => `${name}: A ${a}, B ${b}`)}\n${END}`,
  'bold, in a list': `Here is my verdict.\n\n${lines((name, a, b) => `- **${name}:** A **${a}**, B **${b}**`)}\n\n**Preferred:** B\n**Certainty:** 0.6\n**Why:** it is.`,
  'a fence, of ten': `\`\`\`text\n${lines((name, a, b) => `${name} = A=${a}/10; B=${b}/10`)}\npreferred = B\ncertainty = 60%\n\`\`\``,
  'B first': `${lines((name, a, b) => `${name}: B ${b}, A ${a}`)}\n${END}`,
  'a table': `| criterion | A | B |\n|---|---|---|\n${lines((name, a, b) => `| ${name} | ${a} | ${b} |`)}\n\n${END}`,
  'a table with names and remarks': `| Criterion (0-10) | Report A | Report B | Remark |\n|---|:-:|:-:|---|\n${lines((name, a, b) => `| **${name.toUpperCase()}** | ${a}/10 | ${b}/10 | page 4 says 12 |`)}\n\nPreferred: Report B (certainty: 6/10)`,
  'a table with B first': `| | B | A |\n|---|---|---|\n${lines((name, a, b) => `| ${name} | ${b} | ${a} |`)}\n${END}`,
  'one report after the other': `### Report A\n${lines((name, a) => `- ${name}: ${a}`)}\n\n### Report B\n${lines((name, _, b) => `- ${name}: ${b}`)}\n\n${END}`,
  'a list below each': `${lines((name, a, b) => `${name}\n  - Report A: ${a} out of 10\n  - Report B: ${b} out of 10`)}\n${END}`,
  JSON: JSON.stringify({
    ...Object.fromEntries(CRITERIA.map((name, n) => [name, { A: A[n], B: B[n] }])),
    preferred: 'B',
    certainty: 0.6,
    why: 'it is',
  }),
  'JSON by report': JSON.stringify(
    {
      A: Object.fromEntries(CRITERIA.map((name, n) => [name, A[n]])),
      B: Object.fromEntries(CRITERIA.map((name, n) => [name, B[n]])),
      preferred: 'report_b',
      certainty: '60%',
    },
    null,
    2,
  ),
  'a draft before it': `accuracy: A 1, B 1\npreferred: A\ncertainty: 0.9\n\nOn second thought:\n${lines((name, a, b) => `${name}: A ${a}, B ${b}`)}\n${END}`,
  'a thought before it': `<think>accuracy: A 1, B 2. I prefer A.</think>\n${lines((name, a, b) => `${name}: A ${a}, B ${b}`)}\n${END}`,
  'a sentence at the end': `${lines((name, a, b) => `${name}: A ${a} vs B ${b}`)}\nCertainty: 0.6\nReport B is better.`,
}

describe('a verdict', () => {
  it.each(Object.entries(DRESSES))('is read from %s', (_, answer) => {
    expect(readVerdict(answer)).toMatchObject(EXPECTED)
  })

  it('says why, on one line', () => {
    expect(readVerdict(DRESSES['lines as asked']!).why).toBe('A has 3 wrong numbers, B none.')
    expect(readVerdict(DRESSES['JSON by report']!).why).toBeNull()
  })

  it('may be that they are alike, and may lack a criterion or a certainty', () => {
    expect(readVerdict('accuracy: A 8, B 8\ndensity: A 5\npreferred: neither A nor B')).toEqual({
      scores: { accuracy: { A: 8, B: 8 } },
      preferred: 'tie',
      certainty: null,
      why: null,
    })
  })

  it.each([
    ['nothing', ''],
    ['a refusal', "I'm sorry, I cannot compare these."],
    ['no preference', lines((name, a, b) => `${name}: A ${a}, B ${b}`)],
    ['no score', 'preferred: A\ncertainty: 0.9'],
    ['scores of one', `${lines((name, a) => `${name}: A ${a}`)}\npreferred: A`],
    ['a score beyond ten', 'accuracy: A 85, B 70\npreferred: A'],
  ])('that has %s is none', (_, answer) => {
    expect(() => readVerdict(answer)).toThrow(expect.objectContaining({ code: 'judgement_unreadable' }))
  })
})
