import { cpSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ROOT, runCli } from '../support/cli.js'
import { expectClearError, expectErrorDocument } from '../support/clear-error.js'
import type { ModelQuestions } from '../support/model-questions.js'
import { startModels } from '../support/model-questions.js'
import type { Workspace } from '../support/workspace.js'
import { KEY, makeLightWorkspace, removeWorkspaces } from '../support/workspace.js'

let models: ModelQuestions
let seeded: Workspace

beforeAll(async () => {
  models = await startModels()
  seeded = await makeLightWorkspace()
  await seeded.seed('0000.00001')
})
afterAll(async () => {
  await models.close()
  removeWorkspaces()
})

const packaged = (path: string): string => readFileSync(join(ROOT, 'config', path), 'utf8')

function expectNothingClaimed(workspace: Workspace): void {
  expect(workspace.query('select status, attempts from executions')).toEqual([
    { status: 'pending', attempts: 0 },
  ])
  expect(workspace.query('select * from execution_leases')).toEqual([])
  expect(workspace.query('select * from llm_calls')).toEqual([])
  expect(workspace.integrity()).toBe('ok')
}

describe('settings that are wrong end a command before it takes a paper', () => {
  it.each([
    {
      name: 'no key',
      env: {},
      code: 'api_key_missing',
      message: /OPENROUTER_API_KEY, which is not set/,
      hint: /--profile offline/,
    },
    {
      name: 'an empty key',
      env: { OPENROUTER_API_KEY: '  ' },
      code: 'api_key_missing',
      message: /OPENROUTER_API_KEY/,
      hint: /--profile offline/,
    },
    {
      name: 'an unknown profile',
      env: { RPA_PROFILE: 'cheep' },
      code: 'profile_unknown',
      message: /no profile "cheep" in .*profiles\.yml/,
      hint: /cheap, expensive, offline/,
    },
    {
      name: 'a budget that is no number',
      env: { RPA_BUDGET: 'abc' },
      code: 'setting_invalid',
      message: /RPA_BUDGET: expected a whole number of at least 0, got "abc"/,
    },
    {
      name: 'a URL that is none',
      env: { OPENROUTER_BASE_URL: 'openrouter' },
      code: 'setting_invalid',
      message: /OPENROUTER_BASE_URL: expected an http or https URL/,
    },
    {
      name: 'a PDF URL without a place for the id',
      env: { RPA_PDF_URL: 'https://x.org/pdf' },
      code: 'setting_invalid',
      message: /RPA_PDF_URL: .*\{arxiv_id\}/,
    },
  ])('$name', async ({ env, code, message, hint }) => {
    const expected = { exit: 78, code, message, ...(hint === undefined ? {} : { hint }) }
    const [asJson, readable] = await Promise.all([
      seeded.rpa(['prep', '--json'], env),
      seeded.rpa(['prep'], env),
    ])
    expectErrorDocument(asJson, expected)
    expectClearError(readable, expected)
    expectNothingClaimed(seeded)
  })

  it.each([
    {
      name: 'broken YAML',
      text: 'data_dir: data\n  profile: [offline\n',
      code: 'workspace_file',
      message: /rpa\.yml cannot be read: .* line \d+, column \d+$/m,
    },
    {
      name: 'an unknown setting',
      text: 'data_dir: data\nbuget: 5\n',
      code: 'workspace_file',
      message: /rpa\.yml, line 2, column 1: "buget" is not a setting/,
    },
    {
      name: 'a bad value',
      text: 'budget: many\n',
      code: 'setting_invalid',
      message: /rpa\.yml, line 1, column 9: budget: expected a whole number/,
    },
  ])('rpa.yml with $name', async ({ text, code, message }) => {
    const workspace = seeded.copy()
    workspace.write('rpa.yml', text)
    const expected = { exit: 78, code, message }
    expectErrorDocument(await workspace.rpa(['status', '--json']), expected)
    expectClearError(await workspace.rpa(['prep', '--profile', 'offline']), expected)
    expectNothingClaimed(workspace)
  })

  it('a terminology that goes round in circles ends `wrap` before it asks anything', async () => {
    const workspace = seeded.copy()
    for (const phase of ['prep', 'analyze']) await workspace.phase([phase, '--profile', 'offline'])
    workspace.write('config/terminology.yml', 'terms: { alpha: [beta], beta: [alpha] }\n')
    const env = { OPENROUTER_API_KEY: KEY, OPENROUTER_BASE_URL: models.url }
    const end = await workspace.rpa(['wrap', '--json'], env)
    expectErrorDocument(end, {
      exit: 78,
      code: 'terminology_cycle',
      message: /terminology\.yml: "\w+" → "\w+" → "\w+"/,
      hint: /Take one of these lines away/,
    })
    expect(workspace.query('select status, error_class from executions')).toEqual([
      { status: 'analyzed', error_class: null },
    ])
    expect(workspace.query("select * from llm_calls where phase = 'wrap'")).toEqual([])
  })

  it('a machine of the workspace with faults: all of them are named, with file and key', async () => {
    const workspace = seeded.copy()
    workspace.write(
      'config/machines/prep.yml',
      packaged('machines/prep.yml')
        .replace('action: fetch_pdf', 'action: fetch_pfd')
        .replace('to: extract_text', 'to: extract_test'),
    )
    const faults = [
      /config\/machines\/prep\.yml: data\.states\.fetch_pdf\.action: .*fetch_pfd/,
      /config\/machines\/prep\.yml: data\.states\.fetch_pdf\.transitions\[0\]\.to: .*extract_test/,
    ]
    for (const message of faults) {
      const expected = { exit: 78, code: 'config_invalid', message, hint: /rpa machine check/ }
      expectErrorDocument(await workspace.rpa(['prep', '--profile', 'offline', '--json']), expected)
    }
    expectClearError(await workspace.rpa(['prep', '--profile', 'offline']), {
      exit: 78,
      code: '',
      message: faults[0]!,
    })
    workspace.write('config/machines/prep.yml', 'spec: flatmachine\ndata: {name: prep\n')
    const broken = { exit: 78, code: 'config_invalid', message: /config\/machines\/prep\.yml: line \d+/ }
    expectErrorDocument(await workspace.rpa(['prep', '--profile', 'offline', '--json']), broken)
    expectNothingClaimed(workspace)
  })
})

