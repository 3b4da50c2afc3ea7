import { describe, expect, it } from 'vitest'
import { lines, makePdf, wrap, type TextItem } from '../support/pdf.js'
import { readPdf } from '../support/read-pdf.js'

const PROSE =
  'every worker keeps a lease for as long as it is alive and gives it back when the work is done so that nobody waits for one that is gone and the work of a dead worker is taken up by the next one '
const TITLE = 'Leases of sleeping workers'

const line = (y: number, text: string, size = 10, x = 72, font?: TextItem['font']): TextItem => ({
  x,
  y,
  size,
  text,
  ...(font === undefined ? {} : { font }),
})
const body = (y: number): TextItem[] => [
  line(y, 'Abstract', 12, 72, 'bold'),
  ...lines(wrap(`${PROSE.repeat(3)}. It ends.`, 80), { x: 72, y: y - 20, size: 9.5, leading: 11.5 }),
  line(y - 130, '1 Introduction', 12, 72, 'bold'),
  ...lines(wrap(PROSE.repeat(8), 80), { x: 72, y: y - 150, size: 9.5, leading: 11.5 }),
]
/** What is read of a paper with these rows below its title. */
const read = (...rows: string[]) =>
  readPdf(makePdf([[line(740, TITLE, 17), ...rows.map((row, i) => line(712 - 13 * i, row)), ...body(620)]]))

