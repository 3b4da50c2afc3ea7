import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkConfigs } from '../../src/machines/files/check.js'
import type { FileReport } from '../../src/machines/files/check.js'
import { AGENT, folderWith, machineText } from './support.js'

const MACHINE = `  name: demo
  agents: {writer: ../agents/writer.yml}
  machines: {child: ./child.yml}
  hooks: {module: theirs, class: Hooks}
  states:
    start: {type: initial, agent: writer, input: {text: x}, transitions: [{to: sub}]}
    sub: {machine: child, transitions: [{to: act}]}
    act: {action: theirs, transitions: [{to: done}]}
    done: {type: final}
`
const CHILD = `  states:
    a: {type: initial, transitions: [{to: b}]}
    b: {type: final}
`
const PROMPT = 'spec: prompt\nspec_version: "4.2.1"\ndata: {name: p, system: s, user: "{{ input.text }}"}\n'
const PROFILES =
  'spec: flatprofile\nspec_version: "4.2.1"\ndata: {model_profiles: {cheap: {name: m}}, default: cheap}\n'

const FILES = {
  'config/machines/demo.yml': machineText(MACHINE),
  'config/machines/child.yaml': machineText(CHILD),
  'config/machines/child.yml': machineText(CHILD, '1.1.1'),
  'config/agents/writer.yml': AGENT.replace(
    '  system: be brief\n  user: "say {{ input.text }}"',
    '  profile: cheap\n  prompt: ../prompts/p.prompt.yml',
  ),
  'config/prompts/p.prompt.yml': PROMPT,
  'config/profiles.yml': PROFILES,
  'config/terms.yml': 'terms: [a, b]\n',
  'config/notes.txt': 'spec: flatmachine',
}

/** Returns the reports by file name relative to the folder. */
function check(files: Record<string, string>, paths = ['config'], options = {}) {
  const folder = folderWith(files)
  const report = checkConfigs(
    paths.map((path) => join(folder, path)),
    options,
  )
  const name = (file: string): string => file.slice(file.indexOf(folder) + folder.length + 1)
  const byName = new Map(report.files.map((file): [string, FileReport] => [name(file.file), file]))
  const faulty = [...byName].filter(([, file]) => file.faults.length > 0).map(([file]) => file)
  return { report, byName, faulty, skipped: report.skipped.map(name) }
}

describe('a folder', () => {
  it('is checked with all YAML files below it, each reported once', () => {
    const { report, byName, faulty, skipped } = check(FILES)
    expect(faulty).toEqual([])
    expect([...byName.keys()].sort()).toEqual(
      Object.keys(FILES)
        .filter((file) => file.endsWith('ml') && !file.includes('terms'))
        .sort(),
    )
    expect(report.files).toHaveLength(byName.size)
    expect(skipped).toEqual(['config/terms.yml'])
    expect(byName.get('config/machines/demo.yml')).toMatchObject({
      spec: 'flatmachine',
      spec_version: '4.2.1',
    })
    expect(byName.get('config/profiles.yml')).toMatchObject({ spec: 'flatprofile' })
  })

  it('warns of older versions under the file, and of actions only its own runtime has', () => {
    const { byName } = check(FILES, ['config'], { knownActions: ['ours'] })
    expect(byName.get('config/machines/child.yml')?.warnings).toMatchObject([
      { message: expect.stringContaining('rpa config migrate') as unknown },
    ])
    expect(byName.get('config/machines/demo.yml')?.warnings).toMatchObject([
      { key: 'data.states.act.action', message: 'unknown action "theirs"' },
    ])
  })

  it('finds every fault of every file', () => {
    const { byName, faulty } = check({
      ...FILES,
      'config/machines/demo.yml': machineText(MACHINE.replace('to: done', 'to: dne').replace('x}', '"{{"}')),
      'config/machines/child.yml': machineText(CHILD.replace('to: b', 'to: c'), '1.1.1'),
      'config/prompts/p.prompt.yml': PROMPT.replace('{{ input.text }}', '{% if %}'),
      'config/prompts/alone.yml': PROMPT.replace('name: p,', 'nam: p,'),
      'config/agents/alone.yml': AGENT.replace('  system: be brief\n', '  profile: dear\n'),
      'config/broken.yml': 'spec: prompt\ndata: {a: 1, a: 2}\n',
      'config/unknown.yml': 'spec: something\ndata: [\n',
    })
    expect(faulty.sort()).toEqual([
      'config/agents/alone.yml',
      'config/broken.yml',
      'config/machines/child.yml',
      'config/machines/demo.yml',
      'config/prompts/alone.yml',
      'config/prompts/p.prompt.yml',
    ])
    const keys = (file: string): string[] => (byName.get(file)?.faults ?? []).map(({ key }) => key)
    expect(keys('config/machines/demo.yml').sort()).toEqual([
      'data.states.act.transitions[0].to',
      'data.states.start.input.text',
    ])
    expect(keys('config/machines/child.yml')).toEqual(['data.states.a.transitions[0].to'])
    expect(keys('config/prompts/p.prompt.yml')).toEqual(['data.user'])
    expect(keys('config/prompts/alone.yml')).toEqual(['data.nam'])
    expect(byName.get('config/agents/alone.yml')?.faults[0]).toMatchObject({
      key: 'data.profile',
      message: expect.stringContaining('unknown profile "dear"') as unknown,
      hint: 'known: cheap',
    })
    expect(byName.get('config/broken.yml')?.faults[0]?.message).toBe('line 2, column 14: duplicate key')
  })
})

describe('a file named itself', () => {
  it('is checked with what it refers to', () => {
    const { byName } = check(FILES, ['config/machines/demo.yml'])
    expect([...byName.keys()].sort()).toEqual([
      'config/agents/writer.yml',
      'config/machines/child.yml',
      'config/machines/demo.yml',
      'config/profiles.yml',
      'config/prompts/p.prompt.yml',
    ])
  })

  it('is at fault if it is none of the four kinds, or not there', () => {
    const { byName } = check(FILES, ['config/terms.yml', 'config/gone.yml', 'config/notes.txt'])
    expect(byName.get('config/terms.yml')?.faults).toMatchObject([{ key: 'spec', message: 'is missing' }])
    expect(byName.get('config/gone.yml')?.faults).toMatchObject([{ message: 'no such file' }])
    expect(byName.get('config/notes.txt')?.faults).toMatchObject([{ key: 'spec_version' }])
  })
})

it('takes a profile that no file defines for a warning: it may be registered elsewhere', () => {
  const files = Object.fromEntries(Object.entries(FILES).filter(([file]) => file !== 'config/profiles.yml'))
  const { byName, faulty } = check(files)
  expect(faulty).toEqual([])
  expect(byName.get('config/agents/writer.yml')?.warnings).toMatchObject([{ key: 'data.profile' }])
})
