import { describe, expect, it } from 'vitest'
import { isWholeAnswer } from '../../../src/report/sections/ends-whole.js'

const OWED = ['Limitations', 'Confidence', 'Next Checks']
const ANSWER =
  '## Limitations\n\n- Only one model family was tried, on one data set [p. 8].\n- No seeds were varied in any of the runs [p. 5].\n\n' +
  '## Confidence\n\nHigh for the main claim: two seeds agree within 0.3 points [p. 5].\n\n' +
  '## Next Checks\n\n1. Run the router with 8 blocks and compare with 97.1% [p. 5].\n2. Vary the seed five times and report the spread.'
const unclosed = ANSWER.replace(/(?:\.| \[p\. \d\]\.?)$/gm, '')
const sections = { Limitations: 'Only one model family was tried.', Confidence: 'High, by two seeds.' }

describe('an answer is whole', () => {
  it.each<[string, string, string[]]>([
    ['as it was asked for', ANSWER, OWED],
    ['with its end in bold', ANSWER.replace(/the spread\.$/, '**the spread.**'), OWED],
    ['whose items have no full stops', unclosed, OWED],
    ['with a table at its end', `${ANSWER}\n\n| a | b |\n|---|---|\n| 1 | 2 |`, OWED],
    ['with code at its end', `${ANSWER}\n\n\`\`\`sh\nnode run.js\n\`\`\``, OWED],
    ['in JSON', JSON.stringify(sections), OWED.slice(0, 2)],
    ['in other words', ANSWER.replace('## Limitations', '## Einschränkungen'), OWED],
    ['without a section that may be missing', ANSWER, [...OWED, 'Corrections']],
    [
      'of one section without its heading',
      'Only one model family was tried, on one set [p. 8].',
      ['Limitations'],
    ],
    ['without sections', 'accuracy: A 8, B 6\npreferred: A\ncertainty: 0.8', []],
    ['of one word', 'A', []],
  ])('%s', (_, text, owed) => expect(isWholeAnswer(text, owed)).toBe(true))
})

describe('an answer is not whole', () => {
  it.each<[string, string, string[]]>([
    ['without its last section', ANSWER.slice(0, ANSWER.indexOf('## Next')), OWED],
    ['with a heading and nothing below', ANSWER.slice(0, ANSWER.indexOf('1. Run')), OWED],
    ['that ends in a sentence', ANSWER.slice(0, -12), OWED],
    ['that ends in a word', ANSWER.slice(0, -3), OWED],
    ['that ends in the first words of an item', ANSWER.slice(0, ANSWER.indexOf(' five times')), OWED],
    ['that ends with the number of an item', ANSWER.slice(0, ANSWER.indexOf(' Vary')), OWED],
    ['that ends in code', `${ANSWER}\n\n\`\`\`sh\nnode run.js`, OWED],
    ['that announces something', `${ANSWER} These are the values:`, OWED],
    ['in JSON that is not closed', JSON.stringify(sections).slice(0, -10), OWED.slice(0, 2)],
    ['without sections', 'The first report is better because it says more about the', []],
  ])('%s', (_, text, owed) => expect(isWholeAnswer(text, owed)).toBe(false))
})
