import { parse } from 'yaml'
import { describe, expect, it } from 'vitest'
import { REPORT_SECTIONS } from '../../src/core/report-sections.js'
import { withoutEmptyItems } from '../../src/report/markdown/empty-items.js'
import { assembleReport } from '../../src/report/assemble.js'
import { readFrontmatter } from '../../src/report/frontmatter/read-frontmatter.js'
import { collectSections } from '../../src/report/sections/collect.js'
import { partsOfReport } from '../support/reports.js'
import type { Provenance, ReportInput, ReportPaper } from '../../src/report/report-input.js'
import { ANSWERS, PAPER_TEXT } from './answers.js'

/** The headings that every report has. */
const ALWAYS = REPORT_SECTIONS.flatMap(({ heading, optional }) => (optional ? [] : [heading]))

const MODELS = {
  key_outcome: 'small:free',
  why_hypotheses: 'large:free',
  reproduction_notes: 'large:free',
  open_questions: 'large:free',
  limits_confidence: 'small:free',
}

function input(paper: Partial<ReportPaper> = {}, provenance: Partial<Provenance> = {}): ReportInput {
  return {
    paper: {
      arxiv_id: '2401.01230',
      version: 2,
      title: 'Routed Attention',
      authors: 'Ada Lovelace, Charles Babbage (Analytical Engine, London) and Mary Somerville',
      categories: 'cs.LG cs.CL',
      published_at: '2024-01-02T03:04:05Z',
      pages: 12,
      reference_count: 40,
      ...paper,
    },
    ...collectSections(ANSWERS),
    signals: {
      neighbors_considered: 25,
      neighbors_used: 8,
      avg_fmr_score: 0.51234,
      avg_cited_by_count: null,
    },
    neighbors: [{ arxiv_id: '2312.00001', title: 'A near paper' }],
    tags: ['sparse attention', 'long context'],
    provenance: {
      rpa_version: '0.1.0',
      models: MODELS,
      requests: { cheap: 2, expensive: 3 },
      duration_ms: 90_500,
      finished_at: '2026-01-01T00:01:30.500Z',
      extractor: 'pdfium 2.15',
      text_sha256: 'ab'.repeat(32),
      ...provenance,
    },
    paper_text: PAPER_TEXT,
  }
}

function withSection(heading: string, body: string): ReportInput {
  const base = input()
  return { ...base, sections: new Map([...base.sections, [heading, body]]) }
}

