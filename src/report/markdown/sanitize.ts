import { markdownWithoutEntities, withoutEntities } from '../../text/entities.js'
import { codeParts } from '../../text/code-spans.js'
import { wellFormed } from '../../text/invisible.js'
import { boundLinks } from './links.js'
import { closesFence, fenceOf, hashHeading, markCode } from './fences.js'

/** Control characters (tab and line feed apart), zero-width marks, direction overrides, Unicode tags. */
const INVISIBLE =
  // eslint-disable-next-line no-control-regex -- these are what is removed
  /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u200B\u200E\u200F\u202A-\u202E\u2060\u2066-\u2069\uFEFF]|[\u{E0000}-\u{E007F}]/gu
/** Only these may follow `](` or `]:`; everything else could run code or be read as markup. */
const SAFE_TARGET = /^\s*<?(?:https?:\/\/|mailto:|#)/i
/** Rules and the underlines that would make a heading of the line above; a table's `|---|` is neither. */
const RULE = /^[\s>]*(?:=+\s*|(?:-\s*)+|(?:\*\s*){3,}|(?:_\s*){3,})$/
/** Where a tag may begin, also one that goes on in what is put behind the text. */
const TAG = /<(?=[A-Za-z/!?]|$)/g
/** Marks of list items and quotations before a line's text. */
const LEAD = /^(?:\s{0,8}(?:>|[-*+]\s|\d{1,9}[.)]\s))*/
/** Returns one line of plain text: white space and line breaks of all kinds as one blank, invisible characters gone, entities as the signs they stand for, lone surrogates replaced. */
export function oneLine(text: string): string {
  return withoutEntities(wellFormed(text))
    .replace(/[\s\u0085]+/gu, ' ')
    .replace(INVISIBLE, '')
    .trim()
}

/** Returns untrusted plain text as one line of Markdown in which no HTML and no link can begin. */
export function inlineText(text: string): string {
  return oneLine(text)
    .replace(TAG, '&lt;')
    .replace(/!\[/g, '[')
    .replace(/\]\s*\(/g, '] (')
    .replace(/\](?=[[:])/g, '] ')
}

/**
 * Returns a section's Markdown made safe to stand in a report: HTML is escaped, links lead only to http(s), mailto
 * or anchors, images become links, headings become `###`, rules go, an open code fence is closed.
 * Code in fences at the left margin and code spans stay as they are.
 *
 * @param hosts to which links may lead, other addresses being shown as code; null: to any.
 */
export function safeBody(markdown: string, hosts: ReadonlySet<string> | null = null): string {
  const source = wellFormed(markdown)
    .replace(/\r\n?|[\u0085\u2028\u2029]/g, '\n')
    .replace(INVISIBLE, '')
  const out: string[] = []
  let open: string | null = null
  const lines = markCode(source.split('\n'))
  for (const { text: line, code } of lines) {
    if (open !== null) {
      out.push(line)
      if (closesFence(line, open)) open = null
      continue
    }
    // Only at the margin is it certain that no list item or quote ends the block before its closing fence.
    open = fenceOf(line, 0)?.mark ?? null
    const safe = code ? safeCodeLine : safeLine
    out.push(open === null ? safe(plainLine(line, code), hosts) : fenceLine(line))
  }
  if (open !== null) out.push(open)
  const text = out.join('\n').replace(/\n{3,}/g, '\n\n')
  // Blank lines go, but not the indentation of the first line with text: without it the line could mean something else.
  return text.replace(/^(?:[ \t]*\n)+/, '').trimEnd()
}

/** Behind a fence stands the name of a language; viewers that take the line for text must find no tag and no code in it. */
function fenceLine(line: string): string {
  const mark = fenceOf(line)?.mark ?? ''
  return mark + line.slice(mark.length).replace(/[<`]/g, '')
}

/** Entities as their signs; a fence that begins further in and is never closed begins nothing. */
function plainLine(line: string, code: boolean): string {
  if (!code && fenceOf(line) !== null) return line.replace(/[`~]/, '\\$&')
  return code ? line : markdownWithoutEntities(line).replace(INVISIBLE, '')
}

/** A block further in may end sooner than it seems: nothing in it may come alive as text. */
function safeCodeLine(line: string, hosts: ReadonlySet<string> | null): string {
  return RULE.test(line) ? '' : safeText(demote(line), '', hosts)
}

/** Code spans stay as they are written: nothing in them is a tag or a link. */
function safeLine(line: string, hosts: ReadonlySet<string> | null): string {
  if (RULE.test(line)) return ''
  const parts = codeParts(demote(line))
  // In the row of a table a bar ends the cell, and with it the span, whatever stands around it.
  const isTorn = parts.some(({ text, isCode }) => isCode && text.includes('|'))
  let before = ''
  return parts
    .map(({ text, isCode }) => {
      const safe = isCode && !isTorn ? text : safeText(text, before, isCode ? null : hosts)
      before += text
      return safe
    })
    .join('')
}

/** @param before what stands before the text on its line. */
function safeText(text: string, before: string, hosts: ReadonlySet<string> | null): string {
  const safe = text
    .replace(TAG, '&lt;')
    .replace(/!\[/g, '[')
    .replace(/\](\(|:)(?=(.{0,100}))/g, (whole, mark: string, rest: string, at: number, all: string) =>
      SAFE_TARGET.test(rest) || (mark === ':' && !opensDefinition(before + all.slice(0, at)))
        ? whole
        : `] ${mark}`,
    )
  return hosts === null ? safe : boundLinks(safe, hosts)
}

/** `# x` becomes `### x`; inside a list item or a quotation the mark is escaped. */
function demote(line: string): string {
  const lead = LEAD.exec(line)?.[0] ?? ''
  const heading = hashHeading(line.slice(lead.length))
  if (heading === null) return line
  if (lead.trim() !== '') return lead + line.slice(lead.length).replace('#', '\\#')
  return heading.text === '' ? '' : `### ${heading.text}`
}

/** Whether a bracket that closes behind this text is the first on its line, so that `]:` would define a link. */
function opensDefinition(before: string): boolean {
  return before.replace(LEAD, '').trimStart().startsWith('[')
}
