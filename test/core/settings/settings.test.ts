import { mkdirSync, realpathSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { FlagValues, ResolvedSettings } from '../../../src/core/settings/settings.js'
import { collectSettings, resolveSettings } from '../../../src/core/settings/resolve-settings.js'
import { RpaError } from '../../../src/core/errors.js'
import { temporaryFolder } from '../../support/temp.js'

interface Workspace {
  root: string
  /** A folder two levels below the workspace. */
  deep: string
}

function workspace(yaml?: string): Workspace {
  const root = realpathSync(temporaryFolder())
  const deep = join(root, 'a', 'b')
  mkdirSync(deep, { recursive: true })
  if (yaml !== undefined) writeFileSync(join(root, 'rpa.yml'), yaml)
  return { root, deep }
}

async function failure(resolved: Promise<ResolvedSettings>): Promise<RpaError> {
  const error: unknown = await resolved.catch((thrown: unknown) => thrown)
  if (!(error instanceof RpaError)) throw new Error(`no RpaError: ${String(error)}`)
  return error
}

describe('without anything', () => {
  it('every setting has its default', async () => {
    const { root } = workspace()
    const { settings, sources, workspace: found } = await resolveSettings({}, {}, root)
    expect(settings).toMatchObject({
      dataDir: join(root, 'data'),
      databaseUrl: join(root, 'data', 'executions.sqlite'),
      corpusDb: join(root, 'data', 'arxiv.sqlite'),
      reportsDir: join(root, 'data', 'reports'),
      configDir: null,
      baseUrl: 'https://openrouter.ai/api/v1',
      profile: null,
      budget: 1000,
      pdfUrl: 'https://export.arxiv.org/pdf/{arxiv_id}',
      pdfDir: null,
      pdfSources: ['local', 'cache', 'bucket', 'export', 'arxiv'],
      pdfGap: null,
      pdfHosts: ['export.arxiv.org', 'storage.googleapis.com', 'arxiv.org', '*.arxiv.org'],
      leaseTtl: 300,
      contact: null,
      logFormat: 'auto',
      logLevel: 'info',
    })
    expect(new Set(Object.values(sources))).toEqual(new Set(['default']))
    expect(found).toBeNull()
  })
})

describe('a value', () => {
  it('comes from the flag, else the environment, else rpa.yml, else the default', async () => {
    const { root } = workspace('budget: 3\n')
    const of = async (flags: FlagValues, env: NodeJS.ProcessEnv): Promise<unknown[]> => {
      const { settings, sources } = await resolveSettings(flags, env, root)
      return [settings.budget, sources.budget]
    }
    expect(await of({ budget: 1 }, { RPA_BUDGET: '2' })).toEqual([1, 'flag'])
    expect(await of({}, { RPA_BUDGET: '2' })).toEqual([2, 'environment'])
    expect(await of({ budget: undefined }, { RPA_BUDGET: ' ' })).toEqual([3, 'rpa.yml'])
    writeFileSync(join(root, 'rpa.yml'), 'budget:\n')
    expect(await of({}, {})).toEqual([1000, 'default'])
  })

  it.each([
    ['V2_EXECUTIONS_DB_PATH', '/old/executions.db', 'databaseUrl', '/old/executions.db'],
    ['RPA_DATABASE_URL', 'postgres://u@h/d', 'databaseUrl', 'postgres://u@h/d'],
    ['RPA_DATABASE_URL', 'sqlite:///abs/e.sqlite', 'databaseUrl', '/abs/e.sqlite'],
    ['ARXIV_DB_PATH', '/old/arxiv.db', 'corpusDb', '/old/arxiv.db'],
    ['RPA_CORPUS_DB', '/new/arxiv.db', 'corpusDb', '/new/arxiv.db'],
    ['RPA_V2_LEASE_TTL_SECONDS', '120', 'leaseTtl', 120],
    ['RPA_LEASE_TTL', '60', 'leaseTtl', 60],
    ['OPENROUTER_BASE_URL', 'http://127.0.0.1:1/v1', 'baseUrl', 'http://127.0.0.1:1/v1'],
    ['RPA_LLM_BASE_URL', 'http://127.0.0.1:2/v1', 'baseUrl', 'http://127.0.0.1:2/v1'],
    ['RPA_BUDGET', '0', 'budget', 0],
    ['RPA_PROFILE', ' offline ', 'profile', 'offline'],
    ['RPA_PDF_URL', 'http://h/{arxiv_id}.pdf', 'pdfUrl', 'http://h/{arxiv_id}.pdf'],
    ['RPA_PDF_DIR', '/pdf', 'pdfDir', '/pdf'],
    ['RPA_PDF_SOURCES', 'cache, local', 'pdfSources', ['cache', 'local']],
    ['RPA_PDF_GAP', '0.3', 'pdfGap', 0.3],
    [
      'RPA_PDF_HOSTS',
      'Mirror.example:8080,*.example.org',
      'pdfHosts',
      ['mirror.example:8080', '*.example.org'],
    ],
    ['RPA_CONTACT', 'me@example.org', 'contact', 'me@example.org'],
    ['RPA_LOG_LEVEL', 'debug', 'logLevel', 'debug'],
    ['RPA_DATA_DIR', '~/rpa', 'dataDir', join(homedir(), 'rpa')],
    ['RPA_REPORTS_DIR', '/reports', 'reportsDir', '/reports'],
    ['RPA_CONFIG_DIR', '/config', 'configDir', '/config'],
  ])('%s=%s is accepted', async (variable, value, name, expected) => {
    const { root } = workspace()
    const { settings, sources } = await resolveSettings({}, { [variable]: value }, root)
    expect(settings).toMatchObject({ [name]: expected })
    expect(sources).toMatchObject({ [name]: 'environment' })
  })

  it('of the hosts for PDFs begins with that of the PDF URL', async () => {
    const { root } = workspace()
    const env = { RPA_PDF_URL: 'http://u:p@mirror.example:8080/{arxiv_id}' }
    expect((await resolveSettings({}, env, root)).settings.pdfHosts).toEqual([
      'mirror.example:8080',
      'arxiv.org',
      '*.arxiv.org',
    ])
  })

  it('may be a list in rpa.yml', async () => {
    const { root } = workspace(
      'pdf_sources: [cache]\npdf_hosts:\n  - "*.example.org"\n  - "[::1]:80"\npdf_gap: 15\n',
    )
    expect((await resolveSettings({}, {}, root)).settings).toMatchObject({
      pdfSources: ['cache'],
      pdfHosts: ['*.example.org', '[::1]:80'],
      pdfGap: 15,
    })
  })

  it('under its own name wins over the earlier name', async () => {
    const { root } = workspace()
    const env = {
      V2_EXECUTIONS_DB_PATH: '/old.db',
      RPA_DATABASE_URL: '/new.db',
      ARXIV_DB_PATH: '/old-arxiv.db',
      RPA_CORPUS_DB: '/new-arxiv.db',
      RPA_V2_LEASE_TTL_SECONDS: '1',
      RPA_LEASE_TTL: '2',
    }
    const { settings } = await resolveSettings({}, env, root)
    expect(settings).toMatchObject({ databaseUrl: '/new.db', corpusDb: '/new-arxiv.db', leaseTtl: 2 })
  })
})

describe('rpa.yml', () => {
  it('is found upward, and its paths start from its own folder', async () => {
    const { root, deep } = workspace(
      'data_dir: store\ncorpus_db: ../arxiv.sqlite\npdf_dir: ./pdf\ndatabase_url: sqlite:runs.sqlite\n',
    )
    const { settings, workspace: found } = await resolveSettings({}, {}, deep)
    expect(found).toBe(root)
    expect(settings).toMatchObject({
      dataDir: join(root, 'store'),
      databaseUrl: join(root, 'runs.sqlite'),
      corpusDb: join(root, '..', 'arxiv.sqlite'),
      reportsDir: join(root, 'store', 'reports'),
      pdfDir: join(root, 'pdf'),
    })
  })

  it('nearest to the current folder counts', async () => {
    const { root, deep } = workspace('budget: 1\n')
    writeFileSync(join(root, 'a', 'rpa.yml'), 'budget: 2\n')
    expect((await resolveSettings({}, {}, deep)).settings.budget).toBe(2)
  })

  it('leaves paths of flags and environment to the current folder', async () => {
    const { deep } = workspace('data_dir: store\n')
    const { settings } = await resolveSettings(
      { databaseUrl: 'mine.sqlite' },
      { RPA_CORPUS_DB: '../c.sqlite' },
      deep,
    )
    expect(settings.databaseUrl).toBe(join(deep, 'mine.sqlite'))
    expect(settings.corpusDb).toBe(join(deep, '..', 'c.sqlite'))
  })

  it('makes the config folder beside it the workspace’s own, unless another is named', async () => {
    const { root, deep } = workspace('budget: 1\n')
    expect((await resolveSettings({}, {}, deep)).settings.configDir).toBeNull()
    mkdirSync(join(root, 'config'))
    expect((await resolveSettings({}, {}, deep)).settings.configDir).toBe(join(root, 'config'))
    expect((await resolveSettings({ configDir: '/c' }, {}, deep)).settings.configDir).toBe('/c')
  })

  it('may be empty', async () => {
    const { root } = workspace('# nothing yet\n')
    expect(await resolveSettings({}, {}, root)).toMatchObject({ workspace: root, settings: { budget: 1000 } })
  })

  it.each([
    ['budgett: 5\n', /"budgett" is not a setting/],
    ['- budget\n', /expected a map/],
    ['budget: [1\n', /cannot be read/],
    ['budget: 1\n---\nprofile: x\n', /a second document begins \(`---`\), where one is read at line 2/],
    ['---\nbudget: 1\n---\n', /a second document .* line 3/],
    ['budget: 1\n\u0000', /NUL characters/],
  ])('with a fault is refused, with its name: %j', async (yaml, message) => {
    const { root } = workspace(yaml)
    const error = await failure(resolveSettings({}, {}, root))
    expect(error).toMatchObject({ code: 'workspace_file', exitCode: 78 })
    expect(error.message).toMatch(message)
    expect(error.message).toContain(join(root, 'rpa.yml'))
  })

  it.each<[string, Buffer]>([
    ['UTF-16 of Windows', Buffer.from('\uFEFFreports_dir: größe\r\nbudget: 7\r\n', 'utf16le')],
    ['UTF-16 of others', Buffer.from('\uFEFFreports_dir: größe\nbudget: 7\n', 'utf16le').swap16()],
    ['UTF-8 with a mark', Buffer.from('\uFEFFreports_dir: größe\nbudget: 7\n')],
    ['one document with both its marks', Buffer.from('%YAML 1.2\n---\nreports_dir: größe\nbudget: 7\n...\n')],
  ])('is read as its editor wrote it: %s', async (_, bytes) => {
    const { root } = workspace('')
    writeFileSync(join(root, 'rpa.yml'), bytes)
    const { settings } = await resolveSettings({}, {}, root)
    expect(settings).toMatchObject({ budget: 7, reportsDir: join(root, 'größe') })
  })

  it.each<[string, Buffer, RegExp]>([
    ['Latin-1', Buffer.from('reports_dir: größe\n', 'latin1'), /not text in UTF-8/],
    ['UTF-16 without a mark', Buffer.from('budget: 7\n', 'utf16le'), /NUL characters, as UTF-16/],
    ['half of UTF-16', Buffer.from('\uFEFFbudget: 7\n', 'utf16le').subarray(0, -1), /not text in UTF-16/],
  ])('that is no such text is refused: %s', async (_, bytes, message) => {
    const { root } = workspace('')
    writeFileSync(join(root, 'rpa.yml'), bytes)
    const error = await failure(resolveSettings({}, {}, root))
    expect(error).toMatchObject({ code: 'workspace_file', exitCode: 78 })
    expect(error.message).toMatch(message)
    expect(error.message).toContain(join(root, 'rpa.yml'))
  })

  it('with an unknown key tells the known ones', async () => {
    const { root } = workspace('databse_url: x\n')
    const { hint } = await failure(resolveSettings({}, {}, root))
    expect(hint).toContain('database_url')
    expect(hint).toContain('lease_ttl')
  })

  it('may be no file at all', async () => {
    const { root } = workspace()
    mkdirSync(join(root, 'rpa.yml'))
    expect((await failure(resolveSettings({}, {}, root))).code).toBe('workspace_file')
  })
})

describe('a bad value', () => {
  it.each<[string, FlagValues, NodeJS.ProcessEnv, string, number, string]>([
    ['a flag', { budget: -1 }, {}, '', 2, '--budget'],
    ['a flag of another name', { databaseUrl: '' }, {}, '', 2, '--db'],
    ['the environment', {}, { RPA_BUDGET: 'many' }, '', 78, 'RPA_BUDGET'],
    ['an accepted-too name', {}, { RPA_V2_LEASE_TTL_SECONDS: '0' }, '', 78, 'RPA_V2_LEASE_TTL_SECONDS'],
    ['half a request', {}, { RPA_BUDGET: '1.5' }, '', 78, 'RPA_BUDGET'],
    ['a URL of another kind', {}, { OPENROUTER_BASE_URL: 'ftp://x' }, '', 78, 'OPENROUTER_BASE_URL'],
    ['no URL', {}, { RPA_LLM_BASE_URL: 'localhost:11434' }, '', 78, 'RPA_LLM_BASE_URL'],
    ['a template without a place', {}, { RPA_PDF_URL: 'https://x/pdf' }, '', 78, 'RPA_PDF_URL'],
    ['an unknown source', {}, { RPA_PDF_SOURCES: 'local,ftp' }, '', 78, 'RPA_PDF_SOURCES'],
    ['no source', {}, {}, 'pdf_sources: []\n', 78, 'rpa.yml, line 1, column 14: pdf_sources'],
    ['a gap below zero', {}, { RPA_PDF_GAP: '-1' }, '', 78, 'RPA_PDF_GAP'],
    ['a URL for a host', {}, { RPA_PDF_HOSTS: 'https://arxiv.org' }, '', 78, 'RPA_PDF_HOSTS'],
    ['an unknown level', { logLevel: 'loud' }, {}, '', 2, '--log-level'],
    ['rpa.yml', {}, {}, 'lease_ttl: long\n', 78, 'rpa.yml, line 1, column 12: lease_ttl'],
    ['rpa.yml, type', {}, {}, 'data_dir: [a]\n', 78, 'rpa.yml, line 1, column 11: data_dir'],
  ])('names where it comes from: %s', async (_, flags, env, yaml, exitCode, origin) => {
    const { root } = workspace(yaml === '' ? undefined : yaml)
    const error = await failure(resolveSettings(flags, env, root))
    expect(error).toMatchObject({ code: 'setting_invalid', exitCode })
    expect(error.message).toContain(origin)
    expect(error.message).toMatch(/expected/)
  })
})

describe('.env', () => {
  const withEnvFile = (text: string, mode = 0o600): string => {
    const { root } = workspace('budget: 3\nlease_ttl: 7\n')
    writeFileSync(join(root, '.env'), text, { mode })
    return root
  }

  it('beside rpa.yml comes after the environment and before rpa.yml', async () => {
    const root = withEnvFile('RPA_BUDGET=4\nRPA_PROFILE=offline\nRPA_CORPUS_DB=papers.sqlite\nKEY="a b"\n')
    const { settings, sources, variables, openEnvFile } = await resolveSettings(
      {},
      { RPA_PROFILE: 'cheap', KEY: '' },
      join(root, 'a'),
    )
    expect(settings).toMatchObject({ budget: 4, profile: 'cheap', leaseTtl: 7 })
    expect(settings.corpusDb).toBe(join(root, 'papers.sqlite'))
    expect(sources).toMatchObject({ budget: '.env', profile: 'environment', leaseTtl: 'rpa.yml' })
    // What the environment has, if only as nothing, stays.
    expect(variables).toEqual({ RPA_BUDGET: '4', RPA_CORPUS_DB: 'papers.sqlite' })
    expect(openEnvFile).toBeNull()
  })

  it.each([
    ['RPA_BUDGET: 7', 'RPA_BUDGET is not set'],
    ['RPA_BUDGET 7', 'RPA_BUDGET is not set'],
    ['rpa_budget=7', 'rpa_budget is not set'],
    ['set RPA_BUDGET=7', 'RPA_BUDGET is not set'],
    ['$env:RPA_BUDGET=7', 'RPA_BUDGET is not set'],
    ['RPA_BUGDET=7', 'RPA_BUGDET is no setting'],
    ['OPENROUTER_API_KEY: sk-7', 'OPENROUTER_API_KEY is not set'],
    ['set OPENROUTER_API_KEY=sk-7', 'OPENROUTER_API_KEY is not set'],
    ['OPENROUTER_BASE_URL http://7', 'OPENROUTER_BASE_URL is not set'],
  ])('with the line %s is a fault that names it, and not its value', async (line, words) => {
    const root = withEnvFile(`# mine\n${line.replace('7', '7531')}\n`)
    const error = await failure(resolveSettings({}, {}, root))
    expect(error).toMatchObject({ code: 'env_file', exitCode: 78 })
    expect(error.message).toContain(`.env, line 2: ${words}`)
    expect(`${error.message} ${error.hint ?? ''}`).not.toContain('7531')
    expect(error.hint).toContain(
      words === 'RPA_BUGDET is no setting' ? 'RPA_BUDGET' : words.split(' ')[0]?.toUpperCase(),
    )
  })

  it('may set what others read', async () => {
    const text =
      'export RPA_BUDGET=4\nexport GITHUB_TOKEN\n\n  # rpa_budget: 9\nRPA_SECOND_KEY=x\nRPA_MAILS_TO=me\nOTHER: 3\nNOTE="first\nrpa_budget: ours\nlast"\n'
    const { settings } = await resolveSettings({}, {}, withEnvFile(text))
    expect(settings.budget).toBe(4)
  })

  it('is left alone where there is no rpa.yml: it is another program’s', async () => {
    const { root } = workspace()
    writeFileSync(join(root, '.env'), 'RPA_BUDGET=4\n')
    const { settings, variables } = await resolveSettings({}, {}, root)
    expect(settings.budget).toBe(1000)
    expect(variables).toEqual({})
  })

  it('is named where a variable of the environment is nearly one of ours', async () => {
    const of = async (env: NodeJS.ProcessEnv) => (await resolveSettings({}, env, withEnvFile(''))).strangers
    expect(await of({ RPA_BUGDET: '7531', RPA_PROFIL: '7531' })).toEqual([
      'RPA_BUGDET is no setting: did you mean "RPA_BUDGET"?',
      'RPA_PROFIL is no setting: did you mean "RPA_PROFILE"?',
    ])
    const lower = process.platform === 'win32' ? [] : ['rpa_budget is not read: write RPA_BUDGET']
    expect(await of({ rpa_budget: '7531' })).toEqual(lower)
    const others = {
      RPA_BUDGET: '7',
      RPA_TEST_SEED: '1',
      RPA_MAILS_TO: 'me',
      RPA_SECOND_KEY: 'x',
      RPA_HOME: '/',
    }
    expect(await of(others)).toEqual([])
  })

  it('that others may read is found', async () => {
    const root = withEnvFile('KEY=1\n', 0o644)
    const { openEnvFile } = await resolveSettings({}, {}, root)
    // Windows knows no such rights.
    expect(openEnvFile).toBe(process.platform === 'win32' ? null : join(root, '.env'))
  })

  it('that is wrong is named', async () => {
    const bad = await failure(resolveSettings({}, {}, withEnvFile('RPA_BUDGET=many\n')))
    expect(bad.message).toMatch(/\.env: RPA_BUDGET: expected a whole number/)
    const { root } = workspace('budget: 3\n')
    mkdirSync(join(root, '.env'))
    expect(await failure(resolveSettings({}, {}, root))).toMatchObject({ code: 'env_file', exitCode: 78 })
  })
})

it('all that is wrong with settings is found at once', async () => {
  const { root } = workspace('buget: 1\nlease_ttl: long\n')
  const { faults, settings } = await collectSettings({ budget: 'x' }, { RPA_PDF_URL: 'y' }, root)
  expect(faults.map(({ message }) => message)).toEqual([
    expect.stringMatching(/rpa\.yml, line 1, column 1: "buget" is not a setting/),
    expect.stringMatching(/^--budget: /),
    expect.stringMatching(/^RPA_PDF_URL: /),
    expect.stringMatching(/rpa\.yml, line 2, column \d+: lease_ttl: /),
  ])
  expect(settings).toMatchObject({ budget: 1000, leaseTtl: 300 })
})
