import { isObject } from '../../core/json.js'
import type { ErrorBody } from './error-body.js'
import { requestBody } from '../request.js'
import type { ModelRequest } from '../provider.js'

/** What every request holds: a fault there is not the profile's. */
const OURS = new Set(['model', 'messages'])
const TROUBLE =
  'is (?:not|mandatory|invalid|unsupported|too|deprecated|only|required)|are not|does not|do not|must|cannot|should|may not|exceeds|out of'

/**
 * Returns the member of the request that a refusal names as its cause (`temperature`, `max_tokens`, one of extra_body):
 * in `param`, in quotes, before a colon, or as what a sentence is about. Null if it names none that was sent.
 */
export function refusedMember(call: ModelRequest, error: ErrorBody): string | null {
  const sent = members(requestBody(call))
  const path = error.param.replace(/^body\./, '').replace(/\[/g, '.')
  const named = sent.find((member) => path !== '' && (path === member || path.startsWith(`${member}.`)))
  // A member of the body comes before one of the same name inside of another.
  const inner = named ?? sent.find((member) => path !== '' && member.endsWith(`.${path}`))
  if (inner !== undefined) return inner
  const words = `${error.message} ${error.raw}`.slice(0, 4000)
  return (
    sent.find((member) => {
      const name = member.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      const quoted = new RegExp(`['"\`‘“]${name}['"\`’”.[]`)
      const about = new RegExp(`(?<![\\w.])${name}(?::|\\s+(?:${TROUBLE})\\b)`, 'i')
      const unsupported = new RegExp(
        `(?:don['’]?t|doesn['’]?t|not) support ${name}\\b|(?<![\\w.])${name} ?>=? ?\\d+ must`,
        'i',
      )
      const rejected = new RegExp(
        `(?:unsupported|unknown|unrecognized|invalid|unexpected|extra|disallowed)[\\w ]{0,30}[:(]?\\s*\\[?['"\`]?${name}\\b`,
        'i',
      )
      return [quoted, about, unsupported, rejected].some((one) => one.test(words))
    }) ?? null
  )
}

/** Members of the body and of its objects, the inner ones first: they say more. */
function members(body: Record<string, unknown>): string[] {
  const outer = Object.keys(body).filter((name) => !OURS.has(name))
  const inner = outer.flatMap((name) => {
    const value = body[name]
    return isObject(value) ? Object.keys(value).map((key) => `${name}.${key}`) : []
  })
  return [...inner, ...outer]
}
