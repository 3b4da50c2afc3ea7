import { REPORT_SECTIONS } from '../../src/core/report-sections.js'

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

/** Returns a paper of 60 different sentences on ten pages, each with a number that stands nowhere else in it; it cites 30 others by number. */
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
    const cited = `Others sort blocks [${3 * page + 1}], or filter them [${3 * page + 2}, ${3 * page + 3}].`
    return `[p. ${page + 1}]\n## ${page + 1} Part ${page + 1}\n\n${own.join(' ')} ${cited}`
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
