import { describe, expect, it } from 'vitest'
import { orderedLines } from '../../src/papers/extract/layout/columns.js'
import type { Segment } from '../../src/papers/extract/model.js'
import { lines, makePdf, wrap, type TextItem } from '../support/pdf.js'
import { readPdf } from '../support/read-pdf.js'

const PROSE =
  'The scheduler gives every worker a lease and takes it back when the worker has been silent for too long so that ' +
  'no job is lost and none is done twice even if a machine sleeps for an hour and wakes with old ideas of the world '

interface Paragraph {
  x: number
  y: number
  width: number
  size?: number
  rows?: number
}

/** Lines of prose that begin with a marker; Courier is 0.6 em wide. */
function para(marker: string, { x, y, width, size = 9, rows = 6 }: Paragraph): TextItem[] {
  const texts = wrap(`${marker} ${PROSE.repeat(8)}`, Math.floor(width / (0.6 * size))).slice(0, rows)
  const last = texts.length - 1
  texts[last] = `${texts[last]!.slice(0, -12)} end.`
  return lines(texts, { x, y, size, leading: 1.2 * size })
}

const LEFT = { x: 54, width: 245 }
const RIGHT = { x: 318, width: 245 }
const WIDE = { x: 108, width: 396 }

function at(x: number, y: number, text: string, more: Partial<TextItem> = {}): TextItem {
  return { x, y, text, ...more }
}

/** A line in the middle of a stretch of the page. */
function centred(
  area: { x: number; width: number },
  y: number,
  text: string,
  more: Partial<TextItem> = {},
): TextItem {
  const size = more.size ?? 10
  return { x: area.x + (area.width - 0.6 * size * text.length) / 2, y, text, ...more }
}

const PAGE = { x: 0, width: 612 }

function entries(texts: readonly string[], x: number, y: number): TextItem[] {
  return lines(texts, { x, y, size: 8, leading: 10 })
}

async function outlineOf(items: readonly TextItem[], more: readonly TextItem[] = []): Promise<string[]> {
  const pages = more.length === 0 ? [items] : [items, more]
  const paper = await readPdf(makePdf(pages))
  return [
    paper.title ?? '-',
    ...paper.sections.map((s) => `${s.level} ${s.number ?? '-'} ${s.title}`),
    `abstract ${paper.abstract?.split(' ')[0] ?? '-'}`,
    `references ${paper.references.length}`,
  ]
}

describe('lines of two columns', () => {
  const segment = (x0: number, x1: number, base: number): Segment => ({
    ...{ text: 'x'.repeat(Math.floor((x1 - x0) / 4)), x0, x1, base, size: 9, order: -base },
    ...{ glyphs: Math.floor((x1 - x0) / 4), bold: 0, italic: 0, math: 0, mono: 0, leftward: 0 },
  })
  const columnsOf = (...segments: Segment[]): number[] =>
    orderedLines(
      { number: 1, width: 612, height: 792, segments, hidden: 0, unnamed: 0, hiddenText: '', turnedText: '' },
      { left: 285, right: 315 },
    ).map((l) => l.column)

  it('take the short last line of a paragraph across the page to it', () => {
    expect(columnsOf(segment(60, 550, 700), segment(60, 200, 690), segment(60, 550, 680))).toEqual([0, 0, 0])
  })

  it('take the parts of a stretched line across the page to it', () => {
    const parts = [
      segment(60, 75, 700),
      segment(84, 320, 700),
      segment(330, 345, 700),
      segment(360, 550, 700),
    ]
    expect(columnsOf(...parts, segment(60, 550, 690))).toEqual([0, 0])
  })

  it('leave a line alone that stands beside another, or farther below', () => {
    const beside = [segment(60, 550, 700), segment(60, 200, 690), segment(320, 560, 690)]
    expect(columnsOf(...beside)).toEqual([0, 1, 2])
    expect(columnsOf(segment(60, 550, 700), segment(60, 280, 680))).toEqual([0, 1])
  })
})

