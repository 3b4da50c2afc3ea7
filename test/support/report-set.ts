import { REPORT_SECTIONS } from '../../src/core/report-sections.js'
import type { FindingKind } from '../../src/report/judge-report.js'

const NOUNS =
  'router block cache ledger lattice detector sampler kernel index prompt neuron orbit tensor filter catalyst graph'.split(
    ' ',
  )
const VERBS = 'lowers raises bounds splits mends sorts filters predicts explains limits'.split(' ')
const HEADINGS = REPORT_SECTIONS.flatMap(({ heading, writer, optional }) =>
  writer === null || optional ? [] : [heading],
)

/** One made-up paper: its text with page marks, and what its sentences say. */
export interface MadePaper {
  id: string
  text: string
  /** Each with its page. */
  sentences: { text: string; page: number }[]
}

/** Returns a paper of 60 different sentences on ten pages, each with a number that stands nowhere else in it. */
export function makePaper(n: number): MadePaper {
  const sentences = Array.from({ length: 60 }, (_, at) => {
    const pick = (list: readonly string[], step: number): string =>
      list[(n * 7 + at * step + (at >> 3)) % list.length] ?? ''
    const value = (100 + ((n * 131 + at * 1217) % 8800) + at / 100).toFixed(2)
    return {
      page: 1 + Math.floor(at / 6),
      text: `In trial ${at % 2 === 0 ? 'alpha' : 'beta'}${pick(NOUNS, 3)} the ${pick(NOUNS, 5)} ${pick(VERBS, 3)} the measured ${pick(NOUNS, 7)} delay to ${value} ms while the ${pick(NOUNS, 11)} stays unchanged.`,
    }
  })
  const pages = Array.from({ length: 10 }, (_, page) => {
    const own = sentences.filter((one) => one.page === page + 1).map(({ text }) => text)
    return `[p. ${page + 1}]\n## ${page + 1} Part ${page + 1}\n\n${own.join(' ')}`
  })
  return { id: `2401.${String(10000 + n)}`, text: pages.join('\n\n'), sentences }
}

/** Returns a sound report of it: heading → body. */
export function makeSections(paper: MadePaper): Map<string, string> {
  return new Map(
    HEADINGS.map((heading, at) => {
      const own = paper.sentences.slice(at * 5, at * 5 + 5)
      return [heading, own.map(({ text, page }) => `- ${text} [p. ${page}]`).join('\n')]
    }),
  )
}

/** Returns the file of a report. */
export function renderMade(
  paper: MadePaper,
  sections: ReadonlyMap<string, string>,
  tags = `["tensor filters", "block ${paper.id.slice(5)} routing"]`,
): string {
  const body = [...sections].map(([heading, text]) => `## ${heading}\n\n${text}`).join('\n\n')
  return `---\nver: 4\ntitle: "Made ${paper.id}"\narxiv_id: "${paper.id}"\ntags: ${tags}\n---\n\n# Made ${paper.id}\n\n${body}\n`
}

/** How a report is spoiled, for each kind of finding that one report can have by itself. */
export const FAULTS: Readonly<
  Partial<Record<FindingKind, (paper: MadePaper, sections: Map<string, string>) => string>>
> = {
  number: (paper, sections) =>
    changed(paper, sections, (body) => body.replace(/to (\d+\.\d+) ms/, 'to 99123.7 ms')),
  unit: (paper, sections) => changed(paper, sections, (body) => body.replace(' ms', ' kg')),
  quote: (paper, sections) =>
    changed(
      paper,
      sections,
      (body) => `${body}\n- The authors write "nobody had ever looked behind the green door" [p. 3]`,
    ),
  page: (paper, sections) => changed(paper, sections, (body) => body.replace(/\[p\. \d+\]/, '[p. 77]')),
  anchor: (paper, sections) =>
    changed(paper, sections, (body) => `${body}\n- See [Table 47] for the ratio of both.`),
  url: (paper, sections) =>
    changed(paper, sections, (body) => `${body}\n- Code: https://example.net/never/there`),
  citation: (paper, sections) =>
    changed(paper, sections, (body) => `${body}\n- It follows Quimby et al. (2011).`),
  section_missing: (paper, sections) => {
    sections.delete('Limitations')
    return renderMade(paper, sections)
  },
  degraded: (paper, sections) =>
    changed(paper, sections, () => "I'm sorry, but as an AI language model I cannot help with that request."),
  language: (paper, sections) =>
    changed(
      paper,
      sections,
      () =>
        'Die Arbeit zeigt, dass der Filter die Verzögerung senkt und dass sich dabei nichts anderes ändert, was nicht vorher schon so war. Das ist nicht überall so, und es wird auch nicht für alle Fälle gezeigt, die man sich denken kann.',
    ),
  tags: (paper, sections) =>
    renderMade(paper, sections, '["smith2020learning", "tensor filters", "tensor filter"]'),
  length: (paper, sections) => {
    for (const [heading, body] of sections) sections.set(heading, body.split('\n')[0] ?? '')
    return renderMade(paper, sections)
  },
  frontmatter: (paper, sections) => renderMade(paper, sections).replace('ver: 4', 'ver: [4\n  "x'),
}

function changed(paper: MadePaper, sections: Map<string, string>, how: (body: string) => string): string {
  sections.set('Key Results', how(sections.get('Key Results') ?? ''))
  return renderMade(paper, sections)
}
