import { MAX_TURN_MS } from '../bounds.js'
import { messageOf } from '../../core/errors.js'
import { isObject } from '../../core/json.js'
import { MachineError } from '../errors.js'
import { parseJinja, renderJinja } from './jinja.js'
import type { JinjaProgram } from './jinja.js'
import { childFailed, isFailedChild, parsePath, resolvePath } from './scope-path.js'
import type { FailedChild, PathRef, Scope } from './scope-path.js'
import { inspectTemplate } from './template-ast.js'
import type { TemplateNames } from './template-ast.js'

/** A string of a config, parsed at load. */
export type Template =
  | { kind: 'path'; text: string; path: PathRef }
  | { kind: 'jinja'; text: string; program: JinjaProgram; names: TemplateNames }
  | { kind: 'literal'; text: string }

/** A value of a config whose strings are parsed: scalars as they are, lists and maps with their parts. */
export type TemplateValue =
  | { kind: 'string'; template: Template }
  | { kind: 'constant'; value: unknown }
  | { kind: 'list'; items: TemplateValue[] }
  | { kind: 'map'; entries: [string, TemplateValue][] }

/**
 * Parses a string: only a path → that value, type kept; with `{{ }}` or `{% %}` → a Jinja template, which
 * yields a string; anything else → itself.
 * @throws Error with the syntax error or the unknown filters of a template.
 */
export function parseTemplate(text: string): Template {
  if (!text.includes('{{') && !text.includes('{%') && !text.includes('{#')) {
    const path = parsePath(text)
    return path === null ? { kind: 'literal', text } : { kind: 'path', text, path }
  }
  const program = parseJinja(text)
  const names = inspectTemplate(program)
  if (names.unknownFilters.length > 0) throw new Error(names.unknownFilters.join('; '))
  return { kind: 'jinja', text, program, names }
}

/**
 * Parses a value with all the strings in it; `onError` is told of every string that cannot be parsed,
 * with its keys below the value, and such a string counts as literal.
 */
export function parseTemplateValue(
  value: unknown,
  onError: (keys: (string | number)[], error: unknown) => void,
  keys: (string | number)[] = [],
): TemplateValue {
  if (typeof value === 'string') {
    try {
      return { kind: 'string', template: parseTemplate(value) }
    } catch (error) {
      onError(keys, error)
      return { kind: 'constant', value }
    }
  }
  if (Array.isArray(value)) {
    return {
      kind: 'list',
      items: value.map((item, index) => parseTemplateValue(item, onError, [...keys, index])),
    }
  }
  if (!isObject(value)) return { kind: 'constant', value: value ?? null }
  const entries = Object.entries(value).map(([key, item]): [string, TemplateValue] => [
    key,
    parseTemplateValue(item, onError, [...keys, key]),
  ])
  return { kind: 'map', entries }
}

const ROOTS = new Set(['context', 'input', 'output'])

/** Returns the names that templates in a value use and that are nothing to them, with the keys where they stand. */
export function strangeNames(
  value: TemplateValue,
  keys: (string | number)[] = [],
): [(string | number)[], string][] {
  switch (value.kind) {
    case 'constant':
      return []
    case 'list':
      return value.items.flatMap((item, index) => strangeNames(item, [...keys, index]))
    case 'map':
      return value.entries.flatMap(([key, item]) => strangeNames(item, [...keys, key]))
    case 'string': {
      const free = value.template.kind === 'jinja' ? [...value.template.names.free] : []
      return free.filter((name) => !ROOTS.has(name)).map((name) => [keys, name])
    }
  }
}

/**
 * Returns the value of a parsed string. A Jinja template renders null and what is missing as the empty
 * string, lists and maps as JSON. Values are inserted as they are: text that looks like a template is text.
 * @throws MachineError `template_failed`, or `child_failed` for a read below a failed child.
 */
export function renderTemplate(template: Template, scope: Partial<Scope>): unknown {
  switch (template.kind) {
    case 'literal':
      return template.text
    case 'path':
      return resolvePath(template.path, { context: {}, input: {}, output: null, ...scope })
    case 'jinja':
      return renderProgram(template, scope)
  }
}

/** Returns a text: as {@link renderTemplate}, with null as the empty string and other values as JSON. */
export function renderText(template: Template, scope: Partial<Scope>): string {
  const value = renderTemplate(template, scope)
  if (typeof value === 'string') return value
  return value === null || value === undefined ? '' : JSON.stringify(value)
}

/** Returns a value with every string in it resolved; the parts are those of the scope, not copies. */
export function renderValue(value: TemplateValue, scope: Partial<Scope>): unknown {
  switch (value.kind) {
    case 'string':
      return renderTemplate(value.template, scope)
    case 'constant':
      return value.value
    case 'list':
      return value.items.map((item) => renderValue(item, scope))
    case 'map':
      return Object.fromEntries(value.entries.map(([key, item]) => [key, renderValue(item, scope)]))
  }
}

/** Time that templates have taken since the event loop last turned, milliseconds: they are rendered without a pause. */
let takenMs = 0

function takeTime(ms: number): void {
  if (takenMs === 0) setImmediate(() => (takenMs = 0))
  takenMs += ms
}

function renderProgram(template: { text: string; program: JinjaProgram }, scope: Partial<Scope>): string {
  const begun = performance.now()
  try {
    if (takenMs > MAX_TURN_MS) throw new Error(`templates take longer than ${MAX_TURN_MS / 1000} s together`)
    return renderJinja(template.program, scope, (lookup) => {
      for (const [name, value] of Object.entries(scope)) {
        if (holdsFailedChild(value)) guardFailedChildren(lookup(name), value, [name])
      }
    })
  } catch (error) {
    if (error instanceof MachineError) throw error
    const start = template.text.trim().split('\n', 1)[0] ?? ''
    throw new MachineError('template_failed', `template "${start.slice(0, 80)}": ${messageOf(error)}`, {
      cause: error,
    })
  } finally {
    takeTime(performance.now() - begun)
  }
}

function holdsFailedChild(value: unknown): boolean {
  if (isFailedChild(value)) return true
  if (Array.isArray(value)) return value.some(holdsFailedChild)
  return isObject(value) && Object.values(value).some(holdsFailedChild)
}

/** Makes the engine's own copy of a failed child refuse every key but its two. */
function guardFailedChildren(runtime: unknown, value: unknown, trail: readonly string[]): void {
  if (!isObject(runtime)) return
  const inner = runtime['value']
  if (Array.isArray(value) && Array.isArray(inner)) {
    value.forEach((item, index) => {
      guardFailedChildren(inner[index], item, [...trail, String(index)])
    })
  } else if (isObject(value) && inner instanceof Map) {
    if (isFailedChild(value)) runtime['value'] = new FailedChildMap(inner, trail, value)
    for (const [key, item] of Object.entries(value)) {
      guardFailedChildren((inner as Map<string, unknown>).get(key), item, [...trail, key])
    }
  }
}

class FailedChildMap extends Map<unknown, unknown> {
  readonly #trail: readonly string[]
  readonly #child: FailedChild

  constructor(entries: ReadonlyMap<unknown, unknown>, trail: readonly string[], child: FailedChild) {
    super()
    this.#trail = trail
    this.#child = child
    for (const [key, value] of entries) this.set(key, value)
  }

  override get(key: unknown): unknown {
    if (!this.has(key)) throw childFailed(this.#trail, String(key), this.#child)
    return super.get(key)
  }
}
