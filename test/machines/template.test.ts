import { describe, expect, it } from 'vitest'
import { codeOf } from './support.js'
import {
  parseTemplate,
  parseTemplateValue,
  renderTemplate,
  renderText,
  renderValue,
} from '../../src/machines/language/template.js'

const scope = {
  context: { title: 'A & B', round: 2, list: ['x', 'y'], nothing: null, flag: true, nested: { score: 0.5 } },
  input: { text: 'Let {{ context.title }} be {% if %} and $1', items: [{ name: 'n' }] },
  output: { content: 'done', score: 8 },
}
const render = (text: string): unknown => renderTemplate(parseTemplate(text), scope)

describe('a string that is only a path', () => {
  it.each([
    ['context.round', 2],
    ['context.list', ['x', 'y']],
    ['context.list.1', 'y'],
    ['context.flag', true],
    ['context.nested', { score: 0.5 }],
    ['output', { content: 'done', score: 8 }],
    ['output.score', 8],
    [' input.items.0.name ', 'n'],
    ['context.nothing', null],
    ['context.absent', null],
    ['context.absent.deeper.still', null],
    ['context.title.length', null],
    ['context.list.9', null],
    ['context.__proto__', null],
    ['context.constructor.name', null],
    ['input.text', scope.input.text],
  ])('%s is the value itself', (text, value) => {
    expect(render(text)).toEqual(value)
  })
})

describe('a string with a template', () => {
  it.each([
    ['{{ context.round }}', '2'],
    ['{{ context.round + 1 }}', '3'],
    ['Title: {{ context.title }}!', 'Title: A & B!'],
    ['[{{ context.nothing }}{{ context.absent }}]', '[]'],
    ['{{ context.absent | default("x") }}', 'x'],
    ['{{ context.list | join(", ") }}', 'x, y'],
    ['{{ context.list }}', '["x", "y"]'],
    ['{{ context.nested }}', '{"score": 0.5}'],
    ['{{ input.items | tojson }}', '[{"name": "n"}]'],
    ['{% if context.flag %}yes{% else %}no{% endif %}', 'yes'],
    ['{% for item in context.list %}<{{ item }}>{% endfor %}', '<x><y>'],
    ['{% for i in range(3) %}{{ i }}{% endfor %}', '012'],
    ['a{# a remark #}b', 'ab'],
    ['{{ context["title"] }}', 'A & B'],
    ['{{ context.__proto__ }}{{ context.constructor }}', ''],
    ['{% if context.flag %}\nline\n{% endif %}\n', '\nline\n'],
  ])('%s yields text', (text, value) => {
    expect(render(text)).toBe(value)
  })

  it('never takes a value for a template', () => {
    expect(render('{{ input.text }}')).toBe(scope.input.text)
    expect(render('<{{ input.text }}>{{ input.text }}')).toBe(`<${scope.input.text}>${scope.input.text}`)
  })

  it.each([
    '{{ context.title',
    '{% if context.flag %}open',
    '{% endif %}',
    '{{ }}',
    '{{ 1 + }}',
    '{% nonsense %}',
  ])('%s is refused when it is parsed', (text) => {
    expect(() => parseTemplate(text)).toThrow()
  })

  it('refuses an unknown filter when it is parsed', () => {
    expect(() => parseTemplate('{{ context.title | uper }}')).toThrow(
      'unknown filter "uper", did you mean "upper"?',
    )
  })

  it('says which template failed', () => {
    const template = parseTemplate('{{ range(100000000) }}')
    try {
      renderTemplate(template, scope)
      expect.unreachable()
    } catch (error) {
      expect(codeOf(error)).toBe('template_failed')
      expect(String(error)).toContain('range(100000000)')
    }
  })
})

describe('any other string', () => {
  it.each([
    '',
    'plain',
    'contexts.title',
    'context.title and more',
    'context title',
    'output.',
    '500-800',
    'see context.title',
    'inputs',
    '{ not a template }',
    'input.a-b',
    '$input.text',
  ])('%s is itself', (text) => {
    expect(render(text)).toBe(text)
  })
})

it('resolves the strings in nested maps and lists', () => {
  const parsed = parseTemplateValue(
    { a: ['context.round', { b: '{{ output.content }}', c: 'plain' }], d: 5, e: null, f: false },
    () => expect.unreachable(),
  )
  expect(renderValue(parsed, scope)).toEqual({ a: [2, { b: 'done', c: 'plain' }], d: 5, e: null, f: false })
})

it('tells where in a nested value a string is wrong', () => {
  const wrong: unknown[] = []
  parseTemplateValue({ a: [1, { b: '{{' }], c: '{% x %}' }, (keys) => wrong.push(keys))
  expect(wrong).toEqual([['a', 1, 'b'], ['c']])
})

it('makes text of what a prompt refers to', () => {
  expect(renderText(parseTemplate('input.items'), scope)).toBe('[{"name":"n"}]')
  expect(renderText(parseTemplate('input.absent'), scope)).toBe('')
})

describe('below a failed child', () => {
  const failed = {
    ...scope,
    output: { why: { _error: 'no model', _error_type: 'model_gone' }, open: { content: 'fine' } },
  }
  const renderFailed = (text: string): unknown => renderTemplate(parseTemplate(text), failed)

  it.each([
    'output.why.content',
    'output.why.content.deeper',
    '{{ output.why.content }}',
    '{{ output["why"].content }}',
    '{{ output.why.content | default("x") }}',
    '{% if output.why.content %}x{% endif %}',
    '{% for name, child in output.items() %}{{ child.content }}{% endfor %}',
    '{% set child = output.why %}{{ child.content }}',
  ])('%s is an error that names the child', (text) => {
    expect(() => renderFailed(text)).toThrow(/"why" failed with model_gone: no model/)
  })

  it.each([
    ['output.why', failed.output.why],
    ['output.why._error', 'no model'],
    ['{{ output.why._error_type }}', 'model_gone'],
    ['output.open.content', 'fine'],
    ['output.open._error', null],
    ['{{ output.open._error }}{{ output.open.content }}', 'fine'],
    ['{% if output.why._error %}failed{% else %}{{ output.why.content }}{% endif %}', 'failed'],
  ])('%s can be read', (text, value) => {
    expect(renderFailed(text)).toEqual(value)
  })
})
