import type { NearMiss } from '../../corpus/seeding/nearest-filter.js'
import type { SeedChoice, SeedResult, SomePapers } from '../../pipeline/seed.js'
import { printable } from '../errors.js'
import { renderTable, type Column } from '../layout/table.js'
import { counted } from '../layout/counted.js'

const TITLE = 60

/** Returns what a person reads after seeding; of a dry run, the papers and what speaks for each. */
export function renderSeed(result: SeedResult, weighed: boolean): string {
  const { seeded, already, skipped, matched, papers, nearest } = result
  const lines: string[] = []
  if (papers !== undefined && papers.length > 0) lines.push(renderChoices(papers, weighed))
  if (matched !== undefined)
    lines.push(`${counted(matched, 'paper')} of the corpus ${matched === 1 ? 'matches' : 'match'} the query`)
  if (result.fetched !== undefined)
    lines.push(`metadata of ${counted(result.fetched.length, 'paper')} fetched from arXiv`)
  const verb = papers === undefined ? 'seeded' : 'would seed'
  lines.push(`${verb} ${counted(seeded, 'paper')} (${already} already there, ${skipped} skipped)`)
  if (result.excluded !== undefined)
    lines.push(`skipped, excluded by the corpus (disable_summary): ${someOf(result.excluded)}`)
  if (result.without_id !== undefined)
    lines.push(`skipped, without an id of arXiv: ${someOf(result.without_id)}`)
  if (result.without_pdf !== undefined) lines.push(renderWithoutPdf(result.without_pdf))
  if (result.left_out !== undefined)
    lines.push(`left out, but seeded if named: ${renderWithoutPdf(result.left_out)}`)
  if (nearest !== undefined) lines.push(renderNearest(nearest))
  return lines.join('\n')
}

function renderWithoutPdf(some: SomePapers): string {
  return `no PDF on this machine of ${counted(some.papers, 'paper')}, and downloads are switched off (pdf_sources): ${someOf(some)}`
}

/** Returns the first of them by name, and how many more there are. */
function someOf({ papers, first }: SomePapers): string {
  const more = papers - first.length
  return `${first.map(printable).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

function renderChoices(papers: readonly SeedChoice[], weighed: boolean): string {
  const right = (head: string): Column => ({ head, align: 'right' })
  const columns: Column[] = [
    { head: 'PAPER' },
    right('PRIORITY'),
    right('SCORE'),
    right('CITED'),
    ...(weighed ? [right('RELEVANCE')] : []),
    { head: 'PUBLISHED' },
    { head: 'TITLE' },
    { head: 'WHY' },
  ]
  const rows = papers.map((paper) => [
    paper.arxiv_id,
    paper.priority,
    paper.score?.toFixed(2) ?? '',
    paper.citations ?? '',
    ...(weighed ? [paper.relevance ?? ''] : []),
    paper.published_at?.slice(0, 10) ?? '',
    shortened(paper.title, TITLE),
    paper.reasons.join('; '),
  ])
  return renderTable(columns, rows)
}

/** Returns what a filter that fits nothing came nearest to. */
export function renderNearest({ papers, conditions }: NearMiss): string {
  if (papers === 0) return 'there are no papers to choose from'
  const columns: Column[] = [
    { head: 'CONDITION' },
    { head: 'FITS BY ITSELF', align: 'right' },
    { head: 'WITHOUT IT', align: 'right' },
  ]
  const rows = conditions.map(({ flag, alone, without }) => [flag, alone, without])
  return `none of ${counted(papers, 'paper')} fits all of this:\n${renderTable(columns, rows)}`
}

function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`
}
