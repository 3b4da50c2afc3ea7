import { describe, expect, it } from 'vitest'
import { lines, makePdf, type TextItem } from '../support/pdf.js'
import { readPdf } from '../support/read-pdf.js'

const PROSE = [
  'We study leases for shared work queues and show that a fencing token',
  'keeps a stalled worker from writing twice. In twelve experiments the',
  'delay of a takeover was 310 milliseconds, and no update was lost.',
  'Our proof covers crashes, pauses and clock jumps of any finite length.',
]
const WORDS = PROSE.join(' ')

function pageOf(texts: readonly string[], more: Partial<TextItem>, shown?: (line: string) => string): Buffer {
  const items = lines(texts, { x: 40, y: 740, size: 8, leading: 12, ...more })
  return makePdf([items.map((item) => (shown === undefined ? item : { ...item, shown: shown(item.text) }))])
}

async function read(pdf: Buffer): Promise<string> {
  const { text } = await readPdf(pdf)
  return text
    .replace(/\[p\. \d+\]/g, '')
    .replace(/\s+/g, ' ')
    .trim()
}

/** A line as TeX sets it: no space characters, words moved apart by thousandths of an em. */
const apart =
  (gap: number) =>
  (line: string): string =>
    `[${line
      .split(' ')
      .map((word) => `(${word})`)
      .join(` -${gap} `)}] TJ`

/** Each letter on its own, moved apart; the space is a wider move. */
const lettersApart =
  (gap: number, space: number) =>
  (line: string): string =>
    `[${[...line].map((c) => (c === ' ' ? `-${space}` : `(${c}) -${gap}`)).join(' ')}] TJ`

describe('words that stand close', () => {
  it.each([
    ['sans', -1.9],
    ['serif', -1.4],
  ] as const)('are parted where spaces are typed and narrowed, in %s', async (font, wordSpacing) => {
    expect(await read(pageOf(PROSE, { font, wordSpacing }))).toBe(WORDS)
  })

  it.each([
    ['sans', 130],
    ['serif', 130],
    ['regular', 110],
  ] as const)('are parted where nothing but a small move parts them, in %s', async (font, gap) => {
    expect(await read(pageOf(PROSE, { font }, apart(gap)))).toBe(WORDS)
  })

  it('leave numbers whole whose digits are set with room', async () => {
    const texts = [
      'The share of leases rose by 25.4% to 2,000 in twelve hours,',
      'of which none was written twice by a stalled worker.',
    ]
    const roomy = (line: string): string => {
      const pieces = line.split(/( |(?<=\d[.,]?)(?=\d))/).filter((piece) => piece !== '')
      return `[${pieces.map((piece) => (piece === ' ' ? '-130' : `(${piece}) -100`)).join(' ')}] TJ`
    }
    expect(await read(pageOf(texts, { font: 'serif' }, roomy))).toBe(texts.join(' '))
  })

  it('are parted on a page that is turned', async () => {
    const items = PROSE.map((text, i) => ({ x: 100 + 12 * i, y: 60, text, size: 8, turn: 1 as const }))
    const turned = items.map((item) => ({ ...item, font: 'serif' as const, shown: apart(130)(item.text) }))
    expect(await read(makePdf([turned]))).toBe(WORDS)
  })

  it('stay words where letters are only kerned, and signs where formulas stand close', async () => {
    const kerned = (line: string): string => `[${[...line].map((c) => `(${c})`).join(' -70 ')}] TJ`
    const loose = (line: string): string => `[${[...line].map((c) => `(${c})`).join(' -120 ')}] TJ`
    const items = [
      ...lines(PROSE, { x: 40, y: 740, size: 8, font: 'sans' as const }),
      { x: 40, y: 600, size: 8, text: '', font: 'sans' as const, shown: kerned('representation') },
      { x: 40, y: 500, size: 8, text: '', font: 'sans' as const, shown: loose('f=[]+{}/<>') },
    ]
    const text = await read(makePdf([items]))
    expect(text).toContain('representation')
    expect(text).toContain('f=[]+{}/<>')
  })
})

describe('letters that are spread', () => {
  it.each([
    ['sans', 2],
    ['sans', 4],
    ['serif', 3],
    ['regular', 2],
  ] as const)('are words where each is %s and tracked by %s points', async (font, letterSpacing) => {
    expect(
      await read(
        pageOf(
          PROSE.map((l) => l.slice(0, 50).replace(/ \S*$/, '')),
          { font, letterSpacing },
        ),
      ),
    ).toBe(PROSE.map((l) => l.slice(0, 50).replace(/ \S*$/, '')).join(' '))
  })

  it.each(['sans', 'serif', 'regular'] as const)(
    'are words without space characters, in %s',
    async (font) => {
      expect(await read(pageOf(PROSE, { font, size: 7 }, lettersApart(220, 520)))).toBe(WORDS)
    },
  )

  it('are a heading where one is tracked', async () => {
    const items: TextItem[] = [
      { x: 40, y: 740, size: 12, font: 'sans', letterSpacing: 5, text: '1 INTRODUCTION' },
      ...lines(PROSE, { x: 40, y: 715, font: 'sans' }),
      { x: 40, y: 640, size: 12, font: 'sans', letterSpacing: 5, text: '2 RELATED WORK' },
      ...lines(PROSE, { x: 40, y: 615, font: 'sans' }),
    ]
    const { sections } = await readPdf(makePdf([items]))
    expect(sections.map(({ title }) => title)).toEqual(['INTRODUCTION', 'RELATED WORK'])
  })

  it('stay letters where they name rows, variables and cells', async () => {
    const rows = ['A B C D E F G H', 'x y z u v w', '1 2 3 4 5 6 7 8 9', 'p q r = s t', 'a b c a b c']
    const items = [
      ...lines(PROSE, { x: 40, y: 740, font: 'sans' as const }),
      ...lines(rows, { x: 40, y: 600, font: 'sans' as const, leading: 40 }),
    ]
    const text = await read(makePdf([items]))
    for (const row of rows) expect(text).toContain(row)
  })

  it('stay cells in a table', async () => {
    const columns = ['model', 'size', 'score'].map((text, i) => ({ x: 40 + 60 * i, y: 560, text, size: 8 }))
    const cells = ['a', 'b', 'c'].map((text, i) => ({ x: 40 + 60 * i, y: 550, text, size: 8 }))
    const items = [...lines(PROSE, { x: 40, y: 740 }), ...columns, ...cells]
    expect(await read(makePdf([items]))).toContain('model size score a b c')
  })
})
