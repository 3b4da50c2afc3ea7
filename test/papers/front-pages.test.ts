import { describe, expect, it } from 'vitest'
import { lines, makePdf, wrap, type PdfPage, type TextItem } from '../support/pdf.js'
import { readPdf } from '../support/read-pdf.js'

const PROSE =
  'every worker keeps a lease for as long as it is alive and gives it back when the work is done so that nobody waits for one that is gone and the work of a dead worker is taken up by the next one '
const TITLE = 'Leases of sleeping workers'

interface Place {
  x?: number
  y: number
  width?: number
  size?: number
}

const text = (marker: string, n: number, { x = 72, width = 80, size = 9.5, y }: Place): TextItem[] =>
  lines(wrap(`${marker} ${PROSE.repeat(n)}. It ends here.`, width), { x, y, size, leading: size + 2 })
const line = (y: number, words: string, size = 10, font?: TextItem['font']): TextItem => ({
  x: 72,
  y,
  size,
  text: words,
  ...(font === undefined ? {} : { font }),
})
const page = (...items: (TextItem | TextItem[])[]): PdfPage => ({ items: items.flat() })
const body = (y: number): TextItem[] => [
  line(y, '1 Introduction', 12, 'bold'),
  ...text('BODY', 6, { y: y - 20 }),
]
const named = (y: number): TextItem[] => [
  line(y, 'Abstract', 12, 'bold'),
  ...text('SUMMED UP', 3, { y: y - 20 }),
]
const read = (...items: (TextItem | TextItem[])[]) => readPdf(makePdf([page(...items)]))

