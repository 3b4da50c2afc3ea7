import { describe, expect, it } from 'vitest'
import { lines, makePdf, type TextItem } from '../support/pdf.js'
import { readPdf } from '../support/read-pdf.js'

const PROSE = [
  'We study leases for shared work queues and show that a fencing token',
  'keeps a stalled worker from writing twice. In twelve experiments the',
  'delay of a takeover was 310 milliseconds, and no update was lost.',
]
const CODE = [
  'def claim(db, paper):',
  '    lease = db.lease(paper)      # one row',
  '    if lease.free:',
  '        return lease.take(1,  2)',
  '',
  '    # nobody waits',
  '    return None',
]
const LISTING = CODE.filter((line) => line !== '')
  .map((line) => `> ${line}`)
  .join('\n')

function pageWith(code: readonly TextItem[], font: TextItem['font'] = 'serif'): Buffer {
  return makePdf([
    [...lines(PROSE, { x: 60, y: 740, font }), ...code, ...lines(PROSE, { x: 60, y: 580, font })],
  ])
}

/** Without leading spaces: moved instead, as TeX does. */
function moved(items: readonly TextItem[]): TextItem[] {
  return items.map((item) => {
    const text = item.text.trimStart()
    return { ...item, text, x: item.x + 0.6 * item.size! * (item.text.length - text.length) }
  })
}

describe('listings', () => {
  it.each([10, 8])('keep their lines, indents and spaces at %s points', async (size) => {
    const code = lines(CODE, { x: 60, y: 690, size }).filter((item) => item.text !== '')
    expect((await readPdf(pageWith(code))).text).toContain(`\n\n${LISTING}\n\n`)
    expect((await readPdf(pageWith(moved(code)))).text).toContain(`\n\n${LISTING}\n\n`)
  })

  it('are none where the whole paper is set in letters of one width', async () => {
    const { text } = await readPdf(pageWith(lines(CODE, { x: 60, y: 690, size: 10 }), 'regular'))
    expect(text).not.toMatch(/^> /m)
  })

  it('are neither an address nor a single line, which the text goes on with', async () => {
    const items = [
      { x: 60, y: 690, text: 'https://example.org/a/very/long/address/', size: 10 },
      { x: 60, y: 678, text: 'that/goes/on.html', size: 10 },
      { x: 60, y: 640, text: 'npm install leases', size: 10 },
    ]
    const { text } = await readPdf(pageWith(items))
    expect(text).toContain('https://example.org/a/very/long/address/that/goes/on.html')
    expect(text).not.toMatch(/^> /m)
  })
})
