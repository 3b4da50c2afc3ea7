import { writeFile } from 'node:fs/promises'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from '../support/properties.js'
import { describe, expect, it } from 'vitest'
import { reportFileName } from '../../src/report/file-name.js'

describe('reportFileName', () => {
  it.each([
    ['2401.01234', 'Attention Is All You Need', '2401.01234_attention-is-all-you-need.md'],
    ['hep-th/9901001', 'On D-branes', 'hep-th_9901001_on-d-branes.md'],
    [
      '2401.01234',
      '  Schrödinger’s "Cat": Über\nNaïve—Methods?! ',
      '2401.01234_schrodingers-cat-uber-naive-methods.md',
    ],
    ['2401.01234', 'ﬁne-tuning ①', '2401.01234_fine-tuning-1.md'],
    [
      '2401.01234',
      'The $\\beta$-function of Łukasiewicz and Σ',
      '2401.01234_the-beta-function-of-lukasiewicz-and-sigma.md',
    ],
    ['2401.01234', 'Schr\\"{o}dinger and Poincar\\\'e', '2401.01234_schrodinger-and-poincare.md'],
    ['2401.01234', '机器学习', '2401.01234_paper.md'],
    ['2401.01234', '', '2401.01234_paper.md'],
    ['2401.01234', '../../etc/passwd\0', '2401.01234_etc-passwd.md'],
    ['../../etc/passwd', 'x', 'etc_passwd_x.md'],
    ['con', 'x', 'con_x.md'],
    ['con.1', 'x', '_con.1_x.md'],
    ['', 'x', 'unknown_x.md'],
  ])('%j, %j → %s', (id, title, name) => {
    expect(reportFileName(id, title)).toBe(name)
  })

  it('cuts a long title at a word and a long word anywhere', () => {
    const name = reportFileName('2401.01234', 'word '.repeat(100))
    expect(name).toBe(`2401.01234_${'word-'.repeat(12).slice(0, -1)}.md`)
    expect(reportFileName('1', 'a'.repeat(500))).toBe(`1_${'a'.repeat(60)}.md`)
  })

  it('is always a safe name that a file can have', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'rpa-name-'))
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: 'binary', maxLength: 300 }),
        async (id, title) => {
          const name = reportFileName(id, title)
          expect(name).toMatch(/^[A-Za-z0-9_][A-Za-z0-9._-]*_[a-z0-9]+(?:-[a-z0-9]+)*\.md$/)
          expect(name.length).toBeLessThan(120)
          await writeFile(join(dir, name), 'x')
        },
      ),
      { numRuns: 200 },
    )
  })
})
