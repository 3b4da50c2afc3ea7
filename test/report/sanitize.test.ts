import fc from '../support/properties.js'
import { describe, expect, it } from 'vitest'
import { assembleReport } from '../../src/report/assemble.js'
import { collectSections } from '../../src/report/collect.js'
import { partsOfReport } from '../support/reports.js'
import { inlineText, oneLine, safeBody } from '../../src/report/sanitize.js'
import { splitSections } from '../../src/report/split.js'
import { REPORT_SECTIONS } from '../../src/core/report-sections.js'
import { ANSWERS } from './answers.js'

/** Pieces of Markdown that go wrong together. */
const PIECES = ['```', '~~~', '`', '``', '\n', '\n\n', '# ', '## Limitations', '---', '===', '- ', '> ', '1. ', '  ', '    ', '<script>', '</div>', '<!--', '<a href=x>', '![', '[', ']', '](', ']: ', '(javascript:x)', '\\', '*', '**', '|', '&lt;', 'word', 'ü', '\u2028', '\u202E', '<think>', '</think>', 'Confidence', ':'] // prettier-ignore
const hostile = fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((pieces) => pieces.join(''))

describe('safeBody', () => {
  it('lets no tag, no link to code, no heading above the third level and no open fence through', () => {
    fc.assert(
      fc.property(hostile, (body) => {
        const safe = safeBody(body)
        const outside = safe.replace(/^(```+|~~~+)[^`\n]*\n[\s\S]*?^\1[`~]* *$/gm, '')
        expect(outside).not.toMatch(/<(?:script|a|div|\/div|!--)/)
        expect(outside).not.toMatch(/\]\(javascript|^ {0,3}\[[^\]]*\]:\s*javascript|!\[/m)
        expect(outside).not.toMatch(/^ {0,3}#{1,2}(?:\s|$)/m)
        expect(outside).not.toMatch(/^ {0,3}(?:=+|-+)\s*$/m)
      }),
      { numRuns: 2000 },
    )
  })

  it('keeps a report’s sections whatever an answer holds', () => {
    const base = collectSections(ANSWERS)
    fc.assert(
      fc.property(hostile, (body) => {
        const { markdown } = assembleReport({
          paper: { arxiv_id: '1', title: body, authors: body, categories: body },
          sections: new Map([...base.sections, ['Key Results', body]]),
          neighbors: [{ arxiv_id: body, title: body }],
          tags: [body],
          provenance: {
            rpa_version: '1',
            models: { key_outcome: body },
            requests: { cheap: 0, expensive: 0 },
            finished_at: '2026-01-01T00:00:00Z',
          },
        })
        const { frontmatter, sections } = partsOfReport(markdown)
        expect([...sections.keys()]).toEqual(REPORT_SECTIONS.map((section) => section.heading))
        expect(frontmatter).toMatchObject({ ver: 3, title: oneLine(body) })
      }),
      { numRuns: 500 },
    )
  })
})

describe('oneLine and inlineText', () => {
  it('give one line without anything that can begin markup', () => {
    fc.assert(
      fc.property(fc.oneof(hostile, fc.string({ unit: 'binary' })), (text) => {
        expect(oneLine(text)).not.toMatch(/[\n\r\u2028\u2029\u0085\u0000]/) // eslint-disable-line no-control-regex
        expect(inlineText(text)).not.toMatch(/<|\]\(|!\[/)
      }),
    )
  })
})

describe('splitSections on anything', () => {
  it('never throws and finds only headings of the report', () => {
    fc.assert(
      fc.property(hostile, (answer) => {
        for (const heading of splitSections(answer).keys())
          expect(['Limitations', 'Confidence']).toContain(heading)
      }),
      { numRuns: 1000 },
    )
  })
})
