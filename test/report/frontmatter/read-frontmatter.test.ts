import { expect, it } from 'vitest'
import { readFrontmatter } from '../../../src/report/frontmatter/read-frontmatter.js'

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

it('reads a report with Windows line ends and a byte order mark', () => {
  const report = '\uFEFF---\r\nver: rpa2\r\ntitle: "a --- b"\r\n---\r\n# T\r\n'
  expect(readFrontmatter(report)).toEqual({ ver: 'rpa2', title: 'a --- b' })
})
