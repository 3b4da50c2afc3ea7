import { describe, expect, it } from 'vitest'
import { lines, makePdf, wrap, type TextItem } from '../support/pdf.js'
import { readPdf } from '../support/read-pdf.js'

const PROSE = 'every worker keeps a lease for as long as it is alive and gives it back when the work is done '
const body: TextItem[] = [
  { x: 72, y: 740, size: 15, font: 'bold', text: 'Leases of sleeping workers' },
  { x: 72, y: 715, size: 10, text: 'Ada Author' },
  { x: 72, y: 690, size: 12, font: 'bold', text: '1 Introduction' },
  ...lines(wrap(PROSE.repeat(18), 80), { x: 72, y: 670, size: 9.5 }),
]
const heading = (y: number, x = 72): TextItem => ({ x, y, size: 12, font: 'bold', text: 'References' })

/** Entries with a label in a column of its own and the text beside it. */
function labelled(labels: readonly string[], top: number, label = 72, beside = 120): TextItem[] {
  return labels.flatMap((text, i) => {
    const y = top - 24 * i
    const entry = [
      `A. Author and B. Author${i}. A paper on leases of workers,`,
      `number ${i}. Journal of Leases, ${1990 + i}.`,
    ]
    return [{ x: label, y, size: 9.5, text }, ...lines(entry, { x: beside, y, size: 9.5, leading: 11 })]
  })
}

