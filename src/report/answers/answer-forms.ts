import { canonicalHeading, saysHeading } from './headings.js'

const HTML_HEADING = /<(h[1-6]|summary)\b[^<>]{0,200}>(.{1,200}?)<\/\1>/gi
const HTML_HEADING_FIRST = /^(?:\s|<[a-z][^<>]{0,100}>)*<(?:h[1-6]|summary)\b/i
const HTML_BOLD = /^(\s*(?:[-*+]\s+|\d{1,2}[.)]\s+)?)<(strong|b)>([^<>]{3,80})<\/\2>/i
const LATEX_HEADING = /^\s*\\(?:sub){0,2}section\*?\{([^{}]{3,80})\}\s*(.*)$/
const TAG = /^\s*<(\/?)([A-Za-z][\w-]{2,60})(?:\s[^>]{0,200})?>\s*(.*)$/
const NAMED_TAG =
  /^\s*<(?:section|part|item)\b[^>]{0,100}\b(?:name|title|heading|id)\s*=\s*["']([^"']{3,80})["'][^>]{0,100}>\s*(.*)$/i
const YAML_KEY = /^(["']?)([\p{L}][\p{L}\p{N} _()?-]{2,60})\1:(?:\s*[|>][-+]?\d?)?\s*$/u

/**
 * Returns an answer with Markdown headings where it marks its sections in another way: headings of HTML or LaTeX, XML tags
 * that are named like them, keys of YAML with a block of text below. Text stays as it is, but for the indentation that belongs to YAML.
 */
export function withMarkdownHeadings(text: string): string {
  const lines = text.replace(/\r\n?/g, '\n').split('\n')
  return withoutYamlKeys(lines.flatMap(fromTags))?.join('\n') ?? lines.flatMap(fromTags).join('\n')
}

function fromTags(line: string): string[] {
  const [, latex = '', behind = ''] = LATEX_HEADING.exec(line) ?? []
  if (saysHeading(latex)) return ['', `## ${latex}`, '', behind]
  if (!line.includes('<')) return [line]
  const html = HTML_HEADING_FIRST.test(line) ? fromHtml(line) : line
  if (html !== line) return html.split('\n')
  const [bold, before = '', , label = ''] = HTML_BOLD.exec(line) ?? []
  if (bold !== undefined && saysHeading(label)) return [`${before}**${label}**${line.slice(bold.length)}`]
  const named = NAMED_TAG.exec(line)
  if (named !== null) {
    const heading = nameToHeading(named[1] ?? '')
    return heading === null ? [line] : ['', `## ${heading}`, '', withoutEnd(named[2] ?? '')]
  }
  if (/^\s*<\/(?:section|part|item|sections|answer|report|details)>\s*$/i.test(line)) return []
  if (/^\s*<details(?:\s[^<>]{0,100})?>\s*$/i.test(line)) return []
  const tag = TAG.exec(line)
  const heading = tag === null ? null : nameToHeading(tag[2] ?? '')
  if (tag === null || heading === null) return [withoutKnownEnd(line)]
  return tag[1] === '/' ? [tag[3] ?? ''] : ['', `## ${heading}`, '', withoutEnd(tag[3] ?? '')]
}

/** A line of HTML with its headings on lines of their own, and its paragraphs; the same line where none is the report's. */
function fromHtml(line: string): string {
  const text = line.replace(HTML_HEADING, (whole: string, _: string, inner: string) => {
    const name = inner.replace(/<[^<>]{0,100}>/g, '')
    return saysHeading(name) ? `\n\n## ${name.trim()}\n\n` : whole
  })
  return text === line ? line : text.replace(/<\/?(?:p|div|details|article|body)(?:\s[^<>]{0,100})?>/gi, '\n')
}

function withoutEnd(text: string): string {
  return text.replace(/<\/[A-Za-z][\w-]{2,60}>\s*$/, '')
}

function withoutKnownEnd(line: string): string {
  const [whole, name = ''] = /<\/([A-Za-z][\w-]{2,60})>\s*$/.exec(line) ?? []
  return whole !== undefined && nameToHeading(name) !== null ? line.slice(0, -whole.length) : line
}

/** Null where the lines are no YAML: keys that mean sections, each with an indented block below. */
function withoutYamlKeys(lines: readonly string[]): string[] | null {
  const keys = lines.map((line, at) => {
    const [, , name] = YAML_KEY.exec(line) ?? []
    const next = lines.slice(at + 1, at + 4).find((one) => one.trim() !== '')
    return name !== undefined && /^(?: {2,}|\t)\S/.test(next ?? '') ? nameToHeading(name) : null
  })
  if (!keys.some((key) => key !== null)) return null
  const out: string[] = []
  let indent: number | null = null
  let inBlock = false
  for (const [at, line] of lines.entries()) {
    const key = keys[at] ?? null
    if (key !== null) {
      out.push('', `## ${key}`, '')
      indent = null
      inBlock = true
      continue
    }
    if (inBlock && line.trim() !== '') {
      const own = /^[ \t]*/.exec(line)?.[0].length ?? 0
      indent ??= own
      if (own === 0) inBlock = false
    }
    out.push(inBlock ? line.slice(Math.min(indent ?? 0, /^[ \t]*/.exec(line)?.[0].length ?? 0)) : line)
  }
  return out
}

/** `next_checks`, `nextChecks`, `Next-Checks` as the heading that they mean, or null. */
export function nameToHeading(name: string): string | null {
  return canonicalHeading(name.replace(/[_-]/g, ' ').replace(/(?<=[a-z])(?=[A-Z])/g, ' '))
}
