import { RpaError } from '../../core/errors.js'
import { didYouMean } from '../../core/words-alike.js'
import { parsePath } from './scope-path.js'
import type { PathRef } from './scope-path.js'

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>='

export type Node =
  | { kind: 'literal'; value: string | number | boolean | null }
  | { kind: 'path'; path: PathRef }
  | { kind: 'not'; operand: Node }
  | { kind: 'and' | 'or'; operands: Node[] }
  | { kind: 'compare'; operator: Comparison; left: Node; right: Node }

/** A condition that cannot be parsed; `column` counts from 1. */
export class ExpressionError extends RpaError {
  readonly column: number

  constructor(message: string, column: number, hint?: string) {
    super('expression_syntax', `${message} at column ${column}`, hint === undefined ? {} : { hint })
    this.column = column
  }
}

/**
 * Parses `or` < `and` < `not` < comparison < value. Comparisons do not chain; there are no calls and no arithmetic.
 * @throws ExpressionError
 */
export function parseExpression(text: string): Node {
  return new Parser(tokenize(text), text.trimEnd().length + 1).parse()
}

interface Token {
  kind: 'operator' | 'paren' | 'word' | 'string' | 'number'
  text: string
  column: number
}

const TOKEN =
  /\s*(?:(?<operator>==|!=|<=|>=|<|>)|(?<paren>[()])|(?<number>-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))|(?<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?<word>[A-Za-z_]\w*(?:\.\w+)*))/suy

/** Why a character that nothing begins with is wrong, for the mistakes people make. */
const HINTS: Readonly<Record<string, string>> = {
  '=': 'use == to compare',
  '&': 'use and',
  '|': 'use or',
  '!': 'use not',
  '{': 'a condition is written without {{ }}',
  '[': 'write the path with dots',
  '"': 'the string has no end',
  "'": 'the string has no end',
}
const ARITHMETIC = '+-*/%'

function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  const end = text.trimEnd().length
  let at = 0
  while (at < end) {
    TOKEN.lastIndex = at
    const match = TOKEN.exec(text)
    if (match?.groups === undefined) throw unexpectedCharacter(text, at)
    const [kind, value] = Object.entries(match.groups).find(([, group]) => group !== undefined) ?? [
      'word',
      '',
    ]
    tokens.push({
      kind: kind as Token['kind'],
      text: value ?? '',
      column: TOKEN.lastIndex - (value ?? '').length + 1,
    })
    at = TOKEN.lastIndex
  }
  return tokens
}

function unexpectedCharacter(text: string, from: number): ExpressionError {
  let at = from
  while (/\s/.test(text[at] ?? '')) at++
  const character = text[at] ?? ''
  const hint = ARITHMETIC.includes(character)
    ? 'conditions have no arithmetic: compute the value in an action'
    : HINTS[character]
  return new ExpressionError(`unexpected ${JSON.stringify(character)}`, at + 1, hint)
}

const LITERALS: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['null', null],
  ['None', null],
])
const KEYWORDS = new Set(['and', 'or', 'not'])
const MAX_DEPTH = 200

class Parser {
  #next = 0
  #depth = 0

  readonly #tokens: readonly Token[]
  readonly #end: number

  constructor(tokens: readonly Token[], end: number) {
    this.#tokens = tokens
    this.#end = end
  }

  parse(): Node {
    const node = this.#or()
    const rest = this.#tokens[this.#next]
    if (rest !== undefined) throw this.#unexpected(rest)
    return node
  }

  #or(): Node {
    return this.#list('or', () => this.#and())
  }

  #and(): Node {
    return this.#list('and', () => this.#not())
  }

  #list(kind: 'and' | 'or', operand: () => Node): Node {
    const first = operand()
    const operands = [first]
    while (this.#takeWord(kind)) operands.push(operand())
    return operands.length === 1 ? first : { kind, operands }
  }

  #not(): Node {
    if (!this.#takeWord('not')) return this.#comparison()
    return { kind: 'not', operand: this.#nested(() => this.#not()) }
  }

  #comparison(): Node {
    const left = this.#value()
    const operator = this.#take('operator')
    if (operator === null) return left
    const right = this.#value()
    const again = this.#tokens[this.#next]
    if (again?.kind === 'operator') {
      throw new ExpressionError('comparisons do not chain', again.column, 'join two comparisons with and')
    }
    return { kind: 'compare', operator: operator.text as Comparison, left, right }
  }

  #value(): Node {
    const token = this.#tokens[this.#next]
    if (token === undefined) throw new ExpressionError('a value is missing', this.#end)
    this.#next++
    switch (token.kind) {
      case 'number':
        return { kind: 'literal', value: numberOf(token) }
      case 'string':
        return { kind: 'literal', value: unquote(token.text) }
      case 'word':
        return this.#word(token)
      case 'paren':
        if (token.text === '(') return this.#parenthesis(token)
        throw this.#unexpected(token)
      case 'operator':
        throw this.#unexpected(token)
    }
  }

  #parenthesis(open: Token): Node {
    const node = this.#nested(() => this.#or())
    const close = this.#take('paren')
    if (close?.text !== ')') throw new ExpressionError('the parenthesis is never closed', open.column)
    return node
  }

  #word(token: Token): Node {
    const literal = LITERALS.get(token.text)
    if (literal !== undefined) return { kind: 'literal', value: literal }
    if (KEYWORDS.has(token.text)) throw this.#unexpected(token)
    const after = this.#tokens[this.#next]
    if (after?.kind === 'paren' && after.text === '(') {
      throw new ExpressionError(`"${token.text}(" is a call`, token.column, 'conditions have no calls')
    }
    const path = parsePath(token.text)
    if (path === null) throw unknownName(token)
    return { kind: 'path', path }
  }

  #nested(parse: () => Node): Node {
    if (++this.#depth > MAX_DEPTH) throw new ExpressionError('the condition is nested too deeply', this.#end)
    const node = parse()
    this.#depth--
    return node
  }

  #takeWord(text: string): boolean {
    const token = this.#tokens[this.#next]
    if (token?.kind !== 'word' || token.text !== text) return false
    this.#next++
    return true
  }

  #take(kind: Token['kind']): Token | null {
    const token = this.#tokens[this.#next]
    if (token?.kind !== kind) return null
    this.#next++
    return token
  }

  #unexpected(token: Token): ExpressionError {
    return new ExpressionError(`unexpected ${JSON.stringify(token.text)}`, token.column)
  }
}

/** A number that cannot be told from its neighbours would compare as equal to them. */
function numberOf(token: Token): number {
  const value = Number(token.text)
  if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return value
  throw new ExpressionError('the number is too large', token.column, `at most ${Number.MAX_SAFE_INTEGER}`)
}

function unknownName(token: Token): ExpressionError {
  const root = token.text.split('.')[0] ?? ''
  const hint =
    didYouMean(root, ['context', 'input', 'output', 'true', 'false', 'null', 'and', 'or', 'not']) ??
    'a path begins with context, input or output; text stands in quotes'
  return new ExpressionError(`unknown name "${token.text}"`, token.column, hint)
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' }

function unquote(text: string): string {
  return text.slice(1, -1).replace(/\\(.)/gs, (_, character: string) => ESCAPES[character] ?? character)
}
