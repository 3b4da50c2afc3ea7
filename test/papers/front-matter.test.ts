import { describe, expect, it } from 'vitest'
import { lines, makePdf, wrap, type PdfPage, type TextItem } from '../support/pdf.js'
import { readPdf } from '../support/read-pdf.js'

const PROSE =
  'every worker keeps a lease for as long as it is alive and gives it back when the work is done so that nobody waits for one that is gone and the work of a dead worker is taken up by the next one '
const sentences = (marker: string, n: number): string => `${marker} ${PROSE.repeat(n)}. It ends here.`

const text = (
  marker: string,
  n: number,
  at: { x: number; y: number; width: number; size?: number },
): TextItem[] => lines(wrap(sentences(marker, n), at.width), { size: 9.5, leading: 11.5, ...at })

const heading = (title: string, x: number, y: number): TextItem => ({
  x,
  y,
  size: 12,
  font: 'bold',
  text: title,
})
const title = (words: string, x = 120, y = 740): TextItem => ({ x, y, size: 17, font: 'bold', text: words })
const page = (...items: (TextItem | TextItem[])[]): PdfPage => ({ items: items.flat() })

describe('title', () => {
  it('is not the words in a box below the authors, be they larger', async () => {
    const paper = await readPdf(
      makePdf([
        page(
          { ...title('PaperFinder: an agent that searches the literature', 80), size: 14 },
          { x: 200, y: 715, size: 11, text: 'Ada Author, Bela Writer' },
          { x: 200, y: 700, size: 11, text: 'University of Somewhere' },
          { x: 240, y: 600, size: 20, font: 'bold', text: 'Paper Search' },
          heading('Abstract', 72, 560),
          text('We present a finder.', 3, { x: 72, y: 540, width: 80 }),
          heading('1 Introduction', 72, 400),
          text('BODY', 6, { x: 72, y: 380, width: 80 }),
        ),
      ]),
    )
    expect(paper.title).toBe('PaperFinder: an agent that searches the literature')
    expect(paper.authors).toEqual(['Ada Author', 'Bela Writer'])
    expect(paper.affiliations).toEqual(['University of Somewhere'])
  })

  it.each(['Research Article', 'JSS Journal of Statistical Software', 'An IOP and SISSA journal'])(
    'is not "%s" above it',
    async (label) => {
      const paper = await readPdf(
        makePdf([
          page(
            { x: 72, y: 760, size: 19, font: 'italic', text: label },
            title('Leases of sleeping workers', 72, 730),
            { x: 72, y: 705, size: 10, text: 'Ada Author' },
            heading('Abstract', 72, 680),
            text('SUMMED UP', 3, { x: 72, y: 660, width: 80 }),
            heading('1. Introduction', 72, 500),
            text('BODY', 6, { x: 72, y: 480, width: 80 }),
          ),
        ]),
      )
      expect(paper.title).toBe('Leases of sleeping workers')
    },
  )

  it('is whole where small capitals break a word at the end of its first line', async () => {
    const paper = await readPdf(
      makePdf([
        page(
          { x: 72, y: 730, size: 17, text: 'LEASES OF WORKERS REQUIRE RE-' },
          { x: 72, y: 710, size: 13.6, text: 'THINKING OF SLEEP' },
          { x: 72, y: 680, size: 10, text: 'Ada Author' },
          heading('ABSTRACT', 270, 650),
          text('SUMMED UP', 3, { x: 100, y: 630, width: 70 }),
          heading('1 INTRODUCTION', 72, 450),
          text('BODY', 6, { x: 72, y: 430, width: 80 }),
        ),
      ]),
    )
    expect(paper.title).toMatch(/^LEASES OF WORKERS REQUIRE RE-?THINKING OF SLEEP$/)
  })

  it('stays where the running head of every page repeats it', async () => {
    const head = (n: number): TextItem => ({
      x: 72,
      y: 745,
      size: 9,
      text: n === 1 ? '' : 'Leases of sleeping workers',
    })
    const paper = await readPdf(
      makePdf(
        [1, 2, 3, 4, 5].map((n) =>
          page(
            n === 1 ? title('Leases of sleeping workers', 72, 745) : head(n),
            n === 1 ? [{ x: 72, y: 720, size: 10, text: 'Ada Author' }, heading('Abstract', 72, 700)] : [],
            text(n === 1 ? 'SUMMED UP' : `PAGE${n}`, 4, { x: 72, y: 680, width: 80 }),
            n === 1 ? heading('1 Introduction', 72, 500) : [],
            text(`MORE${n}`, 6, { x: 72, y: 480, width: 80 }),
          ),
        ),
      ),
    )
    expect(paper.title).toBe('Leases of sleeping workers')
    expect(paper.text).not.toContain('Leases of sleeping')
  })
})

