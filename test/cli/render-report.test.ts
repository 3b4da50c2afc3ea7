import { expect, it } from 'vitest'
import { renderReport } from '../../src/cli/render/report.js'

const REPORT = {
  arxiv_id: '2401.00001',
  execution_id: 'one',
  title: 'A title',
  done_at: '2026-03-04T12:00:00.000Z',
  path: '/papers/data/reports/2401.00001.md',
  stored: true,
  markdown: '---\nver: 5\ntitle: "A title"\n---\n\n# A title\n\nIt says\u001b]0;so\u0007.\n',
}

it('a report on a terminal begins with where it is and its title, without the data above it', () => {
  expect(renderReport(REPORT)).toBe(
    '2401.00001, done 2026-03-04; its data: rpa report show 2401.00001 | less\n/papers/data/reports/2401.00001.md\n\n# A title\n\nIt says ]0;so .',
  )
  expect(renderReport({ ...REPORT, path: null, markdown: '# Of the earlier tool\n' })).toMatch(
    /^2401.00001, done 2026-03-04; .*\n\n# Of the earlier tool$/,
  )
})
