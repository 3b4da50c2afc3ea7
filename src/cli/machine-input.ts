import { messageOf, UsageError } from '../core/errors.js'
import type { JsonObject } from '../core/json.js'
import { isObject } from '../core/json.js'
import { readText } from './text-argument.js'

/**
 * Returns the object of a file of JSON with the members of `NAME=VALUE` laid over it.
 *
 * @param file `-` for standard input; undefined: none.
 * @throws UsageError `bad_input`, `text_unreadable`.
 */
export async function readInput(file: string | undefined, pairs: readonly string[]): Promise<JsonObject> {
  const input = file === undefined ? {} : objectOf(await readText(file), file)
  for (const pair of pairs) {
    const at = pair.indexOf('=')
    if (at < 1) {
      throw new UsageError('bad_input', `"${pair}" is no NAME=VALUE.`, {
        hint: 'Write --set title="A title", or --set text=@FILE.',
      })
    }
    input[pair.slice(0, at)] = await valueOf(pair.slice(at + 1))
  }
  return input
}

function objectOf(text: string, file: string): JsonObject {
  const name = file === '-' ? 'Standard input' : file
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new UsageError('bad_input', `${name} is no JSON: ${messageOf(error)}.`, { cause: error })
  }
  if (isObject(value)) return { ...value }
  throw new UsageError('bad_input', `${name} holds no object.`, { hint: 'Write {"title": "A title"}.' })
}

async function valueOf(text: string): Promise<unknown> {
  if (text.startsWith('@')) return readText(text.slice(1))
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}
