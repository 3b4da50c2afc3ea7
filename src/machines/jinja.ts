import * as engine from '@huggingface/jinja'

/** A parsed template, for {@link renderJinja} and for a walk over its nodes. */
export interface JinjaProgram {
  readonly type: string
}

/** The engine's own form of a value: scalars, arrays and Maps of such under `value`. */
export interface RuntimeValue {
  value: unknown
}

interface Scope {
  set(name: string, value: unknown): void
  lookupVariable(name: string): RuntimeValue
}

/** What is used of the engine; its own declarations cannot be resolved by a strict compiler. */
interface Engine {
  tokenize: (text: string) => unknown
  parse: (tokens: unknown) => JinjaProgram
  Environment: new () => Scope
  Interpreter: new (scope: Scope) => { run(program: JinjaProgram): RuntimeValue }
}

const { tokenize, parse, Environment, Interpreter } = engine as unknown as Engine

/**
 * Parses a template with Jinja's standard treatment of white space (nothing but one newline at the end is taken away).
 * @throws Error with the syntax error.
 */
export function parseJinja(text: string): JinjaProgram {
  return parse(tokenize(text))
}

/** Renders a template; `prepare` may change the engine's copies of the values before it runs. */
export function renderJinja(
  program: JinjaProgram,
  values: Readonly<Record<string, unknown>>,
  prepare: (lookup: (name: string) => RuntimeValue) => void,
): string {
  const scope = new Environment()
  const constants = { true: true, false: false, none: null, True: true, False: false, None: null, range }
  for (const [name, value] of Object.entries({ ...constants, ...values })) scope.set(name, value)
  prepare((name) => scope.lookupVariable(name))
  return String(new Interpreter(scope).run(program).value)
}

/** Longest list that `range()` makes in a template. */
const MAX_RANGE = 10_000

function range(...bounds: number[]): number[] {
  const [first = 0, second, step = 1] = bounds
  const [start, stop] = second === undefined ? [0, first] : [first, second]
  const length = step === 0 ? 0 : Math.max(0, Math.ceil((stop - start) / step))
  if (length > MAX_RANGE) throw new Error(`range() of ${length} values: at most ${MAX_RANGE}`)
  return Array.from({ length }, (_, index) => start + index * step)
}