describe('title over several lines', () => {
  const below = (...items: (TextItem | TextItem[])[]): PdfPage =>
    page(
      ...items,
      { x: 72, y: 660, size: 10, text: 'Ada A. Author' },
      heading('Abstract', 54, 640),
      text('SUMMED UP', 6, { x: 54, y: 620, width: 44 }),
      text('RIGHT', 9, { x: 320, y: 640, width: 44 }),
    )
  const line = (words: string, y: number, size: number): TextItem => ({ ...title(words, 72, y), size })

  it.each([
    [
      'goes on in smaller type',
      [line('Back to sleep', 740, 17), line('The story of a lease in itself', 718, 14)],
    ],
    [
      'goes on where a word of the margin stands between its lines',
      [
        line('Back to sleep', 740, 17),
        { x: 520, y: 731, size: 3, text: 'sealed' },
        line('The story of a lease in itself', 720, 17),
      ],
    ],
    [
      'is not the university above it',
      [
        line('University of Somewhere', 760, 20),
        line('Back to sleep The story of a lease in itself', 730, 14),
      ],
    ],
    [
      'is not a logo above it, nor a short form for the head of pages',
      [
        line('LOGO', 700, 80),
        line('Running head: Sleep', 690, 18),
        line('Back to sleep The story of a lease in itself', 675, 13),
      ],
    ],
  ] satisfies [string, TextItem[]][])('%s', async (_, items) => {
    const paper = await readPdf(makePdf([below(items)]))
    expect(paper.title).toBe('Back to sleep The story of a lease in itself')
    expect(paper.authors).toEqual(['Ada A. Author'])
  })
})

