import type { ReportInput } from './report-input.js'
import { inlineText } from './markdown/sanitize.js'

/** A paper of the corpus, as a report names it. */
export interface Neighbor {
  arxiv_id: string
  title: string
  /** What it is about; '' where that is not known. */
  line: string
}

/** The fact under which near papers stand. */
export const NEAREST = 'Nearest in the corpus'

const MAX_NEIGHBORS = 5
const LONGEST_LINE = 160

/** Returns near papers, each with a line of its own and what it is about where that is known; null without one. */
export function neighborsLine(neighbors: NonNullable<ReportInput['neighbors']>): string | null {
  if (neighbors.length === 0) return null
  const lines = neighbors.slice(0, MAX_NEIGHBORS).map((near) => {
    const about = shortened(inlineText(near.line ?? ''))
    const mark = near.retracted === true ? ', retracted' : ''
    const name = `${inlineText(near.title)} (${inlineText(near.arxiv_id)}${mark})`
    return `\n  - ${about === '' ? name : `${name}: ${about}`}`
  })
  return lines.join('')
}

/** Ends with a whole word, and says that more stood there. */
function shortened(line: string): string {
  return line.length <= LONGEST_LINE
    ? line
    : `${line.slice(0, LONGEST_LINE - 1).replace(/[\s,;:]*\S*$/, '')}…`
}

/** Returns the near papers that the facts of a report name. */
export function neighborsIn(facts: string): Neighbor[] {
  const [, lines = ''] = new RegExp(`^- \\*\\*${NEAREST}:\\*\\*((?:\\n  - .*)+)`, 'm').exec(facts) ?? []
  return [
    ...lines.matchAll(/^ {2}- (.+?) \((?=\S*\d{4})([\w.\-/]{4,40})(?:, retracted)?\)(?:: (.*))?$/gm),
  ].map(([, title = '', arxiv_id = '', line = '']) => ({ title, arxiv_id, line }))
}
