import fc from '../../support/properties.js'
import { describe, expect, it } from 'vitest'
import { assembleReport } from '../../../src/report/assemble.js'
import { collectSections } from '../../../src/report/sections/collect.js'
import { partsOfReport } from '../../support/reports.js'
import { inlineText, oneLine, safeBody } from '../../../src/report/markdown/sanitize.js'
import { splitSections } from '../../../src/report/answers/split.js'
import { REPORT_SECTIONS } from '../../../src/core/report-sections.js'
import { ANSWERS } from '../answers.js'

/** Pieces of Markdown that go wrong together. */
const PIECES = ['```', '~~~', '`', '``', '\n', '\n\n', '# ', '## Limitations', '---', '===', '- ', '> ', '1. ', '  ', '    ', '<script>', '</div>', '<!--', '<a href=x>', '![', '[', ']', '](', ']: ', '(javascript:x)', '\\', '*', '**', '|', '&lt;', 'word', 'ü', '\u2028', '\u202E', '<think>', '</think>', 'Confidence', ':'] // prettier-ignore
const hostile = fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((pieces) => pieces.join(''))

/** The headings that every report has. */
const ALWAYS = REPORT_SECTIONS.flatMap(({ heading, optional }) => (optional ? [] : [heading]))

/** Markdown without its code spans, which may reach over lines as long as no blank one comes between. */
function withoutSpans(markdown: string): string {
  return markdown
    .split(/\n[ \t>]*\n/)
    .map((paragraph) =>
      paragraph.replace(/\\[\s\S]|(?<!`)(`+)(?!`)([\s\S]*?[^`])\1(?!`)/g, (whole, run?: string) =>
        run === undefined ? whole : ' ',
      ),
    )
    .join('\n\n')
}

/** Where a line is the row of a table, spans end with its cells. */
function cellsOf(markdown: string): string[] {
  return markdown.split('\n').flatMap((line) => line.split(/(?<!\\)\|/))
}

describe('safeBody', () => {
  it('lets no tag, no link to code, no heading above the third level and no open fence through', () => {
    fc.assert(
      fc.property(hostile, (body) => {
        const safe = safeBody(body)
        const outside = safe.replace(/^(```+|~~~+)[^`\n]*\n[\s\S]*?^\1[`~]* *$/gm, '')
        for (const text of [withoutSpans(outside), cellsOf(outside).map(withoutSpans).join('\n')]) {
          expect(text).not.toMatch(/<(?:script|a|div|\/div|!--)/)
          expect(text).not.toMatch(/\]\(javascript|^ {0,3}\[[^\]]*\]:\s*javascript|!\[/m)
        }
        expect(outside).not.toMatch(/^ {0,3}#{1,2}(?:\s|$)/m)
        expect(outside).not.toMatch(/^ {0,3}(?:=+|-+)\s*$/m)
      }),
      { numRuns: 2000 },
    )
  })

  it('takes no backticks behind an escaped one for code', () => {
    expect(safeBody('\\```<a href=x>``')).toBe('\\`\\`\\`&lt;a href=x>\\`\\`')
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
        expect([...sections.keys()]).toEqual(ALWAYS)
        expect(frontmatter).toMatchObject({ ver: 5, title: oneLine(body) })
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
        expect(inlineText(text)).not.toMatch(/<(?=[A-Za-z/!?]|$)|\]\(|!\[/)
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

describe('entities of HTML', () => {
  it.each([
    ['A &quot;b&quot; &amp; c&#39;s &#x2F; d', 'A "b" & c\'s / d'],
    ['&amp;quot;twice&amp;quot; and &amp;amp;amp; more', '"twice" and & more'],
    ['p &lt; 0.05, n &gt; 3', 'p < 0.05, n > 3'],
    ['&lt;script&gt;x&lt;/script&gt;', '&lt;script>x&lt;/script>'],
    ['&amp;lt;img src=x&amp;gt;', '&lt;img src=x>'],
    ['the entity `&quot;` and ``&amp;``', 'the entity `&quot;` and ``&amp;``'],
    ['R&D; AT&T; x & y', 'R&D; AT&T; x & y'],
    ['&#91;a&#93;(javascript:x)', '\\[a\\] (javascript:x)'],
    ['&#42;&#42;', '\\*\\*'],
    ['&gt; no quotation', '\\> no quotation'],
    ['one&#10;## two&#x202e;three', 'one ## twothree'],
    ['&#xd800; &#9999999;', '  &#9999999;'],
  ])('%j stands as %j', (line, expected) => expect(safeBody(line)).toBe(expected))

  it('stay in code', () => {
    expect(safeBody('```html\n&quot;\n```')).toBe('```html\n&quot;\n```')
  })

  it('are signs in a title, and begin nothing there', () => {
    expect(inlineText('A_B &lt; 0.35, a<0.4 and n <= 3')).toBe('A_B < 0.35, a<0.4 and n <= 3')
    expect(inlineText('a <b <')).toBe('a &lt;b &lt;')
    expect(inlineText('Q&amp;A &lt;i&gt;fast&lt;/i&gt; &#91;x&#93;&#40;javascript:y&#41;')).toBe(
      'Q&A &lt;i>fast&lt;/i> [x] (javascript:y)',
    )
  })
})

describe('a fence that is never closed', () => {
  it.each([
    ['at the margin', 'A.\n\n```python\nx = 1', 'A.\n\n```python\nx = 1\n```'],
    ['with backticks in its info', '~~~ a`b\nx = 1', '~~~ ab\nx = 1\n~~~'],
    ['further in', 'A.\n\n  ```python\n  x = 1', 'A.\n\n  \\`\\`\\`python\n  x = 1'],
    ['closed, further in', '  ```\n  x = 1\n  ```', '  ```\n  x = 1\n  ```'],
  ])('does not reach beyond its section: %s', (_, body, expected) => expect(safeBody(body)).toBe(expected))
})

describe('code spans', () => {
  it.each([
    'Tokens are `<script>`, `<div class="x">` and `<eos>`.',
    'It is written as ``a `b` <img src=x>`` there.',
    'The pattern `![alt](https://tracker.example/x.png)` is removed.',
    'Call `[x](javascript:y)` and `[a]: javascript:z`.',
    'Marks `&lt;` and `\\` stay.',
  ])('%s', (text) => {
    expect(safeBody(text, new Set())).toBe(text)
  })

  it.each([
    ['over two lines', 'A ` b\nand `<script>x</script>` c', 'A \\` b\nand `<script>x</script>` c'],
    ['torn by a cell', '| `a | b` `<script>` |', '| `a | b` `&lt;script>` |'],
    ['behind a backslash', '\\`<script>` x', '\\`&lt;script>\\` x'],
    ['not closed', '`<img src=x onerror=y>', '\\`&lt;img src=x onerror=y>'],
    ['in the name of a link', '[`a`](javascript:x)', '[`a`] (javascript:x)'],
  ])('that are none: %s', (_, text, safe) => {
    expect(safeBody(text, new Set())).toBe(safe)
  })
})
