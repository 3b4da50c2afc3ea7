import { isObject } from '../../core/json.js'
import { ExpressionError, parseExpression } from './expression-parser.js'
import type { Comparison, Node } from './expression-parser.js'
import { resolvePath } from './scope-path.js'
import type { Scope } from './scope-path.js'

export { ExpressionError }

/** A condition that was parsed at load. */
export interface Condition {
  text: string
  holds(scope: Scope): boolean
}

/**
 * Parses a condition. Its meaning:
 * `==` compares values of one type, lists and maps by content; values of different types are never equal.
 * `< <= > >=` order two numbers or two strings (by code unit) and are false for anything else, so a
 * comparison with null is false. A value on its own, and the operands of `and`, `or`, `not`, hold unless
 * they are null, false, 0, "" or an empty list or map. An empty condition always holds.
 * @throws ExpressionError with the column of a syntax error.
 */
export function parseCondition(text: string): Condition {
  if (text.trim() === '') return { text, holds: () => true }
  const root = parseExpression(text)
  return { text, holds: (scope) => isTrue(evaluate(root, scope)) }
}

function evaluate(node: Node, scope: Scope): unknown {
  switch (node.kind) {
    case 'literal':
      return node.value
    case 'path':
      return resolvePath(node.path, scope)
    case 'not':
      return !isTrue(evaluate(node.operand, scope))
    case 'and':
      return node.operands.every((operand) => isTrue(evaluate(operand, scope)))
    case 'or':
      return node.operands.some((operand) => isTrue(evaluate(operand, scope)))
    case 'compare':
      return compare(node.operator, evaluate(node.left, scope), evaluate(node.right, scope))
  }
}

function compare(operator: Comparison, left: unknown, right: unknown): boolean {
  if (operator === '==') return isEqual(left, right)
  if (operator === '!=') return !isEqual(left, right)
  const ordered =
    (typeof left === 'number' && typeof right === 'number') ||
    (typeof left === 'string' && typeof right === 'string')
  if (!ordered) return false
  switch (operator) {
    case '<':
      return left < right
    case '<=':
      return left <= right
    case '>':
      return left > right
    case '>=':
      return left >= right
  }
}

function isEqual(left: unknown, right: unknown): boolean {
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, index) => isEqual(item, right[index]))
  }
  if (isObject(left) && isObject(right)) {
    const keys = Object.keys(left)
    return (
      keys.length === Object.keys(right).length &&
      keys.every((key) => Object.hasOwn(right, key) && isEqual(left[key], right[key]))
    )
  }
  return left === right
}

function isTrue(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0
  if (isObject(value)) return Object.keys(value).length > 0
  return Boolean(value)
}
