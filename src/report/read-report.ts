import { arxivIdOf } from '../core/arxiv-id.js'
import type { JsonObject } from '../core/json.js'
import { NO_BODY } from './assemble.js'
import { neighborsIn, type Neighbor } from './neighbor-lines.js'
import { withComputations } from './computation-notes.js'
import { frontmatterLength, normaliseLines, readFrontmatter } from './frontmatter/read-frontmatter.js'
import { splitSections } from './answers/split.js'

/** A report as it lies in a file, ours or the earlier tool's. */
export interface ReadReport {
  /** Null where nothing in it names a paper. */
  arxiv_id: string | null
  title: string | null
  /** Null: it has none; broken: it has some, and no YAML parser makes sense of it. */
  frontmatter: JsonObject | 'broken' | null
  tags: string[]
  /** Heading → body, without those that code alone makes. */
  sections: Map<string, string>
  /** The near papers that it names among its facts. */
  neighbors: Neighbor[]
}

/** The last two are of reports up to format 4. */
const MADE_BY_CODE = ['Quick Facts', 'Abstract', 'Tables and Figures']
/** A line above a section that says what is wrong with it is no statement of the report. */
const MARKED = /^> \*\*Not to be relied on:\*\*.*$/gm

/**
 * Returns a report's parts, in whatever form it has: with frontmatter or without, any line ends.
 *
 * @param name of its file, which may say whose report it is.
 */
export function readReportText(markdown: string, name = ''): ReadReport {
  const text = normaliseLines(markdown)
  const end = frontmatterLength(text)
  const data = end === 0 ? null : (readFrontmatter(text) ?? 'broken')
  const body = text.slice(end)
  const all = splitSections(withComputations(body.replace(MARKED, '')))
  const sections = new Map(
    [...all]
      .filter(([heading]) => !MADE_BY_CODE.includes(heading))
      .map(([heading, found]): [string, string] => [heading, found === NO_BODY ? '' : found]),
  )
  const known = data === null || data === 'broken' ? {} : data
  const title = textOf(known['title']) ?? /^# +(.+)$/m.exec(body)?.[1]?.trim() ?? null
  return {
    arxiv_id: idOf(known['arxiv_id'], body, name),
    title,
    frontmatter: data === null && text.startsWith('---\n') ? 'broken' : data,
    tags: tagsOf(known['tags']),
    sections,
    neighbors: neighborsIn(all.get('Quick Facts') ?? ''),
  }
}

function idOf(given: unknown, body: string, name: string): string | null {
  const own = textOf(given)
  if (own !== null) return arxivIdOf(own) ?? own
  const facts = body.slice(0, 4000)
  const [, named] =
    /\barxiv(?: ID)?:?\*{0,2}:?\s*\[?(?:arXiv:)?([\w.-]+(?:\/\d{7})?(?:v\d+)?)/i.exec(facts) ?? []
  const [, base] = /^(\d{4}\.\d{4,5}|[a-z-]+_\d{7})/.exec(name) ?? []
  return arxivIdOf(named ?? '') ?? arxivIdOf((base ?? '').replace('_', '/'))
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null
}

/** The earlier tool wrote tags as one line, too. */
function tagsOf(value: unknown): string[] {
  const list: unknown[] = Array.isArray(value) ? value : typeof value === 'string' ? value.split(',') : []
  return list.flatMap((tag) => textOf(tag) ?? [])
}
