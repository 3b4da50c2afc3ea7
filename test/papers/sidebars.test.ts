import { expect, it } from 'vitest'
import { lines, makePdf, type TextItem } from '../support/pdf.js'
import { readPdf } from '../support/read-pdf.js'

const LEFT = 54
const RIGHT = 318
/** Lines whose words run on over their ends. */
const rows = (word: string, n: number, of: number): string[] =>
  Array.from({ length: n }, () =>
    `${word} sleeps and wakes and works and sleeps again`.padEnd(of, '-').slice(0, of),
  )

it('reads an abstract that is wider than a column left of its keywords', async () => {
  const small = (x: number, y: number, text: string): TextItem => ({ x, y, size: 7, text })
  const column = (x: number): TextItem[] => lines(rows('worker', 40, 44), { x, y: 500, size: 9, leading: 11 })
  const paper = await readPdf(
    makePdf([
      [
        { x: LEFT, y: 740, size: 17, font: 'bold', text: 'Leases of sleeping workers' },
        { x: LEFT, y: 715, size: 10, text: 'Ada Author' },
        small(LEFT, 660, 'ABSTRACT'),
        small(440, 660, 'KEYWORDS'),
        ...lines(
          [
            'A lease that sleeps is worse than a worker that sleeps, as nobody looks for what is still',
            'held. We measure how long it takes until somebody wakes either of them, in a queue of our',
            'own that has been in use for as long as there have been workers who sleep in it, and what',
            'is lost until then. Much less is lost than was thought before.',
          ],
          { x: LEFT, y: 650, size: 7, leading: 9 },
        ),
        small(440, 650, 'leases, sleep, dreams of'),
        small(440, 641, 'workers'),
        small(440, 623, 'accepted on 3 May 2011'),
        { x: LEFT, y: 520, size: 12, font: 'bold', text: '1 Introduction' },
        ...column(LEFT),
        ...column(RIGHT),
      ],
    ]),
  )
  expect(paper.abstract).toMatch(
    /^A lease that sleeps is worse .* still held\. We measure .* thought before\.$/u,
  )
  expect(paper.keywords).toEqual(['leases', 'sleep', 'dreams of workers'])
  expect(paper.text).not.toContain('accepted on')
})
