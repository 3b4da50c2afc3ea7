import { deflateSync } from 'node:zlib'
import { pdfOfObjects } from './pdf.js'

const COURIER = '<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>'

/** Returns an object that holds the bytes of `content` as a stream. */
export function stream(content: string, dictionary = ''): string {
  return `<< /Length ${Buffer.byteLength(content, 'latin1')} ${dictionary} >>\nstream\n${content}\nendstream`
}

function deflated(content: Buffer | string): string {
  const bytes = deflateSync(content, { level: 9 })
  return stream(bytes.toString('latin1'), '/Filter /FlateDecode')
}

/** A document of `count` pages that all show one content stream; `font` is the font /F of it. */
export function pagesOf(content: string, count = 1, font = COURIER, more: readonly string[] = []): Buffer {
  const first = 5 + more.length
  const kids = Array.from({ length: count }, (_, i) => `${first + i} 0 R`).join(' ')
  const page =
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F 3 0 R >> >> >>'
  return pdfOfObjects([
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Count ${count} /Kids [${kids}] >>`,
    font,
    content,
    ...more,
    ...Array.from({ length: count }, () => page),
  ])
}

/** Lines of hexadecimal strings, so that any character code can be shown. */
function shown(codes: readonly number[][]): string {
  const rows = codes.map((row) => `<${Buffer.from(row).toString('hex')}> Tj 0 -14 Td`)
  return stream(`BT /F 10 Tf 72 700 Td ${rows.join(' ')} ET`)
}

const ROWS = Array.from({ length: 12 }, () => Array.from({ length: 40 }, (_, i) => 65 + (i % 20)))

/** Glyphs that are named by numbers, as in old Type 3 fonts: nothing says which letters they are. */
export function withoutUnicodeMap(): Buffer {
  const names = Array.from({ length: 20 }, (_, i) => `/g${i}`).join(' ')
  const procedures = Array.from({ length: 20 }, (_, i) => `/g${i} 5 0 R`).join(' ')
  const font =
    '<< /Type /Font /Subtype /Type3 /FontBBox [0 0 600 600] /FontMatrix [0.001 0 0 0.001 0 0] /FirstChar 65 /LastChar 84 ' +
    `/Widths [${'600 '.repeat(20)}] /Encoding << /Type /Encoding /Differences [65 ${names}] >> /CharProcs << ${procedures} >> >>`
  return pagesOf(shown(ROWS), 1, font, [stream('600 0 0 0 600 600 d1 0 0 500 500 re f')])
}

/** Hebrew, drawn from left to right in the order in which it is seen. */
export function rightToLeft(): Buffer {
  const cmap = [
    '/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Hebrew def /CMapType 2 def',
    '1 begincodespacerange <00> <ff> endcodespacerange',
    '1 beginbfrange <41> <54> <05d0> endbfrange endcmap end end',
  ].join('\n')
  const font = `${COURIER.slice(0, -2)} /ToUnicode 5 0 R >>`
  return pagesOf(shown(ROWS), 1, font, [stream(cmap)])
}

/** Four hundred pages of a hundred thousand strokes each, in a few kilobytes: minutes of work in little memory. */
export function endless(): Buffer {
  return pagesOf(deflated('0 0 m 9 9 l S '.repeat(100_000)), 400)
}

/** A stream of `megabytes` of text in a thousandth of the space. */
export function bomb(megabytes: number): Buffer {
  const row = 'BT /F 10 Tf 72 700 Td (An endless line of words in little space) Tj ET\n'
  return pagesOf(deflated(row.repeat(Math.ceil((megabytes * 1e6) / row.length))))
}

/** Pages of `perPage` short words, each at a place of its own. */
export function crowded(pages: number, perPage: number): Buffer {
  const words = Array.from({ length: perPage }, (_, i) => {
    const word = Array.from({ length: 10 }, (_, k) =>
      String.fromCharCode(97 + ((i * 7 + k * k * 3 + k * i) % 26)),
    )
    return `1 0 0 1 ${(i % 97) * 5} ${790 - ((i * 0.37) % 780)} Tm (${word.join('')}) Tj`
  })
  return pagesOf(deflated(`BT /F 4 Tf ${words.join('\n')} ET`), pages)
}

/** Text of one page after `depth` arrays within one another, in an object and in the content. */
export function deeplyNested(depth: number): Buffer {
  const nest = `${'['.repeat(depth)}1${']'.repeat(depth)}`
  const text = 'BT /F 10 Tf 72 700 Td (Under all of these brackets a sentence is hidden) Tj ET'
  const dictionaries = `${'<< /A '.repeat(depth)}1${' >>'.repeat(depth)}`
  return pagesOf(stream(`${'q '.repeat(depth)}${text}\n${nest} TJ`), 1, COURIER, [nest, dictionaries])
}

/** A page tree of `depth` nodes one below the other. */
export function deepPageTree(depth: number): Buffer {
  const nodes = Array.from(
    { length: depth },
    (_, i) => `<< /Type /Pages /Count 1 /Parent ${i + 1} 0 R /Kids [${i + 3} 0 R] >>`,
  )
  return pdfOfObjects([
    '<< /Type /Catalog /Pages 2 0 R >>',
    ...nodes,
    '<< /Type /Page /MediaBox [0 0 612 792] >>',
  ])
}

/** A page tree whose node is its own child. */
export function pageTreeLoop(): Buffer {
  return pdfOfObjects([
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Count 3 /Kids [3 0 R 2 0 R] >>',
    '<< /Type /Pages /Parent 2 0 R /Count 2 /Kids [2 0 R 3 0 R] >>',
  ])
}

/** Returns the document with all offsets of its table of objects, and the offset of the table, wrong. */
export function wrongOffsets(pdf: Buffer): Buffer {
  const text = pdf.toString('latin1')
  return Buffer.from(
    text.replace(/^\d{10}(?= \d{5} n)/gm, '0000000007').replace(/startxref\s+\d+/, 'startxref\n999999'),
    'latin1',
  )
}
