import { markdownWithoutEntities, withoutEntities } from '../text/entities.js'
import { wellFormed } from '../text/invisible.js'
import { boundLinks } from './links.js'
import { closesFence, fenceOf, hashHeading, markCode } from './fences.js'

/** Control characters (tab and line feed apart), zero-width marks, direction overrides, Unicode tags. */
const INVISIBLE =
  // eslint-disable-next-line no-control-regex -- these are what is removed
  /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u200B\u200E\u200F\u202A-\u202E\u2060\u2066-\u2069\uFEFF]|[\u{E0000}-\u{E007F}]/gu
/** Only these may follow `](` or `]:`; everything else could run code or be read as markup. */
const SAFE_TARGET = /^\s*<?(?:https?:\/\/|mailto:|#)/i
/** A bare word in angle brackets inside a code span, as papers write tokens: `<eos>`, `<think>`. */
const TOKEN = /^<\/?([A-Za-z][A-Za-z0-9_|-]*)>/
/** Rules and the underlines that would make a heading of the line above; a table's `|---|` is neither. */
const RULE = /^[\s>]*(?:=+\s*|(?:-\s*)+|(?:\*\s*){3,}|(?:_\s*){3,})$/
/** Parts a line into text, code spans, and the mark of each span. */
const CODE_SPAN = /((?<![`\\])(`+)(?!`)[^`]+(?<!`)\2(?!`))/
/** Marks of list items and quotations before a line's text. */
const LEAD = /^(?:\s{0,8}(?:>|[-*+]\s|\d{1,9}[.)]\s))*/
const HTML_NAMES = new Set(
  (
    'a abbr address applet area article aside audio b base basefont bdi bdo bgsound big blink blockquote body br button ' +
    'canvas caption center cite code col colgroup data datalist dd del details dfn dialog dir div dl dt em embed fencedframe ' +
    'fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe image ' +
    'img input ins isindex kbd keygen label legend li link listing main map mark marquee math menu meta meter nav nobr ' +
    'noembed noframes noscript object ol optgroup option output p param picture plaintext portal pre progress q rp rt ruby s ' +
    'samp script search section select slot small source span strike strong style sub summary sup svg table tbody td template ' +
    'textarea tfoot th thead time title tr track tt u ul var video wbr xmp'
  ).split(' '),
)

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
    .replace(/</g, '&lt;')
    .replace(/!\[/g, '[')
    .replace(/\]\s*\(/g, '] (')
    .replace(/\](?=[[:])/g, '] ')
}

/**
 * Returns a section's Markdown made safe to stand in a report: HTML is escaped, links lead only to http(s), mailto
 * or anchors, images become links, headings become `###`, rules go, an open code fence is closed.
 * Code in fences at the left margin stays as it is.
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
    out.push(open === null ? bounded(safeLine(plainLine(line, code)), hosts) : fenceLine(line))
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

function bounded(line: string, hosts: ReadonlySet<string> | null): string {
  if (hosts === null) return line
  return line
    .split(CODE_SPAN)
    .map((part, index) => (index % 3 === 2 ? '' : index % 3 === 1 ? noLink(part) : boundLinks(part, hosts)))
    .join('')
}

/** A mark on another line may end this span sooner than it seems: a link in it must not come alive. */
function noLink(span: string): string {
  return span.replace(/\](?=\(\s{0,3}<?(?:https?:|www\.))/gi, '] ')
}

function safeLine(line: string): string {
  if (RULE.test(line)) return ''
  return escapeHtml(demote(line))
    .replace(/!\[/g, '[')
    .replace(/\](\(|:)(?=(.{0,100}))/g, (whole, mark: string, rest: string, at: number, text: string) =>
      SAFE_TARGET.test(rest) || (mark === ':' && !opensDefinition(text, at)) ? whole : `] ${mark}`,
    )
}

/** `# x` becomes `### x`; inside a list item or a quotation the mark is escaped. */
function demote(line: string): string {
  const lead = LEAD.exec(line)?.[0] ?? ''
  const heading = hashHeading(line.slice(lead.length))
  if (heading === null) return line
  if (lead.trim() !== '') return lead + line.slice(lead.length).replace('#', '\\#')
  return heading.text === '' ? '' : `### ${heading.text}`
}

/** Whether the bracket that closes at `at` is the first on its line, so that `]:` would define a link. */
function opensDefinition(text: string, at: number): boolean {
  return text.slice(0, at).replace(LEAD, '').trimStart().startsWith('[')
}

/** Escapes every `<` that could begin a tag; in code spans, tokens that are no HTML element stay readable. */
function escapeHtml(line: string): string {
  const spans = line.split(CODE_SPAN)
  return spans
    .map((part, index) => {
      if (index % 3 === 2) return ''
      if (index % 3 === 0) return part.replace(/<(?=[A-Za-z/!?])/g, '&lt;')
      return part.replace(/<(?=[A-Za-z/!?])/g, (sign, at: number) => {
        const name = TOKEN.exec(part.slice(at))?.[1]?.toLowerCase()
        return name !== undefined && !HTML_NAMES.has(name) ? sign : '&lt;'
      })
    })
    .join('')
}
