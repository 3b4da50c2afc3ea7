import { describe, expect, it } from 'vitest'
import { isWithdrawal, noticeIn } from '../../src/papers/notice.js'
import { lines, makePdf, wrap, type TextItem } from '../support/pdf.js'
import { readPdf } from '../support/read-pdf.js'

const KNOWN = { title: 'Leases of sleeping workers', authors: 'Ada Author, Bela Writer' }
const read = (rows: readonly string[], more: readonly TextItem[] = []) =>
  readPdf(makePdf([[...lines(rows, { x: 72, y: 700, size: 12, leading: 16 }), ...more]]))

describe('a PDF of one page', () => {
  it.each([
    ['Access Denied', 'You do not have permission to view this document.'],
    ['Quota exceeded', 'You have exceeded the number of downloads allowed per day.'],
    ['Checking your browser', 'Please complete the CAPTCHA to show that you are human.'],
    ['Sign in', 'Please sign in to continue to the library.'],
    ['Sorry', 'The document you requested is no longer available.'],
    ['Error 404', 'Page not found'],
    ['Zugriff verweigert', 'Bitte melden Sie sich an.'],
    ['Acceso denegado', 'Su biblioteca no tiene acceso.'],
  ])('is a notice: %s', async (...rows) => {
    expect(noticeIn(KNOWN, await read(rows))).toBe(rows.join(' '))
    expect(noticeIn({ title: 'Аренда', authors: '' }, await read(rows))).toBe(rows.join(' '))
  })

  it.each([
    ['names the paper', ['Leases of sleeping workers', 'The full text is not available.']],
    ['names an author', ['B. Writer: a talk', 'Slides: access denied errors in the wild']],
    ['says nothing of the kind', ['A poster on leases', 'We measure how long workers sleep.']],
    [
      'is as long as an abstract',
      [
        'Captchas and humans',
        ...wrap('Whether you are human a captcha asks each of us again. '.repeat(18), 70),
      ],
    ],
  ])('is none where it %s', async (_, rows) => {
    expect(noticeIn(KNOWN, await read(rows))).toBeNull()
  })

  it('is none where it has references', async () => {
    const heading: TextItem = { x: 72, y: 600, size: 14, font: 'bold', text: 'References' }
    const entries = ['[1] A. Nap. Sleep. 1990.', '[2] C. Nap. Rest. 1991.', '[3] D. Nap. Bed. 1992.']
    const paper = await read(['Too many requests'], [heading, ...lines(entries, { x: 72, y: 580, size: 9 })])
    expect(paper.references).toHaveLength(3)
    expect(noticeIn(KNOWN, paper)).toBeNull()
  })

  it('says that the paper was withdrawn', async () => {
    expect(
      isWithdrawal(await read(['This paper has been withdrawn by the author', 'due to an error.'])),
    ).toBe(true)
    expect(isWithdrawal(await read(['Leases', 'A worker has withdrawn its lease.']))).toBe(false)
  })
})
