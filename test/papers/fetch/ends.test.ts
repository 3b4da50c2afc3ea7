import { describe, expect, it } from 'vitest'
import { checkPdfBytes } from '../../../src/papers/fetch/pdf-check.js'
import { lines, makePdf, wrap, type TextItem } from '../../support/pdf.js'
import { readPdf } from '../../support/read-pdf.js'

const SENTENCE =
  'A lease bounds the time for which a crash of one worker blocks a job for all of the others. '
const page = (): TextItem[] => lines(wrap(SENTENCE.repeat(6), 60), { x: 72, y: 700 })
const PDF = makePdf([page(), page(), page()])
const text = PDF.toString('latin1')
const bytes = (latin1: string): Buffer => Buffer.from(latin1, 'latin1')
const cutBefore = (mark: string): Buffer => bytes(text.slice(0, text.lastIndexOf(mark)))
/** As a file made for the web, which names its catalog at the beginning. */
const webCutBefore = (mark: string): Buffer =>
  bytes(text.slice(0, text.lastIndexOf(mark)).replace('3 0 obj', 'trailer << /Root 1 0 R >>\n3 0 obj'))

describe('the ends of a PDF', () => {
  it.each<[string, Buffer]>([
    ['no end mark', bytes(text.replace(/%%EOF\s*$/, ''))],
    ['no line break behind the end mark', bytes(text.trimEnd())],
    ['neither the place of the table nor end mark', cutBefore('startxref')],
    ['a page of a server behind it', bytes(text + '<html>Thank you for reading</html>\n'.repeat(2000))],
    [
      'a head of a server before it',
      bytes(`HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n${text}`),
    ],
    ['two kilobytes of text before it', bytes(`${'X-Seen-By: a proxy\r\n'.repeat(110)}\r\n${text}`)],
    ['a byte order mark before it', bytes(`\u00ef\u00bb\u00bf${text}`)],
  ])('%s: all of it is read', async (_name, file) => {
    expect(() => checkPdfBytes(file, 'paper.pdf')).not.toThrow()
    expect((await readPdf(file)).text).toBe((await readPdf(PDF)).text)
  })

  it.each<[string, Buffer]>([
    ['half of the pages', webCutBefore('10 0 obj')],
    ['the text of the last page', webCutBefore('11 0 obj')],
    ['the place of its catalog', bytes(text.slice(0, text.lastIndexOf('xref\n0')))],
  ])('a file that lacks %s is cut off', async (_name, file) => {
    await expect(readPdf(file)).rejects.toThrow(
      expect.objectContaining({
        code: 'pdf_corrupt',
        message: expect.stringContaining('cut off') as string,
      }) as Error,
    )
  })

  it('a page without anything on it is none that was lost', async () => {
    expect((await readPdf(makePdf([page(), [], page()]))).pages).toBe(3)
  })

  it.each<[string, Buffer]>([
    ['a web page that shows a PDF', bytes(`<html><body>${'x'.repeat(3000)}${text}`)],
    ['an archive that holds a PDF', Buffer.concat([Buffer.from('PK\u0003\u0004'), Buffer.alloc(3000), PDF])],
    ['a data file that holds a PDF', Buffer.concat([Buffer.alloc(3000, 1), Buffer.alloc(9), PDF])],
  ])('%s is none', (_name, file) => {
    expect(() => checkPdfBytes(file, 'paper.pdf')).toThrow(
      expect.objectContaining({
        code: expect.stringMatching(/^pdf_(is_html|not_a_pdf)$/) as string,
      }) as Error,
    )
  })
})