describe('abstract', () => {
  const frame = ['Article history:', 'Received 3 May', '', 'Keywords:', 'Leases', 'Sleep', 'Workers']
  const margin = Array.from({ length: 30 }, (_, i) =>
    i % 3 === 0 ? `${i} Institute of` : 'Sleep, Somewhere',
  )

  it.each([
    ['a frame with dates and keywords', { x: 60, words: frame, at: 200, width: 52, right: false }],
    [
      'a margin with addresses that goes on below it',
      { x: 40, words: margin, at: 180, width: 28, right: true },
    ],
  ])('is read beside %s', async (_, { x, words, at, width, right }) => {
    const small = (t: string, i: number): TextItem => ({
      x,
      y: 652.5 - 9.5 * i,
      size: 7,
      font: 'sans',
      text: t,
    })
    const paper = await readPdf(
      makePdf([
        page(
          title('Leases of sleeping workers', 60),
          { x: 60, y: 715, size: 10, text: 'Ada Author, Bela Writer' },
          { x, y: 670, size: 9, text: 'article info' },
          { x: at, y: 670, size: 9, text: 'a b s t r a c t' },
          words.map(small).filter((item) => item.text !== ''),
          text('SUMMED UP', 2, { x: at, y: 652, width, size: 9 }),
          right ? text('ASIDE', 9, { x: 370, y: 670, width: 38, size: 9 }) : [],
          heading('1. Introduction', right ? 180 : 60, 380),
          text('BODY', right ? 2 : 6, { x: right ? 180 : 60, y: 360, width: right ? 30 : 80 }),
        ),
        page(
          text('LEFT', 12, { x: 54, y: 700, width: 46 }),
          text('RIGHT', 12, { x: 320, y: 700, width: 46 }),
        ),
      ]),
    )
    expect(paper.abstract?.replace(/\s+/g, ' ')).toBe(sentences('SUMMED UP', 2).replace(/\s+(?=\.)/g, ''))
  })

  it('goes on behind larger signs in a line, to the end of its sentence, without notes and the line of the publisher', async () => {
    const lines = [
      { size: 10.8, text: 'Abstract. We count the leases of workers with' },
      ...[
        'signs that are larger, of which nobody knows',
        'before they sleep. (c) 2003 Sleep Inc. All rights reserved.',
      ],
    ].map((one, i): TextItem => ({
      x: 72,
      y: 660 - 12 * i,
      size: 10,
      ...(typeof one === 'string' ? { text: one } : one),
    }))
    const paper = await readPdf(
      makePdf([
        page(
          title('Leases of sleeping workers', 72),
          { x: 72, y: 710, size: 10, text: 'Ada Author' },
          lines,
          { x: 72, y: 600, size: 10, text: '* Part of it was done while the author slept.' },
          heading('1 Introduction', 72, 540),
          text('BODY', 6, { x: 72, y: 520, width: 80, size: 10 }),
        ),
      ]),
    )
    expect(paper.abstract).toBe(
      'We count the leases of workers with signs that are larger, of which nobody knows before they sleep.',
    )
  })

  it('is whole where its parts have headings, which are none of the paper', async () => {
    let y = 674
    const parts = ['Background', 'Methods', 'Conclusions'].flatMap((name): TextItem[] => {
      const words = wrap(sentences(name.toUpperCase(), 2), 90)
      const items = [
        { x: 72, y, size: 9, font: 'bold' as const, text: name },
        ...lines(words, { x: 72, y: y - 12, size: 9, leading: 11 }),
      ]
      y -= 11 * words.length + 16
      return items
    })
    const paper = await readPdf(
      makePdf([
        page(
          title('Leases of sleeping workers', 72),
          { x: 72, y: 712, size: 10, text: 'Ada Author, Bela Writer' },
          { ...heading('Abstract', 72, 690), size: 11 },
          parts,
          heading('Background', 72, y - 20),
          text('BODY', 6, { x: 72, y: y - 40, width: 80 }),
        ),
      ]),
    )
    expect(paper.abstract).toMatch(
      /^Background BACKGROUND every.*Methods METHODS every.*CONCLUSIONS.*ends here\.$/s,
    )
    expect(paper.sections.map((section) => section.title)).toEqual(['Abstract', 'Background'])
  })

  it('is none where an essay goes on in the next column as it began', async () => {
    const paper = await readPdf(
      makePdf([
        page(
          title('Leases of sleeping workers', 54),
          { x: 54, y: 715, size: 10, text: 'EDITORIAL' },
          text('LEFT', 8, { x: 54, y: 680, width: 44 }),
          text('RIGHT', 6, { x: 320, y: 680, width: 44 }),
          heading('REFERENCES', 320, 360),
          text('1. Author A. Sleep. 2020.', 3, { x: 320, y: 340, width: 44 }),
        ),
      ]),
    )
    expect(paper.abstract).toBeNull()
    expect(paper.text).toContain('RIGHT')
  })

  it('is found without a heading, behind a long list of authors', async () => {
    const authors = [
      'Ada Author, Bela Writer, Cleo Penner, Dora Reader, Emil Printer,',
      'Fritz Binder, Gerda Setter and Hugo Caster',
    ]
    const paper = await readPdf(
      makePdf([
        page(
          title('Leases of sleeping workers', 72),
          lines(authors, { x: 72, y: 710, size: 9.5, font: 'bold' }),
          { x: 72, y: 684, size: 8, text: 'All authors from the Institute of Leases' },
          text('We bound the loss.', 3, { x: 72, y: 650, width: 84 }),
          heading('1. Introduction', 72, 500),
          text('BODY', 6, { x: 72, y: 480, width: 84 }),
        ),
      ]),
    )
    expect(paper.abstract).toMatch(/^We bound the loss\. every worker/)
    expect(paper.abstract).toMatch(/It ends here\.$/)
    expect(paper.authors).toHaveLength(8)
    expect(paper.authors.at(-1)).toBe('Hugo Caster')
  })

  it('in small print in its column is running text, and ends where the next heading begins', async () => {
    const right = [
      heading('1 Introduction', 320, 600),
      ...text('BODY', 9, { x: 320, y: 580, width: 46, size: 9.5 }),
    ]
    const paper = await readPdf(
      makePdf([
        page(
          title('Leases of sleeping workers', 150),
          { x: 220, y: 710, size: 11, text: 'Ada Author' },
          heading('Abstract', 150, 600),
          text('SUMMED UP', 4, { x: 64, y: 580, width: 42, size: 8 }),
          { x: 64, y: 80, size: 7, text: '* Equal contribution.' },
          right,
        ),
        page(
          text('LEFT', 14, { x: 54, y: 700, width: 46 }),
          text('RIGHT', 14, { x: 320, y: 700, width: 46 }),
        ),
      ]),
    )
    expect(paper.abstract).toMatch(/^SUMMED UP every worker.*It ends here\.$/s)
    expect(paper.text).toMatch(/## Abstract\n\nSUMMED UP/)
  })

  it.each(['Keywords: ', 'Schlagwörter: ', 'Mots-clés : '])(
    'ends before “%s” in the same paragraph',
    async (label) => {
      const paper = await readPdf(
        makePdf([
          page(
            title('Leases of sleeping workers', 72),
            { x: 72, y: 715, size: 10, text: 'Ada Author' },
            heading('Abstract', 72, 690),
            [...wrap(sentences('SUMMED UP', 3), 80), `${label}leases, sleep, workers`].map((line, i) => ({
              x: 72,
              y: 670 - 11.5 * i,
              size: 9.5,
              text: line,
            })),
            heading('1 Introduction', 72, 500),
            text('BODY', 6, { x: 72, y: 480, width: 80 }),
          ),
        ]),
      )
      expect(paper.abstract).toMatch(/It ends here\.$/)
      expect(paper.keywords).toEqual(['leases', 'sleep', 'workers'])
    },
  )

  it.each([
    [['Keywords: leases; sleep; workers. JEL Codes: H10, H11'], ['leases', 'sleep', 'workers']],
    [['Keywords:', '', 'Conflict of interest: The authors have no conflicts of interest, to declare'], []],
  ])('has the keywords alone of %j', async (rows, keywords) => {
    const paper = await readPdf(
      makePdf([
        page(
          title('Leases of sleeping workers', 72),
          { x: 72, y: 715, size: 10, text: 'Ada Author' },
          heading('Abstract', 72, 690),
          text('SUMMED UP', 3, { x: 72, y: 670, width: 80 }),
          rows.map((row, i) => ({ x: 72, y: 560 - 22 * i, size: 9.5, text: row })),
          heading('1 Introduction', 72, 460),
          text('BODY', 6, { x: 72, y: 440, width: 80 }),
        ),
      ]),
    )
    expect(paper.keywords).toEqual(keywords)
  })

  it('across two columns keeps the lines that a wide gap parts at the gutter', async () => {
    // Lines of one length, as justified ones are.
    const across = Array.from({ length: 8 }, (_, i) => `${'every lease sleeps '.repeat(3)}line${i}ends now`)
    const column = (marker: string, x: number): TextItem[] => text(marker, 10, { x, y: 480, width: 44 })
    const broken = across[2]!
    const at = broken.lastIndexOf(' ', 40)
    const items = across.flatMap((line, i): TextItem[] => {
      const y = 660 - 11 * i
      if (i !== 2) return [{ x: 100, y, size: 9.5, text: line }]
      // One word space wider than the others, as in a justified line.
      const rest = 100 + (at + 1) * 5.7 + 3
      return [
        { x: 100, y, size: 9.5, text: broken.slice(0, at) },
        { x: rest, y, size: 9.5, text: broken.slice(at + 1) },
      ]
    })
    const paper = await readPdf(
      makePdf([
        page(
          title('Leases of sleeping workers', 130),
          { x: 240, y: 710, size: 10, text: 'Ada Author' },
          items,
          heading('I. INTRODUCTION', 120, 510),
          column('LEFT', 54),
          column('RIGHT', 320),
        ),
        page(
          text('THIRD', 14, { x: 54, y: 700, width: 44 }),
          text('FOURTH', 14, { x: 320, y: 700, width: 44 }),
        ),
      ]),
    )
    expect(paper.abstract?.replace(/\s+/g, ' ')).toBe(across.join(' '))
  })

  it('is none where an essay begins at once', async () => {
    const paper = await readPdf(
      makePdf([
        page(
          title('Leases of sleeping workers', 72),
          { x: 72, y: 710, size: 10, text: 'Ada Author' },
          [0, 1, 2, 3, 4].map((n) => text(`PART${n}`, 3, { x: 72, y: 680 - 112 * n, width: 80 })).flat(),
        ),
      ]),
    )
    expect(paper.abstract).toBeNull()
    expect(paper.text).toContain('PART0')
  })
})

describe('byline', () => {
  it('reads names in a row and in cells, with marks, and leaves addresses and dates aside', async () => {
    const paper = await readPdf(
      makePdf([
        page(
          title('Leases of sleeping workers', 72),
          { x: 72, y: 715, size: 10, text: 'Ada M. Author1, Jean-Luc de la Plume2 and K. WRITER1,2' },
          { x: 72, y: 700, size: 9, text: '1Department of Leases, University of Somewhere, 12345 Somewhere' },
          { x: 72, y: 688, size: 9, text: '2Institute of Sleep, Elsewhere' },
          { x: 72, y: 676, size: 9, text: 'ada@somewhere.edu' },
          { x: 72, y: 664, size: 9, text: '(Dated: April 21, 2023)' },
          heading('Abstract', 72, 640),
          text('SUMMED UP', 3, { x: 72, y: 620, width: 80 }),
          heading('1 Introduction', 72, 500),
          text('BODY', 6, { x: 72, y: 480, width: 80 }),
          { x: 72, y: 60, size: 8, text: 'https://doi.org/10.1145/1234567.7654321.' },
        ),
      ]),
    )
    expect(paper.authors).toEqual(['Ada M. Author', 'Jean-Luc de la Plume', 'K. Writer'])
    expect(paper.affiliations).toEqual([
      'Department of Leases, University of Somewhere, 12345 Somewhere',
      'Institute of Sleep, Elsewhere',
    ])
    expect(paper.doi).toBe('10.1145/1234567.7654321')
  })

  it.each([
    [
      ['Ada M. Author, Bela Writer,', 'Carl J. Third, and Dora Fourth, University of Somewhere'],
      ['Ada M. Author', 'Bela Writer', 'Carl J. Third', 'Dora Fourth'],
      ['University of Somewhere'],
    ],
    [
      ['Ada M. Author and Bela Writer, University of Somewhere; Carl Third, Elsewhere Labs'],
      ['Ada M. Author', 'Bela Writer', 'Carl Third'],
      ['University of Somewhere', 'Elsewhere Labs'],
    ],
    [
      ['Ada M. Author', 'New York, Columbia University'],
      ['Ada M. Author'],
      ['New York, Columbia University'],
    ],
  ])('%j: names before the place where they work', async (rows, authors, affiliations) => {
    const paper = await readPdf(
      makePdf([
        page(
          title('Leases of sleeping workers', 72),
          lines(rows, { x: 72, y: 715, size: 10 }),
          heading('Abstract', 72, 660),
          text('SUMMED UP', 3, { x: 72, y: 640, width: 80 }),
          heading('1 Introduction', 72, 500),
          text('BODY', 6, { x: 72, y: 480, width: 80 }),
        ),
      ]),
    )
    expect(paper).toMatchObject({ authors, affiliations })
  })
})