describe('authors', () => {
  it('at the head of the right column belong to the paper, row by row', async () => {
    const column = (x: number): TextItem[] =>
      lines(wrap(PROSE.repeat(9), 40), { x, y: 560, size: 9.5, leading: 11.5 })
    const paper = await readPdf(
      makePdf([
        [
          line(740, `${TITLE} and of those who are awake`, 17, 110),
          line(705, 'Ada Author', 11, 130),
          line(692, 'University of Somewhere', 9, 110),
          line(705, 'Bela Writer', 11, 390),
          line(692, 'University of Elsewhere', 9, 370),
          line(665, 'Cora Reader', 11, 390),
          line(665, 'Dana Leaser', 11, 130),
          line(610, 'Abstract', 12, 130, 'bold'),
          ...lines(wrap(PROSE.repeat(2), 40), { x: 72, y: 590, size: 9.5, leading: 11.5 }),
          ...lines(wrap(PROSE.repeat(9), 40), { x: 72, y: 440, size: 9.5, leading: 11.5 }),
          ...column(320),
        ],
        [
          ...lines(wrap(PROSE.repeat(9), 40), { x: 72, y: 720, size: 9.5, leading: 11.5 }),
          ...lines(wrap(PROSE.repeat(9), 40), { x: 320, y: 720, size: 9.5, leading: 11.5 }),
        ],
      ]),
    )
    expect(paper.authors).toEqual(['Ada Author', 'Bela Writer', 'Dana Leaser', 'Cora Reader'])
    expect(paper.affiliations).toEqual(['University of Somewhere', 'University of Elsewhere'])
    expect(paper.text).not.toContain('Bela')
  })

  it.each([
    [
      ['Ada Author, Bela', 'Writer, and Cora Reader'],
      ['Ada Author', 'Bela Writer', 'Cora Reader'],
    ],
    [
      ['Ada Author, Christine van', 'Writer, and Cora Reader'],
      ['Ada Author', 'Christine van Writer', 'Cora Reader'],
    ],
    [
      ['Ada Author, Bela Writer,', 'Cora Reader'],
      ['Ada Author', 'Bela Writer', 'Cora Reader'],
    ],
  ])('are whole where their list is broken: %s', async (rows, authors) => {
    expect((await read(...rows)).authors).toEqual(authors)
  })

  it.each([
    [
      ['Ada Author \u0096 University of Somewhere', 'Bela Writer \u0096 Institute of Sleep'],
      ['Ada Author', 'Bela Writer'],
    ],
    [['Ada Author (ada@somewhere.edu)'], ['Ada Author']],
    [['1st Ada Author, 2nd Bela Writer'], ['Ada Author', 'Bela Writer']],
    [['M.Sc. Ada Author, Dr. Bela Writer, Student Member, IEEE'], ['Ada Author', 'Bela Writer']],
    [['Ada Author1, ID , and Bela Writer2, ID'], ['Ada Author', 'Bela Writer']],
    [['Ada Author, b) Bela Writer'], ['Ada Author', 'Bela Writer']],
    [['Ada Author(B) and Bela Writer'], ['Ada Author', 'Bela Writer']],
    [['Ada Author, Jr., and Bela Writer'], ['Ada Author Jr.', 'Bela Writer']],
    [
      ['Ada Authora,b, Bela Writerb, Cora Readera', 'a University of Somewhere', 'b Sleep Institute'],
      ['Ada Author', 'Bela Writer', 'Cora Reader'],
    ],
  ])('stand before what else their line says: %s', async (rows, authors) => {
    expect((await read(...rows)).authors).toEqual(authors)
  })

  it.each([
    'CARNEGIE MELLON UNIVERSITY',
    'NXP Semiconductors',
    '* Sleepy Hollow',
    'Taoyuan City, Taiwan, R.O.C.',
    'Politecnico di Torino',
    'Undergraduate Student',
    'Escuela de Ciencias e Ingenier\u00edas',
    'Supervisors: Bela Writer, Cora Reader',
  ])('are not %s', async (row) => {
    expect((await read('Ada Author', row)).authors).toEqual(['Ada Author'])
  })

  it('are not the street of their institute; a person called so stays', async () => {
    const rows = ['Ada Author', 'Institute for Advanced Sleep', 'Olden Lane']
    expect((await read(...rows, 'Princeton, NJ 08540')).authors).toEqual(['Ada Author'])
    expect((await read(...rows, 'University of Somewhere')).authors).toEqual(['Ada Author', 'Olden Lane'])
  })

  it('are no rows of a table at the head of a page without a title, nor is its head the title', async () => {
    const cells = (y: number, texts: readonly string[]): TextItem[] =>
      texts.map((text, i) => line(y, text, 8, 72 + 110 * i))
    const paper = await readPdf(
      makePdf([
        [
          ...cells(740, ['Field', 'Task', 'Dataset']),
          ...cells(722, ['Paper Field', 'Sleep Leases', '63.64', '65.37']),
          ...cells(712, ['Other Field', 'Awake Leases', '61.64', '64.37']),
          ...cells(702, ['Third Field', 'Both Leases', '60.64', '62.37']),
          ...lines(wrap(PROSE.repeat(20), 90), { x: 72, y: 660, size: 10, leading: 12 }),
        ],
      ]),
    )
    expect(paper).toMatchObject({ title: null, authors: [] })
  })

  it('stand before their mail at the other end of the line', async () => {
    const paper = await readPdf(
      makePdf([
        [
          line(740, TITLE, 17),
          line(712, 'Ada Author'),
          line(712, 'ADA@SOMEWHERE.EDU', 8, 400),
          line(699, 'Bela Writer'),
          line(699, 'BELA@ELSEWHERE.EDU', 8, 400),
          ...body(620),
        ],
      ]),
    )
    expect(paper.authors).toEqual(['Ada Author', 'Bela Writer'])
  })

  it('are not the places in a row of places', async () => {
    const row = (y: number, texts: readonly string[]): TextItem[] =>
      texts.map((text, i) => line(y, text, 10, 72 + 150 * i))
    const paper = await readPdf(
      makePdf([
        [
          line(740, TITLE, 17),
          ...row(712, ['Ada Author', 'Bela Writer', 'Cora Reader']),
          ...row(699, ['New Haven', 'Sleep Institute', 'Sleepy Hollow']),
          ...body(620),
        ],
      ]),
    )
    expect(paper.authors).toEqual(['Ada Author', 'Bela Writer', 'Cora Reader'])
  })
})