describe('title', () => {
  it('begins like an introduction and has nothing above it', async () => {
    const paper = await readPdf(
      makePdf([
        page(
          line(700, 'Introduction to leases', 20, 'bold'),
          line(675, 'of sleeping workers', 20, 'bold'),
          text('A MOTTO', 1, { y: 620 }),
          line(300, 'Ada Author', 14),
        ),
        page(body(700)),
      ]),
    )
    expect(paper.title).toBe('Introduction to leases of sleeping workers')
  })

  it('goes on with its number in a series', async () => {
    const paper = await read(
      line(740, 'The survey for sleeping workers', 17, 'bold'),
      line(715, 'II. A small lease', 14, 'bold'),
      line(690, 'Ada Author, Bela Writer'),
      named(660),
      body(520),
    )
    expect(paper.title).toBe('The survey for sleeping workers II. A small lease')
  })

  it('is in the type of the text and names a year', async () => {
    const title = 'A STUDY OF DUST AND GAS FROM COMET C/2013 A1'
    const paper = await read(
      line(760, 'Preprint typeset using a style', 7),
      line(735, title, 9.5),
      line(715, 'Ada Author, Bela Writer', 8),
      named(680),
      body(540),
    )
    expect(paper.title).toBe(title)
  })

  it('stands on the second page where the first is empty', async () => {
    const second = page(
      line(740, TITLE, 15, 'bold'),
      line(715, 'Ada Author, Bela Writer'),
      named(680),
      body(540),
    )
    const paper = await readPdf(makePdf([page(), second]))
    expect(paper.title).toBe(TITLE)
    expect(paper.authors).toEqual(['Ada Author', 'Bela Writer'])
  })

  it('stands above numbered addresses, which are no sections', async () => {
    const address = '5 Lake Materials Laboratory, Dongguan, Guangdong 523808, China'
    const paper = await read(
      line(740, TITLE, 15, 'bold'),
      line(715, 'Ada Author⁵, Bela Writer⁵'),
      line(695, address, 9.5),
      text('SUMMED UP', 3, { y: 660 }),
      line(480, 'Results', 12, 'bold'),
      text('BODY', 6, { y: 460 }),
    )
    expect(paper.sections.map((s) => s.number)).toEqual([null, null])
    expect(paper.abstract).toMatch(/^SUMMED UP/u)
  })

  it('is not the name of the journal, above volume and pages', async () => {
    const paper = await read(
      line(760, 'LEASELAB', 25, 'bold'),
      line(742, 'Rev. R. Acad. Leases'),
      line(730, 'VOL. 103 (2), 2009, pp. 235-249'),
      line(690, TITLE, 15, 'bold'),
      line(665, 'Ada Author, Bela Writer'),
      named(630),
      body(480),
    )
    expect(paper.title).toBe(TITLE)
    expect(paper.authors).toEqual(['Ada Author', 'Bela Writer'])
  })

  it('is the first line of a library’s cover, above its fields', async () => {
    const fields = [
      TITLE,
      'Author(s): A. Author, B. Writer',
      'Source: Journal of Leases, Vol. 20, No. 1 (1983), pp. 1-22',
    ]
    const cover = page(
      lines(fields, { x: 72, y: 640, size: 11, leading: 12 }),
      text('Your use of the archive indicates your acceptance of its terms.', 1, { y: 560, size: 9 }),
    )
    const paper = await readPdf(makePdf([cover, page(body(700)), page(text('MORE', 12, { y: 700 }))]))
    expect(paper.title).toBe(TITLE)
    expect(paper.authors).toEqual(['A. Author', 'B. Writer'])
  })

  it.each([
    'Delft University of Technology',
    'Bachelor thesis Nr. 361b',
    'Thèse de Doctorat',
    'Tesis doctoral',
  ])('is not "%s" above it', async (above) => {
    const paper = await read(
      line(740, above, 15, 'bold'),
      line(690, TITLE, 13, 'bold'),
      line(660, 'Ada Author'),
      named(620),
      body(470),
    )
    expect(paper.title).toBe(TITLE)
  })

  it('is not the number of the paper, beside the editors of the proceedings', async () => {
    const paper = await read(
      line(740, 'Paper 46', 16, 'bold'),
      { x: 330, y: 740, size: 8, text: 'B.H. Editor, J.M. Writer, F.J. Nap,' },
      { x: 330, y: 731, size: 8, text: 'Leases Press, Somewhere' },
      line(700, TITLE, 16, 'bold'),
      line(680, 'that wake each other', 16, 'bold'),
      line(650, 'A. Author', 12),
      named(620),
      body(470),
    )
    expect(paper.title).toBe(`${TITLE} that wake each other`)
  })

  it('does not hold the authors below it in its type', async () => {
    const paper = await read(
      line(740, TITLE, 17),
      line(720, 'that wake each other', 17),
      line(700, 'A.L. Author Writer and J-M. Nap', 17),
      named(640),
      body(490),
    )
    expect(paper.title).toBe(`${TITLE} that wake each other`)
    expect(paper.authors).toEqual(['A.L. Author Writer', 'J-M. Nap'])
  })

  it('is not the journal of a publisher’s cover, nor its abstract the terms of use', async () => {
    const cover = page(
      text('This article was downloaded by: [Author, Ada] On: 25 March 2011.', 2, { y: 760 }),
      line(680, 'Quantitative Sleep', 15, 'bold'),
      line(668, 'Publication details, including instructions for authors and subscription information:', 9),
      line(630, `${TITLE} that`, 15, 'bold'),
      line(612, 'wake each other', 15, 'bold'),
      line(590, 'Ada Author; Bela Writer', 9),
      line(400, 'PLEASE SCROLL DOWN FOR ARTICLE', 12),
      text('Full terms and conditions of use: at the publisher', 3, { y: 370, size: 8 }),
    )
    const paper = await readPdf(makePdf([cover, page(body(700)), page(text('MORE', 12, { y: 700 }))]))
    expect(paper.title).toBe(`${TITLE} that wake each other`)
    expect(paper.abstract).toBeNull()
  })

  it('is not the words "Accepted Manuscript", nor the authors in its type', async () => {
    const paper = await read(
      line(740, 'Accepted Manuscript', 14, 'bold'),
      line(710, TITLE, 9.5),
      line(690, 'Ada Author, Bela Writer', 9.5),
      line(660, 'PII: S2095-0349(15)00110-5', 9.5),
      named(600),
      body(450),
    )
    expect(paper.title).toBe(TITLE)
    expect(paper.authors).toEqual(['Ada Author', 'Bela Writer'])
  })

  it('is what a manuscript names so, up to the next name', async () => {
    const paper = await read(
      line(740, 'Editorial System for the Journal of Leases', 11),
      line(722, `Title: ${TITLE}`, 11),
      line(710, 'that wake each other', 11),
      line(698, 'Keywords: leases, sleep', 11),
      named(640),
      body(500),
    )
    expect(paper.title).toBe(`${TITLE} that wake each other`)
  })

  it.each(['Master’s thesis in Computer Science', 'ADA AUTHOR1,*, BELA WRITER2'])(
    'does not go on with "%s"',
    async (below) => {
      const paper = await read(
        line(740, TITLE.toUpperCase(), 12),
        line(714, below.replace('’', "'"), 11),
        line(690, 'Department of Leases, University of Somewhere', 10),
        named(640),
        body(500),
      )
      expect(paper.title).toBe(TITLE.toUpperCase())
    },
  )

  it.each([
    [
      'a journal that stands elsewhere with its year and volume',
      [
        line(760, 'Journal of Sleeping Workers, 2016, 10, 214-226', 8),
        line(730, 'Journal of Sleeping Workers', 19, 'bold'),
      ],
    ],
    ['a word in a logo', [line(770, 'Sleepology', 20), line(740, 'Research Article', 9)]],
    ['a kind of article', [line(720, 'Corrigendum', 17, 'italic')]],
    ['a journal of some nation', [line(740, 'Iranian Journal of Sleep', 20, 'bold')]],
    [
      'a journal beside its publisher',
      [
        line(765, 'Sleep and Alternative Leases', 20, 'bold'),
        { x: 470, y: 765, size: 20, font: 'bold', text: 'Pub' } as const,
        line(745, 'Sleep and Alternative Leases 2006, 6:3', 8),
      ],
    ],
  ])('is not the name of %s', async (_, above) => {
    const paper = await read(
      above,
      line(690, 'Leases of workers that sleep for a long time', 17, 'bold'),
      line(665, 'Ada Author, Bela Writer'),
      named(640),
      body(500),
    )
    expect(paper.title).toBe('Leases of workers that sleep for a long time')
  })

  it('goes on beside the journal’s imprint in the next column', async () => {
    const right = (y: number, words: string): TextItem => ({ x: 440, y, size: 7, text: words })
    const columns = (y: number) => [
      ...text('LEFT', 8, { x: 54, y, width: 42 }),
      ...text('RIGHT', 8, { x: 316, y, width: 42 }),
    ]
    const paper = await readPdf(
      makePdf([
        page(
          {
            x: 54,
            y: 760,
            size: 14,
            font: 'bold',
            text: 'Studies of the leases and the free sleep of workers',
          },
          right(757, 'Sleep Insights'),
          right(748, 'Volume 13: 1-9'),
          { x: 54, y: 742, size: 14, font: 'bold', text: 'that are gone, and' },
          right(739, 'Reprints and permissions'),
          { x: 54, y: 724, size: 14, font: 'bold', text: 'of those that are not' },
          line(700, 'Ada Author, Bela Writer', 12),
          text('ABSTRACT: SUMMED UP', 3, { x: 54, y: 670, width: 95 }),
          columns(560),
        ),
        page(columns(740)),
      ]),
    )
    expect(paper.title).toBe(
      'Studies of the leases and the free sleep of workers that are gone, and of those that are not',
    )
  })

  it('ends like a sentence', async () => {
    const paper = await read(
      line(740, 'Leases of sleeping workers', 24),
      line(712, 'and of the genus Somnium L.', 24),
      line(680, 'Ada Author, Bela Writer'),
      named(650),
      body(520),
    )
    expect(paper.title).toBe('Leases of sleeping workers and of the genus Somnium L.')
  })

  it('is read beside notes in the margin', async () => {
    const margin = (y: number, words: string): TextItem => ({ x: 40, y, size: 6, text: words })
    const right = (y: number, words: string): TextItem => ({ x: 160, y, size: 20, font: 'bold', text: words })
    const paper = await read(
      margin(740, 'OPEN'),
      right(740, 'Leases of workers'),
      margin(716, 'Received: 11 April 2017'),
      right(714, 'that sleep on'),
      margin(692, 'Published: 2 May 2017'),
      margin(655, 'Institute of Sleep,'),
      margin(645, 'Bertha Rest Technical'),
      margin(600, 'Edited by:'),
      margin(590, 'Carl Nap'),
      right(690, 'for a long time'),
      { x: 160, y: 665, size: 10, text: 'Ada Author & Bela Writer' },
      text('We motivate the design.', 4, { x: 160, y: 630, width: 75 }),
      { x: 160, y: 480, size: 12, font: 'bold', text: 'Introduction' },
      text('BODY', 8, { x: 160, y: 460, width: 75 }),
    )
    expect(paper.title).toBe('Leases of workers that sleep on for a long time')
    expect(paper.authors).toEqual(['Ada Author', 'Bela Writer'])
    expect(paper.abstract).toMatch(/^We motivate the design\.[^0-9]*It ends here\.$/)
    expect(paper.front).toContain('Received: 11 April 2017')
  })

  it('has a subtitle in bold of the text’s size, in its language', async () => {
    const paper = await read(
      line(740, 'Acorda, trabalhador', 20, 'bold'),
      line(715, 'Uma proposta a partir do sono', 12, 'bold'),
      line(690, 'Ada Author', 14),
      text('TEXTO', 9, { y: 640, size: 12 }),
    )
    expect(paper.title).toBe('Acorda, trabalhador Uma proposta a partir do sono')
    expect(paper.authors).toEqual(['Ada Author'])
  })

  it('and its authors are read where there is nothing else, which stays text', async () => {
    const paper = await read(line(740, TITLE, 20), line(700, 'Ada Author'), line(685, 'University of Sleep'))
    expect([paper.title, paper.authors]).toEqual([TITLE, ['Ada Author']])
    expect(paper.text).toContain('University of Sleep')
  })
})

