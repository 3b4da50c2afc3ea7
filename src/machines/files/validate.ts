import type * as z from 'zod'
import { isObject } from '../../core/json.js'
import { didYouMean } from '../../core/words-alike.js'
import type { KeyPath } from '../../core/files/yaml-text.js'
import { IDLE_IN } from '../spec.js'

export interface KeyFault {
  keys: KeyPath
  message: string
  hint?: string
  /** It means nothing here, and does no harm. */
  idle?: true
}

type Refused = Readonly<Record<string, string>>

/** What the format has and this runtime refuses, with what to do instead. */
const UNSUPPORTED: Refused = {
  foreach: 'not supported: name the children in `machine: [a, b]`, or loop with transitions',
  as: 'part of `foreach`, which is not supported',
  key: 'part of `foreach`, which is not supported',
  launch: 'not supported: use `machine:` and wait for the result',
  launch_input: 'part of `launch`, which is not supported',
  wait_for: 'not supported: end the machine and run it again when the event has come',
  tool_loop: 'not supported: one agent state is one request; loop with transitions',
  tools: 'not supported: use `action:` states',
  mdap_voting: 'not supported: use `execution: {type: retry}`',
  sampling: 'not supported: one agent state is one request',
  timeout: 'not supported here: the timeout of a request belongs to its profile',
  mcp: 'not supported: use `action:` states',
  output: 'not supported here: the answer is `output.content`; take it apart in an action',
  instruction_suffix: 'not supported: write it into `user`',
}
const UNSUPPORTED_VALUES: Readonly<Record<string, string>> = {
  cel: 'only the simple expressions are supported: remove the key',
  mdap_voting: 'not supported: use `type: retry`',
  parallel: 'not supported: use `type: retry`',
}

/**
 * Validates a value; returns the typed value, or every fault with its path below the value.
 *
 * @param refused keys that are known and not taken, with what to do instead.
 */
export function validate<T extends z.ZodType>(
  schema: T,
  value: unknown,
  refused: Refused = UNSUPPORTED,
): { data: z.infer<T>; faults: [] } | { data: null; faults: KeyFault[] } {
  const result = schema.safeParse(value, { reportInput: true })
  if (result.success) return { data: result.data, faults: [] }
  return {
    data: null,
    faults: result.error.issues.flatMap((issue) => faultsOf(issue, value, schema, refused)),
  }
}

function faultsOf(issue: z.core.$ZodIssue, root: unknown, schema: z.ZodType, refused: Refused): KeyFault[] {
  const keys = issue.path.map((part) => (typeof part === 'number' ? part : String(part)))
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(schema, keys)
    return issue.keys.map((key) => unknownKey([...keys, key], key, known, refused))
  }
  const value = valueAt(root, keys)
  if (issue.code === 'invalid_value') {
    const allowed = issue.values.map((allowedValue) => String(allowedValue))
    const message = `${JSON.stringify(value)} is not one of ${allowed.join(', ')}`
    return [withHint({ keys, message }, typeof value === 'string' ? valueHint(value, allowed) : undefined)]
  }
  if (value === undefined && issue.code === 'invalid_type') return [{ keys, message: 'is missing' }]
  if (issue.code === 'invalid_type')
    return [{ keys, message: `expected ${issue.expected}, found ${typeName(value)}` }]
  const nested = issue.code === 'invalid_union' ? nestedUnknownKeys(issue, keys, refused) : []
  return nested.length > 0 ? nested : [{ keys, message: issue.message }]
}

/** The unknown keys inside a union are what a reader needs, not that no alternative fits. */
function nestedUnknownKeys(issue: z.core.$ZodIssueInvalidUnion, keys: KeyPath, refused: Refused): KeyFault[] {
  return issue.errors
    .flat()
    .flatMap((inner) =>
      inner.code === 'unrecognized_keys'
        ? inner.keys.map((key) => unknownKey([...keys, ...inner.path.map(String), key], key, [], refused))
        : [],
    )
}

function unknownKey(keys: KeyPath, key: string, known: readonly string[], refused: Refused): KeyFault {
  const unsupported = Object.hasOwn(refused, key) ? refused[key] : undefined
  if (unsupported !== undefined)
    return { keys, message: `"${key}" is not part of the subset`, hint: unsupported }
  const near = didYouMean(key, known)
  const parent = String(keys.at(-2))
  const idle = Object.hasOwn(IDLE_IN, parent) ? IDLE_IN[parent] : undefined
  if (near === undefined && idle !== undefined)
    return { keys, message: `"${key}" has no effect: ${idle}`, idle: true }
  const hint = near ?? (known.length > 0 ? `known here: ${known.join(', ')}` : undefined)
  return withHint({ keys, message: `unknown key "${key}"` }, hint)
}

function valueHint(value: string, allowed: readonly string[]): string | undefined {
  return Object.hasOwn(UNSUPPORTED_VALUES, value) ? UNSUPPORTED_VALUES[value] : didYouMean(value, allowed)
}

function withHint(fault: KeyFault, hint: string | undefined): KeyFault {
  return hint === undefined ? fault : { ...fault, hint }
}

function valueAt(root: unknown, keys: KeyPath): unknown {
  let value = root
  for (const key of keys) {
    if (!isObject(value) && !Array.isArray(value)) return undefined
    value = (value as Record<string | number, unknown>)[key]
  }
  return value
}

function typeName(value: unknown): string {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'a map' : `${typeof value} ${JSON.stringify(value)}`
}

/** The keys that a strict object of the schema has at a path. */
function knownKeys(schema: z.ZodType, keys: KeyPath): string[] {
  let current: unknown = schema
  for (const key of keys) {
    const definition = definitionOf(current)
    const shape = definition['shape']
    if (isObject(shape)) current = shape[String(key)]
    else current = definition['valueType'] ?? definition['element']
  }
  const shape = definitionOf(current)['shape']
  return isObject(shape) ? Object.keys(shape) : []
}

/** The definition behind a schema, with `optional` and `nullable` taken off. */
function definitionOf(schema: unknown): Record<string, unknown> {
  let current = schema
  for (;;) {
    const definition =
      isObject(current) || typeof current === 'object' ? (current as { def?: unknown } | null)?.def : null
    if (!isObject(definition)) return {}
    if (definition['innerType'] === undefined) return definition
    current = definition['innerType']
  }
}
