import { describe, expect, it } from 'vitest'
import { renderTable } from '../../../src/cli/layout/table.js'
import { widthOf, wrapped } from '../../../src/cli/layout/width.js'

const widest = (text: string): number => Math.max(...text.split('\n').map(widthOf))

describe('words', () => {
  const FINDING = `good  settings          everything works offline: no endpoint is asked, and no key is needed for it`

  it.each([40, 80])('are broken between words at %i cells, below the text they belong to', (cells) => {
    const text = wrapped(FINDING, cells)
    expect(widest(text)).toBeLessThanOrEqual(cells)
    expect(
      text
        .split('\n')
        .slice(1)
        .every((line) => /^ {2,}\S/.test(line)),
    ).toBe(true)
    expect(text.replace(/\n +/g, ' ')).toBe(FINDING)
  })

  it('stay as they are where they fit; what cannot be broken stays whole', () => {
    expect(wrapped('short\n  lines', 40)).toBe('short\n  lines')
    const path = '/a/path/that/is/longer/than/the/terminal/is/wide/executions.sqlite'
    expect(wrapped(`database: ${path}`, 40)).toBe(`database: ${path}`)
  })

  it('a line of wide characters counts twice', () => {
    expect(widest(wrapped('0000.00001  关于租约与令牌的研究关于租约与令牌的研究', 20))).toBeLessThanOrEqual(
      20,
    )
  })
})

describe('a table', () => {
  const ROWS = [
    ['pdf_url', 'a_template_of_an_address.with-seams_for_papers and some more that makes it wide', 'default'],
    ['budget', '关于租约与令牌的研究关于租约与令牌的研究关于租约与令牌的研究', 'rpa.yml'],
  ]
  const COLUMNS = [{ head: 'SETTING' }, { head: 'VALUE' }, { head: 'FROM' }]

  it.each([40, 60])('fits a terminal of %i cells, and leaves nothing out', (columns) => {
    const table = renderTable(COLUMNS, ROWS, columns)
    expect(widest(table)).toBeLessThanOrEqual(columns)
    // Column by column: what does not fit goes on below, and nothing is left out.
    const letters = (text: string): string => [...text.replace(/\s+/g, '')].sort().join('')
    expect(letters(table)).toBe(letters([...COLUMNS.map(({ head }) => head), ...ROWS.flat()].join('')))
    expect(table).toMatch(/^pdf_url\s+a_template/m)
  })

  it.each([40, 80])('breaks no path at %i cells: its row alone stands below itself', (columns) => {
    const path = '/home/somebody/research/projects/papers/2026/data/executions-of-this-year.sqlite'
    const rows = [
      ['database_url', path, 'rpa.yml'],
      ['budget', '1000', 'default'],
    ]
    const lines = renderTable(COLUMNS, rows, columns).split('\n')
    expect(lines).toContain('database_url')
    expect(lines.map((line) => line.trim())).toContain(path)
    expect(lines.at(-1)).toMatch(/^budget +1000 +default$/)
    const url = 'https://export.arxiv.org/pdf/{arxiv_id}'
    const table = renderTable(COLUMNS, [['pdf_url', url, 'default']], columns)
    expect(widest(table)).toBeLessThanOrEqual(columns)
    expect(table.split(/\s+/)).toContain(url)
  })

  it('gives a path the room that words can do without', () => {
    const path = '/home/somebody/papers/data/executions.sqlite'
    const rows = [[path, 'words that may go on in the next line of their column']]
    const table = renderTable([{ head: 'FILE' }, { head: 'WHAT' }], rows, 80)
    expect(widest(table)).toBeLessThanOrEqual(80)
    expect(table).toContain(`${path}  words`)
  })

  it('breaks no word, number or time where there is room for the longest of each column', () => {
    const runs = [
      ['seed', '11:32:50 UTC', '1 s', 'exit 0: 7 considered, 7 already'],
      ['corpus update', '11:26:22 UTC', '10 s', 'exit 69: error arxiv_unreachable'],
    ]
    const heads = ['LAST RUN', 'BEGAN', 'TOOK', 'RESULT'].map((head) => ({ head }))
    const table = renderTable(heads, runs, 46)
    expect(widest(table)).toBeLessThanOrEqual(46)
    const words = table.split(/\s+/)
    for (const word of ['considered,', '11:32:50', 'update', 'arxiv_unreachable'])
      expect(words).toContain(word)
  })

  it('stands row below row where the longest words have no room beside one another', () => {
    const heads = ['MODEL', 'CONTEXT', 'REQUESTS', 'ANSWERED', 'PROFILES'].map((head) => ({ head }))
    const table = renderTable(
      heads,
      [
        ['vendor/nemotron-120b-a12b:free', 262144, 12, '', 'cheap'],
        ['b', '', 0, '', ''],
      ],
      40,
    )
    expect(table.split('\n')).toEqual([
      'vendor/nemotron-120b-a12b:free',
      '  CONTEXT 262144  REQUESTS 12',
      '  PROFILES cheap',
      'b',
      '  REQUESTS 0',
    ])
    const queue = ['PAPER', 'STATUS', 'PRIORITY', 'TITLE'].map((head) => ({ head }))
    expect(
      renderTable(
        queue,
        [['0000.00001', 'analyzed', 0, 'Leases with Fencing Tokens, and What They Hold']],
        40,
      ),
    ).toBe(
      '0000.00001\n  STATUS analyzed  PRIORITY 0\n  TITLE Leases with Fencing Tokens, and\n  What They Hold',
    )
  })

  it('keeps colours, and no other control character', () => {
    const rows = [
      ['a', '\u001b[33mserver_error\u001b[39m'],
      ['b', 'A\u001b]0;title\u0007 B\u001b[2J\tC'],
    ]
    expect(
      renderTable([{ head: 'ID' }, { head: 'WHAT' }], rows, 80)
        .split('\n')
        .slice(1),
    ).toEqual(['a   \u001b[33mserver_error\u001b[39m', 'b   A ]0;title  B [2J C'])
  })

  it('takes more rows than a call takes arguments', () => {
    const rows = Array.from({ length: 200_000 }, (_, n) => [n, 'done'])
    expect(renderTable([{ head: 'PAPER' }, { head: 'STATUS' }], rows, 80).split('\n')).toHaveLength(200_001)
  })

  it('is whole where nobody watches', () => {
    expect(renderTable(COLUMNS, ROWS).split('\n')).toHaveLength(3)
  })
})
