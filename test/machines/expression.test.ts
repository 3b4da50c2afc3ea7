import fc from '../support/properties.js'
import { describe, expect, it } from 'vitest'
import { ExpressionError, parseCondition } from '../../src/machines/language/expression.js'
import { MachineError } from '../../src/machines/errors.js'
import { resolvePath } from '../../src/machines/language/scope-path.js'

const scope = {
  context: {
    n: 8,
    zero: 0,
    text: 'PASS',
    empty: '',
    yes: true,
    no: false,
    nothing: null,
    list: [1, { k: 'v' }],
    none: [],
    map: { a: { b: 3 } },
  },
  input: { n: 7, list: [1, { k: 'v' }] },
  output: { content: 'hello', score: 0.6 },
}
const holds = (text: string): boolean => parseCondition(text).holds(scope)

describe('conditions', () => {
  it.each([
    'context.n == 8',
    'context.n != 7',
    'context.n >= 8 and input.n < 8',
    'context.n > 7.5',
    'context.n > -1',
    'output.score >= .6',
    'output.score < 1e3',
    "context.text == 'PASS'",
    'context.text == "PASS"',
    "context.text < 'PAST'",
    'context.yes',
    'not context.no',
    'context.yes == true and context.yes == True',
    'context.nothing == null and context.nothing == None',
    'context.absent.deeper == null',
    'context.map.a.b == 3',
    'context.list.0 == 1',
    'context.list == input.list',
    'context.map',
    'not context.none and not context.empty and not context.zero',
    'context.no or context.n == 8 and context.yes',
    'not context.no == true',
    'not (context.no or context.zero)',
    'not not context.yes',
    '(((context.n)) == (8))',
    "\"it's\" == 'it\\'s'",
    "'a\\nb' != 'a\\\\nb'",
    '',
    '   ',
    'true',
  ])('%s holds', (text) => {
    expect(holds(text)).toBe(true)
  })

  it.each([
    "context.n == '8'",
    'context.yes == 1',
    'context.zero == false',
    'context.zero == null',
    'context.empty == null',
    'context.nothing < 1',
    'context.nothing >= null',
    'context.absent > 0',
    "context.n > '7'",
    'context.list < context.list',
    'context.yes > context.no',
    'context.__proto__',
    'context.constructor',
    'context.map.toString',
    'context.list.length',
    'context.text.length',
    'context.text.0',
    'context.no or context.zero',
    'context.yes and context.no',
    'false',
  ])('%s does not hold', (text) => {
    expect(holds(text)).toBe(false)
  })

  it.each([
    ['context.n = 8', 11, 'use =='],
    ['context.n == ', 13, undefined],
    ['context.n ==== 8', 13, undefined],
    ['(context.n', 1, undefined],
    ['context.n)', 10, undefined],
    ['context.n + 1 > 2', 11, 'arithmetic'],
    ['context.n-1 > 2', 10, undefined],
    ['len(context.list) > 1', 1, 'calls'],
    ['contxt.n == 1', 1, 'context'],
    ['PASS', 1, 'quotes'],
    ['{{ context.n }} == 8', 1, '{{'],
    ['context.n == 8 && context.yes', 16, 'and'],
    ['!context.no', 1, 'not'],
    ['1 < context.n < 9', 15, 'and'],
    ["context.text == 'PASS", 17, 'no end'],
    ['context["n"]', 8, 'dots'],
    ['context.n == 8 and', 19, undefined],
    ['and context.n', 1, undefined],
    ['context. n == 1', 8, undefined],
  ])('%s is refused at column %i', (text, column, hint) => {
    let error: unknown
    try {
      parseCondition(text)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(ExpressionError)
    const { column: found, message, hint: advice } = error as ExpressionError
    expect(`${found}: ${message}`).toContain(`${column}: `)
    expect(message).toContain(`column ${column}`)
    if (hint !== undefined) expect(advice).toContain(hint)
  })

  it('refuses to read below a failed child, by name', () => {
    const failed = { ...scope, output: { why: { _error: 'no model', _error_type: 'model_gone' } } }
    expect(parseCondition('output.why._error != null').holds(failed)).toBe(true)
    const condition = parseCondition('output.why.content == null')
    expect(() => condition.holds(failed)).toThrow(MachineError)
    expect(() => condition.holds(failed)).toThrow(/"why" failed with model_gone: no model/)
  })

  it('is not brought down by deep nesting', () => {
    const deep = '('.repeat(100_000) + '1' + ')'.repeat(100_000)
    expect(() => parseCondition(deep)).toThrow(/too deeply/)
    expect(() => parseCondition('not '.repeat(100_000) + 'true')).toThrow(/too deeply/)
    expect(holds(Array.from({ length: 5000 }, () => 'context.yes').join(' and '))).toBe(true)
  })
})

type Tree = { text: string; value: boolean }

const leaf: fc.Arbitrary<Tree> = fc.oneof(
  fc.boolean().map((value) => ({ text: String(value), value })),
  fc
    .tuple(
      fc.integer({ min: -50, max: 50 }),
      fc.constantFrom('<', '<=', '>', '>=', '==', '!='),
      fc.integer({ min: -50, max: 50 }),
    )
    .map(([a, operator, b]) => {
      const values = { '<': a < b, '<=': a <= b, '>': a > b, '>=': a >= b, '==': a === b, '!=': a !== b }
      return { text: `${a}${operator} ${b}`, value: values[operator] }
    }),
  fc
    .tuple(fc.string(), fc.string())
    .map(([a, b]) => ({ text: `${quote(a)} == ${quote(b)}`, value: a === b })),
)
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 6 },
    leaf,
    fc
      .tuple(tie('tree'), tie('tree'))
      .map(([a, b]) => ({ text: `(${a.text}) and (${b.text})`, value: a.value && b.value })),
    fc
      .tuple(tie('tree'), tie('tree'))
      .map(([a, b]) => ({ text: `(${a.text} ) or (${b.text})`, value: a.value || b.value })),
    tie('tree').map((a) => ({ text: `not (${a.text})`, value: !a.value })),
  ),
}))

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`
}

describe('conditions, at random', () => {
  it('mean what their parts mean', () => {
    fc.assert(
      fc.property(tree, ({ text, value }) => holds(text) === value),
      { numRuns: 500 },
    )
  })

  it('are parsed or refused with a column inside the text, whatever the text', () => {
    const words = fc.constantFrom(
      'context.n',
      'and',
      'or',
      'not',
      '(',
      ')',
      '==',
      '<',
      "'x'",
      '1',
      '-',
      '.',
      ' ',
      '"',
      '\\',
      '{{',
      'é',
    )
    const text = fc.oneof(
      fc.string(),
      fc.array(words, { maxLength: 12 }).map((parts) => parts.join(' ')),
    )
    fc.assert(
      fc.property(text, (source) => {
        try {
          return typeof parseCondition(source).holds(scope) === 'boolean'
        } catch (error) {
          return error instanceof ExpressionError && error.column >= 1 && error.column <= source.length + 1
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('see own keys only', () => {
    const keys = fc.array(
      fc.oneof(fc.constantFrom(...Object.getOwnPropertyNames(Object.prototype), 'length'), fc.string()),
    )
    fc.assert(
      fc.property(keys, (path) => {
        const value = resolvePath({ root: 'context', keys: ['map', ...path] }, scope)
        return value === null || typeof value !== 'function'
      }),
    )
  })
})
