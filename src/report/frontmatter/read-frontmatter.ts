import { parse } from 'yaml'
import { isObject, type JsonObject } from '../../core/json.js'

/** Ours has some 5,000 characters; the YAML parser takes seconds over a broken block of much more than this. */
const MAX_FRONTMATTER = 32 * 1024
const MAX_DEPTH = 100

/** Returns a report's frontmatter as data, or null where there is none or it is not readable YAML. */
export function readFrontmatter(markdown: string): JsonObject | null {
  const text = normaliseLines(markdown)
  const length = frontmatterLength(text)
  if (length === 0 || length > MAX_FRONTMATTER) return null
  const yaml = text.slice(4, text.lastIndexOf('---', length))
  if (isDeep(yaml)) return null
  try {
    const data: unknown = parse(yaml, {
      maxAliasCount: 0,
      prettyErrors: false,
      logLevel: 'error',
    })
    return isObject(data) ? data : null
  } catch {
    return null
  }
}

/** Whether collections are nested so deep that the parser, which is recursive, could end the process. */
function isDeep(yaml: string): boolean {
  let depth = 0
  for (const sign of yaml) {
    if (sign === '[' || sign === '{') depth++
    else if ((sign === ']' || sign === '}') && depth > 0) depth--
    if (depth > MAX_DEPTH) return true
  }
  return /(?:[-?:][ \t]+|[!&][^\s]{0,40}[ \t]+){50}/.test(yaml)
}

/** Returns the length of a text's frontmatter, up to the end of the closing `---` line; 0 where there is none. */
export function frontmatterLength(text: string): number {
  if (!text.startsWith('---\n')) return 0
  const close = /\n---[ \t]*(?:\n|$)/.exec(text.slice(3))
  return close === null ? 0 : 3 + close.index + close[0].length
}

/** Returns a text without a mark of byte order and with line feeds alone. */
export function normaliseLines(text: string): string {
  return text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n')
}
