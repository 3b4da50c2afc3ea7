import { describe, expect, it } from 'vitest'
import { parseReport, readFrontmatter } from '../../src/report/parse.js'

describe('parseReport', () => {
  it('reads frontmatter, title and sections', () => {
    const report = parseReport(
      '---\nver: 3\ntitle: "a --- b"\n---\n\n# T\n\n> banner\n\n## A\n\nx\n### y\n\n## B\n```\n## no\n```\n',
    )
    expect(report.frontmatter).toEqual({ ver: 3, title: 'a --- b' })
    expect(report.title).toBe('T')
    expect([...report.sections]).toEqual([
      ['A', 'x\n### y'],
      ['B', '```\n## no\n```'],
    ])
  })

  it('reads a report of the earlier tool with Windows line ends', () => {
    const report = parseReport(
      '\uFEFF---\r\nver: rpa2\r\narxiv_id: 2401.01234\r\n---\r\n# T\r\n## A\r\nx\r\n',
    )
    expect(report.frontmatter).toMatchObject({ ver: 'rpa2' })
    expect(report.sections.get('A')).toBe('x')
  })

  it.each([
    '',
    'no frontmatter',
    '---\nnever: closed',
    '---\n: [\n---\n',
    '---\n- a list\n---\n',
    '---\n---\n',
    '---\na: &x [1]\nb: *x\n---\n',
    `---\n${'{{'.repeat(10_000)}\n---\n`,
    `---\n${'- '.repeat(10_000)}\n---\n`,
    `---\na: "${'x'.repeat(40_000)}"\n---\n`,
  ])('finds no frontmatter in %j', (text) => {
    expect(readFrontmatter(text)).toBeNull()
  })
})
