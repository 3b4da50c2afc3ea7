import { describe, expect, it } from 'vitest'
import { plainText } from '../../src/text/plain-text.js'
import { fromWindows1252 } from '../../src/text/windows-1252.js'

const TEXT =
  '## Key Results\n\n- The accuracy is **91.2 %** – “as expected” [p. 4].\n- It doesn’t hold for α ≤ 0.5 × β.\n\n## Confidence\n\nHigh for the naïve case.'
const ASCII = TEXT.replace(/[^\n -~]+/g, 'x')

const misread = (text: string): string => fromWindows1252(Buffer.from(text))
const byteLevel = (text: string): string =>
  [...Buffer.from(text)]
    .map((byte) => {
      const odd = [...Array(256).keys()].filter((n) => n <= 32 || (n >= 127 && n <= 160) || n === 173)
      return String.fromCharCode(odd.includes(byte) ? 0x100 + odd.indexOf(byte) : byte)
    })
    .join('')
const byNumber = (text: string, which: RegExp): string =>
  text.replace(which, (signs) =>
    [...Buffer.from(signs)].map((byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`).join(''),
  )

describe('a text that was half read', () => {
  it.each<[string, string]>([
    ['as it is meant', TEXT],
    ['in tokens of GPT-2', byteLevel(TEXT)],
    ['in tokens of GPT-2, but for its letters', TEXT.replaceAll(' ', 'Ġ').replaceAll('\n', 'Ċ')],
    ['in tokens of GPT-2, but for its line breaks', TEXT.replaceAll(' ', 'Ġ')],
    ['in tokens of GPT-2, only its line breaks', TEXT.replaceAll('\n', 'Ċ')],
    ['in tokens of SentencePiece', `▁${TEXT.replaceAll(' ', '▁')}`],
    ['in tokens of SentencePiece, with bytes', byNumber(`▁${TEXT.replaceAll(' ', '▁')}`, /\n|[^ -~▁\n]+/g)],
    ['with bytes for line breaks', byNumber(TEXT, /\n/g)],
    ['with bytes in a word', byNumber(TEXT, /(?<=n)’|ï/g)],
    ['as Windows-1252', misread(TEXT)],
    ['as Windows-1252, twice', misread(misread(TEXT))],
    ['as Latin-1', Buffer.from(TEXT).toString('latin1')],
    ['as Windows-1252, without signs that it lacks', misread(TEXT).replace(/\u009d/g, '')],
    ['as Windows-1252, in parts', misread(TEXT).replace('Î²', 'β')],
    ['as Windows-1252, but for its quotes', TEXT.replace(/[–’×αβï≤]/g, misread)],
  ])('is read: %s', (_, text) => expect(plainText(text)).toBe(TEXT))

  it.each([
    'Ð¢ÐµÑ\u0081Ñ‚ Ð½Ð° Ñ€ÑƒÑ\u0081Ñ\u0081ÐºÐ¾Ð¼.',
    'ä½\u00a0å¥½',
    'It holds ðŸ˜€.',
    'Itâ€™s so.',
    'Stra\u00c3\u0178e',
    'about 5 Âµm at 20 Â°C',
  ])('%s is read, too', (text) => expect(plainText(text)).not.toMatch(/[ÐÑäåðâÂÃ]/))
})

describe('a text that speaks of it stays', () => {
  it.each([
    `${ASCII}\n\nThe tokenizer writes \`Ġ\` for a blank and \`Ċ\` for a line break, and ▁ is SentencePiece's.`,
    `${ASCII}\n\nTokens as Ġthe, Ġof and Ċ are the commonest [p. 3].`,
    `${ASCII}\n\nA byte that is in no token is written as <0x0A>, or é as <0xC3><0xA9> in two.`,
    `${ASCII}\n\n- Bytes: \`<0x0A><0x0A>\`, \`â€™\` and \`Ã©\`.`,
    `${ASCII}\n\nAn apostrophe that was read wrongly ("â€™") is mended.`,
    `${ASCII}\n\nLe «CAFÉ» et le “CAFÉ”: à « part ».`,
    'Ġorġ Ċensu works at Ħaż-Żebbuġ.',
    'Growth: ▁▂▃▄▅▆▇ over time.',
    'The grade is Ã… or A.',
    'naïve café – “so” … €5',
    'ÂÃÎ',
    '',
  ])('%j', (text) => expect(plainText(text)).toBe(text))
})

it('half of a pair of code units becomes what UTF-8 makes of it', () => {
  expect(plainText('A \ud83d smile')).toBe('A \ufffd smile')
})

it('reads a megabyte in less than a second', () => {
  const begin = performance.now()
  plainText(misread('Itâ€™s “so” – '.repeat(40_000)))
  plainText('Ġa<0x0A>'.repeat(100_000))
  expect(performance.now() - begin).toBeLessThan(5000)
})
