import { isObject } from '../../core/json.js'
import { errorMessage, errorType, MachineError } from '../errors.js'

/** What strings and conditions of a machine can refer to. */
export interface Scope {
  context: Readonly<Record<string, unknown>>
  input: Readonly<Record<string, unknown>>
  output: unknown
}

export interface PathRef {
  root: keyof Scope
  keys: readonly string[]
}

const PATH = /^(context|input|output)((?:\.(?:[A-Za-z_]\w*|\d+))*)$/

/** Returns the path that a string consists of (`context.title`, `output`), or null if it is anything else. */
export function parsePath(text: string): PathRef | null {
  const match = PATH.exec(text.trim())
  if (match === null) return null
  const keys = (match[2] ?? '').split('.').slice(1)
  return { root: match[1] as keyof Scope, keys }
}

/**
 * Returns the value at a path, null where it leads nowhere. Only own keys of objects and indexes of lists
 * are seen, so `__proto__`, `constructor` and `length` lead nowhere.
 * @throws MachineError `child_failed` when the path goes below a child machine that failed.
 */
export function resolvePath(path: PathRef, scope: Scope): unknown {
  let value: unknown = scope[path.root] ?? null
  const trail: string[] = [path.root]
  for (const key of path.keys) {
    if (isFailedChild(value) && !Object.hasOwn(value, key)) throw childFailed(trail, key, value)
    value = member(value, key)
    trail.push(key)
    if (value === null) return null
  }
  return value
}

/** What stands for a child machine that failed in the output of a parallel state. */
export interface FailedChild extends Record<string, unknown> {
  _error: string
  _error_type: string
}

/** Returns whether a value stands for a failed child: exactly the two keys, both text. */
export function isFailedChild(value: unknown): value is FailedChild {
  return (
    isObject(value) &&
    typeof value['_error'] === 'string' &&
    typeof value['_error_type'] === 'string' &&
    Object.keys(value).length === 2
  )
}

/** What made a child fail, while the run that saw it lasts: the text alone is in the checkpoint. */
const causes = new WeakMap<object, unknown>()

/** Returns what stands for a child that failed with an error. */
export function failedChild(error: unknown): FailedChild {
  const child = { _error: errorMessage(error), _error_type: errorType(error) }
  causes.set(child, error)
  return child
}

/** Returns the error for a read below a failed child; `trail` is the path that leads to the child. */
export function childFailed(trail: readonly string[], key: string, child: FailedChild): MachineError {
  const name = trail.at(-1) ?? 'child'
  return new MachineError(
    'child_failed',
    `"${[...trail, key].join('.')}" cannot be read: the child machine "${name}" failed with ${child._error_type}: ${child._error}`,
    { hint: `Test "${trail.join('.')}._error" before reading its output.`, cause: causes.get(child) },
  )
}

function member(value: unknown, key: string): unknown {
  if (Array.isArray(value)) return /^\d+$/.test(key) ? ((value[Number(key)] as unknown) ?? null) : null
  if (!isObject(value) || !Object.hasOwn(value, key)) return null
  return value[key] ?? null
}