describe('a title', () => {
  it('goes on in the next line of a manuscript set with room for notes', async () => {
    const paper = await readPdf(
      makePdf([
        [
          line(740, TITLE, 20),
          line(692, 'and of those awake', 20),
          line(655, 'Ada Author', 12),
          ...body(560),
        ],
      ]),
    )
    expect(paper.title).toBe(`${TITLE} and of those awake`)
  })

  it('in capitals does not hold the name below it in smaller ones', async () => {
    const paper = await readPdf(
      makePdf([[line(740, TITLE.toUpperCase(), 10), line(714, 'ADA AUTHOR', 8), ...body(680)]]),
    )
    expect([paper.title, paper.authors]).toEqual([TITLE.toUpperCase(), ['Ada Author']])
  })

  it('in bold of the text’s size stands below the name and the volume of the journal', async () => {
    const paper = await readPdf(
      makePdf([
        [
          line(760, 'Journal of Sleep in Pure and', 14),
          line(745, 'Applied Workers', 14),
          line(715, 'Volume 6, Issue 4, Article 124, 2005', 9),
          line(670, TITLE.toUpperCase(), 9.5, 72, 'bold'),
          line(650, 'ADA AUTHOR AND BELA WRITER', 9),
          ...body(600),
        ],
      ]),
    )
    expect([paper.title, paper.authors]).toEqual([TITLE.toUpperCase(), ['Ada Author', 'Bela Writer']])
  })

  it('stands above the fields of a cover, each in its own paragraph', async () => {
    const paper = await readPdf(
      makePdf([
        [
          line(740, TITLE, 12),
          line(715, 'Author(s): Ada Author', 12),
          line(690, 'Source: Leases, Nov., 1985, Vol. 53, No. 6 (Nov., 1985), pp. 1315-1335', 12),
          line(665, 'Published by: The Society of Sleep', 12),
        ],
        body(700),
      ]),
    )
    expect([paper.title, paper.authors]).toEqual([TITLE, ['Ada Author']])
  })
})

describe('an abstract', () => {
  it.each(['c 2003 Elsevier B.V. All rights reserved.', '2004 Elsevier Ltd. All rights reserved.'])(
    'ends before %s',
    async (owner) => {
      const paper = await readPdf(
        makePdf([
          [
            line(740, TITLE, 17),
            line(712, 'Ada Author'),
            line(680, 'Abstract', 12, 72, 'bold'),
            ...lines(wrap(`${PROSE.repeat(3)}. It ends.`, 80), { x: 72, y: 660, size: 9.5, leading: 11.5 }),
            line(560, owner, 9.5, 76),
            line(520, '1 Introduction', 12, 72, 'bold'),
            ...lines(wrap(PROSE.repeat(8), 80), { x: 72, y: 500, size: 9.5, leading: 11.5 }),
          ],
        ]),
      )
      expect(paper.abstract).toMatch(/It ends\.$/)
    },
  )

  it('is not a list of contents', async () => {
    const contents = [
      'Basic notions of sleep',
      'Equivalences between the leases of workers',
      'Workers as categories of sleep',
    ]
    const rows = contents.flatMap((text, i) => [
      line(660 - 12 * i, `${text} and of what they do while they are asleep`, 10, 110),
      line(660 - 12 * i, `${3 + 4 * i}`, 10, 480),
    ])
    const paper = await readPdf(
      makePdf([
        [
          line(740, TITLE, 17),
          line(712, 'Ada Author'),
          line(685, 'Contents', 10, 270),
          ...rows,
          ...lines(wrap(PROSE.repeat(2), 80), { x: 72, y: 600, size: 10, leading: 12 }),
          line(520, 'Basic notions of sleep', 12, 72, 'bold'),
          ...lines(wrap(PROSE.repeat(8), 80), { x: 72, y: 500, size: 10, leading: 12 }),
        ],
      ]),
    )
    expect(paper.abstract ?? '').not.toContain('Equivalences')
  })
})
