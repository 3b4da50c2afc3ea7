import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { renderCheck } from '../../src/cli/render/check.js'
import { collectSettings } from '../../src/core/settings/resolve-settings.js'
import { checkAll } from '../../src/pipeline/config/check-config.js'
import { filesCheck } from '../../src/pipeline/doctor/config-checks.js'
import { temporaryFolder } from '../support/temp.js'

async function checked(files: Record<string, string>, env: NodeJS.ProcessEnv = {}) {
  const folder = temporaryFolder()
  for (const [name, text] of Object.entries({ 'rpa.yml': '', ...files })) {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  const { faults, ...resolved } = await collectSettings({}, env, folder)
  const report = checkAll(resolved, faults, env)
  const said = renderCheck(report).replaceAll(`${folder}/`, '')
  return { report, said, finding: filesCheck(resolved) }
}

it('passes what comes with rpa, and counts each file that is read', async () => {
  const { report, said, finding } = await checked({})
  expect(report.skipped).toEqual([])
  for (const name of ['limits.yml', 'relevance.yml', 'terminology.yml'])
    expect(report.files.filter(({ file }) => file.endsWith(name))).toHaveLength(1)
  expect(said).toBe(`${report.files.length} files checked: no faults, no warnings`)
  expect(finding.state).toBe('good')
})

it.each([
  ['relevance.yml', 'lists: 3\n', /config\/relevance\.yml: lists: .*expected array.*, line 1, column 1$/m],
  ['relevance.yml', 'lists: [\n', /config\/relevance\.yml: line 2, column 1: /],
  ['terminology.yml', 'x: [\n', /config\/terminology\.yml: line 2, column 1: /],
  [
    'terminology.yml',
    'terms:\n  a: [b]\n  b: [a]\n',
    /config\/terminology\.yml: ".*terms that stand for one another/,
  ],
  [
    'limits.yml',
    'patience: 5\ngroups: 7\n',
    /fault config\/limits\.yml: groups: .*expected array.*, line 2, column 1$/m,
  ],
  ['limits.yml', '[\n', /config\/limits\.yml: line 2, column 1: /],
])('a broken %s is a fault: %j', async (name, text, expected) => {
  const { said, finding } = await checked({ [`config/${name}`]: text })
  expect(said).toMatch(expected)
  expect(said.match(/ 1 fault,/)).not.toBeNull()
  expect(finding).toMatchObject({ state: 'bad' })
})

it('names every unknown key of every file at once, each once, with its place and the nearest name', async () => {
  const { said } = await checked({
    'rpa.yml': 'data_dir: data\n\nbudgett: 5\n',
    'config/limits.yml': 'patience: 5\ncircuits:\n  outage_failurs: 5\n  cooldwn: 7\ntimeout: 1\n',
    'config/relevance.yml': 'title_wait: 1\n',
    'config/terminology.yml': 'terms: {}\ndomain: []\n',
    'config/profiles.yml':
      'spec: flatprofile\nspec_version: "4.2.1"\ndata:\n  model_profiles:\n    cheap: { name: a/b, temprature: 0.1 }\n    expensive: { name: a/b }\n',
    'config/agents/mine.agent.yml':
      'spec: flatagent\nspec_version: "4.2.1"\ndata:\n  nam: x\n  user: "{{ input.a }}"\n',
  })
  const places = [...said.matchAll(/^fault (\S+): (.*), line (\d+), column (\d+)$/gm)].map((found) =>
    found.slice(1),
  )
  expect(places).toEqual([
    ['config/agents/mine.agent.yml', 'data.nam: unknown key "nam" (did you mean "name"?)', '4', '3'],
    [
      'config/limits.yml',
      'circuits.outage_failurs: unknown key "outage_failurs" (did you mean "outage_failures"?)',
      '3',
      '3',
    ],
    ['config/limits.yml', 'circuits.cooldwn: unknown key "cooldwn" (did you mean "cooldown"?)', '4', '3'],
    [
      'config/limits.yml',
      'timeout: unknown key "timeout" (known here: groups, circuits, backoff, patience)',
      '5',
      '1',
    ],
    [
      'config/profiles.yml',
      'data.model_profiles.cheap.temprature: unknown member (did you mean "temperature"?)',
      '5',
      '25',
    ],
    ['config/relevance.yml', 'title_wait: unknown key "title_wait" (did you mean "title_weight"?)', '1', '1'],
    ['config/terminology.yml', 'domain: unknown key "domain" (did you mean "domains"?)', '2', '1'],
  ])
  expect(said).toMatch(/^fault settings: rpa\.yml, line 3, column 1: "budgett" is not a setting/m)
  expect(said).toMatch(/^\d+ files checked: 8 faults,/m)
})

it('names the files that it passes over, and the place of a profile that is not there', async () => {
  const { report, said } = await checked({
    'config/notes.yml': 'a: 1\n',
    'rpa.yml': '# mine\nprofile: offlin\n',
  })
  expect(report.skipped).toHaveLength(1)
  expect(said).toMatch(/^passed over config\/notes\.yml: /m)
  expect(said).toMatch(
    /^fault rpa\.yml: profile: there is no profile "offlin" in .*\("?.*offline.*\), line 2, column 1$/m,
  )
  const exported = await checked({}, { RPA_PROFILE: 'offlin' })
  expect(exported.said).toMatch(/^fault settings: RPA_PROFILE: there is no profile "offlin"/m)
})

it('counts one file as one', () => {
  const one = { file: 'a.yml', spec: null, spec_version: null, faults: [], warnings: [] }
  expect(renderCheck({ files: [one], skipped: [] })).toBe('1 file checked: no faults, no warnings')
})

it('says of a key that is none what is wrong with it, and nothing of it; one that is not set is no fault', async () => {
  const { said } = await checked({}, { OPENROUTER_API_KEY: '"sk-or-v1-4f1c9e0a7d5b4c2f"' })
  expect(said).toContain('fault settings: OPENROUTER_API_KEY has quotes around it.')
  expect(said).toContain(' 1 fault,')
  expect(said).not.toContain('4f1c')
  expect((await checked({ '.env': 'OPENROUTER_API_KEY=your-key-here\n' })).said).toContain(
    'OPENROUTER_API_KEY holds what stands in examples',
  )
  expect((await checked({})).said).toContain('no faults')
  expect((await checked({}, { OPENROUTER_API_KEY: 'sk-or-v1-4f1c9e0a7d5b4c2f' })).said).toContain('no faults')
})

it('warns of a variable whose name is nearly one of ours', async () => {
  const { said } = await checked({}, { RPA_BUGDET: '7531', RPA_TEST_SEED: '1', RPA_STATE_DIR: '/x' })
  expect(said).toContain('warning settings: RPA_BUGDET is no setting: did you mean "RPA_BUDGET"?')
  expect(said).toContain('no faults, 1 warning')
  expect(said).not.toContain('7531')
})
