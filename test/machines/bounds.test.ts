import { setImmediate as nextTurn } from 'node:timers/promises'
import { beforeEach, describe, expect, it } from 'vitest'
import { runMachine } from '../../src/machines/machine.js'
import { parseTemplate, renderTemplate } from '../../src/machines/language/template.js'
import { codeOf, harness, machineFrom } from './support.js'

const grown = (step: string, end: string): string =>
  `{% set ns = namespace(x=${/\[|\+/.test(step) ? '[1]' : '"ab"'}) %}{% for i in range(60) %}{% set ns.x = ${step} %}{% endfor %}${end}`

/** Templates have so long between two turns of the event loop, and tests that wait for nothing make none. */
beforeEach(() => nextTurn())

describe('a template ends', () => {
  it.each([
    ['loops in loops', `${'{% for i in range(9999) %}'.repeat(4)}${'{% endfor %}'.repeat(4)}`, /longer than 2 s|steps/],
    ['macros that call each other', '{% macro m(n) %}{% if n %}{{ m(n-1) }}{{ m(n-1) }}{% endif %}{% endmacro %}{{ m(40) }}', /longer than 2 s|steps/],
    ['a text doubled', grown('ns.x ~ ns.x', '{{ ns.x }}'), /longer than 8000000 letters/],
    ['a list doubled', grown('ns.x + ns.x', '{{ ns.x | length }}'), /more than 200000 values/],
    ['a list of itself twice', grown('[ns.x, ns.x]', '{{ ns.x | tojson }}'), /longer than 8000000 letters/],
    ['namespaces in each other', '{% set a = namespace() %}{% set b = namespace() %}{% set a.x = [b, b] %}{{ a }}', /namespace/],
    ['an indent', '{{ "a" | indent(500000000) }}', /indent\(\) by more than 100/],
    ['a JSON indent', '{{ [[1]] | tojson(indent=500000000) }}', /tojson\(\) by more than 100/],
    ['a replacement', '{{ input.long | replace("a", input.long) }}', /longer than/],
    ['a method', '{{ input.long.replace("a", input.long) }}', /longer than/],
    ['parts', '{{ input.long.split("a") | length }}', /10000 parts/],
    ['a join', '{{ range(9999) | join(input.long) }}', /longer than/],
    ['an output again and again', '{% for i in range(9999) %}{{ input.long }}{% endfor %}', /longer than/],
    ['a long range', '{{ range(1e400) }}', /range\(\)/],
  ])('%s', (_, text, message) => {
    const template = parseTemplate(text)
    const begun = performance.now()
    expect(() => renderTemplate(template, { input: { long: 'a'.repeat(300_000) } })).toThrow(message)
    expect(performance.now() - begun).toBeLessThan(15_000)
  }) // prettier-ignore

  it('and nothing of the engine or the language can be reached', () => {
    const text = '{{ input.constructor }}{{ input.__proto__ }}{{ "".constructor }}{{ input.a.__proto__ }}'
    expect(renderTemplate(parseTemplate(text), { input: { a: [] } })).toBe('')
  })
})

describe('a machine ends', () => {
  const loop = (body: string, settings = ''): string =>
    `  name: loop\n${settings}  context: {n: [1], t: ab}\n  states:\n    a: {type: initial, transitions: [{to: b}]}\n${body}    z: {type: final}\n`

  it('after a bounded number of steps, and lets signals through meanwhile', async () => {
    const data = loop(
      "    b: {transitions: [{condition: 'context.n == 2', to: z}, {to: b}]}\n",
      '  settings: {max_steps: 10000}\n',
    )
    const { services } = harness()
    const stop = new AbortController()
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    expect(codeOf(await run(data, services).catch((error: unknown) => error))).toBe('max_steps')
    clearInterval(timer)
    expect(turns).toBeGreaterThan(0)
    const stopped = run(data, { ...services, signal: stop.signal })
    setTimeout(() => stop.abort(), 30)
    expect(['aborted', 'max_steps']).toContain(codeOf(await stopped.catch((error: unknown) => error)))
  })

  it('when its context grows without end, however little room the parts take', async () => {
    const child = `spec: flatmachine\nspec_version: "4.2.1"\ndata:\n  context: {n: input.n}\n  states:\n    s: {type: initial, transitions: [{to: e}]}\n    e: {type: final, output: {n: [context.n, context.n]}}\n`
    const data = loop(
      '    b:\n      machine: child\n      input: {n: context.n}\n      output_to_context: {n: [output.n, output.n]}\n      transitions: [{condition: context.never, to: z}, {to: b}]\n',
      '  machines: {child: ./child.yml}\n',
    )
    const { services } = harness()
    const machine = machineFrom(data, { 'child.yml': child })
    const error: unknown = await runMachine(machine, { executionId: 'e', input: {}, services }).catch(
      (thrown: unknown) => thrown,
    )
    expect(codeOf(error)).toBe('too_large')
  })

  async function run(data: string, services: ReturnType<typeof harness>['services']): Promise<unknown> {
    return runMachine(machineFrom(data), { executionId: 'e', input: {}, services })
  }
})