/** Headings that a Markdown reader would see at levels 1 and 2, code blocks left out. */
function headings(markdown: string): string[] {
  const body = markdown.slice(markdown.indexOf('\n---\n') + 5).replace(/^```[\s\S]*?^```/gm, '')
  return body
    .split('\n')
    .filter((line, at, lines) => /^ {0,3}#{1,2}(\s|$)/.test(line) || /^(=+|-+)$/.test(lines[at + 1] ?? ''))
}

describe('assembleReport', () => {
  it('puts the frontmatter keys in the order that readers rely on', () => {
    const { markdown, frontmatter } = assembleReport(input())
    const keys = [...(/^---\n([\s\S]*?)\n---\n/.exec(markdown)?.[1] ?? '').matchAll(/^(\w+):/gm)].map(
      (m) => m[1],
    )
    expect(keys.slice(0, 7)).toEqual([
      'ver',
      'title',
      'arxiv_id',
      'source_url',
      'model',
      'tags',
      'core_contribution',
    ])
    expect(keys).toEqual(Object.keys(frontmatter))
    expect(partsOfReport(markdown).frontmatter).toEqual(frontmatter)
    expect(frontmatter).toMatchObject({
      ver: 5,
      arxiv_id: '2401.01230',
      source_url: 'https://arxiv.org/abs/2401.01230',
      model: 'small:free, large:free',
      tags: ['sparse attention', 'long context'],
      core_contribution:
        'A sparse attention that reads 64k tokens in linear time and loses 0.4 points on RULER.',
      authors: ['Ada Lovelace', 'Charles Babbage', 'Mary Somerville'],
      published: '2024-01-02',
      generator: 'rpa 0.1.0',
      models: MODELS,
      offline: false,
      requests: { cheap: 2, expensive: 3 },
      created_at: '2026-01-01T00:01:30.500Z',
      duration_s: 90.5,
      paper: { pages: 12, references: 40, extractor: 'pdfium 2.15', text_sha256: 'ab'.repeat(32) },
      quality: { complete: true, incomplete: [], grounding: { score: 1 } },
    })
  })

  it('holds the title, then the eleven sections in order, all with a body', () => {
    const { markdown } = assembleReport(input())
    const { title, sections } = partsOfReport(markdown)
    expect(title).toBe('Routed Attention')
    expect([...sections.keys()]).toEqual(ALWAYS)
    for (const body of sections.values()) expect(body).not.toBe('')
    expect(markdown).not.toContain('offline by extraction')
    expect(markdown).not.toContain('## Core Contribution')
  })

  it('writes Quick Facts by itself', () => {
    const facts = partsOfReport(assembleReport(input()).markdown).sections.get('Quick Facts') ?? ''
    expect(facts).toContain('[2401.01230](https://arxiv.org/abs/2401.01230) v2')
    expect(facts).toContain('Ada Lovelace, Charles Babbage, Mary Somerville')
    expect(facts).toContain('12 pages, 40 references')
    expect(facts).toContain('A near paper (2312.00001)')
    expect(facts).toContain('papers near it 25, used 8, mean relevance score 0.51')
    expect(facts).toContain('small:free (key outcome, limits confidence); large:free (')
    expect(facts).toContain('2 cheap, 3 expensive')
  })

  it.each([
    'a: "b" # c',
    '---\nx: y\n---',
    '<script>alert(1)</script>',
    '![x](http://evil/x.png)',
    '\u202E\u0000| [p. 3]',
  ])(
    'holds what strangers say of a paper, such as %j, in facts and frontmatter, and nothing begins in it',
    (text) => {
      const base = input({ comment: text, journal_ref: text, doi: text, license: text, abstract: text })
      const neighbors = [{ arxiv_id: '2312.00001', title: text, line: text }]
      const paper_text = `${PAPER_TEXT}\n\n> Table 1: ${text} of it.\n\nSee https://example.org/${encodeURI(text)}x and https://a.example/"${text}.`
      const sections = new Map([
        ...base.sections,
        [
          'Key Results',
          `| Set | Metric | Ours |\n| --- | --- | --- |\n| ${text.replace(/\n/g, ' ')} | F1 | 0.5 |`,
        ],
      ])
      const { markdown, frontmatter } = assembleReport({ ...base, neighbors, paper_text, sections })
      expect(parse(/^---\n([\s\S]*?)\n---\n/.exec(markdown)?.[1] ?? '')).toEqual(frontmatter)
      expect(readFrontmatter(markdown)).toEqual(frontmatter)
      expect(markdown).not.toMatch(/<script|!\[[^\]]*\]\(|\u202E/)
      expect(markdown).not.toContain('\u0000')
      expect(
        [...partsOfReport(markdown).sections.keys()].filter((heading) => ALWAYS.includes(heading)),
      ).toEqual(ALWAYS)
    },
  )

  it('shows where a paper was printed as it says itself', () => {
    const facts = (paper: Partial<ReportPaper>, text = PAPER_TEXT): string =>
      partsOfReport(assembleReport({ ...input(paper), paper_text: text }).markdown).sections.get(
        'Quick Facts',
      ) ?? ''
    expect(facts({ journal_ref: 'Phys. Rev. D 1, 2' })).toContain('- **Journal:** Phys. Rev. D 1, 2\n')
    expect(facts({ comment: 'Accepted to NeurIPS 2023, 12 pages' })).toContain(
      '- **Journal:** NeurIPS 2023, 12 pages\n',
    )
    expect(facts({}, `[p. 1]\n\nPublished as a conference paper at ICLR 2024\n\n${PAPER_TEXT}`)).toContain(
      '- **Journal:** ICLR 2024\n',
    )
    expect(facts({})).not.toContain('Journal')
    const abstract = 'Popular data sets will be published in OTSL format to the community.'
    expect(facts({}, `[p. 1]\n\n${abstract}\n\n${PAPER_TEXT}`)).not.toContain('Journal')
  })

  it('tells of a caption what it is about, up to the end of a clause', () => {
    const caption = `> Figure 1: Comparison between HTML and OTSL: (A) table-example with complex row and column headers, including a 2D empty span`
    const { markdown } = assembleReport({
      ...input(),
      paper_text: `${PAPER_TEXT}\n\n[p. 9]\n\n${caption}.\n`,
    })
    expect(partsOfReport(markdown).frontmatter).toMatchObject({
      exhibits: [
        {
          label: 'Figure 1',
          caption:
            'Comparison between HTML and OTSL: (A) table-example with complex row and column headers, including a 2D empty span',
          page: 9,
        },
      ],
    })
  })

  it('has no line for what it does not know', () => {
    const bare = {
      ...input(),
      paper: { arxiv_id: 'hep-th/9901001', title: '' },
      signals: null,
      neighbors: null,
    }
    const { markdown, frontmatter } = assembleReport({ ...bare, paper_text: null })
    expect(partsOfReport(markdown).title).toBe('hep-th/9901001')
    expect(frontmatter).toMatchObject({ published: null, authors: [], quality: { grounding: null } })
    expect(partsOfReport(markdown).sections.get('Quick Facts')).toMatch(
      /^- \*\*In short:\*\* [^\n]+\n(?:- \*\*arXiv:\*\* \[hep-th\/9901001\]\(\S+\)\n- \*\*Length:\*\* \S|- \*\*arXiv:\*\* [^\n]+\n- \*\*Models:)/,
    )
  })

  it('tells when everything, or which part, was made offline', () => {
    const offline = Object.fromEntries(Object.keys(MODELS).map((writer) => [writer, 'offline/extractive-1']))
    const all = assembleReport(input({}, { models: offline }))
    expect(all.frontmatter['offline']).toBe(true)
    expect(all.markdown).toMatch(
      /# Routed Attention\n\n> Made offline by extraction[^\n]*no model was asked\.\n\n## Quick Facts/,
    )
    const some = assembleReport(
      input({}, { models: { ...MODELS, limits_confidence: 'offline/extractive-1' } }),
    )
    expect(some.frontmatter['offline']).toBe('partial')
    expect(some.markdown).toMatch(/\n> Mixed: [^\n]*: Limitations, Confidence, Next Checks\./)
  })

  it('counts a section that a model repaired as written by a model', () => {
    const answers = { ...ANSWERS, limits_confidence: '## Limitations\nOnly one family of models was tried.' }
    const repair =
      '## Confidence\n- High for the main claim [p. 2].\n## Next Checks\n- Run it with five seeds.'
    const models = { ...MODELS, limits_confidence: 'offline/extractive-1', repair: 'small:free' }
    const report = assembleReport({
      ...input({}, { models, repaired: true }),
      ...collectSections(answers, [repair]),
    })
    expect(report.markdown).toMatch(/> Mixed: [^\n]*: Limitations\./)
    expect(report.quality.repaired).toBe(true)
  })

  it('names what is missing and keeps its heading', () => {
    const sections = new Map([...input().sections].filter(([heading]) => heading !== 'Confidence'))
    const { quality, markdown } = assembleReport({ ...input(), sections })
    expect(quality).toMatchObject({ complete: false, incomplete: ['Confidence'] })
    expect(partsOfReport(markdown).sections.get('Confidence')).toBe('*This section is missing.*')
  })

  it.each([
    '---\ntitle: x\n---',
    'He said "no": {a: [b]} # c',
    "It's 100% \\ 'quoted'",
    'Two\nlines\r\nand\u2028more\u0085here',
    '- a list',
    '# a heading',
    '<script>alert(1)</script>',
    '[click](javascript:alert(1)) ![x](http://evil/x.png)',
    'right\u202Eleft \u0000\u0007 \uD800 lone',
    'yes',
    '2401.0',
    '&anchor *alias !tag |',
    '~',
  ])('holds a title such as %j', (title) => {
    const { markdown, frontmatter } = assembleReport(input({ title, authors: `${title}, B` }))
    expect(parse(/^---\n([\s\S]*?)\n---\n/.exec(markdown)?.[1] ?? '')).toEqual(frontmatter)
    expect(typeof frontmatter['title']).toBe('string')
    expect(
      headings(markdown)
        .map((line) => line.replace(/^#+\s*/, ''))
        .slice(1),
    ).toEqual(ALWAYS)
    expect(markdown).not.toMatch(/<script|\]\(javascript|!\[[^\]]*\]\(|[\u202E\u2028\u0085]/)
    expect([...markdown].filter((sign) => sign < ' ' && sign !== '\n')).toEqual([])
    expect(Buffer.from(markdown).toString()).toBe(markdown)
  })

  it.each([
    [
      'headings',
      '# One\n## Two ##\n  ### Three\ntext\n#\n- # four',
      '### One\n### Two\n### Three\ntext\n\n- \\# four',
    ],
    ['underlined headings and rules', 'One\n===\n\nTwo\n---\n\n***\nx', 'One\n\nTwo\n\nx'],
    [
      'HTML',
      '<script>alert(1)</script> <!-- c --> <img src=x onerror=y> 1 < 2 <3',
      '&lt;script>alert(1)&lt;/script> &lt;!-- c --> &lt;img src=x onerror=y> 1 < 2 <3',
    ],
    [
      'tokens in code spans',
      'use `<eos>` and `<script>` and `<x onclick=a>`',
      'use `<eos>` and `<script>` and `<x onclick=a>`',
    ],
    ['tags behind a stray backtick', '`\n- ` `<script>`', '\\`\n- ` `&lt;script>\\`'],
    [
      'links',
      '[a](javascript:x) [b](https://e.org/x) [c](data:text/html,x) [d](java&#115;cript:x) [e](#p) [e]( \tjavascript:x)',
      '[a] (javascript:x) [b] (`https://e.org/x`) [c] (data:text/html,x) [d] (javascript:x) [e](#p) [e] ( \tjavascript:x)',
    ],
    [
      'link definitions',
      '[a]: javascript:x\n> [a]: vbscript:x\nsee [a]: no link',
      '[a] : javascript:x\n> [a] : vbscript:x\nsee [a]: no link',
    ],
    ['images', '![x](https://e.org/x.png)', '[x] (`https://e.org/x.png`)'],
    ['bare addresses', 'at https://e.org/x?q=1.', 'at `https://e.org/x?q=1`.'],
    ['links to papers', '[v](https://arxiv.org/abs/1)', '[v](https://arxiv.org/abs/1)'],
    ['links of definitions', '[v]: https://e.org/x.png', '[v] : `https://e.org/x.png`'],
    ['a code block left open', '```js\nlet a = "<b>"', '```js\nlet a = "<b>"\n```'],
    [
      'a fence in a list item, which ends sooner than it seems',
      '- a\n\n  ```\n<script>x</script>\n  ```',
      '- a\n\n  ```\n&lt;script>x&lt;/script>\n  ```',
    ],
    ['a table', '| a | b |\n|---|---|\n| 1 | 2 |', '| a | b |\n|---|---|\n| 1 | 2 |'],
    ['page marks and quotations', 'It is "so and so" [p. 3]: yes.', 'It is "so and so" [p. 3]: yes.'],
    ['formulas', '$a < b$ and $x_i^2$, \\(y\\)', '$a < b$ and $x_i^2$, \\(y\\)'],
    ['invisible characters', 'a\u200Bb\u202Ec\u0007d\u{E0041}', 'abcd'],
  ])('makes a body safe: %s', (_, body, safe) => {
    const report = assembleReport(withSection('Limitations', body)).markdown
    const from = report.indexOf('## Limitations\n\n') + 16
    expect(report.slice(from, report.indexOf('\n\n## Confidence'))).toBe(safe)
  })

  it('keeps the sections behind a hostile body', () => {
    const hostile = 'x\n\n```\n## Confidence\nfake\n\n---\nver: 1\n---\n## Next Checks\n~~~'
    const { sections } = partsOfReport(assembleReport(withSection('Limitations', hostile)).markdown)
    expect([...sections.keys()]).toEqual(ALWAYS)
    expect(sections.get('Confidence')).toContain('Linear time')
  })

  it('does not follow a source address that is no web address', () => {
    const { frontmatter, markdown } = assembleReport(
      input({ arxiv_id: 'x)[y](javascript:z', source_url: 'javascript:alert(1)' }),
    )
    expect(frontmatter['source_url']).toBe('https://arxiv.org/abs/x%29%5By%5D%28javascript:z')
    expect(markdown).not.toContain('](javascript')
  })

  it('reads a line of three thousand authors and shows the first', () => {
    const authors = Array.from({ length: 3000 }, (_, n) => `A. Author${n} (CERN, Geneva)`).join(', ')
    const { markdown } = assembleReport(input({ authors }))
    expect(partsOfReport(markdown).sections.get('Quick Facts')).toContain('A. Author11 and 2988 more')
  })

  it('is pure: the same input gives the same bytes', () => {
    expect(assembleReport(input()).markdown).toBe(assembleReport(input()).markdown)
  })
})

describe('items that say nothing', () => {
  it.each([
    [
      '- **Hardware:** not reported [p. 4].\n- **Data:** 9,000 images [p. 4].',
      '- **Data:** 9,000 images [p. 4].',
    ],
    ['- Corpus: none\n- A fact.', '- A fact.'],
    ['- **Not compared with**: none by the authors.\n- A fact.', '- A fact.'],
  ])('go: %s', (body, left) => {
    expect(withoutEmptyItems(body)).toBe(left)
  })

  it.each([
    '- **Hardware:** not reported, so the cost cannot be compared [p. 4].',
    '- **None** of the runs diverged [p. 4].',
    '- **Loss:** none\n  - but see below [p. 4].',
    '- **Open:** not stated.',
  ])('and what says something stays, as does the last one: %s', (body) => {
    expect(withoutEmptyItems(body)).toBe(body)
  })
})
