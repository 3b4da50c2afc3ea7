import { describe, expect, it } from 'vitest'
import { lines, makePdf, type TextItem } from '../support/pdf.js'
import { readPdf } from '../support/read-pdf.js'

const ROWS = [
  'orkers that sleep keep their leases, so that machines which wake af-',
  'ter an hour find their jobs where they left them, and nobody takes',
  'them while they rest. A scheduler that forgets is worse than one that',
  'asks again, because what was done twice cannot be undone any more.',
]

/** A large initial over the first rows, which are indented beside it; it stands on the lowest of them. */
function dropped(size: number, beside: number, x: number, y: number): TextItem[] {
  const leading = 11
  const room = 0.6 * size + 2
  return [
    { x, y: y - (beside - 1) * leading, size, text: 'W' },
    ...lines(ROWS.slice(0, beside), { x: x + room, y, size: 9, leading }),
    ...lines(ROWS.slice(beside), { x, y: y - beside * leading, size: 9, leading }),
  ]
}

describe('a large initial', () => {
  it.each([
    [22, 2],
    [34, 3],
  ])('of %i pt leaves its line above those beside it', async (size, beside) => {
    const paper = await readPdf(
      makePdf([
        [
          { x: 72, y: 740, size: 17, font: 'bold', text: 'Leases of sleeping workers' },
          { x: 72, y: 715, size: 10, text: 'Ada Author' },
          { x: 72, y: 680, size: 12, font: 'bold', text: '1 Introduction' },
          ...dropped(size, beside, 72, 660),
        ],
      ]),
    )
    expect(paper.sections[0]!.text).toContain('Workers that sleep keep')
    expect(paper.sections[0]!.text).toContain('wake after an hour find')
  })

  it('begins an abstract that has no heading', async () => {
    const paper = await readPdf(
      makePdf([
        [
          { x: 72, y: 740, size: 17, font: 'bold', text: 'Leases of sleeping workers' },
          { x: 72, y: 715, size: 10, text: 'Ada Author' },
          ...dropped(22, 2, 72, 680),
          { x: 72, y: 600, size: 12, font: 'bold', text: '1 Introduction' },
          ...lines([...ROWS, ...ROWS, ...ROWS], { x: 72, y: 580, size: 10, leading: 12 }),
        ],
      ]),
    )
    expect(paper.abstract).toMatch(/^Workers that sleep keep their leases.*undone any more\.$/u)
  })
})