describe('abstract', () => {
  it('is not begun by the word in a list of contents', async () => {
    const contents = ['Abstract 1', 'Contents 2', '1 Introduction: leases and sleep 4', '2 Background 5']
    const paper = await readPdf(
      makePdf([
        page(
          line(740, TITLE, 17),
          line(715, 'ADA AUTHOR, Sleep University, Canada'),
          text('We motivate the design.', 3, { y: 680, size: 8, width: 90 }),
          line(570, 'CCS Concepts: Leases; Sleep', 8),
        ),
        page(lines(contents, { x: 72, y: 700, size: 9.5, leading: 12 }), body(600)),
        page(text('MORE', 9, { y: 700 })),
      ]),
    )
    expect(paper.abstract).toMatch(/^We motivate the design\..*It ends here\.$/)
  })

  it('in small print without a heading is found below a long list of authors', async () => {
    const authors = [
      'ADA AUTHOR and',
      'Leases Inc., New York',
      'BELA WRITER',
      'Sleep University',
      'and',
      'C. NAP',
    ]
    const paper = await read(
      line(740, TITLE, 17),
      lines(authors, { x: 72, y: 710, size: 10, leading: 12 }),
      text('We motivate the design.', 3, { y: 620, size: 8, width: 90 }),
      line(540, 'Categories and Subject Descriptors: D.3 [Leases]', 8),
      body(500),
      text('MORE', 4, { y: 300 }),
    )
    expect(paper.abstract).toMatch(/^We motivate the design\..*It ends here\.$/)
  })

  it.each([
    '(Some figures in this article are in colour only in the electronic version)',
    '1998 ACM Subject Classification F.3.2 Semantics of leases and of sleep',
    'Author Keywords: leases; sleep',
    'Palabras clave: leases; sleep',
  ])('ends before "%s"', async (after) => {
    const paper = await read(
      line(740, TITLE, 17),
      line(715, 'Ada Author'),
      named(690),
      line(560, after, 9.5),
      body(480),
    )
    expect(paper.abstract).toMatch(/^SUMMED UP.*It ends here\.$/s)
  })

  it('goes on in the next column past the names and addresses at the foot of the first', async () => {
    const [left, right] = [
      wrap(`SUMMED UP ${PROSE.repeat(3)}`, 40),
      wrap(`${PROSE.repeat(2)}. It ends here.`, 40),
    ]
    const column = (x: number, y: number, rows: string[]) => lines(rows, { x, y, size: 9.5, leading: 11.5 })
    const text40 = (marker: string, n: number, x: number, y: number) => text(marker, n, { x, y, width: 40 })
    const paper = await readPdf(
      makePdf([
        page(
          line(740, TITLE, 17),
          line(715, 'Ada Author'),
          column(54, 680, [`Abstract ${left[0]!.slice(0, 30)}`, ...left.slice(1)]),
          { x: 54, y: 680 - 11.5 * left.length - 28, size: 8, text: 'Communicated by B. Writer' },
          { x: 54, y: 680 - 11.5 * left.length - 41, size: 11.5, text: 'A. Author : B. Writer : C. Nap' },
          { x: 54, y: 680 - 11.5 * left.length - 54, size: 8, text: 'Sleep University, Somewhere' },
          column(320, 680, right),
          { x: 320, y: 500, size: 9.5, font: 'bold', text: 'Introduction' },
          text40('RIGHT', 6, 320, 480),
        ),
        page(text40('THIRD', 14, 54, 700), text40('FOURTH', 14, 320, 700)),
      ]),
    )
    expect(paper.abstract).toMatch(/It ends here\.$/)
    expect(paper.abstract).not.toContain('C. Nap')
  })

  it('is none below the heading of a section without a number', async () => {
    const paper = await read(
      line(740, TITLE, 18, 'bold'),
      line(715, 'Ada Author'),
      line(680, 'Leases in the past decades', 15, 'bold'),
      text('OPENING', 3, { y: 655 }),
      line(560, 'Leases today', 15, 'bold'),
      text('TODAY', 6, { y: 535 }),
    )
    expect(paper.abstract).toBeNull()
  })

  it('is not what the first page of a thesis says of the thesis', async () => {
    const cover = page(
      line(700, TITLE, 22, 'bold'),
      text('Proefschrift ter verkrijging van de graad van doctor', 2, { y: 500 }),
      line(300, 'door'),
      line(260, 'Ada Author', 14),
    )
    const paper = await readPdf(makePdf([cover, page(body(700)), page(text('MORE', 12, { y: 700 }))]))
    expect(paper.title).toBe(TITLE)
    expect(paper.abstract).toBeNull()
  })

  it('of a thesis is found behind its first pages', async () => {
    const cover = page(line(700, TITLE, 22, 'bold'), line(600, 'Ada Author', 14))
    const blank = [2, 3, 4, 5].map((n) => page(line(700, `Page ${n} of the front matter`)))
    const paper = await readPdf(makePdf([cover, ...blank, page(named(700)), page(body(700))]))
    expect(paper.abstract).toMatch(/^SUMMED UP/)
  })

  it.each(['Correspondence to: A. Author, Sleep University', 'Key words: leases, sleep'])(
    'goes on in the next column, with "%s" at the foot of its own',
    async (foot) => {
      const left = wrap(`SUMMED UP ${PROSE.repeat(3)}`, 40)
      const column = (x: number, y: number, rows: string[]) => lines(rows, { x, y, size: 9.5, leading: 11.5 })
      const paper = await readPdf(
        makePdf([
          page(
            line(740, TITLE, 17),
            column(320, 715, ['Ada Author', 'Bela Writer, Carl Nap', 'Sleep University']),
            column(54, 650, [`Abstract. ${left[0]!.slice(0, 28)}`, ...left.slice(1)]),
            { x: 54, y: 640 - 11.5 * left.length - 30, size: 9.5, font: 'italic', text: foot },
            column(320, 650, wrap(`${PROSE.repeat(2)}. It ends here.`, 40)),
            { x: 320, y: 500, size: 9.5, font: 'bold', text: 'Introduction' },
            text('RIGHT', 6, { x: 320, y: 480, width: 40 }),
          ),
          page(
            text('THIRD', 14, { x: 54, y: 700, width: 40 }),
            text('FOURTH', 14, { x: 320, y: 700, width: 40 }),
          ),
        ]),
      )
      expect(paper.abstract).toMatch(/^SUMMED UP.*It ends here\.$/)
    },
  )

  it('without a heading goes on on the next page, behind keywords and thanks', async () => {
    const first = page(
      line(700, TITLE, 20),
      line(670, 'Ada Author'),
      lines(wrap(`We sum up. ${PROSE.repeat(3)}`, 80), { x: 90, y: 620, size: 8, leading: 10 }),
      line(520, 'Key words: leases, sleep', 8),
      line(480, '∗We thank those who slept.', 8),
    )
    const second = page(
      lines(wrap(`${PROSE.repeat(3)}. It ends here.`, 80), { x: 90, y: 720, size: 8, leading: 10 }),
      body(600),
    )
    const paper = await readPdf(makePdf([first, second, page(text('MORE', 12, { y: 700 }))]))
    expect(paper.abstract).toMatch(/^We sum up\..*It ends here\.$/)
    expect(paper.abstract).not.toContain('thank')
  })

  it('begins with the name of an institute', async () => {
    const paper = await read(
      line(740, TITLE, 17, 'bold'),
      line(715, 'Ada Author', 12),
      text('Presently at the Institute for Sleep (IFS), Somewhere', 3, { y: 680, width: 85 }),
      line(560, 'Nomenclature', 12, 'bold'),
      line(540, 'IFS   Institute For Sleep'),
      body(510),
    )
    expect(paper.abstract).toMatch(/^Presently at the Institute.*It ends here\.$/)
    expect(paper.authors).toEqual(['Ada Author'])
  })

  it('is whole where the words at the head of its parts are larger than the rest, between wide lines', async () => {
    const part = (y: number, word: string): TextItem[] =>
      wrap(`${word}. ${PROSE}. It ends here.`, 80).map((row, i) => ({
        x: 72,
        y: y - 17 * i,
        size: i === 0 ? 10 : 9,
        text: row,
      }))
    const paper = await read(
      line(760, TITLE, 18, 'bold'),
      line(738, 'Ada Author'),
      line(715, 'Abstract', 10, 'bold'),
      part(697, 'Background'),
      part(640, 'Results'),
      line(580, 'Key words: sleep', 10, 'bold'),
      { x: 72, y: 550, size: 12, font: 'bold', text: '1 Introduction' },
      text('BODY', 14, { y: 530, size: 10 }),
    )
    expect(paper.abstract).toMatch(/^Background\. every.*It ends here\.\s+Results\. every.*It ends here\.$/s)
  })

  it.each([
    ['Resumen. ', 'Abstract. '],
    ['Resumo - ', 'Abstract - '],
  ])('of two is the one in English: %s %s', async (first, second) => {
    const paper = await read(
      line(740, TITLE, 17),
      line(715, 'Ada Author, Bela Writer'),
      text(`${first}DE LO DICHO`, 2, { y: 690 }),
      text(`${second}SUMMED UP`, 2, { y: 620 }),
      body(540),
    )
    expect(paper.abstract).toMatch(/^SUMMED UP.*It ends here\.$/)
    expect(paper.text).toContain('DE LO DICHO')
    expect(paper.authors).toEqual(['Ada Author', 'Bela Writer'])
  })

  it.each(['Resumen-', 'Zusammenfassung. ', 'Résumé : '])(
    'follows its word in another language: %s',
    async (word) => {
      const paper = await read(
        line(740, TITLE, 17),
        line(715, 'Ada Author'),
        text(`${word}KURZ`, 2, { y: 690 }),
        body(600),
      )
      expect(paper.abstract).toMatch(/^KURZ.*It ends here\.$/)
    },
  )

  it('behind the text, in another language, leaves the text where it is', async () => {
    const paper = await readPdf(
      makePdf([
        page(line(740, TITLE, 17), line(715, 'Ada Author'), text('BODY', 12, { y: 680 })),
        page(
          text('MORE', 8, { y: 700 }),
          line(400, 'Abstract', 12, 'bold'),
          text('SUMMED UP', 2, { y: 380 }),
        ),
      ]),
    )
    expect(paper.abstract).toMatch(/^SUMMED UP/)
    expect(paper.text).toContain('BODY')
  })

  it('ends before the one in another language', async () => {
    const paper = await read(
      line(740, TITLE, 17),
      line(715, 'Ada Author'),
      text('Abstract. SUMMED UP', 2, { y: 690 }),
      text('Resumo. DITO', 2, { y: 630 }),
      body(560),
    )
    expect(paper.abstract).toMatch(/^SUMMED UP[^]*It ends here\.$/)
    expect(paper.abstract).not.toContain('DITO')
  })

  it('is not the word that stands there twice, nor whom to write to', async () => {
    const paper = await read(
      line(740, TITLE, 17),
      line(715, 'Ada Author'),
      line(690, 'Abstract', 12, 'bold'),
      line(674, 'ABSTRACT', 9.5),
      text('SUMMED UP', 2, { y: 655 }),
      line(595, 'Corresponding Author:', 9.5),
      line(583, 'Ada Author, ada@sleep.example', 9.5),
      body(540),
    )
    expect(paper.abstract).toMatch(/^SUMMED UP.*It ends here\.$/)
  })

  it('stands below "Summary" at the head, not at the end', async () => {
    const head = [line(740, TITLE, 17), line(715, 'Ada Author')]
    const summary = (y: number) => [line(y, 'Summary', 12, 'bold'), ...text('SUMMED UP', 2, { y: y - 18 })]
    expect((await read(head, summary(690), body(600))).abstract).toMatch(/^SUMMED UP.*It ends here\.$/)
    expect((await read(head, body(690), summary(400))).abstract).toBeNull()
  })
})

