import { readFileSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { lines, makePdf, pdfOfObjects, wrap, type PdfPage, type TextItem } from '../support/pdf.js'
import { readPdf } from '../support/read-pdf.js'

const FILLER =
  'Every worker keeps a lease on its job and renews it while the job lasts so that another worker may take the job ' +
  'over once the lease has run out and nobody has to ask whether the first worker is still alive or merely asleep '

/** A paragraph of text with n lines of 40 characters at 9 pt, the width of one column. */
function columnText(marker: string, n: number): string[] {
  return wrap(`${marker} ${FILLER.repeat(12)}`, 44).slice(0, n)
}

function column(texts: readonly string[], side: 'left' | 'right', top = 680): TextItem[] {
  return lines(texts, { x: side === 'left' ? 54 : 320, y: top, size: 9.5, leading: 11.5 })
}

const flat = (text: string): string => text.replace(/\s+/g, ' ')

describe('reading order', () => {
  it('reads the left column before the right one, below what runs across', async () => {
    const right = columnText('GAMMA', 40)
    const left = columnText('ALPHA', 40)
    // Row by row in the file: geometry alone can bring the order back.
    const rows = left.flatMap((text, i) => [
      ...column([text], 'left', 680 - i * 11.5),
      ...column([right[i]!], 'right', 680 - i * 11.5),
    ])
    const title = {
      x: 120,
      y: 740,
      size: 16,
      text: 'A title across both of the columns',
      font: 'bold',
    } as const
    const { text, title: found } = await readPdf(makePdf([[title, ...rows]]))
    expect(found).toBe('A title across both of the columns')
    expect(flat(text)).toContain(flat(left.join(' ')))
    expect(flat(text)).toContain(flat(right.join(' ')))
    expect(text.indexOf('ALPHA')).toBeLessThan(text.indexOf('GAMMA'))
  })

  it('goes on with a paragraph over the page and marks the page inside it', async () => {
    const first = columnText('ALPHA', 50)
    const second = ['continues here on the next page and ends.']
    const { text } = await readPdf(makePdf([column(first, 'left', 720), column(second, 'left', 720)]))
    expect(text).toContain(`${first.at(-1)!} [p. 2] continues here on the next page`)
    expect(text.match(/\[p\. \d+\]/g)).toEqual(['[p. 1]', '[p. 2]'])
  })

  it('leaves rotated text out, and reads pages that lie on their side', async () => {
    const body = lines(columnText('ALPHA', 20), { x: 100, y: 700, size: 9.5 })
    const stamp = { x: 30, y: 200, size: 20, turn: 1, text: 'arXiv:2401.01234v1 [cs.DC] 2 Jan 2024' }
    const { text, arxivStamp } = await readPdf(makePdf([[stamp, ...body]]))
    expect(text).toContain('ALPHA')
    expect(text).not.toContain('arXiv')
    expect(arxivStamp).toBe('2401.01234v1')
    const turned = body.map((item, i) => ({ ...item, turn: 1, x: 100 + i * 12, y: 60 }))
    expect(flat((await readPdf(makePdf([turned]))).text)).toContain(flat(columnText('ALPHA', 20).join(' ')))
  })
})

describe('the stamp of arXiv', () => {
  const stampOf = async (...items: TextItem[]): Promise<string | null> => {
    const body = lines(columnText('ALPHA', 20), { x: 100, y: 700, size: 9.5 })
    return (await readPdf(makePdf([[...items, ...body]]))).arxivStamp
  }
  const margin = (text: string): TextItem => ({ x: 30, y: 200, size: 14, turn: 1, text })

  it('is read where it stands along the margin, old ids too', async () => {
    expect(await stampOf(margin('arXiv:1706.03762v5 [cs.CL] 6 Dec 2017'))).toBe('1706.03762v5')
    expect(await stampOf(margin('arXiv:math.GT/0309136v1  8 Sep 2003'))).toBe('math/0309136v1')
  })

  it('is no citation, upright or turned, none of two, and none whose month there is not', async () => {
    expect(await stampOf({ x: 72, y: 740, text: 'arXiv:1706.03762v5 [cs.CL] 6 Dec 2017' })).toBeNull()
    expect(await stampOf(margin('as in arXiv:1706.03762'))).toBeNull()
    expect(await stampOf(margin('arXiv:1799.12345v1 [cs.CL] 6 Dec 2017'))).toBeNull()
    const second = { ...margin('arXiv:1512.03385v1 [cs.CV] 10 Dec 2015'), x: 580 }
    expect(await stampOf(margin('arXiv:1706.03762v5 [cs.CL] 6 Dec 2017'), second)).toBeNull()
    expect(await stampOf()).toBeNull()
  })
})

describe('cleaning', () => {
  it('joins words broken at line ends and keeps real hyphens', async () => {
    const texts = [
      'The state-of-the-art system and its informa-',
      'tion about a well-known cross-entropy loss is',
      'state-of-the-',
      'art by any measure, and the cross-',
      'entropy falls as the num-',
      'ber of steps grows in each experi-',
      'ment that we ran.',
    ]
    const { text } = await readPdf(makePdf([lines(texts, { x: 72, y: 700 })]))
    expect(flat(text)).toContain('its information about')
    expect(flat(text)).toContain(
      'is state-of-the-art by any measure, and the cross-entropy falls as the number of',
    )
    expect(flat(text)).toContain('each experiment that')
  })

  it('drops running heads and page numbers, and keeps what looks like them in the text', async () => {
    const page = (n: number): TextItem[] => [
      { x: 72, y: 760, size: 8, text: n % 2 === 0 ? `${n} A. Author and B. Author` : `A short title ${n}` },
      ...lines(
        columnText('', 45).map((line, i) => `${'abcdef'[n - 1]!.repeat(i + 1)} ${line} PAGE${n}`),
        { x: 72, y: 720, size: 9.5 },
      ),
      { x: 300, y: 40, size: 9, text: String(n) },
    ]
    const { text } = await readPdf(makePdf([1, 2, 3, 4, 5, 6].map(page)))
    expect(text).not.toContain('A. Author')
    expect(text).not.toContain('A short title')
    expect(text).not.toMatch(/^\d$/m)
    for (const n of [1, 2, 3, 4, 5, 6]) expect(text).toContain(`PAGE${n}`)
  })

  it('prints bold made by printing twice only once', async () => {
    const twice = (text: string, y: number): TextItem[] => [
      { x: 72, y, text },
      { x: 72.4, y, text },
    ]
    const { text } = await readPdf(
      makePdf([[...lines(columnText('x', 9), { x: 72, y: 700 }), ...twice('Printed twice for weight', 500)]]),
    )
    expect(text.match(/Printed/g)).toHaveLength(1)
    expect(text).not.toContain('PPrr')
  })

  it('leaves out and counts text that nobody can see', async () => {
    const shown = lines(columnText('SHOWN', 12), { x: 72, y: 700 })
    const hidden: TextItem[] = [
      { x: 72, y: 400, text: 'white words', color: [1, 1, 1] },
      { x: 72, y: 380, text: 'mode three', mode: 3 },
      { x: 72, y: 360, text: 'tiny words', size: 1.9 },
      { x: 700, y: 340, text: 'beside it' },
    ]
    const paper = await readPdf(makePdf([[...shown, ...hidden]]))
    expect(paper.text).not.toMatch(/white|three|tiny|beside/)
    expect(paper.hiddenCharacters).toBe(36)
    expect(paper.hiddenText).toMatch(/white words.*mode three.*tiny words.*beside it/s)
  })

  it('takes for hidden what is nearly white, outlined in white, or white on a box that is painted over', async () => {
    const page: PdfPage = {
      under: '0.1 0.1 0.4 rg 60 390 300 30 re f 1 g 50 380 320 50 re f',
      items: [
        ...lines(columnText('SHOWN', 12), { x: 72, y: 700 }),
        { x: 72, y: 400, text: 'painted over', color: [1, 1, 1] },
        { x: 72, y: 360, text: 'pale', color: [0.96, 0.96, 0.95] },
      ],
    }
    const outlined = '1 0 0 1 72 330 Tm 1 G 0 g 1 Tr /F1 10 Tf (outline) Tj'
    const paper = await readPdf(makePdf([{ ...page, under: `${page.under} BT ${outlined} ET` }]))
    expect(paper.text).not.toMatch(/painted over|pale|outline/)
    expect(paper.hiddenCharacters).toBe(22)
  })

  it('knows what lies behind white words that are drawn as parts of a form', async () => {
    const text =
      'BT /F1 10 Tf 1 g 1 0 0 1 72 300 Tm (white on white) Tj 1 0 0 1 72 200 Tm (white on blue) Tj ET'
    const box = '0.1 0.1 0.4 rg 60 190 300 30 re f'
    const stream = (content: string, keys = ''): string =>
      `<< ${keys} /Length ${content.length} >>\nstream\n${content}\nendstream`
    const shown = columnText('SHOWN', 12).map(
      (t, i) => `BT /F1 10 Tf 1 0 0 1 72 ${700 - 12 * i} Tm (${t}) Tj ET`,
    )
    const form = '/Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources << /Font << /F1 4 0 R >> >>'
    const bytes = pdfOfObjects([
      '<< /Type /Catalog /Pages 2 0 R >>',
      '<< /Type /Pages /Count 1 /Kids [3 0 R] >>',
      '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 5 0 R /Resources << /Font << /F1 4 0 R >> /XObject << /X 6 0 R >> >> >>',
      '<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>',
      stream(`${shown.join('\n')} q 0.8 0 0 0.8 100 100 cm /X Do Q`),
      stream(`${box} ${text}`, form),
    ])
    const paper = await readPdf(bytes)
    expect(paper.text).toContain('white on blue')
    expect(paper.hiddenText).toBe('white on white')
    expect(paper.hiddenCharacters).toBe(12)
  })

  it('keeps white words on a dark box', async () => {
    const page: PdfPage = {
      under: '0.1 0.1 0.4 rg 60 390 300 30 re f',
      items: [
        ...lines(columnText('SHOWN', 12), { x: 72, y: 700 }),
        { x: 72, y: 400, text: 'Head of a dark table row', color: [1, 1, 1] },
      ],
    }
    const paper = await readPdf(makePdf([page]))
    expect(paper.text).toContain('Head of a dark table row')
    expect(paper.hiddenCharacters).toBe(0)
  })
})

describe('structure', () => {
  const heading = (text: string, y: number): TextItem => ({ x: 72, y, size: 13, font: 'bold', text })
  const para = (marker: string, y: number, n = 6): TextItem[] =>
    lines(wrap(`${marker} ${FILLER}`, 80).slice(0, n), { x: 72, y, size: 9.5 })

  it('finds title, abstract, numbered sections, captions and references', async () => {
    const pages = [
      [
        { x: 110, y: 740, size: 17, font: 'bold', text: 'Leases for sleeping workers' } as const,
        { x: 200, y: 715, size: 10, text: 'A. Author and B. Author' },
        heading('Abstract', 680),
        ...para('We bound the loss.', 660, 4),
        heading('1 Introduction', 590),
        ...para('FIRST', 570),
        heading('2 Method', 480),
        heading('2.1 Claims', 460),
        ...para('SECOND', 440),
        { x: 72, y: 330, size: 8.5, text: 'Figure 1: Workers and their leases over time.' },
        ...para('THIRD', 300),
      ],
      [
        heading('References', 720),
        ...lines(
          [
            '[1] A. Author. A first paper on leases and sleep.',
            '    Journal of Leases, 12(3):1-20, 2019.',
            '[2] B. Author and C. Author. A second paper. 2020.',
            '[12] D. Author. A third paper that nobody cites. 2021.',
          ],
          { x: 72, y: 700, size: 9 },
        ),
        heading('A Proofs', 600),
        ...para('FOURTH', 580),
      ],
    ]
    const paper = await readPdf(makePdf(pages))
    expect(paper.title).toBe('Leases for sleeping workers')
    expect(paper.front).toContain('A. Author and B. Author')
    expect(paper.abstract).toMatch(/^We bound the loss\. Every worker/)
    expect(paper.sections.map((s) => [s.level, s.number, s.title, s.page])).toEqual([
      [1, null, 'Abstract', 1],
      [1, '1', 'Introduction', 1],
      [1, '2', 'Method', 1],
      [2, '2.1', 'Claims', 1],
      [1, 'A', 'Proofs', 2],
    ])
    expect(paper.text).toMatch(/^\[p\. 1\]\n\n## Abstract\n\nWe bound/)
    expect(paper.text).toContain('\n\n### 2.1 Claims\n\nSECOND')
    expect(paper.text).toContain('\n\n> Figure 1: Workers and their leases over time.\n\n')
    expect(paper.captions).toEqual([
      { label: 'Figure 1', page: 1, text: 'Figure 1: Workers and their leases over time.' },
    ])
    expect(paper.references).toEqual([
      '[1] A. Author. A first paper on leases and sleep. Journal of Leases, 12(3):1-20, 2019.',
      '[2] B. Author and C. Author. A second paper. 2020.',
      '[12] D. Author. A third paper that nobody cites. 2021.',
    ])
    expect(paper.text).not.toContain('third paper that nobody')
    expect(paper.sections[1]?.text).toMatch(/^FIRST Every worker/)
  })

  it('reads IEEE headings: roman numbers, capitals in the middle, small capitals', async () => {
    const items = [
      ...para('OPENING', 740),
      { x: 250, y: 640, text: 'I. I', size: 10 },
      { x: 274, y: 640, text: 'NTRODUCTION', size: 8 },
      ...para('FIRST', 620),
      { x: 240, y: 520, text: 'II. RELATED WORK', size: 10 },
      ...para('SECOND', 500),
      { x: 72, y: 400, text: 'A. Leases in practice', font: 'italic', size: 10 } as const,
      ...para('THIRD', 380),
    ]
    const paper = await readPdf(makePdf([items]))
    const found = paper.sections.filter((s) => s.number !== null)
    expect(found.map((s) => [s.level, s.number, s.title])).toEqual([
      [1, 'I', 'INTRODUCTION'],
      [1, 'II', 'RELATED WORK'],
      [2, 'A', 'Leases in practice'],
    ])
  })

  it('parts references without labels by their hanging indents', async () => {
    const entries = [
      [
        'Author, A. and Author, B. 2019. A long title of a paper',
        'about leases. Journal of Leases 12, 1-20.',
      ],
      ['Bauthor, C. 2020. Another title that needs two lines to', 'be printed. In Proceedings, pages 3-9.'],
      ['Cauthor, D. 2021. A short one. Journal of Sleep 1, 2.'],
      ['Dauthor, E. 2022. The last title which is so long that', 'it too is broken. Technical report.'],
    ]
    let y = 500
    const listed = entries.flatMap((entry) =>
      entry.map((text, i) => ({ x: i === 0 ? 72 : 90, y: (y -= 11), size: 9, text })),
    )
    const paper = await readPdf(makePdf([[...para('OPENING', 700), heading('References', 520), ...listed]]))
    expect(paper.references).toEqual(entries.map((entry) => entry.join(' ')))
  })

  it('keeps the rows of a table together', async () => {
    const row = (cells: readonly string[], y: number): TextItem[] =>
      cells.map((text, i) => ({ x: 100 + i * 120, y, size: 8.5, text }))
    const items = [
      ...para('OPENING', 740),
      { x: 72, y: 600, size: 8.5, text: 'Table 1: Results.' },
      ...row(['Model', 'Accuracy', 'Time'], 585),
      ...row(['ours', '91.2', '3 s'], 574),
      ...row(['theirs', '88.0', '9 s'], 563),
      ...para('CLOSING', 520),
    ]
    const { text } = await readPdf(makePdf([items]))
    expect(text).toContain(
      '> | Model | Accuracy | Time |\n> | ours | 91.2 | 3 s |\n> | theirs | 88.0 | 9 s |',
    )
  })
})

describe('the sample papers', () => {
  const folder = new URL('../../samples/pdf/', import.meta.url)
  it.each(readdirSync(folder).filter((f) => f.endsWith('.pdf')))('%s has its parts', async (file) => {
    const paper = await readPdf(readFileSync(new URL(file, folder)))
    const titles = paper.sections.filter((s) => s.level === 1).map((s) => s.title.toLowerCase())
    expect(paper.title).not.toBeNull()
    expect(paper.abstract?.length).toBeGreaterThan(500)
    expect(titles).toEqual(expect.arrayContaining(['introduction', 'method', 'limitations', 'conclusion']))
    expect(paper.references.length).toBeGreaterThanOrEqual(10)
    expect(paper.captions.length).toBeGreaterThanOrEqual(2)
    expect(paper.text).toMatch(/^\[p\. 1\]\n[^]*\[p\. 2\]/)
    expect(paper.text).not.toMatch(/[\uD800-\uDFFF\uE000-\uF8FF\uFB00-\uFB06\uFFFE]/)
    expect(paper.text).toBe(paper.text.normalize('NFC'))
  })
})
