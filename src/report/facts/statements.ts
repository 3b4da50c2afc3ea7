import { CORRECTION_LINE } from '../../core/report-sections.js'
import { labelsIn } from '../paper/labels.js'
import { plainNumbers } from '../numbers/plain-numbers.js'

/** A mark that says where a statement stands in the paper. */
export interface Anchor {
  /** As it stands in the report. */
  text: string
  kind: 'page' | 'label' | 'abstract' | 'corpus'
  /** Of a page: its number; of a label: its key. */
  target: string
}

/** A run of text with the anchors that follow it; none: the text claims no place. */
export interface Statement {
  /** Set by `plainNumbers`, without its anchors. */
  text: string
  anchors: readonly Anchor[]
  /** What stands before it in its item or paragraph, the last 400 characters. */
  lead: string
  /** Of a row of a table, the row at its head; '' else. */
  head: string
}

const BRACKET = /\[([^[\]\n]{1,120})\]|\(((?:pp?\.|pages?)[^()\n]{1,80})\)/gi
const PAGES = /^(?:pp?\.?|pages?)\s?(\d{1,5})(?:\s?-\s?(?:pp?\.?\s?)?(\d{1,5}))?$/i
const MORE_PAGES = /^(\d{1,5})(?:\s?-\s?(\d{1,5}))?$/
const MAX_RANGE = 30
/** No section of a report has more; what follows is not looked up. */
const MAX_BODY = 200_000
const MAX_STATEMENTS = 2000
const MAX_STATEMENT = 2500
const MAX_LEAD = 400
/** Thousands that are parted by blanks: `1 281 167`. */
const BLANKS = /(?<![\d.,])\d{1,3}(?: \d{3}){2,6}(?![\d.,]\d)/g
const ITEM = /^\s*(?:>\s*)*(?:[-*+•]\s+|\(?\d{1,2}[.)]\s+|#{1,6}\s+)/

/** Returns the statements of a section's Markdown: each list item and paragraph parted behind its anchors. Code blocks are not read. */
export function readStatements(body: string): Statement[] {
  const statements: Statement[] = []
  for (const block of blocksOf(body.slice(0, MAX_BODY))) {
    if (statements.length >= MAX_STATEMENTS) break
    statements.push(...statementsOf(block).slice(0, MAX_STATEMENTS).flatMap(piecesOf))
  }
  return statements
}

/** A statement that is too long for one is looked up piece by piece, where the whole claims to stand. */
function piecesOf(statement: Statement): Statement[] {
  if (statement.text.length <= MAX_STATEMENT) return [statement]
  return Array.from({ length: Math.ceil(statement.text.length / MAX_STATEMENT) }, (_, n) => ({
    ...statement,
    text: statement.text.slice(n * MAX_STATEMENT, (n + 1) * MAX_STATEMENT),
  }))
}

function blocksOf(body: string): string[] {
  const blocks: string[][] = []
  let open = false
  let fenced = false
  for (const line of body.split('\n')) {
    if (/^\s*(?:`{3}|~{3})/.test(line)) fenced = !fenced
    const isRow = /^\s*\|/.test(line)
    if (fenced || line.trim() === '' || line.startsWith(CORRECTION_LINE) || /^\s*(?:`{3}|~{3})/.test(line)) {
      open = false
      continue
    }
    const begins = ITEM.test(line)
    const text = line.replace(ITEM, '')
    if (open && !begins) blocks.at(-1)!.push(`${isRow ? ' \n' : ' '}${text}`)
    else blocks.push([text])
    open = true
  }
  return blocks.map((lines) => lines.join(''))
}

function statementsOf(block: string): Statement[] {
  const text = plainNumbers(
    block.replace(/\*\*|__|`/g, '').replace(BLANKS, (number) => number.replaceAll(' ', '')),
  )
  const statements: Statement[] = []
  let from = 0
  const head = text.startsWith('|') ? (text.split('\n', 1)[0] ?? '') : ''
  let current: { text: string; anchors: Anchor[]; lead: string; head: string } | null = null
  for (const match of text.matchAll(BRACKET)) {
    if (statements.length > MAX_STATEMENTS) break
    const anchors = anchorsOf(match[1] ?? match[2] ?? '', match[0])
    if (anchors === null) continue
    const between = text.slice(from, match.index)
    from = match.index + match[0].length
    if (current !== null && /^[\s,;.&]*(?:and\s)?$/.test(between)) current.anchors.push(...anchors)
    else
      statements.push(
        (current = {
          text: between,
          anchors: [...anchors],
          lead: leadTo(text, match.index - between.length),
          head,
        }),
      )
  }
  const rest = text.slice(from)
  if (/[\p{L}\p{N}]/u.test(rest)) statements.push({ text: rest, anchors: [], lead: leadTo(text, from), head })
  return statements
}

function leadTo(text: string, at: number): string {
  return text.slice(Math.max(0, at - MAX_LEAD), at)
}

/** Null where the bracket holds anything but anchors. */
function anchorsOf(inside: string, shown: string): Anchor[] | null {
  const anchors: Anchor[] = []
  for (const part of inside.split(/\s?(?:[,;&]|\band\b)\s?/)) {
    const text = part.trim()
    if (text === '') continue
    const previous = anchors.at(-1)?.kind
    const pages = PAGES.exec(text) ?? (previous === 'page' ? MORE_PAGES.exec(text) : null)
    const name = text.toLowerCase()
    if (pages !== null) {
      const first = Number(pages[1])
      const last = Math.min(Number(pages[2] ?? first), first + MAX_RANGE)
      for (let page = first; page <= Math.max(first, last); page += 1) {
        anchors.push({ text: `[p. ${page}]`, kind: 'page', target: String(page) })
      }
    } else if (name === 'abstract' || name === 'corpus') {
      anchors.push({ text: `[${text}]`, kind: name, target: name })
    } else {
      const [label] = labelsIn(text)
      if (label === undefined || label.at > 0 || label.end < text.length - 2) {
        const more = previous === 'label' && /^[A-Z]?\d{1,3}(?:\.\d{1,3})*[a-h]?$/.test(text)
        if (!more) return null
        const kind = anchors.at(-1)!.target.split(' ')[0]
        anchors.push({ text: shown, kind: 'label', target: `${kind} ${text.toLowerCase()}` })
      } else
        for (const { key } of labelsIn(text)) anchors.push({ text: `[${text}]`, kind: 'label', target: key })
    }
  }
  return anchors.length === 0 ? null : anchors
}