describe('byline', () => {
  const byline = async (...rows: string[]): Promise<string[]> => {
    const items = rows.map((row, i) => line(714 - 13 * i, row))
    return (await read(line(740, TITLE, 17), items, named(640), body(500))).authors
  }

  it('is read from left to right, also where a name stands a little higher', async () => {
    const name = (x: number, y: number, words: string): TextItem => ({ ...line(y, words), x })
    const row = [name(80, 690, 'Ada Author∗'), name(350, 694, 'Bela Writer')]
    const paper = await read(line(740, TITLE, 17), row, named(640), body(500))
    expect(paper.authors).toEqual(['Ada Author', 'Bela Writer'])
  })

  it.each([
    [['A.Author, B.Writer and C.M.Nap'], ['A. Author', 'B. Writer', 'C.M. Nap']],
    [['Ada Author(1), Bela Writer(2) and Cleo Nap(1,2)'], ['Ada Author', 'Bela Writer', 'Cleo Nap']],
    [['Author, A., Writer, B. and Nap, C.'], ['A. Author', 'B. Writer', 'C. Nap']],
    [
      ['Ada Author & Bela Writer &', 'Cleo Nap'],
      ['Ada Author', 'Bela Writer', 'Cleo Nap'],
    ],
    [
      ['ADA AUTHOR, Sleep University, Canada', 'BELA WRITER, UNIVERSITY OF SOMEWHERE'],
      ['Ada Author', 'Bela Writer'],
    ],
  ])('reads %j', async (rows, names) => {
    expect(await byline(...rows)).toEqual(names)
  })

  it('stands above the title where nobody is named below it', async () => {
    const paper = await read(
      line(750, 'Ada Author*, Bela Writer, and Cleo Nap', 11),
      line(728, TITLE, 17, 'bold'),
      named(690),
      body(540),
    )
    expect(paper.authors).toEqual(['Ada Author', 'Bela Writer', 'Cleo Nap'])
  })

  it.each([
    ['1Ada B Author, 2Bela Writer, 3Carl Nap', ['Ada B Author', 'Bela Writer', 'Carl Nap']],
    [
      'Ada Author, M.S.[1], Bela Writer, PhD[1,2], CCC-SLP, & Carl D. Nap, BDS, MSc.',
      ['Ada Author', 'Bela Writer', 'Carl D. Nap'],
    ],
    ['Ada Author, M.A. Writer y Carla Nap', ['Ada Author', 'M.A. Writer', 'Carla Nap']],
    ['Ada Costa e Silva, Bela Cury e Paulo Nap', ['Ada Costa e Silva', 'Bela Cury', 'Paulo Nap']],
  ])('reads degrees, numbers and small words: %s', async (row, names) => {
    expect(await byline(row)).toEqual(names)
  })

  it('is one name with initials below a title in capitals', async () => {
    const paper = await read(
      line(740, 'SLEEPING WORKERS IN TRADITIONAL', 14, 'bold'),
      line(724, 'LEASES AND LAW', 14, 'bold'),
      line(697, 'A.B.WRITER', 12, 'bold'),
      named(660),
      body(520),
    )
    expect([paper.title, paper.authors]).toEqual([
      'SLEEPING WORKERS IN TRADITIONAL LEASES AND LAW',
      ['A.B. Writer'],
    ])
  })

  it('reads names with initials over two lines', async () => {
    expect(await byline('Ada Author¹, Bela Writer², Pulik', 'S. Jacob¹ and Carl Nap²')).toContain(
      'Pulik S. Jacob',
    )
  })

  it('is found below the title behind a cover', async () => {
    const cover = page(line(500, TITLE, 20), line(470, 'Author et al.'))
    const first = page(line(740, TITLE, 20), line(710, 'Ada Author, Bela Writer'), named(680), body(560))
    const paper = await readPdf(makePdf([cover, first]))
    expect(paper.authors).toEqual(['Ada Author', 'Bela Writer'])
  })
})

