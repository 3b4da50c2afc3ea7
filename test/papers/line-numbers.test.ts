import { describe, expect, it } from 'vitest'
import { lines, makePdf, wrap, type TextItem } from '../support/pdf.js'
import { readPdf } from '../support/read-pdf.js'

const SENTENCE =
  'We study leases for shared work queues and show that a fencing token keeps a stalled worker from writing twice, and ' +
  'that in {n} experiments the median delay of a takeover was three hundred milliseconds. '
const NAMES = [
  'twelve',
  'ten',
  'eleven',
  'nine',
  'eight',
  'seven',
  'six',
  'five',
  'four',
  'three',
  'two',
  'twenty',
]
const prose = (from: number): string =>
  [0, 1, 2, 3, 4, 5].map((i) => SENTENCE.replace('{n}', NAMES[(from + i) % 12]!)).join('')

interface Column {
  x: number
  width: number
  y?: number
  leading?: number
}

const column = (from: number, { x, width, y = 720, leading = 14 }: Column): TextItem[] =>
  lines(wrap(prose(from) + prose(from + 6), Math.floor(width / 6)), { x, y, leading })

/** A number at the height of each `every`th line. */
function numbers(items: readonly TextItem[], x: number, start = 1, every = 1, size = 6): TextItem[] {
  return items
    .map((item, i) => ({ ...item, x, size, text: String(start + i) }))
    .filter((_, i) => (start + i) % every === 0)
    .map((item) => ({ ...item, x: x - 0.6 * size * item.text.length }))
}

const ONE: Column = { x: 90, width: 430 }
const LEFT: Column = { x: 60, width: 230, leading: 10 }
const RIGHT: Column = { x: 330, width: 230, leading: 10 }
const textOf = async (...pages: TextItem[][]): Promise<string> =>
  (await readPdf(makePdf(pages))).text.replace(/\[p\. \d+\]\s*/g, '')

describe('line numbers in the margin', () => {
  it.each<[string, (items: TextItem[], page: number) => TextItem[]]>([
    ['beginning anew on each page', (items) => numbers(items, 75)],
    ['running on', (items, page) => numbers(items, 75, 1 + page * items.length)],
    ['close to the text', (items) => numbers(items, 83)],
    ['in the size of the text', (items) => numbers(items, 75, 1, 1, 10)],
    ['at the right', (items) => numbers(items, 560)],
    ['at every fifth line', (items) => numbers(items, 75, 1, 5)],
    [
      'of three digits',
      (items) => numbers(items, 75).map((n) => ({ ...n, x: 60, text: n.text.padStart(3, '0') })),
    ],
    ['at both sides', (items) => [...numbers(items, 75), ...numbers(items, 570)]],
  ])('do not stand in the sentences: %s', async (_name, numbersOf) => {
    const pages = [0, 1, 2].map((i) => column(i, ONE))
    const found = await textOf(...pages.map((items, i) => [...items, ...numbersOf(items, i)]))
    expect(found).toBe(await textOf(...pages))
    expect(found).toContain('a stalled worker from writing twice, and that in twelve experiments')
  })

  it.each<[string, number, number]>([
    ['left of both columns', 48, 318],
    ['outside of both columns', 48, 590],
  ])('of a page in two columns do not either: %s', async (_name, first, second) => {
    const pages = [0, 1].map((i) => [column(i, LEFT), column(i + 3, RIGHT)] as const)
    const found = await textOf(
      ...pages.map(([l, r]) => [...l, ...r, ...numbers(l, first), ...numbers(r, second, 1 + l.length)]),
    )
    expect(found).toBe(await textOf(...pages.map(([l, r]) => [...l, ...r])))
  })

  it('of a last page with two lines go as well', async () => {
    const pages = [column(0, ONE), column(1, ONE), column(2, ONE).slice(0, 2)]
    const found = await textOf(...pages.map((items) => [...items, ...numbers(items, 75)]))
    expect(found).toBe(await textOf(...pages))
  })

  it('that run on over the pages go where most pages behind them have none, those of a title page too', async () => {
    const sheet = [
      { x: 150, y: 620, size: 17, font: 'bold', text: 'Leases of sleeping workers' } as const,
      { x: 250, y: 560, text: 'Ada Author' },
    ]
    const pages = [0, 1, 2, 3].map((i) => column(i, ONE))
    const behind = [4, 5, 6, 7, 8, 9].map((i) => column(i, ONE))
    const first = (i: number): number => 3 + pages.slice(0, i).reduce((n, items) => n + items.length, 0)
    const numbered = pages.map((items, i) => [...items, ...numbers(items, 75, first(i))])
    const paper = await readPdf(makePdf([[...sheet, ...numbers(sheet, 75)], ...numbered, ...behind]))
    expect(paper.title).toBe('Leases of sleeping workers')
    expect(paper.authors).toEqual(['Ada Author'])
    expect(paper.text).toBe((await readPdf(makePdf([sheet, ...pages, ...behind]))).text)
  })
})

describe('numbers that stay', () => {
  const kept = (text: string, of: number): number =>
    Array.from({ length: of }, (_, i) => i + 1).filter((n) => new RegExp(`(^|[\\s|])${n}[\\s|:]`).test(text))
      .length

  it('those of a list in the text', async () => {
    const items = Array.from({ length: 12 }, (_, i) => `Lease number ${NAMES[i]!} of the list of all leases`)
    const list = items.flatMap((text, i) => [
      { x: 90, y: 420 - 14 * i, text: String(i + 1) },
      { x: 110, y: 420 - 14 * i, text },
    ])
    const page = column(0, ONE).slice(0, 16)
    expect(kept(await textOf([...page, ...list]), 12)).toBe(12)
    expect(kept(await textOf(list), 12)).toBe(12)
  })

  it('those of the rows of a table on a page by itself', async () => {
    const table = Array.from({ length: 20 }, (_, i) => [
      { x: 90, y: 700 - 14 * i, text: String(i + 1) },
      { x: 120, y: 700 - 14 * i, text: 'worker of the queue' },
      { x: 300, y: 700 - 14 * i, text: '12.5' },
      { x: 400, y: 700 - 14 * i, text: '0.3' },
    ]).flat()
    expect(kept(await textOf(table), 20)).toBe(20)
  })

  it('those of an algorithm and of equations', async () => {
    const steps = Array.from({ length: 8 }, (_, i) => [
      { x: 92, y: 400 - 12 * i, text: String(i + 1), size: 7 },
      { x: 106, y: 400 - 12 * i, text: 'if the lease is over then take the job' },
    ]).flat()
    const equations = [1, 2, 3, 4, 5].map((n) => ({ x: 500, y: 280 - 24 * n, text: `(${n})` }))
    const formulas = equations.map((item) => ({ ...item, x: 200, text: 'x = y + z' }))
    const pages = [0, 1].map((i) => [...column(i, ONE).slice(0, 18), ...steps, ...equations, ...formulas])
    const text = await textOf(...pages)
    expect(kept(text, 8)).toBe(8)
    for (const n of [1, 2, 3, 4, 5]) expect(text).toContain(`(${n})`)
  })

  it('years and counts that stand below one another in the text', async () => {
    const items = lines(['1990', '1991', '1992', '1993', '1994', '1995'], { x: 90, y: 400 })
    expect(await textOf([...column(0, ONE).slice(0, 18), ...items])).toMatch(/1990[\s|>]+1991/)
  })
})