describe('layouts', () => {
  it('NeurIPS: abstract under a centred heading, checklist after the references', async () => {
    const first = [
      centred(PAGE, 700, 'Leases for Sleeping Workers at Scale', { size: 17, font: 'bold' }),
      centred(PAGE, 660, 'Ann Author', { font: 'bold' }),
      centred(PAGE, 648, 'Institute of Sleep, University of Rest'),
      centred(PAGE, 600, 'Abstract', { size: 12, font: 'bold' }),
      ...para('SUMMARY', { x: 144, width: 324, y: 580 }),
      at(108, 490, '1 Introduction', { size: 12, font: 'bold' }),
      ...para('FIRST', { ...WIDE, y: 470 }),
      at(108, 380, '2 Method', { size: 12, font: 'bold' }),
      at(108, 362, '2.1 Bounds', { font: 'bold' }),
      ...para('SECOND', { ...WIDE, y: 346 }),
      centred(PAGE, 40, '39th Conference on Neural Information Processing Systems.', { size: 8 }),
    ]
    const second = [
      at(108, 720, 'References', { size: 12, font: 'bold' }),
      ...entries(
        [
          '[1] A. Author. A paper on sleep. 2019.',
          '[2] B. Author. Another paper. 2020.',
          '[3] C. Author. One more. 2021.',
        ],
        108,
        700,
      ),
      at(108, 640, 'A Proofs', { size: 12, font: 'bold' }),
      ...para('THIRD', { ...WIDE, y: 620 }),
      at(108, 530, 'NeurIPS Paper Checklist', { size: 12, font: 'bold' }),
      ...para('FOURTH', { ...WIDE, y: 510 }),
    ]
    expect(await outlineOf(first, second)).toEqual([
      'Leases for Sleeping Workers at Scale',
      '1 - Abstract',
      '1 1 Introduction',
      '1 2 Method',
      '2 2.1 Bounds',
      '1 A Proofs',
      '1 - NeurIPS Paper Checklist',
      'abstract SUMMARY',
      'references 3',
    ])
  })

  it('ICML: two columns, numbers with a stop, references by hanging indents', async () => {
    const first = [
      centred(PAGE, 700, 'Leases for Sleeping Workers', { size: 14, font: 'bold' }),
      centred(PAGE, 670, 'Ann Author and Ben Author', { font: 'bold' }),
      centred(LEFT, 630, 'Abstract', { size: 12, font: 'bold' }),
      ...para('SUMMARY', { x: 74, width: 205, y: 612, rows: 14 }),
      at(54, 440, '1. Introduction', { size: 12, font: 'bold' }),
      ...para('FIRST', { ...LEFT, y: 420, rows: 30 }),
      ...para('SECOND', { ...RIGHT, y: 630, rows: 18 }),
      at(318, 410, '2. Method', { size: 12, font: 'bold' }),
      at(318, 392, '2.1. Bounds', { font: 'bold' }),
      ...para('THIRD', { ...RIGHT, y: 376, rows: 24 }),
    ]
    const refs = [
      'Author, A. and Author, B. A paper on',
      'sleep. In ICML, 2019.',
      'Bauthor, C. Another paper on rest that',
      'is long. In ICML, 2020.',
      'Cauthor, D. One more paper on leases,',
      'too. In ICML, 2021.',
    ]
    const second = [
      at(54, 720, 'Impact Statement', { size: 12, font: 'bold' }),
      ...para('FOURTH', { ...LEFT, y: 700, rows: 24 }),
      at(54, 400, 'References', { size: 12, font: 'bold' }),
      ...refs.map((text, i) => at(i % 2 === 0 ? 54 : 64, 380 - 11 * i, text, { size: 9 })),
      ...para('FIFTH', { ...RIGHT, y: 720, rows: 24 }).map((item, i) =>
        i === 0 ? at(318, 720, 'A. Proofs', { size: 12, font: 'bold' }) : item,
      ),
    ]
    expect(await outlineOf(first, second)).toEqual([
      'Leases for Sleeping Workers',
      '1 - Abstract',
      '1 1 Introduction',
      '1 2 Method',
      '2 2.1 Bounds',
      '1 - Impact Statement',
      '1 A Proofs',
      'abstract SUMMARY',
      'references 3',
    ])
  })

  it('ICLR: headings in small capitals of two sizes', async () => {
    const caps = (x: number, y: number, big: string, rest: string): TextItem[] => [
      at(x, y, big, { size: 12 }),
      at(x + 7.2 * big.length, y, rest, { size: 9.5 }),
    ]
    const first = [
      ...caps(108, 700, 'L', 'EASES').map((item) => ({ ...item, size: item.size! * 1.4, x: item.x })),
      centred(PAGE, 640, 'ABSTRACT', { size: 12 }),
      ...para('SUMMARY', { x: 144, width: 324, y: 620 }),
      ...caps(108, 530, '1 I', 'NTRODUCTION'),
      ...para('FIRST', { ...WIDE, y: 510 }),
      ...caps(108, 420, '2 M', 'ETHOD'),
      ...caps(108, 400, '2.1 B', 'OUNDS'),
      ...para('SECOND', { ...WIDE, y: 384 }),
      ...caps(108, 290, 'R', 'EFERENCES'),
      ...entries(['Ann Author. A paper on sleep. 2019.', '', 'Ben Author. Another paper. 2020.'], 108, 270),
    ]
    const found = await outlineOf(first)
    expect(found.slice(1, -1)).toEqual([
      '1 - Abstract',
      '1 1 INTRODUCTION',
      '1 2 METHOD',
      '2 2.1 BOUNDS',
      'abstract SUMMARY',
    ])
    expect(found.at(-1)).toBe('references 2')
  })

  it('IEEE: abstract as run-in, centred Roman numbers, letters in italics', async () => {
    const abstract = para('Abstract—SUMMARY', { ...LEFT, y: 640, rows: 8 }).map((item) => ({
      ...item,
      font: 'bold' as const,
    }))
    const first = [
      centred(PAGE, 710, 'Leases for Sleeping Workers', { size: 20 }),
      centred(PAGE, 680, 'Ann Author, Member, IEEE'),
      ...abstract,
      centred(LEFT, 530, 'I. INTRODUCTION'),
      ...para('FIRST', { ...LEFT, y: 514, rows: 40 }),
      ...para('SECOND', { ...RIGHT, y: 640, rows: 20 }),
      centred(RIGHT, 410, 'II. METHOD'),
      at(318, 394, 'A. Bounds', { font: 'italic' }),
      ...para('THIRD', { ...RIGHT, y: 380, rows: 12 }),
      centred(RIGHT, 236, 'ACKNOWLEDGMENT'),
      ...para('FOURTH', { ...RIGHT, y: 220, rows: 3 }),
      centred(RIGHT, 174, 'REFERENCES'),
      ...entries(
        [
          '[1] A. Author, “A paper,” 2019.',
          '[2] B. Author, “A paper,” 2020.',
          '[3] C. Author, “A paper,” 2021.',
        ].map((t) => t.replace(/[“”]/g, '"')),
        318,
        160,
      ),
    ].map((item) => ({ ...item, text: item.text.replace('—', '-') }))
    expect(await outlineOf(first)).toEqual([
      'Leases for Sleeping Workers',
      '1 - Abstract',
      '1 I INTRODUCTION',
      '1 II METHOD',
      '2 A Bounds',
      '1 - ACKNOWLEDGMENT',
      'abstract SUMMARY',
      'references 3',
    ])
  })

  it('ACM: concepts and keywords are neither abstract nor sections of their own', async () => {
    const first = [
      centred(PAGE, 710, 'Leases for Sleeping Workers', { size: 17, font: 'bold' }),
      centred(PAGE, 680, 'Ann Author'),
      at(54, 640, 'ABSTRACT', { size: 11, font: 'bold' }),
      ...para('SUMMARY', { ...LEFT, y: 624, rows: 12 }),
      at(54, 480, 'CCS CONCEPTS', { size: 11, font: 'bold' }),
      ...para('Computing methodologies', { ...LEFT, y: 464, rows: 2 }),
      at(54, 430, 'KEYWORDS', { size: 11, font: 'bold' }),
      ...para('sleep, leases', { ...LEFT, y: 414, rows: 1 }),
      at(54, 390, '1 INTRODUCTION', { size: 11, font: 'bold' }),
      ...para('FIRST', { ...LEFT, y: 374, rows: 26 }),
      ...para('SECOND', { ...RIGHT, y: 640, rows: 20 }),
      at(318, 400, '2 METHOD', { size: 11, font: 'bold' }),
      at(318, 384, '2.1 Bounds', { size: 11, font: 'bold' }),
      ...para('THIRD', { ...RIGHT, y: 368, rows: 10 }),
      at(318, 240, 'REFERENCES', { size: 11, font: 'bold' }),
      ...entries(
        ['[1] Ann Author. 2019. A paper.', '[2] Ben Author. 2020. A paper.', '[3] Cy Author. 2021. A paper.'],
        318,
        226,
      ),
    ]
    const found = await outlineOf(first)
    expect(found.filter((line) => /^1 \d/.test(line))).toEqual(['1 1 INTRODUCTION', '1 2 METHOD'])
    expect(found).toContain('2 2.1 Bounds')
    expect(found.slice(-2)).toEqual(['abstract SUMMARY', 'references 3'])
    const { abstract } = await readPdf(makePdf([first]))
    expect(abstract).not.toMatch(/Computing|leases$/)
  })

  it('LNCS: abstract as run-in in small print, references numbered with a stop', async () => {
    const first = [
      centred(PAGE, 690, 'Leases for Sleeping Workers', { size: 14, font: 'bold' }),
      centred(PAGE, 660, 'Ann Author and Ben Author'),
      centred(PAGE, 645, 'Institute of Sleep, Restville, Sleepland', { size: 8.5 }),
      at(160, 610, 'Abstract.', { size: 8.5, font: 'bold' }),
      ...para('SUMMARY', { x: 210, width: 240, y: 610, rows: 1, size: 8.5 }),
      ...para('of it', { x: 160, width: 290, y: 599.8, rows: 8, size: 8.5 }),
      at(134, 480, '1 Introduction', { size: 12, font: 'bold' }),
      ...para('FIRST', { x: 134, width: 345, y: 460, rows: 8 }),
      at(134, 350, '2 Method', { size: 12, font: 'bold' }),
      at(134, 330, '2.1 Bounds', { font: 'bold' }),
      ...para('SECOND', { x: 134, width: 345, y: 314 }),
      at(134, 230, 'References', { size: 12, font: 'bold' }),
      ...entries(
        [
          '1. Author, A.: A paper on sleep. (2019)',
          '2. Author, B.: Another one. (2020)',
          '3. Author, C.: One more. (2021)',
        ],
        134,
        212,
      ),
    ]
    expect(await outlineOf(first)).toEqual([
      'Leases for Sleeping Workers',
      '1 - Abstract',
      '1 1 Introduction',
      '1 2 Method',
      '2 2.1 Bounds',
      'abstract SUMMARY',
      'references 3',
    ])
  })

  it('plain LaTeX article: two headings right below one another', async () => {
    const first = [
      centred(PAGE, 690, 'Leases for Sleeping Workers', { size: 17 }),
      centred(PAGE, 660, 'Ann Author', { size: 12 }),
      centred(PAGE, 620, 'Abstract', { size: 9, font: 'bold' }),
      ...para('SUMMARY', { x: 160, width: 290, y: 604 }),
      at(134, 520, '1 Introduction', { size: 14, font: 'bold' }),
      ...para('FIRST', { x: 134, width: 345, y: 498, size: 10 }),
      centred({ x: 134, width: 345 }, 410, '2. METHOD'),
      centred({ x: 134, width: 345 }, 396, '2.1. Bounds on sleep', { font: 'italic' }),
      ...para('SECOND', { x: 134, width: 345, y: 380, size: 10 }),
    ]
    const found = await outlineOf(first)
    expect(found.slice(0, 6)).toEqual([
      'Leases for Sleeping Workers',
      '1 - Abstract',
      '1 1 Introduction',
      '1 2 METHOD',
      '2 2.1 Bounds on sleep',
      'abstract SUMMARY',
    ])
  })

  it('old scan: the invisible reading of a picture is the text, plain headings in capitals', async () => {
    const items = [
      centred(PAGE, 700, 'ON THE SLEEP OF WORKERS', { size: 14 }),
      centred(PAGE, 670, 'A. AUTHOR'),
      ...para('OPENING', { ...WIDE, y: 630, size: 10 }),
      centred(WIDE, 540, '1. INTRODUCTION'),
      ...para('FIRST', { ...WIDE, y: 516, size: 10 }),
      centred(WIDE, 420, '2. RESULTS'),
      ...para('SECOND', { ...WIDE, y: 396, size: 10 }),
      centred(WIDE, 300, 'REFERENCES'),
      ...entries(
        [
          '1. A. Author, J. Sleep 3, 12 (1931).',
          '2. B. Author, J. Sleep 4, 1 (1932).',
          '3. C. Author, J. Sleep 5, 7 (1933).',
        ],
        108,
        280,
      ),
    ].map((item) => ({ ...item, mode: 3 }))
    const scan = 'q 612 0 0 792 0 0 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \u00ff EI Q'
    const paper = await readPdf(makePdf([{ items, under: scan }]))
    expect(paper.hiddenCharacters).toBe(0)
    expect(
      paper.sections.filter((s) => s.number !== null).map((s) => `${s.level} ${s.number} ${s.title}`),
    ).toEqual(['1 1 INTRODUCTION', '1 2 RESULTS'])
    expect(paper.text).toContain('FIRST The scheduler')
    expect(paper.references).toHaveLength(3)
  })

  it('takes a heading without number for a section only where it looks like one', async () => {
    const items = [
      centred(PAGE, 720, 'Leases for Sleeping Workers', { size: 17, font: 'bold' }),
      at(108, 690, '1 Introduction', { size: 12, font: 'bold' }),
      ...para('FIRST', { ...WIDE, y: 670, rows: 4 }),
      at(108, 600, '2 Method', { size: 12, font: 'bold' }),
      ...para('SECOND', { ...WIDE, y: 580, rows: 4 }),
      at(108, 510, 'A word on sleep', { size: 10, font: 'bold' }),
      ...para('THIRD', { ...WIDE, y: 494, rows: 4 }),
      at(108, 430, 'Data Availability', { size: 10, font: 'bold' }),
      ...para('FOURTH', { ...WIDE, y: 414, rows: 4 }),
      at(108, 350, 'APPENDIX', { size: 12, font: 'bold' }),
      at(108, 330, 'Longer Tables', { size: 12, font: 'bold' }),
      ...para('FIFTH', { ...WIDE, y: 312, rows: 4 }),
    ]
    const found = await outlineOf(items)
    expect(found.filter((line) => /^\d /.test(line))).toEqual([
      '1 1 Introduction',
      '1 2 Method',
      '2 - A word on sleep',
      '1 - Data Availability',
      '1 - APPENDIX',
      '2 - Longer Tables',
    ])
  })

  it('finds the title beside a logo, the abstract without heading, and leaves affiliations to the front', async () => {
    const items = [
      centred(PAGE, 720, 'Leases for Sleeping Workers at Every Scale', { size: 13, font: 'bold' }),
      centred(PAGE, 700, 'ZZZ Corp', { size: 15 }),
      centred(PAGE, 680, 'Ann Author and Ben Author'),
      ...lines(
        [
          'Department of Sleep, University of Rest, Restville,',
          'Sleepland, and Institute for the Study of Leases,',
          'Leasetown, Sleepland',
        ],
        { x: 150, y: 660, size: 8, leading: 10 },
      ),
      ...para('OUTSET', { x: 134, width: 345, y: 615, size: 8, rows: 8 }),
      centred(WIDE, 510, 'I. INTRODUCTION'),
      ...para('FIRST', { ...WIDE, y: 490, size: 10, rows: 12 }),
      centred(WIDE, 320, 'II. METHOD'),
      ...para('SECOND', { ...WIDE, y: 300, size: 10, rows: 12 }),
    ]
    const paper = await readPdf(makePdf([items]))
    expect(paper.title).toBe('Leases for Sleeping Workers at Every Scale')
    expect(paper.abstract).toMatch(/^OUTSET/)
    expect(paper.front).toContain('University of Rest')
    expect(paper.text).not.toContain('University of Rest')
  })
})