describe('what a paper prints', () => {
  it.each(['[p. 99]', '[p.99]', '[ p. 99 ]', '[p . 99]', '[pp. 99-101]', '[P. 99]'])(
    'is no mark of ours: %s',
    async (printed) => {
      const sentence = `As Writer says ${printed} in another place,`
      const paper = await read(line(740, TITLE, 17), named(700), body(540), text(sentence, 2, { y: 250 }))
      expect(paper.text).toMatch(/As Writer says \(\s?pp?\s?\.\s?99[-\d]*\s?\) in/i)
      expect(paper.text.match(/\[p\. ?\d+/gi)).toEqual(['[p. 1'])
    },
  )

  it('is no mark of ours over two lines', async () => {
    const rows = [
      'Writer says otherwise, and says so in very many words, of another good work [p.',
      '99] that nobody reads, for it is about the leases of others and about their sleep too',
    ]
    const paper = await read(
      line(740, TITLE, 17),
      named(700),
      body(540),
      lines(rows, { x: 72, y: 250, size: 9.5, leading: 11.5 }),
    )
    expect(paper.text).toContain('another good work (p. 99] that')
  })

  it('has its accents where they stand, be they printed behind the line', async () => {
    const wide = 0.6 * 9.5
    const words = 'Names such as Falco, Ll. Navarro and J. Nave keep their leases'
    const over = 72 + wide * (words.indexOf('o,') + 0.2)
    const paper = await read(line(740, TITLE, 17), named(700), body(540), line(250, words, 9.5), {
      x: over,
      y: 251,
      size: 8,
      text: '\u00b4',
    })
    expect(paper.text).toContain('as Falcó, Ll. Navarro')
  })

  it('has no space where an accent was printed on the way', async () => {
    const wide = 0.6 * 9.5
    const at = (n: number): number => 72 + wide * n
    const accent = (n: number): TextItem => ({ x: at(n + 0.2), y: 251, size: 8, text: '\u00b4' })
    const paper = await read(
      line(740, TITLE, 17),
      named(700),
      body(540),
      line(250, 'Names such as Gabor Sz', 9.5),
      accent('Names such as G'.length),
      { x: at('Names such as Gabor Sz'.length), y: 250, size: 9.5, text: 'arnyas and others' },
      accent('Names such as Gabor Sz'.length),
    )
    expect(paper.text).toContain('as Gábor Szárnyas and others')
  })
})
