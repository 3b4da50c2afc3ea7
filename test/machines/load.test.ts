import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { EXIT } from '../../src/core/errors.js'
import { InvalidConfigError } from '../../src/machines/files/faults.js'
import { loadMachine } from '../../src/machines/files/load.js'
import type { LoadedMachine } from '../../src/machines/loaded.js'
import type { LoadOptions } from '../../src/machines/files/config-files.js'
import { AGENT, folderWith, machineText } from './support.js'

const STATES = `  states:
    start: {type: initial, transitions: [{to: write}]}
    write:
      agent: writer
      input: {text: context.title}
      output_to_context: {answer: output.content}
      on_error: failed
      transitions: [{condition: "context.answer != null", to: done}, {to: failed}]
    done: {type: final, output: {answer: context.answer}}
    failed: {type: final, output: {error: context.last_error}}
`
const MACHINE = `  name: demo
  context: {title: input.title, answer: null}
  agents: {writer: ./agent.yml}
${STATES}`
const PROFILES = `spec: flatprofile
spec_version: "4.2.1"
data:
  model_profiles:
    cheap: {name: some/model, provider: openai, max_tokens: 100, reasoning: {effort: low}}
  default: cheap
`

function load(files: Record<string, string>, options: LoadOptions = {}): LoadedMachine {
  const folder = folderWith({ 'agent.yml': AGENT, 'machine.yml': machineText(MACHINE), ...files })
  return loadMachine(join(folder, 'machine.yml'), options)
}

