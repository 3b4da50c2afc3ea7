import { REPORT_SECTIONS, WHOLE_REPORT } from '../../core/report-sections.js'
import { isObject, type JsonObject } from '../../core/json.js'
import { contentStems } from '../../text/words.js'
import { plainInline, stripControls } from './quotable.js'

export interface NeighborInput {
  title: string
  arxivId: string | null
  /** What it is about; '' where that is not known. */
  line: string
}

/** The offline writer's view of a request's input: every key may be missing, everything is untrusted. */
export interface WriterInput {
  title: string
  abstract: string
  paperText: string
  neighbors: NeighborInput[]
  /** Texts other writers have delivered before. */
  earlier: string
  /** What the paper mainly gives; '' where nobody says. */
  kind: string
  /** What in the paper may not add up, as code found it. */
  discrepancies: string[]
  /** Headings a repair has to write. */
  missing: string[]
}

const WRITERS = new Set(REPORT_SECTIONS.flatMap(({ writer }) => writer ?? []))

/** Reads the input keys the offline writer knows; what has the wrong type counts as missing. */
export function readInput(input: JsonObject): WriterInput {
  const brief = isObject(input['brief']) ? input['brief'] : {}
  return {
    title: stripControls(text(input['title'])).replace(/\s+/g, ' ').trim(),
    abstract: text(input['abstract']),
    paperText: text(input['paper_text']),
    neighbors: neighbors(input['corpus_neighbors']).filter((near) => isNear(near, input)),
    earlier: [...WRITERS, WHOLE_REPORT].map((key) => text(input[key])).join('\n'),
    kind: text(brief['kind']),
    discrepancies: strings(brief['discrepancies']),
    missing: strings(input['missing']),
  }
}

/** A corpus always has a nearest paper: one with fewer words in common is only that. A title alone has few. */
const LEAST_SHARED = { title: 1, withLine: 4 }

function isNear({ title, line }: NeighborInput, input: JsonObject): boolean {
  const own = new Set(contentStems(`${text(input['title'])} ${text(input['abstract'])}`))
  return (
    new Set(contentStems(`${title} ${line}`).filter((stem) => own.has(stem))).size >=
    (line === '' ? LEAST_SHARED.title : LEAST_SHARED.withLine)
  )
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === 'string') : []
}

function neighbors(value: unknown): NeighborInput[] {
  if (!Array.isArray(value)) return []
  return value.filter(isObject).flatMap((entry) => {
    const title = plainInline(text(entry['title']), 160)
    const id = text(entry['arxiv_id'])
    return title === ''
      ? []
      : [
          {
            title,
            arxivId: /^[\w.\-/]{4,30}$/.test(id) ? id : null,
            line: plainInline(text(entry['line']), 240),
          },
        ]
  })
}