describe('configuration of the workspace', () => {
  it('wins over the package’s file by file', async () => {
    const workspace = seeded.copy()
    workspace.env = { OPENROUTER_API_KEY: KEY, OPENROUTER_BASE_URL: models.url }
    const own = 'You are the reviewer of this workspace.'
    const prompt = packaged('prompts/key_outcome.prompt.yml').replace(/You explain research papers/, own)
    workspace.write('config/prompts/key_outcome.prompt.yml', prompt)
    await workspace.phase(['prep'])
    await workspace.phase(['analyze'])
    const system = (writer: string): string =>
      models.requests
        .find((one) => one.writer === writer)!
        .call.body.messages.find(({ role }) => role === 'system')!.content
    expect(system('key_outcome')).toContain(own)
    for (const writer of ['why_hypotheses', 'reproduction_notes', 'open_questions']) {
      expect(system(writer)).not.toContain(own)
      expect(system(writer)).toContain('You explain research papers')
    }
  })

  it('is found from a folder inside it, and its paths start from it', async () => {
    const workspace = seeded.copy()
    workspace.write('notes/today/x.txt', '')
    const end = await runCli(['status', '--json'], { cwd: workspace.in('notes', 'today') })
    expect(end.json()).toMatchObject({ total: 1 })
    expect(existsSync(workspace.in('notes', 'today', 'data'))).toBe(false)
  })

  it('in a folder that is not there is an error, not the package’s configuration', async () => {
    const expected = {
      exit: 78,
      code: 'config_dir_missing',
      message: /no configuration folder .*\/mein\.$/,
      hint: /RPA_CONFIG_DIR/,
    }
    expectErrorDocument(await seeded.rpa(['prep', '--json'], { RPA_CONFIG_DIR: 'mein' }), expected)
    expectErrorDocument(await seeded.rpa(['machine', 'check', '--config-dir', 'mein', '--json']), expected)
  })

  it('may name another key, endpoint and model', async () => {
    models.reset()
    const workspace = seeded.copy()
    const profiles = packaged('profiles.yml')
      .replaceAll('api_key_env: OPENROUTER_API_KEY', `api_key_env: LAB_KEY\n      base_url: ${models.url}`)
      .replace(/name: nvidia\/nemotron-3-super\S+/, 'name: lab/small')
    workspace.write('config/profiles.yml', profiles)
    const missing = await workspace.rpa(['prep', '--json'])
    expectErrorDocument(missing, { exit: 78, code: 'api_key_missing', message: /LAB_KEY/ })
    await workspace.phase(['prep'], { LAB_KEY: KEY })
    expect(models.requests).toMatchObject([{ model: 'lab/small', authorization: `Bearer ${KEY}` }])
  })
})