/** Returns the faults of a load, one line each, without the folder. */
function faults(files: Record<string, string>, options: LoadOptions = {}): string[] {
  try {
    load(files, options)
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidConfigError)
    const invalid = error as InvalidConfigError
    expect(invalid.code).toBe('config_invalid')
    expect(invalid.exitCode).toBe(EXIT.config)
    const lines = invalid.message.split('\n').map((line) => line.replace(/\/\S*rpa-test-[^/]+\//g, ''))
    expect(lines).toHaveLength(invalid.faults.length)
    return lines
  }
  return []
}

const machine = (data: string): Record<string, string> => ({ 'machine.yml': machineText(data) })
const changed = (from: string | RegExp, to: string): Record<string, string> =>
  machine(MACHINE.replace(from, to))

describe('a machine that is right', () => {
  it('is loaded with everything it names', () => {
    const loaded = load({ 'profiles.yml': PROFILES })
    expect(loaded.name).toBe('demo')
    expect(loaded.initial).toBe('start')
    expect([...loaded.states.keys()]).toEqual(['start', 'write', 'done', 'failed'])
    expect(loaded.profiles?.default).toBe('cheap')
    expect(loaded.profiles?.profiles.get('cheap')).toMatchObject({
      name: 'some/model',
      reasoning: { effort: 'low' },
    })
    const { work } = loaded.states.get('write') ?? expect.unreachable()
    expect(work).toMatchObject({
      kind: 'agent',
      agent: { name: 'agent', system: 'be brief', profile: null, model: null },
    })
  })

  it('loads without a word when it is at the newest version', () => {
    const warnings: string[] = []
    load({}, { warn: (line) => warnings.push(line) })
    expect(warnings).toEqual([])
  })

  it('may have metadata of any form', () => {
    for (const metadata of ['text', '[1, {a: b}]', '{foreach: {launch: cel}}', '']) {
      expect(faults({ 'machine.yml': `${machineText(MACHINE)}metadata: ${metadata}\n` })).toEqual([])
    }
  })

  it('may say nothing for what it does not use', () => {
    const empty = MACHINE.replace('states:', 'machines:\n  settings:\n  persistence:\n  hooks:\n  states:')
    expect(faults(machine(empty))).toEqual([])
  })
})

describe('versions', () => {
  it.each(['1.0.0', '1.1.1', '"1.0"', '4.0', '4.0.0', '4.1.0', '4.2.0'])(
    '%s loads with one warning line',
    (version) => {
      const warnings: string[] = []
      const text = machineText(MACHINE).replace('"4.2.1"', version)
      load({ 'machine.yml': text }, { warn: (line) => warnings.push(line) })
      expect(warnings).toHaveLength(1)
      expect(warnings[0]).toMatch(
        /^\S*machine\.yml: spec_version .* `rpa config migrate \S*machine\.yml` rewrites it$/,
      )
    },
  )

  it('takes members that only the runtime of others has, with a warning that names each', () => {
    const warnings: string[] = []
    const foreign =
      '  persistence: {enabled: true, backend: sqlite, db_path: data/x.sqlite, config_store: true}\n  settings: {max_steps: 9, telemetry: off}\n'
    const loaded = load(machine(foreign + MACHINE), { warn: (line) => warnings.push(line) })
    expect(loaded.maxSteps).toBe(9)
    expect(loaded.persistence).toMatchObject({ enabled: true, backend: 'sqlite' })
    expect(warnings.sort()).toEqual([
      expect.stringMatching(/data\.persistence\.config_store: "config_store" has no effect: /),
      expect.stringMatching(
        /machine\.yml: data\.persistence\.db_path: "db_path" has no effect: where and how/,
      ),
      expect.stringMatching(/data\.settings\.telemetry: /),
    ])
  })

  it('warns once of each older file, however often it is named', () => {
    const warnings: string[] = []
    const twice = MACHINE.replace('{writer: ./agent.yml}', '{writer: ./agent.yml, other: ./agent.yml}')
    load(
      { ...machine(twice), 'agent.yml': AGENT.replace('4.2.1', '1.1.0') },
      { warn: (line) => warnings.push(line) },
    )
    expect(warnings).toEqual([expect.stringContaining('agent.yml')])
  })

  it.each([
    ['5.0.0', 'newer than 4.2.1'],
    ['10.0', 'newer than 4.2.1'],
    ['0.9.0', 'older than 1.0.0'],
    ['0.3', 'older than 1.0.0'],
    ['latest', 'not a version'],
    ['', 'not a version'],
  ])('%s is refused', (version, message) => {
    const [line, ...more] = faults({ 'machine.yml': machineText(MACHINE).replace('"4.2.1"', `"${version}"`) })
    expect(line).toContain('machine.yml: spec_version: ')
    expect(line).toContain(message)
    expect(line).toMatch(/\(.+\)$/)
    expect(more).toEqual([])
  })
})

describe('what lies outside the subset is refused with its key and a hint', () => {
  it.each([
    ['foreach: context.items', 'foreach'],
    ['launch: child', 'launch'],
    ['wait_for: "paper/x"', 'wait_for'],
    ['tool_loop: true', 'tool_loop'],
    ['sampling: multi', 'sampling'],
    ['timeout: 5', 'timeout'],
  ])('%s', (key, name) => {
    const lines = faults(changed('agent: writer\n', `agent: writer\n      ${key}\n`))
    expect(lines).toEqual([
      expect.stringMatching(
        new RegExp(`^machine.yml: data.states.write.${name}: "${name}" is not part of the subset \\(.+\\)$`),
      ),
    ])
  })

  it.each([
    ['expression_engine: cel', 'data.expression_engine: "cel" is not one of simple (only the simple'],
    ['nonsense: 1', 'data.nonsense: unknown key "nonsense" (known here: name,'],
    ['contxt: {}', 'data.contxt: unknown key "contxt" (did you mean "context"?)'],
    [
      'settings: {max_stepps: 3}',
      'data.settings.max_stepps: unknown key "max_stepps" (did you mean "max_steps"?)',
    ],
    [
      'settings: {parallel_fallback: never}',
      'data.settings.parallel_fallback: "never" is not one of sequential, error',
    ],
    [
      'persistence: {enabled: true, backend: redis}',
      'data.persistence.backend: "redis" is not one of local, memory, sqlite',
    ],
    ['persistence: {checkpoint_on: [exit]}', 'data.persistence.checkpoint_on[0]: "exit" is not one of'],
  ])('%s', (key, expected) => {
    const lines = faults(machine(`  ${key}\n${MACHINE}`))
    expect(lines).toEqual([expect.stringContaining(`machine.yml: ${expected}`)])
  })

  it.each([
    ['execution: {type: mdap_voting, k_margin: 3}', 'data.states.write.execution.type: "mdap_voting"'],
    [
      'execution: {type: parallel}',
      'data.states.write.execution.type: "parallel" is not one of default, retry (not supported',
    ],
    ['execution: {type: retry, backoffs: [-1]}', 'data.states.write.execution.backoffs[0]: '],
  ])('%s', (key, expected) => {
    const lines = faults(changed('agent: writer\n', `agent: writer\n      ${key}\n`))
    expect(lines[0]).toContain(expected)
  })

  it('an agent with structured output, tools or both kinds of prompt', () => {
    const agent = (data: string): string => `spec: flatagent\nspec_version: 4.2.1\ndata: ${data}`
    expect(faults({ 'agent.yml': agent('{user: x, output: {a: {type: str}}}') })[0]).toContain(
      'agent.yml: data.output: "output" is not part',
    )
    expect(faults({ 'agent.yml': agent('{user: x, mcp: {}}') })[0]).toContain('agent.yml: data.mcp: ')
    expect(faults({ 'agent.yml': agent('{user: x, prompt: ./p.yml}') })[0]).toContain('not both')
    expect(faults({ 'agent.yml': agent('{name: x}') })[0]).toContain('an agent needs a prompt')
  })
})

describe('mistakes', () => {
  it.each<[string, Record<string, string>, string]>([
    [
      'unknown state',
      changed('to: done', 'to: don'),
      'data.states.write.transitions[0].to: unknown state "don" (did you mean "done"?)',
    ],
    [
      'unknown state in on_error',
      changed('on_error: failed', 'on_error: {default: faild}'),
      'data.states.write.on_error.default: unknown state "faild"',
    ],
    [
      'unknown agent',
      changed('agent: writer', 'agent: writr'),
      'data.states.write.agent: unknown agent "writr" (did you mean "writer"?)',
    ],
    [
      'unknown machine',
      changed('agent: writer', 'machine: child'),
      'data.states.write.machine: unknown machine "child" (declare it',
    ],
    [
      'missing agent file',
      changed('./agent.yml', './agnt.yml'),
      'data.agents.writer: no such file: ./agnt.yml',
    ],
    ['no initial state', changed('type: initial, ', ''), 'data.states: no state is `type: initial`'],
    [
      'two initial states',
      changed('    write:\n', '    write:\n      type: initial\n'),
      'data.states.write.type: a second initial state, beside "start"',
    ],
    [
      'bad type',
      changed('type: initial', 'type: first'),
      'data.states.start.type: "first" is not one of initial, final',
    ],
    [
      'bad condition',
      changed('context.answer != null', 'context.answer !='),
      'data.states.write.transitions[0].condition: condition: a value is missing at column 18',
    ],
    [
      'bad template',
      changed('{text: context.title}', '{text: "{{ context.title"}'),
      'data.states.write.input.text: template: ',
    ],
    [
      'bad template in context',
      changed('title: input.title', 'title: "{% if %}"'),
      'data.context.title: template: ',
    ],
    [
      'context.machine',
      changed('title: input.title', 'machine: {}, title: input.title'),
      'data.context.machine: belongs to the runtime',
    ],
    [
      'mapping to context.machine',
      changed('{answer: output.content}', '{machine: output}'),
      'data.states.write.output_to_context.machine: belongs to the runtime',
    ],
    [
      'two kinds of work',
      changed('agent: writer\n', 'agent: writer\n      action: act\n'),
      'data.states.write: does more than one thing',
    ],
    [
      'state that is never left',
      changed(/ {6}transitions: \[\{condition.*\n/, ''),
      'data.states.write.transitions: are missing',
    ],
    [
      'transitions of a final state',
      changed('{type: final, output: {answer', '{type: final, transitions: [{to: start}], output: {answer'),
      'data.states.done.transitions: a final state has none',
    ],
    [
      'output of a state that is not final',
      changed('{type: initial, ', '{type: initial, output: {a: 1}, '),
      'data.states.start.output: only a final state',
    ],
    [
      'missing to',
      changed('{to: failed}]', '{condition: "true"}]'),
      'data.states.write.transitions[1].to: is missing',
    ],
    [
      'wrong type of a key',
      changed('{text: context.title}', 'context.title'),
      'data.states.write.input: expected record, found string',
    ],
    ['no states', machine('  name: x\n'), 'data.states: is missing'],
    [
      '__proto__',
      changed('{text: context.title}', '{__proto__: context.title}'),
      'data.states.write.input.__proto__: the key "__proto__" is not allowed',
    ],
  ])('%s', (_, files, expected) => {
    const lines = faults(files)
    expect(lines[0]).toContain(`machine.yml: ${expected}`)
    expect(lines).toHaveLength(1)
  })

  it('a final state that nothing leads to is a fault, any other unreachable state a warning', () => {
    const orphan = MACHINE + '    lost: {transitions: [{to: done}]}\n    end: {type: final}\n'
    expect(faults(machine(orphan))).toEqual([
      expect.stringContaining('data.states.end: unreachable final state'),
    ])
    const warnings: string[] = []
    load(machine(MACHINE + '    lost: {transitions: [{to: done}]}\n'), {
      warn: (line) => warnings.push(line),
    })
    expect(warnings).toEqual([expect.stringContaining('data.states.lost: unreachable state')])
  })

  it('a machine that could never end', () => {
    const loop =
      '  states:\n    a: {type: initial, transitions: [{to: b}]}\n    b: {transitions: [{to: a}]}\n'
    expect(faults(machine(loop))).toEqual([expect.stringContaining('data.states: no state is `type: final`')])
    expect(faults(machine(`${loop}    c: {type: final}\n`))).toEqual([
      expect.stringContaining('no final state can be reached'),
    ])
  })

  it('YAML that cannot be parsed, with its line', () => {
    expect(faults({ 'machine.yml': 'spec: flatmachine\ndata: [1, 2\nnext: 3\n' })[0]).toMatch(
      /^machine.yml: line [23], column \d+: /,
    )
  })

  it('a key that stands twice, with its line', () => {
    expect(faults(changed('    write:\n', '    start: {transitions: []}\n    write:\n'))[0]).toMatch(
      /^machine.yml: line 9, column 5: duplicate key/,
    )
  })

  it('a file that is not there, is empty or of another kind', () => {
    expect(() => loadMachine('/nowhere/machine.yml')).toThrow('/nowhere/machine.yml: no such file')
    expect(faults({ 'machine.yml': '' })).toEqual([expect.stringContaining('expected a map')])
    expect(faults({ 'machine.yml': AGENT })[0]).toContain(
      'machine.yml: spec: "flatagent" is not one of flatmachine',
    )
    expect(faults({ 'machine.yml': 'spec: flatmachin\nspec_version: 4.2.1' })[0]).toContain(
      'unknown kind "flatmachin" (did you mean "flatmachine"?)',
    )
    expect(faults({ 'agent.yml': machineText(MACHINE) })[0]).toContain(
      'agent.yml: spec: "flatmachine" is not one of flatagent',
    )
  })

  it('a prompt file that is missing or wrong', () => {
    const agent = `spec: flatagent\nspec_version: 4.2.1\ndata: {prompt: ./p.prompt.yml}\n`
    expect(faults({ 'agent.yml': agent })[0]).toContain(
      'agent.yml: data.prompt: no such file: ./p.prompt.yml',
    )
    const prompt = `spec: prompt\nspec_version: 4.2.1\ndata: {name: p, user: "{{ input.text | nope }}"}\n`
    expect(faults({ 'agent.yml': agent, 'p.prompt.yml': prompt })[0]).toContain(
      'p.prompt.yml: data.user: template: unknown filter "nope"',
    )
  })

  it('machines that refer to each other in a circle', () => {
    const child = (other: string): string =>
      machineText(
        `  machines: {next: ./${other}}\n  states:\n    a: {type: initial, machine: next, transitions: [{to: b}]}\n    b: {type: final}\n`,
      )
    const lines = faults({ 'machine.yml': child('b.yml'), 'b.yml': child('machine.yml') })
    expect(lines).toEqual([
      expect.stringMatching(
        /^b.yml: data.machines.next: machines refer to each other in a circle: .*machine.yml → .*b.yml → .*machine.yml$/,
      ),
    ])
  })

  it('actions that do not exist, when those that do are known', () => {
    const files = changed(
      'agent: writer\n      input: {text: context.title}\n      output_to_context: {answer: output.content}',
      'action: save_it',
    )
    expect(faults(files)).toEqual([])
    expect(faults(files, { knownActions: ['save', 'save_its'] })).toEqual([
      expect.stringContaining('data.states.write.action: unknown action "save_it" (did you mean'),
    ])
    expect(faults(files, { knownActions: ['save_it'] })).toEqual([])
    expect([...load(files).actions]).toEqual(['save_it'])
  })

  it('are reported all at once, in whichever file they are', () => {
    const text = MACHINE.replace('to: done', 'to: don')
      .replace('agent: writer\n', 'agent: writer\n      tool_loop: true\n')
      .replace('context.answer != null', 'context.answer <> 1')
      .replace('{writer: ./agent.yml}', '{writer: ./agent.yml, other: ./gone.yml}')
      .replace('{text: context.title}', '{text: "{{ x"}')
    const lines = faults({
      ...machine(text),
      'agent.yml': AGENT.replace('{{ input.text }}', '{{ input.text'),
    })
    for (const expected of [
      'data.states.write.tool_loop',
      'transitions[0].to',
      'transitions[0].condition',
      'data.agents.other',
      'data.states.write.input.text',
      'agent.yml: data.user',
    ]) {
      expect(lines.filter((line) => line.includes(expected))).toHaveLength(1)
    }
    expect(lines).toHaveLength(6)
  })
})

describe('doubtful keys are warned of', () => {
  const warningsOf = (files: Record<string, string>): string[] => {
    const warnings: string[] = []
    load(files, { warn: (line) => warnings.push(line) })
    return warnings
  }

  it('a prompt that uses an input the state does not give', () => {
    expect(warningsOf(changed('{text: context.title}', '{txt: context.title}'))).toEqual([
      expect.stringContaining(
        'data.states.write.input: the prompt uses input.text, which the state does not give',
      ),
    ])
  })

  it('not one that has a default or is only read on a condition', () => {
    const agent = AGENT.replace(
      'say {{ input.text }}',
      "{{ input.a | default('x') }}{% if input.b is defined %}{{ input.c }}{% endif %}{{ input.text }}",
    )
    expect(warningsOf({ 'agent.yml': agent })).toEqual([])
  })

  it('a prompt that uses the context', () => {
    expect(warningsOf({ 'agent.yml': AGENT.replace('be brief', '"{{ context.title }}"') })).toEqual([
      expect.stringContaining('"context" is nothing in a prompt'),
    ])
  })

  it('a template that uses what does not exist', () => {
    expect(warningsOf(changed('{text: context.title}', '{text: "{{ contxt.title }}"}'))).toEqual([
      expect.stringContaining(
        'data.states.write.input.text: "contxt" is nothing in a template (did you mean "context"?)',
      ),
    ])
  })

  it('a transition behind one that is always taken', () => {
    expect(warningsOf(changed('[{to: write}]', '[{to: write}, {to: done}]'))).toEqual([
      expect.stringContaining('data.states.start.transitions[1]: is never taken'),
    ])
  })

  it('an output mapping of an action', () => {
    const files = changed('agent: writer\n      input: {text: context.title}', 'action: save')
    expect(warningsOf(files)).toEqual([
      expect.stringContaining('data.states.write.output_to_context: has no effect'),
    ])
  })
})

describe('hooks', () => {
  const ACTION = `  states:
    start: {type: initial, action: save, transitions: [{to: done}]}
    done: {type: final}
`
  it.each([
    '  hooks: {module: some.module, class: Hooks}\n',
    '  hooks: {file: ./hooks.py, class: Hooks, args: {a: 1}}\n',
    '  settings: {hooks: some.module.Hooks}\n',
    '  settings: {hooks: {module: some.module, class: Hooks}}\n',
    '  lifecycle_hooks: v2-hooks\n',
    '  lifecycle_hooks: [a, b]\n',
    '  hooks: registered-name\n',
  ])('%s mean the one action registry', (hooks) => {
    expect([...load(machine(hooks + ACTION)).actions]).toEqual(['save'])
  })

  it('of a state do too', () => {
    const text = ACTION.replace('action: save', 'action: save, hooks: v2-hooks')
    expect([...load(machine(text)).actions]).toEqual(['save'])
    expect(faults(machine(text.replace('v2-hooks', '{clas: x}')))[0]).toContain(
      'data.states.start.hooks.clas',
    )
  })
})

describe('inline', () => {
  it('agents, prompts and machines may be written in place', () => {
    const text = `  agents:
    writer:
      spec: flatagent
      spec_version: "4.2.1"
      data:
        name: inline-writer
        prompt: {spec: prompt, spec_version: 4.2.1, data: {name: p, system: s, user: "{{ input.text }}"}}
    second: {type: flatagent, ref: ./agent.yml}
  machines:
    child:
      spec: flatmachine
      spec_version: "4.2.1"
      data:
        name: inline-child
        states: {a: {type: initial, action: act, transitions: [{to: b}]}, b: {type: final}}
    other: {path: ./child.yml}
  states:
    start: {type: initial, machine: [child, other], transitions: [{to: write}]}
    write: {agent: writer, input: {text: x}, transitions: [{to: again}]}
    again: {agent: second, input: {text: x}, transitions: [{to: done}]}
    done: {type: final}
`
    const child = machineText('  states: {a: {type: initial, transitions: [{to: b}]}, b: {type: final}}\n')
    const loaded = load({ ...machine(text), 'child.yml': child })
    expect(loaded.states.get('start')?.work).toMatchObject({
      kind: 'parallel',
      mode: 'settled',
      children: [
        { name: 'child', machine: { name: 'inline-child' } },
        { name: 'other', machine: { name: 'child' } },
      ],
    })
    expect(loaded.states.get('write')?.work).toMatchObject({ agent: { name: 'inline-writer', system: 's' } })
    expect([...loaded.actions]).toEqual(['act'])
  })

  it('with faults under the keys where they stand', () => {
    const text = MACHINE.replace(
      '{writer: ./agent.yml}',
      '{writer: {spec: flatagent, spec_version: 4.2.1, data: {user: "{{", profle: x}}}',
    )
    expect(faults(machine(text))).toEqual([
      expect.stringContaining(
        'machine.yml: data.agents.writer.data.profle: unknown key "profle" (did you mean "profile"?)',
      ),
      expect.stringContaining('machine.yml: data.agents.writer.data.user: template: '),
    ])
    const other = MACHINE.replace('{writer: ./agent.yml}', '{writer: {type: smolagents, ref: x}}')
    expect(faults(machine(other))[0]).toContain('data.agents.writer.type: only agents of type flatagent')
  })
})

describe('profiles', () => {
  const agent = (profile: string): string =>
    `spec: flatagent\nspec_version: 4.2.1\ndata: {${profile}, user: x}\n`

  it('beside the machine or above it are found', () => {
    const files = {
      'config/profiles.yml': PROFILES,
      'config/deep/er/machine.yml': machineText(MACHINE),
      'config/deep/er/agent.yml': agent('profile: cheap'),
    }
    const folder = folderWith(files)
    const loaded = loadMachine(join(folder, 'config/deep/er/machine.yml'))
    expect(loaded.profiles?.file).toBe(join(folder, 'config/profiles.yml'))
  })

  it('above the config root are not', () => {
    const folder = folderWith({
      'profiles.yml': PROFILES,
      'a/config/machines/machine.yml': machineText(MACHINE),
      'a/config/machines/agent.yml': AGENT,
    })
    expect(loadMachine(join(folder, 'a/config/machines/machine.yml')).profiles).toBeNull()
    expect(
      loadMachine(join(folder, 'a/config/machines/machine.yml'), { root: folder }).profiles,
    ).not.toBeNull()
  })

  it('that the machine names (1.x) are those it has', () => {
    const files = {
      ...machine(`  profiles: ./models/mine.yml\n${MACHINE}`),
      'models/mine.yml': PROFILES.replace('flatprofile', 'flatprofiles').replace('4.2.1', '1.1.0'),
      'agent.yml': agent('model: cheap'),
    }
    expect(load(files).profiles?.default).toBe('cheap')
    expect(faults(machine(`  profiles: ./gone.yml\n${MACHINE}`))[0]).toContain('data.profiles: no such file')
  })

  it('that nobody defines are faults', () => {
    expect(faults({ 'agent.yml': agent('profile: chaep'), 'profiles.yml': PROFILES })[0]).toContain(
      'agent.yml: data.profile: unknown profile "chaep" in profiles.yml (did you mean "cheap"?)',
    )
    expect(faults({ 'agent.yml': agent('model: dear'), 'profiles.yml': PROFILES })[0]).toContain(
      'agent.yml: data.model: unknown profile "dear"',
    )
    expect(faults({ 'agent.yml': agent('model: {profile: dear}'), 'profiles.yml': PROFILES })[0]).toContain(
      'agent.yml: data.model.profile: unknown profile "dear"',
    )
    expect(faults({ 'agent.yml': agent('profile: cheap') })[0]).toContain('there is no profiles.yml')
    expect(faults({ 'agent.yml': agent('profile: cheap') }, { profiles: ['cheap'] })).toEqual([])
    expect(faults({ 'agent.yml': agent('profile: cheap') }, { profiles: ['dear'] })[0]).toContain(
      'unknown profile "cheap"',
    )
  })

  it('that are wrong are faults of their file alone', () => {
    const found = faults({ 'agent.yml': agent('profile: cheap'), 'profiles.yml': 'model_profiles: {}' })
    expect(found).toEqual([expect.stringContaining('profiles.yml: spec: is missing')])
  })

  it('that are wrong are all told', () => {
    const wrong = PROFILES.replace('name: some/model, ', '')
      .replace('max_tokens: 100', 'max_tokens: many')
      .replace('default: cheap', 'default: chep')
    expect(faults({ 'profiles.yml': wrong })).toEqual([
      expect.stringContaining('profiles.yml: data.model_profiles.cheap.name: is missing'),
      expect.stringContaining('profiles.yml: data.model_profiles.cheap.max_tokens: expected'),
    ])
    expect(faults({ 'profiles.yml': PROFILES.replace('default: cheap', 'default: chep') })).toEqual([
      expect.stringContaining('profiles.yml: data.default: unknown profile "chep" (did you mean "cheap"?)'),
    ])
  })

  it('of an older agent may be settings of its own', () => {
    const loaded = load({
      'agent.yml': agent('model: {provider: openai, name: some/model, temperature: 0.2}'),
    })
    expect(loaded.states.get('write')?.work).toMatchObject({
      agent: { profile: null, model: { name: 'some/model', temperature: 0.2 } },
    })
    expect(faults({ 'agent.yml': agent('model: {temperature: 1}') })[0]).toContain(
      'data.model: needs a `name` or a `profile`',
    )
  })
})

describe('resolveFile', () => {
  it('lets one folder lie over another, file by file', () => {
    const folder = folderWith({
      'package/machines/machine.yml': machineText(MACHINE.replace('./agent.yml', '../agents/agent.yml')),
      'package/agents/agent.yml': AGENT,
      'package/profiles.yml': PROFILES,
      'mine/agents/agent.yml': AGENT.replace('be brief', 'be mine'),
    })
    const resolveFile = (from: string, path: string): string | null => {
      const inside = join(from, '..', path).replace(/^.*\/(package|mine)\//, '')
      const found: Record<string, string> = {
        'agents/agent.yml': join(folder, 'mine/agents/agent.yml'),
        'profiles.yml': join(folder, 'package/profiles.yml'),
      }
      return found[inside] ?? null
    }
    const loaded = loadMachine(join(folder, 'package/machines/machine.yml'), { resolveFile })
    expect(loaded.states.get('write')?.work).toMatchObject({ agent: { system: 'be mine' } })
    expect(loaded.profiles?.file).toBe(join(folder, 'package/profiles.yml'))
  })
})

it('reads a machine through a link and names with unusual characters', () => {
  const folder = folderWith({
    'real dir/agent.yml': AGENT,
    'real dir/mächine.yml': machineText(MACHINE.replace('  name: demo\n', '')),
  })
  mkdirSync(join(folder, 'links'))
  symlinkSync(join(folder, 'real dir'), join(folder, 'links', 'here'))
  expect(loadMachine(join(folder, 'links/here/mächine.yml')).name).toBe('mächine')
  writeFileSync(join(folder, 'real dir', 'bom.yml'), `\ufeff${machineText(MACHINE)}`)
  expect(loadMachine(join(folder, 'real dir', 'bom.yml')).name).toBe('demo')
})
