import * as engine from '@huggingface/jinja'
import { MAX_LETTERS, MAX_TEMPLATE_MS, MAX_TEMPLATE_STEPS, MAX_VALUES } from '../bounds.js'

/** A parsed template, for {@link renderJinja} and for a walk over its nodes. */
export interface JinjaProgram {
  readonly type: string
}

/** The engine's own form of a value: scalars, arrays and Maps of such under `value`. */
export interface RuntimeValue {
  readonly type: string
  value: unknown
}

interface Scope {
  set(name: string, value: unknown): void
  lookupVariable(name: string): RuntimeValue
}

/** A node of a parsed template: which of these it has depends on its type. */
interface TemplateNode extends JinjaProgram {
  value?: unknown
  callee?: TemplateNode
  object?: TemplateNode
  property?: TemplateNode
  args?: TemplateNode[]
}

interface Interpreter {
  run(program: JinjaProgram): RuntimeValue
  evaluate(node: TemplateNode | undefined, scope: Scope): RuntimeValue
  evaluateBlock(nodes: TemplateNode[], scope: Scope): RuntimeValue
  evaluateArguments(args: TemplateNode[], scope: Scope): [RuntimeValue[], Map<string, RuntimeValue>]
  evaluateCallExpression(node: TemplateNode, scope: Scope): RuntimeValue
  applyFilter(operand: RuntimeValue, filter: TemplateNode, scope: Scope): RuntimeValue
}

/** What is used of the engine; its own declarations cannot be resolved by a strict compiler. */
interface Engine {
  tokenize: (text: string) => unknown
  parse: (tokens: unknown) => JinjaProgram
  Environment: new () => Scope
  Interpreter: new (scope: Scope) => Interpreter
}

const { tokenize, parse, Environment, Interpreter: Unbounded } = engine as unknown as Engine

/**
 * Parses a template with Jinja's standard treatment of white space (nothing but one newline at the end is taken away).
 * @throws Error with the syntax error.
 */
export function parseJinja(text: string): JinjaProgram {
  return parse(tokenize(text))
}

/**
 * Renders a template; `prepare` may change the engine's copies of the values before it runs.
 * @throws Error also where it takes too many steps, too long, or becomes too large (see bounds.ts).
 */
export function renderJinja(
  program: JinjaProgram,
  values: Readonly<Record<string, unknown>>,
  prepare: (lookup: (name: string) => RuntimeValue) => void,
): string {
  const scope = new Environment()
  const constants = { true: true, false: false, none: null, True: true, False: false, None: null, range }
  for (const [name, value] of Object.entries({ ...constants, ...values })) scope.set(name, value)
  prepare((name) => scope.lookupVariable(name))
  return String(new BoundedInterpreter(scope).run(program).value)
}

/** Longest list that `range()` and `split()` make in a template. */
const MAX_LIST = 10_000
const MAX_INDENT = 100

function range(...bounds: unknown[]): number[] {
  if (!bounds.every((bound) => typeof bound === 'number')) throw new Error('range() takes numbers')
  const [first = 0, second, step = 1] = bounds
  const [start, stop] = second === undefined ? [0, first] : [first, second]
  const length = step === 0 ? 0 : Math.max(0, Math.ceil((stop - start) / step))
  if (!(length <= MAX_LIST)) throw new Error(`range() of ${length} values: at most ${MAX_LIST}`)
  return Array.from({ length }, (_, index) => start + index * step)
}

/** The engine with an end: every node that is evaluated counts, and every value has a size. */
class BoundedInterpreter extends Unbounded {
  #steps = 0
  #written = 0
  readonly #deadline = performance.now() + MAX_TEMPLATE_MS
  /** Letters and values in a list or map. Values are shared, so a list of lists may be large without taking room. */
  readonly #weights = new WeakMap<object, number>()