describe('machine check', () => {
  it('passes the configuration that comes with rpa', async () => {
    const end = await seeded.rpa(['machine', 'check', '--json'])
    expect(end).toMatchObject({ code: 0, stderr: '' })
    const report = end.json<{ files: { file: string; faults: unknown[]; warnings: unknown[] }[] }>()
    expect(report.files.length).toBeGreaterThanOrEqual(19)
    for (const file of report.files) expect(file, file.file).toMatchObject({ faults: [], warnings: [] })
    expect((await seeded.rpa(['machine', 'check'])).stdout).toMatch(/files checked: no faults, no warnings/)
  })

  it('names every fault of every file in a folder, and exits with 78', async () => {
    const workspace = seeded.copy()
    cpSync(join(ROOT, 'config'), workspace.in('mine'), { recursive: true })
    const change = (path: string, from: string | RegExp, to: string): void =>
      workspace.write(`mine/${path}`, packaged(path).replace(from, to))
    change('machines/wrap.yml', 'to: assemble', 'to: assembel')
    change('agents/repair.agent.yml', 'profile: cheap', 'profile: cheep')
    change('prompts/repair.prompt.yml', '{%- endfor %}', '')
    change('profiles.yml', 'max_tokens: 12000', 'max_tokens: plenty')
    workspace.write('mine/machines/more.yml', 'spec: flatmachine\nspec_version: "4.2.1"\ndata: [\n')
    const end = await workspace.rpa(['machine', 'check', 'mine', '--json'])
    expect(end).toMatchObject({ code: 78, stderr: '' })
    const report = end.json<{ files: { file: string; faults: { key: string }[] }[] }>()
    const faulty = report.files.filter(({ faults }) => faults.length > 0).map(({ file }) => file)
    expect(faulty).toEqual([
      'mine/agents/repair.agent.yml',
      'mine/machines/more.yml',
      'mine/machines/wrap.yml',
      'mine/profiles.yml',
      'mine/prompts/repair.prompt.yml',
    ])
    const readable = await workspace.rpa(['machine', 'check', 'mine'])
    expect(readable.code).toBe(78)
    for (const file of faulty) expect(readable.stdout).toContain(`fault ${file}: `)
  })

  it('tells of a key that is named for a host it does not belong to, as a run does', async () => {
    const workspace = seeded.copy()
    const foreign = 'api_key_env: OPENROUTER_API_KEY\n      base_url: https://api.example.org/v1'
    workspace.write(
      'config/profiles.yml',
      packaged('profiles.yml').replace('api_key_env: OPENROUTER_API_KEY', foreign),
    )
    const said = /OPENROUTER_API_KEY is the key to [\w.:]+, not to api\.example\.org/
    const checked = await workspace.rpa(['machine', 'check'])
    expect(checked.code).toBe(78)
    expect(checked.stdout).toMatch(/fault config\/profiles\.yml.*api_key_env/)
    expect(checked.stdout).toMatch(said)
    const run = await workspace.rpa(['prep', '--json'], { OPENROUTER_API_KEY: KEY })
    expectErrorDocument(run, { exit: 78, code: 'profile_invalid', message: said })
  })

  it('says which folder is not there', async () => {
    const expected = { exit: 2, code: 'no_such_file', message: /no file or folder nowhere/ }
    expectErrorDocument(await seeded.rpa(['machine', 'check', 'nowhere', '--json']), expected)
  })
})

describe('an endpoint over plain http', () => {
  it('is warned of once where it is another machine, naming the key that is sent', async () => {
    const workspace = seeded.copy()
    const end = await workspace.rpa(['prep', '--limit', '1'], {
      OPENROUTER_BASE_URL: 'http://models.invalid/v1',
      OPENROUTER_API_KEY: KEY,
    })
    expect(end.code).toBe(69)
    const warned = end.stderr.match(
      /OPENROUTER_API_KEY, papers and answers go to models\.invalid over plain http/g,
    )
    expect(warned).toHaveLength(1)
    expect(end.stderr).not.toContain(KEY)
  })
})
