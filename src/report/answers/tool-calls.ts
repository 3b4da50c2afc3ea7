import { markCode } from '../markdown/fences.js'

const NAMES = 'tool_calls?|function_calls?|function|parameter|invoke|arguments'
const TAG = String.raw`<\/?(?:${NAMES})(?:=[\w.-]{1,60}|\s[^<>\n]{1,100})?>`
const BEGINS = new RegExp(String.raw`^\s*(?:${TAG}\s*)+`)
const ENDS = new RegExp(String.raw`(?<=[.!?)\]}*|])\s*(?:${TAG}\s*)+$`)

/**
 * Returns an answer without what is left of a call of a tool in it: the tags, and a call that is JSON. A text between tags is
 * the answer that a model meant to write to a file, and stays; so do code and tags that a sentence speaks of.
 */
export function withoutToolCalls(text: string): string {
  if (!new RegExp(TAG).test(text)) return text
  const lines = markCode(text.split('\n'))
  let inCall = false
  return lines
    .flatMap(({ text: line, code }, at) => {
      if (code) return [line]
      const ends = line.includes('</tool_call>')
      if (inCall) {
        inCall = !ends
        return []
      }
      const begin = BEGINS.exec(line)?.[0] ?? ''
      const behind = line.slice(begin.length)
      if (begin.includes('<tool_call>') && /^\s*\{\s*"/.test(behind.trim() || (lines[at + 1]?.text ?? ''))) {
        inCall = !ends
        return []
      }
      // A sentence that begins with a tag is about it.
      const rest = /^\s*\p{Ll}/u.test(behind) ? line : behind
      return begin !== '' && rest === '' ? [] : [rest.replace(ENDS, '')]
    })
    .join('\n')
}