  override evaluate(node: TemplateNode | undefined, scope: Scope): RuntimeValue {
    if (++this.#steps > MAX_TEMPLATE_STEPS) throw new Error(`it takes more than ${MAX_TEMPLATE_STEPS} steps`)
    if (performance.now() > this.#deadline)
      throw new Error(`it takes longer than ${MAX_TEMPLATE_MS / 1000} s`)
    const value = super.evaluate(node, scope)
    this.#weigh(value)
    return value
  }

  override evaluateBlock(nodes: TemplateNode[], scope: Scope): RuntimeValue {
    const block = super.evaluateBlock(nodes, scope)
    this.#written += lengthOf(block)
    requireRoom(this.#written / 4)
    return block
  }

  /** What makes a long text out of two short ones is stopped before it does. */
  override applyFilter(operand: RuntimeValue, filter: TemplateNode, scope: Scope): RuntimeValue {
    const name = String(filter.callee?.value)
    if (filter.type === 'CallExpression' && /^(?:indent|tojson|join|replace)$/.test(name)) {
      const [args, named] = this.evaluateArguments(filter.args ?? [], scope)
      const given = [...args, ...named.values()]
      if (name === 'replace') requireRoom(replacedLength(operand, args))
      else if (name === 'join') requireRoom(countOf(operand) * Math.max(0, ...given.map(lengthOf)))
      else if (given.some(({ value }) => typeof value === 'number' && value > MAX_INDENT))
        throw new Error(`${name}() by more than ${MAX_INDENT}`)
    }
    return super.applyFilter(operand, filter, scope)
  }

  override evaluateCallExpression(node: TemplateNode, scope: Scope): RuntimeValue {
    const method = node.callee?.type === 'MemberExpression' ? String(node.callee.property?.value) : ''
    if (method === 'replace' || method === 'split') {
      const text = this.evaluate(node.callee?.object, scope)
      const [args] = this.evaluateArguments(node.args ?? [], scope)
      if (method === 'replace') requireRoom(replacedLength(text, args))
      else if (partsOf(text, args[0]) > MAX_LIST) throw new Error(`split() into more than ${MAX_LIST} parts`)
    }
    return super.evaluateCallExpression(node, scope)
  }

  #weigh(value: RuntimeValue): number {
    const { value: inner } = value
    if (typeof inner === 'string') {
      requireRoom(inner.length)
      return inner.length + 1
    }
    const members: Iterable<RuntimeValue> | null =
      inner instanceof Map
        ? (inner as Map<string, RuntimeValue>).values()
        : Array.isArray(inner)
          ? inner
          : null
    if (members === null) return 1
    const known = this.#weights.get(value)
    if (known !== undefined) return known
    if (countOf(value) > MAX_VALUES) throw new Error(`it makes a list of more than ${MAX_VALUES} values`)
    let weight = 1
    for (const member of members) {
      // It can be changed later, and with it the size of whatever holds it.
      if (member.type === 'NamespaceValue') throw new Error('a namespace cannot be part of a value')
      weight += this.#weigh(member)
      requireRoom(weight)
    }
    if (value.type !== 'NamespaceValue') this.#weights.set(value, weight)
    return weight
  }
}

function requireRoom(letters: number): void {
  if (letters > MAX_LETTERS) throw new Error(`it becomes longer than ${MAX_LETTERS} letters`)
}

function lengthOf({ value }: RuntimeValue): number {
  return typeof value === 'string' ? value.length : 0
}

function countOf({ value }: RuntimeValue): number {
  return typeof value === 'string' || Array.isArray(value) ? value.length : 0
}

function replacedLength(text: RuntimeValue, [from, to]: RuntimeValue[]): number {
  if (from === undefined || to === undefined) return 0
  return (lengthOf(text) / Math.max(1, lengthOf(from))) * lengthOf(to)
}

function partsOf({ value: text }: RuntimeValue, separator: RuntimeValue | undefined): number {
  if (typeof text !== 'string') return 0
  const parting = separator?.value
  return typeof parting === 'string' ? text.split(parting).length : (text.match(/\s+/g) ?? []).length
}
