import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadMachine } from '../../src/machines/files/load.js'
import { migrateConfig } from '../../src/machines/files/migrate.js'
import { AGENT, folderWith } from './support.js'

const OLD = `# who wrote it
spec: flatmachine
spec_version: 1.1   # old

data:
  name: demo
  settings:
    hooks: {module: theirs, class: Hooks}   # kept
  states:
    start: {type: initial, action: act, transitions: [{to: done}]}

    # the end
    done: {type: final, output: {long: "${'a very long line '.repeat(10)}"}}
metadata: {a: [1, 2]}
`

describe('migrating', () => {
  it('writes a machine at the newest version, with its comments, so that it loads without a word', () => {
    const { text, changes } = migrateConfig(OLD, 'machine.yml')
    expect(text).toContain('# who wrote it')
    expect(text).toContain('spec_version: "4.2.1" # old')
    expect(text).toContain('  lifecycle_hooks:')
    expect(text).toContain('# the end')
    expect(text).not.toContain('settings')
    expect(changes).toEqual(['data.settings.hooks → data.lifecycle_hooks', 'spec_version: 1.1 → 4.2.1'])
    const folder = folderWith({ 'machine.yml': OLD })
    const file = join(folder, 'machine.yml')
    const before = loadMachine(file)
    writeFileSync(file, text)
    const warnings: string[] = []
    const after = loadMachine(file, { warn: (line) => warnings.push(line) })
    expect(warnings).toEqual([])
    expect({ ...after, specVersion: '' }).toEqual({ ...before, specVersion: '' })
  })

  it('writes agents and profiles', () => {
    const agent = 'spec: flatagent\nspec_version: "1.0.0"\ndata:\n  model: cheap # which\n  user: x\n'
    expect(migrateConfig(agent, 'a.yml').text).toBe(
      'spec: flatagent\nspec_version: "4.2.1"\ndata:\n  profile: cheap # which\n  user: x\n',
    )
    const profiles =
      "spec: flatprofiles\nspec_version: '1.1.0'\ndata:\n  model_profiles:\n    a:\n      name: m\n"
    expect(migrateConfig(profiles, 'p.yml').text).toContain('spec: flatprofile\nspec_version: "4.2.1"\n')
  })

  it('leaves alone what is at the newest version, and what it wrote itself', () => {
    expect(migrateConfig(AGENT, 'a.yml')).toEqual({ text: AGENT, changes: [] })
    const { text } = migrateConfig(OLD, 'm.yml')
    expect(migrateConfig(text, 'm.yml')).toEqual({ text, changes: [] })
  })

  it('refuses what it cannot read', () => {
    expect(() => migrateConfig('a: [', 'x.yml')).toThrow('x.yml: line 1')
    expect(() => migrateConfig('a: 1', 'x.yml')).toThrow('x.yml is none of flatmachine')
    expect(() => migrateConfig(AGENT.replace('4.2.1', '5.0.0'), 'x.yml')).toThrow('newer than 4.2.1')
    expect(() => migrateConfig(AGENT.replace('4.2.1', '0.6.0'), 'x.yml')).toThrow('older than 1.0.0')
  })
})
