import { describe, expect, it } from 'vitest'
import { pagesOf, stream } from '../support/bad-pdfs.js'
import { lines, makePdf, wrap } from '../support/pdf.js'
import { readPdf } from '../support/read-pdf.js'

const SENTENCE =
  'A lease bounds the time for which a crash of one worker blocks a job for all of the others. '
const ROWS = wrap(SENTENCE.repeat(6), 60)

interface Look {
  /** Font size as it stands in the file. */
  size: number
  /** The first four numbers of the text matrix. */
  matrix: string
  /** Where the first line begins, and how far it is to the next. */
  from: readonly [number, number]
  step: readonly [number, number]
  /** Operators before the text. */
  before?: string
}

function page({ size, matrix, from, step, before = '' }: Look): { items: []; under: string } {
  const rows = ROWS.map((row, i) => {
    const at = `${from[0] + i * step[0]} ${from[1] + i * step[1]}`
    return `BT /F1 ${size} Tf ${matrix} ${at} Tm (${row}) Tj ET`
  })
  return { items: [], under: `q ${before}\n${rows.join('\n')} Q` }
}

const UPRIGHT: Look = { size: 10, matrix: '1 0 0 1', from: [72, 700], step: [0, -12] }

/** Letters drawn as boxes; the font turns them over, and so does the text matrix. */
function bitmapFont(rows: readonly string[], unit = 0.001, size = 10): Buffer {
  const codes = [...new Set(rows.join(''))].map((c) => c.charCodeAt(0)).sort((a, b) => a - b)
  const nameOf = (code: number): string =>
    ({ 32: '/space', 46: '/period' })[code] ?? `/${String.fromCharCode(code)}`
  const font =
    `<< /Type /Font /Subtype /Type3 /FontBBox [0 0 600 700] /FontMatrix [${unit} 0 0 ${-unit} 0 0] /FirstChar 0 /LastChar 127 ` +
    `/Widths [${'600 '.repeat(128)}] /Encoding << /Differences [${codes.map((c) => `${c} ${nameOf(c)}`).join(' ')}] >> ` +
    `/CharProcs << ${codes.map((c) => `${nameOf(c)} ${c === 32 ? 6 : 5} 0 R`).join(' ')} >> >>`
  const text = rows
    .map((row, i) => `BT /F ${size} Tf 1 0 0 -1 72 ${700 - 12 * i} Tm (${row}) Tj ET`)
    .join('\n')
  const box = stream('600 0 0 0 500 600 d1 0 0 500 600 re f')
  return pagesOf(stream(text), 1, font, [box, stream('600 0 0 0 0 0 d1')])
}

describe('text that is turned', () => {
  it.each<[string, Look]>([
    ['a negative size and a matrix that sets it upright', { ...UPRIGHT, size: -10, matrix: '-1 0 0 -1' }],
    [
      'a negative size alone, which sets it on its head',
      { ...UPRIGHT, size: -10, from: [540, 92], step: [0, 12] },
    ],
    [
      'a page on its head, and text on its head in it',
      { ...UPRIGHT, matrix: '1 0 0 -1', from: [72, 92], step: [0, 12], before: '1 0 0 -1 0 792 cm' },
    ],
    ['the mirror image of a page, left for right', { ...UPRIGHT, before: '-1 0 0 1 612 0 cm' }],
    ['the mirror image of a page, upside down', { ...UPRIGHT, before: '1 0 0 -1 0 792 cm' }],
    ['a negative scale, which writes to the left', { ...UPRIGHT, from: [540, 700], before: '-100 Tz' }],
    ['a negative scale that is turned back', { ...UPRIGHT, matrix: '-1 0 0 1', before: '-100 Tz' }],
    [
      'a negative scale and size',
      { ...UPRIGHT, size: -10, matrix: '1 0 0 -1', from: [72, 700], before: '-100 Tz' },
    ],
    ['a quarter turn', { ...UPRIGHT, matrix: '0 1 -1 0', from: [72, 100], step: [12, 0] }],
    [
      'a quarter turn by a negative size',
      { ...UPRIGHT, size: -10, matrix: '0 -1 1 0', from: [72, 100], step: [12, 0] },
    ],
    ['size 1, the points in the matrix', { ...UPRIGHT, size: -1, matrix: '-10 0 0 -10' }],
  ])('reads as if it were upright: %s', async (_name, look) => {
    const [plain, turned] = await Promise.all(
      [UPRIGHT, look].map(async (l) => readPdf(makePdf([page(l), page(l)]))),
    )
    expect(turned!.text).toContain(SENTENCE.trim())
    expect(turned!.text).toBe(plain!.text)
    expect(turned!.front).toBe(plain!.front)
  })

  it.each([90, 180, 270])('reads a page that readers turn by %d degrees', async (rotate) => {
    const items = lines(ROWS, { x: 72, y: 700 })
    const plain = await readPdf(makePdf([{ items }]))
    expect((await readPdf(makePdf([{ items, rotate }]))).text).toBe(plain.text)
    expect(plain.text).toContain(SENTENCE.trim())
  })

  it('reads bitmap letters with a mirrored matrix of their own from the top of the page', async () => {
    const { text } = await readPdf(bitmapFont(ROWS))
    expect(text).toContain(SENTENCE.trim())
  })

  it('reads bitmap letters that are named a tenth of a point and made large by a matrix of their own', async () => {
    const { text } = await readPdf(bitmapFont(ROWS, 0.1, 0.1))
    expect(text).toContain(SENTENCE.trim())
  })

  it('leaves a mirrored line beside upright text out, as any that is turned against it', async () => {
    const mirrored = 'q -1 0 0 1 612 0 cm BT /F1 10 Tf 72 300 Td (seen from behind) Tj ET Q'
    const { text } = await readPdf(makePdf([{ items: lines(ROWS, { x: 72, y: 700 }), under: mirrored }]))
    expect(text).toContain(SENTENCE.trim())
    expect(text).not.toMatch(/seen|nees/)
  })
})
