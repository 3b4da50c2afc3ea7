import { isObject } from '../../core/json.js'
import { nameToHeading, withMarkdownHeadings } from './answer-forms.js'
import { ALL_HEADINGS } from './headings.js'
import { withHeadingsOnOwnLines } from './heading-lines.js'
import { looseValues } from './loose-json.js'
import { withoutToolCalls } from './tool-calls.js'

/** Members under which a whole answer is put, or the call of a tool that was to keep it, and those of one section in a list of them. */
const WHOLE = ['answer', 'content', 'markdown', 'text', 'output', 'response', 'report', 'result', 'body']
const CALL = ['arguments', 'parameters', 'input', 'args', 'action_input', 'function', 'tool_calls']
const TITLE = ['heading', 'title', 'section', 'name']
const MAX_DEPTH = 6
const HEADING_IN_LINE = new RegExp(`(?:^|\\s+)#{1,4}\\s+(${ALL_HEADINGS.map(escaped).join('|')})\\s+`, 'g')
const HEADING = /^ {0,3}#{1,6}\s/m
/** Where JSON begins behind words, behind a template's marks, or in a block of code. */
const BEGIN =
  /^[ \t]*(?:(?:<\|?[\w▁|:]{2,40}\|?>|\[TOOL_CALLS\]|(?:`{3,}|~{3,})[ \t]*(?:json\w*|python|py)?[ \t]*\r?\n)\s*)*(?=\{\s*["'`\w/}]|\[\s*[{"'])/im
const LAST_FENCE = /\r?\n[ \t]*(?:`{3,}|~{3,})[ \t]*$/
/** Words around it that are longer are the answer. */
const MOST_WORDS_AROUND = 600

/**
 * Returns an answer as Markdown where a model has put it into JSON: a string, an object of sections, a list of them, one
 * object a line, an object around them, the arguments of a tool's call, also packed twice, with words around or in a code
 * fence; and with line breaks where it wrote `\n` for all of them, or none. Any other answer stays.
 */
export function unpackedAnswer(text: string): string {
  const markdown = inJson(text.trim())
  if (markdown !== null && markdown.trim() !== '') return withLineBreaks(markdown)
  return withLineBreaks(withMarkdownHeadings(withHeadingsOnOwnLines(withoutToolCalls(unfenced(text)))))
}

/** The Markdown in an answer that is JSON; where words stand around that, only if it has sections and they have none. */
function inJson(whole: string): string | null {
  const begin = BEGIN.exec(whole)
  const isAlone = /^(?:["{]|\[\s*["'{[])/.test(whole)
  if (!isAlone && begin === null) return null
  const at = isAlone ? 0 : begin!.index + begin![0].length
  if (HEADING.test(whole.slice(0, at))) return null
  const { values, rest } = valuesIn(whole.slice(at).replace(LAST_FENCE, ''))
  const around = `${whole.slice(0, at)}\n${rest}`
  if (values.length === 0 || around.length > MOST_WORDS_AROUND || HEADING.test(around)) return null
  const markdown = markdownOf(values.length === 1 ? values[0] : values, MAX_DEPTH)
  const isBare = !/[\p{L}\p{N}]/u.test(around.replace(/json5?|python/gi, ''))
  return markdown !== null && (isBare || HEADING.test(markdown)) ? markdown : null
}

function valuesIn(json: string): { values: unknown[]; rest: string } {
  // A backspace and a form feed are no signs of a text, but the beginnings of \beta and \frac.
  if (!/\\[bf][a-z]/.test(json)) {
    try {
      return { values: [JSON.parse(json)], rest: '' }
    } catch {
      return looseValues(json)
    }
  }
  return looseValues(json)
}

/** YAML in a block of code is text in one. */
function unfenced(text: string): string {
  return /^\s*(`{3,}|~{3,})[ \t]*ya?ml[ \t]*\r?\n([\s\S]*?)\r?\n\1\s*$/i.exec(text)?.[2] ?? text
}

function escaped(text: string): string {
  return text.replace(/[()?]/g, '\\$&')
}

/** Null where the value holds no section and no text. */
function markdownOf(value: unknown, depth: number): string | null {
  if (typeof value === 'string') return textOf(value, depth)
  if (depth === 0) return null
  if (Array.isArray(value)) {
    const parts = value.map((item) => partOf(item, depth))
    return parts.length > 0 && parts.every((part) => part !== null) ? parts.join('\n\n') : null
  }
  if (!isObject(value)) return null
  const members = Object.entries(value)
  const sections = members.flatMap(([key, body]) => {
    const heading = nameToHeading(key)
    return heading === null ? [] : [`## ${heading}\n\n${bodyOf(body)}`]
  })
  if (sections.length > 0) return sections.join('\n\n')
  for (const name of [...WHOLE, 'sections']) if (name in value) return markdownOf(value[name], depth - 1)
  if (members.length === 1) return markdownOf(members[0]?.[1], depth - 1)
  // Of other members, only one with sections is the answer.
  const called = CALL.flatMap((name) => (name in value ? [value[name]] : []))
  const inside = [...called, ...members.map(([, member]) => member)]
  return inside.map((member) => markdownOf(member, depth - 1)).find((one) => HEADING.test(one ?? '')) ?? null
}

/** A string that is JSON again holds what that holds. */
function textOf(text: string, depth: number): string {
  const whole = text.trim()
  if (depth === 0 || !/^(?:[{"]|\[\s*[{"'])/.test(whole)) return text
  const { values, rest } = valuesIn(whole)
  const [value, ...more] = values
  return value === undefined || more.length > 0 || rest !== '' ? text : (markdownOf(value, depth - 1) ?? text)
}

/** An item of a list: a section, some of them, or Markdown that has one. */
function partOf(item: unknown, depth: number): string | null {
  const section = isObject(item) ? sectionOf(item) : null
  if (section !== null) return section
  const markdown = markdownOf(item, depth - 1)
  return markdown !== null && HEADING.test(markdown) ? markdown : null
}

function sectionOf(item: Record<string, unknown>): string | null {
  const key = TITLE.find((name) => typeof item[name] === 'string')
  const heading = key === undefined ? null : nameToHeading(String(item[key]))
  const body = WHOLE.map((name) => item[name]).find((one) => one !== undefined)
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
