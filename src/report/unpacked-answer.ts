import { isObject } from '../core/json.js'
import { nameToHeading, withMarkdownHeadings } from './answer-forms.js'
import { ALL_HEADINGS } from './headings.js'
import { withHeadingsOnOwnLines } from './heading-lines.js'
import { withoutToolCalls } from './tool-calls.js'

/** Members under which a whole answer is put, and those of one section in a list of them. */
const WHOLE = ['answer', 'content', 'markdown', 'text', 'output', 'response', 'report', 'result']
const TITLE = ['heading', 'title', 'section', 'name']
const MAX_DEPTH = 4
const HEADING_IN_LINE = new RegExp(`(?:^|\\s+)#{1,4}\\s+(${ALL_HEADINGS.map(escaped).join('|')})\\s+`, 'g')

/**
 * Returns an answer as Markdown where a model has put it into JSON: a string, an object of sections, a list of them, an
 * object around them, also in a code fence; and with line breaks where it wrote `\n` for all of them, or none. Any other
 * answer stays.
 */
export function unpackedAnswer(text: string): string {
  const whole = text.trim()
  for (const inside of jsonIn(whole)) {
    const markdown = markdownOf(parsed(inside), MAX_DEPTH)
    if (markdown !== null && markdown.trim() !== '') return withLineBreaks(markdown)
  }
  return withLineBreaks(withMarkdownHeadings(withHeadingsOnOwnLines(withoutToolCalls(unfenced(text)))))
}

/** What may be the JSON of an answer: the whole, or the one block of code in it, whatever is said around. */
function jsonIn(whole: string): string[] {
  const fenced = /^(`{3,}|~{3,})[ \t]*(?:json5?)?[ \t]*\r?\n([\s\S]*?)\r?\n\1[ \t]*$/im
    .exec(whole)?.[2]
    ?.trim()
  return [whole, fenced].filter((text) => text !== undefined && /^["{[]/.test(text)) as string[]
}

/** YAML in a block of code is text in one. */
function unfenced(text: string): string {
  return /^\s*(`{3,}|~{3,})[ \t]*ya?ml[ \t]*\r?\n([\s\S]*?)\r?\n\1\s*$/i.exec(text)?.[2] ?? text
}

function escaped(text: string): string {
  return text.replace(/[()?]/g, '\\$&')
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return parsedLoosely(json)
  }
}

const STRINGS = /"(?:[^"\\]|\\.)*"|'((?:[^'\\]|\\.|'(?!\s*[,:}\]]))*)'/g

/** Models leave a comma at the end, and line breaks as they are inside of strings, or quote these as Python does. */
function parsedLoosely(json: string): unknown {
  const mended = json
    .replace(STRINGS, (string, single?: string) =>
      single === undefined ? string : `"${single.replaceAll("\\'", "'").replace(/(?<!\\)"/g, '\\"')}"`,
    )
    .replace(/"(?:[^"\\]|\\.)*"/g, (string) => string.replace(/\r?\n/g, '\\n').replace(/\t/g, '\\t'))
    .replace(/,(\s*[}\]])/g, '$1')
  try {
    return JSON.parse(mended)
  } catch {
    return undefined
  }
}

/** Null where the value holds no section and no text. */
function markdownOf(value: unknown, depth: number): string | null {
  if (typeof value === 'string') return value
  if (depth === 0) return null
  if (Array.isArray(value)) {
    const parts = value.map((item) => (isObject(item) ? sectionOf(item) : null))
    return parts.length > 0 && parts.every((part) => part !== null) ? parts.join('\n\n') : null
  }
  if (!isObject(value)) return null
  const members = Object.entries(value)
  const sections = members.flatMap(([key, body]) => {
    const heading = nameToHeading(key)
    return heading === null ? [] : [`## ${heading}\n\n${bodyOf(body)}`]
  })
  if (sections.length > 0) return sections.join('\n\n')
  const [first] = WHOLE.flatMap((name) => (name in value ? [value[name]] : []))
  const inner = first ?? value['sections'] ?? (members.length === 1 ? members[0]?.[1] : undefined)
  return markdownOf(inner, depth - 1)
}

function sectionOf(item: Record<string, unknown>): string | null {
  const key = TITLE.find((name) => typeof item[name] === 'string')
  const heading = key === undefined ? null : nameToHeading(String(item[key]))
  const body = [...WHOLE, 'body'].map((name) => item[name]).find((one) => one !== undefined)
  return heading === null || body === undefined ? null : `## ${heading}\n\n${bodyOf(body)}`
}

function bodyOf(value: unknown): string {
  if (typeof value === 'string') return withLineBreaks(value)
  if (Array.isArray(value)) return value.map((item) => `- ${inline(item)}`).join('\n')
  if (isObject(value))
    return Object.entries(value)
      .map(([key, item]) => `- **${key}:** ${inline(item)}`)
      .join('\n')
  return inline(value)
}

function inline(value: unknown): string {
  if (typeof value === 'string') return value.replace(/\s+/g, ' ').trim()
  if (isObject(value)) return Object.values(value).map(inline).join(' – ')
  if (Array.isArray(value)) return value.map(inline).join(', ')
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}

/** A text of several lines on one: with its line breaks written out, or with none between its headings at all. */
function withLineBreaks(text: string): string {
  const whole = text.trim()
  if (whole.includes('\n') || !/(?:^|\\n)\s{0,3}#{1,4}\s/.test(whole)) return text
  if (whole.includes('\\n')) return whole.replace(/(?:\\r)?\\n/g, '\n').replace(/\\"/g, '"')
  const apart = whole.replace(HEADING_IN_LINE, (_, heading: string) => `\n\n## ${heading}\n\n`).trim()
  return (whole.match(HEADING_IN_LINE)?.length ?? 0) > 1 ? apart : text
}
