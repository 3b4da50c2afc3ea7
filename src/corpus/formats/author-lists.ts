import { isObject, type JsonObject } from '../../core/json.js'
import { withoutTex } from '../../text/tex-accents.js'
import { firstNameFirst, textOrNull } from './values.js'

/**
 * Returns the names of authors, first names first, parted by commas: of a text, of a list (also one written as text) of
 * names, of objects with a name or its parts, or of `[last, first, suffix]`. Empty where there is none.
 */
export function authorNames(value: unknown): string {
  const list = typeof value === 'string' && /^\s*\[\s*["{[]/.test(value) ? listOf(value) : value
  if (typeof list === 'string') return withoutTex(textOrNull(list) ?? '')
  const names = (Array.isArray(list) ? (list as unknown[]) : [list]).map(nameOf)
  return withoutTex(names.filter((name) => name !== '').join(', '))
}

function listOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function nameOf(author: unknown): string {
  if (typeof author === 'string') return firstNameFirst(textOrNull(author) ?? '')
  if (Array.isArray(author)) {
    const [last, first, suffix] = author as unknown[]
    return joined([first, last, suffix])
  }
  if (!isObject(author)) return ''
  const name = named(author, ['name', 'full_name', 'fullname', 'display_name', 'author'])
  return typeof name === 'string' ? nameOf(name) : joined(PARTS.map((names) => named(author, names)))
}

const PARTS = [
  ['first', 'forenames', 'given', 'first_name', 'firstname'],
  ['middle', 'middle_name'],
  ['last', 'keyname', 'family', 'last_name', 'lastname'],
  ['suffix'],
] as const

function named(author: JsonObject, names: readonly string[]): unknown {
  return names.map((name) => author[name]).find((value) => value !== undefined && value !== null)
}

/** Middle names come as lists. */
function joined(parts: readonly unknown[]): string {
  return parts
    .flat()
    .map(textOrNull)
    .filter((part) => part !== null)
    .join(' ')
}
