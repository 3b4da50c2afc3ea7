/** Minimal PDFs written by hand: text at given places in the standard fonts, nothing compressed. */
export interface TextItem {
  x: number
  y: number
  text: string
  /** Points; default 10. */
  size?: number
  font?: keyof typeof FONTS
  /** Red, green, blue from 0 to 1; default black. */
  color?: readonly [number, number, number]
  /** Text rendering mode, 3 = invisible. */
  mode?: number
  /** Quarter turns against the page. */
  turn?: number
  /** Points added after each character, and after each space. */
  letterSpacing?: number
  wordSpacing?: number
  /** The operators that show the text, in place of the usual one. */
  shown?: string
}

export interface PdfPage {
  items: readonly TextItem[]
  /** Operators drawn before the text: boxes behind it. */
  under?: string
  /** Degrees by which readers turn the page. */
  rotate?: number
}

export const PAGE_WIDTH = 612
export const PAGE_HEIGHT = 792
/** Courier but for the last two. */
const FONTS = { regular: 'F1', bold: 'F2', italic: 'F3', sans: 'F4', serif: 'F5' } as const
const FACES = ['Courier', 'Courier-Bold', 'Courier-Oblique', 'Helvetica', 'Times-Roman']
const FIRST_PAGE = 3 + FACES.length

/** Returns the bytes of a PDF with the given pages (612 × 792 pt). */
export function makePdf(pages: readonly (PdfPage | readonly TextItem[])[]): Buffer {
  const objects: string[] = []
  const kids = pages.map((_, i) => `${FIRST_PAGE + 2 * i} 0 R`).join(' ')
  objects.push('<< /Type /Catalog /Pages 2 0 R >>')
  objects.push(`<< /Type /Pages /Count ${pages.length} /Kids [${kids}] >>`)
  for (const name of FACES) {
    objects.push(`<< /Type /Font /Subtype /Type1 /BaseFont /${name} /Encoding /WinAnsiEncoding >>`)
  }
  for (const [i, page] of pages.entries()) {
    const { items, under = '', rotate = 0 } = 'items' in page ? page : { items: page }
    const content = `${under}\n${items.map(drawn).join('\n')}`
    objects.push(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${PAGE_WIDTH} ${PAGE_HEIGHT}] /Rotate ${rotate} ` +
        `/Contents ${FIRST_PAGE + 1 + 2 * i} 0 R ` +
        `/Resources << /Font << ${FACES.map((_, i) => `/F${i + 1} ${3 + i} 0 R`).join(' ')} >> >> >>`,
    )
    objects.push(`<< /Length ${Buffer.byteLength(content, 'latin1')} >>\nstream\n${content}\nendstream`)
  }
  return pdfOfObjects(objects)
}

function drawn(item: TextItem): string {
  const { x, y, text, size = 10, font = 'regular', color = [0, 0, 0], mode = 0, turn = 0 } = item
  const { letterSpacing = 0, wordSpacing = 0, shown } = item
  const [c, s] = [
    [1, 0],
    [0, 1],
    [-1, 0],
    [0, -1],
  ][turn]!
  const escaped = text.replace(/[\\()]/g, '\\$&')
  const state = `/${FONTS[font]} ${size} Tf ${color.join(' ')} rg ${mode} Tr ${letterSpacing} Tc ${wordSpacing} Tw`
  return `BT ${state} ${c} ${s} ${-s!} ${c} ${x} ${y} Tm ${shown ?? `(${escaped}) Tj`} ET`
}

/** Returns a PDF of the given objects, numbered from 1; the first is the catalog. Characters are bytes. */
export function pdfOfObjects(objects: readonly string[]): Buffer {
  let body = '%PDF-1.4\n'
  const offsets: number[] = []
  for (const [i, object] of objects.entries()) {
    offsets.push(Buffer.byteLength(body, 'latin1'))
    body += `${i + 1} 0 obj\n${object}\nendobj\n`
  }
  const start = Buffer.byteLength(body, 'latin1')
  const rows = offsets.map((o) => `${String(o).padStart(10, '0')} 00000 n \n`).join('')
  body += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows}`
  body += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`
  return Buffer.from(body, 'latin1')
}

/** Returns lines set below one another from (x, y) downwards. */
export function lines(
  texts: readonly string[],
  at: { x: number; y: number; leading?: number } & Partial<TextItem>,
): TextItem[] {
  const { leading = 12, ...rest } = at
  return texts.map((text, i) => ({ ...rest, text, y: at.y - i * leading }))
}

/** Returns a text broken into lines of at most `width` characters. */
export function wrap(text: string, width: number): string[] {
  const result: string[] = []
  let line = ''
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      result.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  if (line !== '') result.push(line)
  return result
}
