import { markCode } from '../markdown/fences.js'
import { saysHeading } from './headings.js'

/** Tags and marks of a template that stand before the first heading on its line. */
const WRAPPED = /^(\s*(?:(?:<[^<>\n]{1,40}>|\\boxed\{)\s*)+)(#{1,4}\s+\S.*)$/
const SAID_BEFORE = /^(.{0,200}?[:.!\])>*_])\s*(#{1,4}\s+\S.*)$/

/**
 * Returns an answer with a line break before each heading of the report that something else stands before on its line, a tag
 * or words ("Here it is: ## Limitations"), and without the end of a wrapper that such a line began. Code stays as it is.
 */
export function withHeadingsOnOwnLines(text: string): string {
  const ends: string[] = []
  const lines = markCode(text.replace(/\r\n?/g, '\n').split('\n')).map(({ text: line, code }) => {
    if (code || !/\S[^\S\n]*#/.test(line)) return line
    const [, wrapper, wrapped = ''] = WRAPPED.exec(line) ?? []
    if (wrapper !== undefined) {
      ends.push(...endsOf(wrapper))
      return wrapped
    }
    const [, before, heading = ''] = SAID_BEFORE.exec(line) ?? []
    return before !== undefined && /\p{L}/u.test(before) && isHeading(heading)
      ? `${before}\n\n${heading}`
      : line
  })
  return ends.reduce(withoutEnd, lines.join('\n'))
}

function isHeading(line: string): boolean {
  const text = line.replace(/^#+\s+/, '')
  const beforeColon = text.slice(0, Math.max(0, text.search(/[:–—]\s/)))
  return saysHeading(text) || saysHeading(beforeColon)
}

function endsOf(wrapper: string): string[] {
  return [...wrapper.matchAll(/<([a-z][\w-]*)[^<>]*>|\\boxed\{/gi)].map(([, name]) =>
    name === undefined ? '}' : `</${name}>`,
  )
}

/** A wrapper's end is the last thing of an answer; `}` may end a formula, which has its own beginning. */
function withoutEnd(text: string, end: string): string {
  const whole = text.trimEnd()
  if (!whole.endsWith(end)) return text
  const opened = (whole.match(/\{/g)?.length ?? 0) - (whole.match(/\}/g)?.length ?? 0)
  return end === '}' && opened >= 0 ? text : whole.slice(0, -end.length).trimEnd()
}