describe('lists of references', () => {
  it('parts entries whose labels of unlike length are set to the right', async () => {
    const labels = ['[ABTZ13]', '[CT05]', '[BDF+ 11]', '[BPSTJ89]', '[A7]', '[WZ13]', '[DKS10]', '[Tro11]']
    const entries = labels.flatMap((label, i): TextItem[] => [
      { x: 115 - 5.4 * label.length, y: 715 - 22 * i, size: 9, text: label },
      { x: 125, y: 715 - 22 * i, size: 9, text: 'A. Author and B. Writer. A paper on leases of workers,' },
      { x: 125, y: 704 - 22 * i, size: 9, text: `number ${i}. Journal of Leases, ${1990 + i}.` },
    ])
    const paper = await readPdf(makePdf([body, [heading(740), ...entries]]))
    expect(paper.references.map((r) => r.slice(0, r.indexOf(']') + 1))).toEqual(labels)
  })

  it('parts entries whose labels hold a space, and ends before the authors’ addresses', async () => {
    const labels = ['[SGA4 I]', '[SGA4 II]', '[Sleep 06-1]', '[EGAIV III]', '[Voe96]', '[HTT]']
    const after = ['Affiliation:', 'Ada Author, Somewhere Street 1990', 'E-mail: ada@somewhere.edu'].map(
      (text, i): TextItem => ({ x: 72, y: 560 - 12 * i, size: 9.5, text }),
    )
    const paper = await readPdf(makePdf([body, [heading(740), ...labelled(labels, 715), ...after]]))
    expect(paper.references.map((r) => r.slice(0, r.indexOf(']') + 1))).toEqual(labels)
    expect(paper.references.join()).not.toContain('Somewhere')
  })

  it('parts entries without labels, be there some in the legend of a figure behind them', async () => {
    const entries = Array.from({ length: 16 }, (_, i): TextItem[] => {
      const y = 715 - 24 * i
      const entry = { x: 72, y, size: 10, text: `Author, A., & Writer, B. ${1980 + i}. Leases, 1.` }
      return i % 3 === 0 ? [entry, { x: 90, y: y - 12, size: 10, text: 'and its second part, 12.' }] : [entry]
    }).flat()
    const legend = ['[1] Leases of 1996', '[2] Workers', '[3] Sleep by age', '[4] Sleep by lease'].map(
      (text, i): TextItem => ({ x: 72, y: 320 - 24 * i, size: 10, text }),
    )
    const paper = await readPdf(makePdf([body, [heading(740), ...entries, ...legend]]))
    expect(paper.references.filter((r) => r.startsWith('Author'))).toHaveLength(16)
  })

  it('parts entries behind raised numbers, be some as broad as the page', async () => {
    const entries = Array.from({ length: 12 }, (_, i): TextItem[] => [
      {
        x: 72,
        y: 715 - 36 * i,
        size: 9.5,
        text: `${i + 1}A. Author and B. Writer, ${'A long paper on leases. '.repeat(3)}`,
      },
      ...(i % 3 === 0 ? [] : [{ x: 72, y: 703 - 36 * i, size: 9.5, text: `Leases ${i}, 12 (1990).` }]),
    ]).flat()
    const paper = await readPdf(makePdf([body, [heading(740), ...entries]]))
    expect(paper.references).toHaveLength(12)
  })

  it('reads those in two columns at the foot of one page and the head of another', async () => {
    const entry = (n: number): string[] => [
      `Author${n}, A., & Writer, B. 1990, Leases of ours`,
      '  number 12, and their workers, page 3',
    ]
    const column = (from: number, count: number, x: number, y: number): TextItem[] =>
      Array.from({ length: count }, (_, i) =>
        entry(from + i).map((text, k) => ({
          x: x + (k === 0 ? 0 : 9),
          y: y - 24 * i - 12 * k,
          size: 9,
          text: text.trim(),
        })),
      ).flat()
    const prose = (y: number): TextItem[] =>
      lines(wrap(PROSE.repeat(6), 90), { x: 51, y, size: 9.5, leading: 12 })
    const paper = await readPdf(
      makePdf([
        body,
        [
          ...prose(720),
          { x: 270, y: 220, size: 10, text: 'REFERENCES' },
          ...column(1, 4, 51, 200),
          ...column(5, 4, 321, 194),
        ],
        [...column(9, 24, 51, 700), ...column(33, 24, 321, 690)],
        [...column(57, 5, 51, 680), ...column(62, 4, 321, 674)],
      ]),
    )
    expect(paper.references.map((r) => /^Author(\d+)/.exec(r)?.[1])).toEqual(
      Array.from({ length: 65 }, (_, i) => String(i + 1)),
    )
  })

  it('parts entries of one line by the gaps between them', async () => {
    const entries: TextItem[] = []
    let y = 720
    for (let i = 0; i < 16; i++) {
      const second = i === 5 ? 90 : i % 8 === 3 ? 108 : null
      entries.push({ x: 72, y: (y -= 24), size: 10, text: `Author, A., & Writer, B. ${1980 + i}, Leases, 1` })
      if (second !== null)
        entries.push({ x: second, y: (y -= 12.5), size: 10, text: 'and its second part, 12' })
    }
    const paper = await readPdf(makePdf([body, [heading(740), ...entries]]))
    expect(paper.references).toHaveLength(16)
  })

  it('parts entries whose second lines are indented by half an em', async () => {
    const entries = Array.from({ length: 14 }, (_, i) => [
      {
        x: 72,
        y: 715 - 24 * i,
        size: 9,
        text: `${'ABCDEFGHIJKLMN'[i]}uthor A. M., Writer B. C., Reader D. E., Hearer F.,`,
      },
      { x: 77, y: 704 - 24 * i, size: 9, text: `Teller G., ${1990 + i}, Journal of Leases, ${i + 3}, 27` },
    ])
    const paper = await readPdf(makePdf([body, [heading(740), ...entries.flat()]]))
    expect(paper.references).toHaveLength(14)
  })

  it('parts entries with alphabetic labels that stand in a column of their own', async () => {
    const labels = Array.from({ length: 24 }, (_, i) => `[${'ABCDEFGH'[i % 8]}ut${String(i + 10)}]`)
    const paper = await readPdf(makePdf([body, [heading(740), ...labelled(labels, 715)]]))
    expect(paper.references).toHaveLength(24)
    expect(paper.references[0]).toMatch(/^\[Aut10\] A\. Author and B\. Author0\..*1990\.$/)
  })

  it('keeps short entries that look like rows of a table', async () => {
    const rows = Array.from({ length: 12 }, (_, i) => i + 1).flatMap((n) => [
      { x: n < 10 ? 78 : 72, y: 715 - 11 * n, size: 9.5, text: `[${n}]` },
      { x: 122, y: 715 - 11 * n, size: 9.5, text: `B. Author, Rev. Leases ${n}, 15 (20${10 + n}).` },
    ])
    const paper = await readPdf(makePdf([body, [heading(740), ...rows]]))
    expect(paper.references.map((r) => r.slice(0, r.indexOf(']') + 1))).toEqual(
      Array.from({ length: 12 }, (_, i) => `[${i + 1}]`),
    )
  })

  it('goes on where a running head repeats the title of the list on each page', async () => {
    const list = (page: number): TextItem[] => [
      {
        x: 72,
        y: 765,
        size: 10,
        font: 'bold',
        text: page % 2 === 0 ? `1${page} References` : `References 1${page}`,
      },
      ...(page === 2 ? [heading(740)] : []),
      ...Array.from({ length: 20 }, (_, i) => ({
        author: `Author${String.fromCharCode(64 + page)}, ${'ABCDEFGHIJKLMNOPQRST'[i]}.`,
        i,
      })).flatMap(({ author, i }): TextItem[] =>
        lines(
          [
            `${author} (${1990 + i}). A long title of a paper about leases`,
            'and sleep. Journal of Leases 12, 1-20.',
          ],
          {
            x: 72,
            y: 715 - 24 * i,
            size: 9.5,
            leading: 11,
          },
        ).map((item, n) => (n === 0 ? item : { ...item, x: 90 })),
      ),
    ]
    const paper = await readPdf(makePdf([body, list(2), list(3), list(4)]))
    expect(paper.references).toHaveLength(60)
  })

  it('holds the list of the paper and the one of its supplement', async () => {
    const first = labelled(['[1]', '[2]', '[3]', '[4]', '[5]'], 715, 72, 96)
    const supplement: TextItem[] = [
      { x: 72, y: 740, size: 12, font: 'bold', text: 'Supplementary Material' },
      ...lines(wrap(PROSE.repeat(10), 80), { x: 72, y: 720, size: 9.5 }),
      heading(500),
      ...lines(
        [
          '[1] D. Other. Another paper of the supplement. 2001.',
          '[2] E. Other. A second one of it. 2002.',
          '[3] F. Other. A third one of it. 2003.',
        ],
        {
          x: 72,
          y: 480,
          size: 9.5,
        },
      ),
    ]
    const paper = await readPdf(makePdf([body, [heading(740), ...first], supplement]))
    expect(paper.references).toHaveLength(8)
    expect(paper.text).toContain('Supplementary Material')
  })

  it('ends before the words of a figure behind it', async () => {
    const entries = Array.from({ length: 8 }, (_, i) => [
      `Author, ${'ABCDEFGH'[i]}. 20${10 + i}. A long title of a paper about leases and`,
      'of sleep. Journal of Leases 12, 1-20.',
    ])
    const listed = entries.flatMap((entry, i) =>
      entry.map((text, n) => ({ x: n === 0 ? 72 : 90, y: 700 - 24 * i - 11 * n, size: 9.5, text })),
    )
    const figure = ['all objects', 'detected objects', 'magnitude', '20 22 24'].map((text, i) => ({
      x: 72,
      y: 700 - 60 * i,
      size: 9.5,
      text,
    }))
    // A legend that cites is none of its entries either.
    const at = (i: number): { x: number; y: number; size: number } => ({ x: 72, y: 640 - 60 * i, size: 9.5 })
    const words = Array.from({ length: 4 }, (_, i) => ({
      ...at(i),
      text: `Magnitude of all objects, panel ${i}`,
    }))
    const cites = ['9 Other et al. (2000) Some et al. (2002)', '8 Others (2011) More & Most (2015)']
    const legend = [...words, ...cites.map((text, i) => ({ ...at(words.length + i), text }))]
    for (const behind of [figure, legend]) {
      const paper = await readPdf(makePdf([body, [heading(740), ...listed], behind]))
      expect(paper.references.slice(8)).toEqual([])
      expect(paper.references.at(-1)).toMatch(/1-20\.$/)
    }
  })

  it('parts names and years where few entries go on to a second line, under a heading in Portuguese', async () => {
    const rows = Array.from({ length: 12 }, (_, n) => ({
      x: n === 3 ? 84 : 72,
      y: 715 - 12 * n,
      size: 9.5,
      text:
        n === 3
          ? 'of Leases, 15, 168'
          : `Author ${'ABCDEFGHIJKL'[n]}., Writer B., ${2000 + n}, Leases, 490, 49${n}`,
    }))
    const list = [{ ...heading(740), text: 'REFERÊNCIAS BIBLIOGRÁFICAS' }, ...rows]
    const paper = await readPdf(makePdf([body, list]))
    expect(paper.references).toHaveLength(11)
    expect(paper.references[2]).toBe('Author C., Writer B., 2002, Leases, 490, 492 of Leases, 15, 168')
  })

  it('goes on behind the sections at the head of the next column', async () => {
    const entries = (from: number, to: number, x: number, y: number): TextItem[] =>
      Array.from({ length: to - from + 1 }, (_, i) =>
        lines([`${from + i}. Author A, Writer B (${1990 + i}) Leases`, '    of workers. J Leases 12: 3-4.'], {
          x,
          y: y - 24 * i,
          size: 8,
          leading: 10,
        }),
      ).flat()
    const prose = (n: number, x: number, y: number): TextItem[] =>
      lines(wrap(PROSE.repeat(n), 42), { x, y, size: 9.5, leading: 11.5 })
    const title = (x: number, y: number, text: string): TextItem => ({ x, y, size: 12, font: 'bold', text })
    const paper = await readPdf(
      makePdf([
        [...prose(22, 54, 740), ...prose(22, 316, 740)],
        [
          ...prose(10, 54, 740),
          title(54, 440, 'References'),
          ...entries(1, 8, 54, 420),
          title(316, 740, 'Acknowledgments'),
          ...prose(4, 316, 720),
          title(316, 560, 'Author Contributions'),
          ...prose(2, 316, 540),
          ...entries(9, 17, 316, 420),
        ],
        [...entries(18, 30, 54, 740), ...entries(31, 43, 316, 740)],
      ]),
    )
    expect(paper.references.map((r) => /^\d+/.exec(r)?.[0])).toEqual(
      Array.from({ length: 43 }, (_, i) => String(i + 1)),
    )
    expect(paper.sections.map((s) => s.title)).toContain('Acknowledgments')
  })

  it('begins behind rows of a table that floated below the heading', async () => {
    const rows = [
      'Smear layer  Apple vinegar  2012',
      'Solvents  Orange oil  2013',
      'Storage media  Coconut water  2014',
    ]
    const entries = Array.from({ length: 9 }, (_, i): TextItem[] =>
      lines(
        [
          `${i + 1}. Author A, Writer B. Leases of workers that sleep, number`,
          `${i}. J Leases ${1990 + i}; 12: 3-4.`,
        ],
        {
          x: 72,
          y: 600 - 26 * i,
          size: 9.5,
          leading: 11,
        },
      ),
    ).flat()
    const table = rows.map((text, i): TextItem => ({ x: 72, y: 710 - 30 * i, size: 9.5, text }))
    const paper = await readPdf(makePdf([body, [heading(740), ...table, ...entries]]))
    expect(paper.references).toHaveLength(9)
    expect(paper.references[0]).toMatch(/^1\. Author A/)
    expect(paper.text).toContain('Coconut water')
  })

  it('takes links behind entries for no labels', async () => {
    const entries = Array.from({ length: 9 }, (_, i): TextItem[] =>
      lines(
        [
          `${i + 1}. Author, A.; Writer, B. Leases of workers that sleep, number`,
          `${i}. J. Leases ${1990 + i}, 12, 3-4. [CrossRef]`,
          ...(i % 2 === 0 ? ['[PubMed]'] : []),
        ],
        { x: 72, y: 710 - 38 * i, size: 9.5, leading: 11 },
      ),
    ).flat()
    const paper = await readPdf(makePdf([body, [heading(740), ...entries]]))
    expect(paper.references.map((r) => r.slice(0, 2))).toEqual(
      Array.from({ length: 9 }, (_, i) => `${i + 1}.`),
    )
  })
})
