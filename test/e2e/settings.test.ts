import { chmodSync } from 'node:fs'
import { afterAll, expect, it } from 'vitest'
import type { ShownSettings } from '../../src/pipeline/config/shown-settings.js'
import { makeLightWorkspace, removeWorkspaces } from '../support/workspace.js'

afterAll(removeWorkspaces)

it('config show: every value and where it came from, no secret', async () => {
  const workspace = await makeLightWorkspace()
  workspace.write('rpa.yml', 'budget: 7\n')
  workspace.write('.env', 'OPENROUTER_API_KEY=sk-geheim\nRPA_CONTACT=me@example.org\n')
  chmodSync(workspace.in('.env'), 0o600)
  const env = { RPA_DATABASE_URL: 'postgres://me:geheim@db.example.org/rpa' }
  const { code, stdout, stderr } = await workspace.rpa(['config', 'show', '--json'], env)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const { settings, env_file, workspace: folder } = JSON.parse(stdout) as ShownSettings
  expect(settings['budget']).toEqual({ value: 7, source: 'rpa.yml' })
  expect(settings['contact']).toEqual({ value: 'me@example.org', source: '.env' })
  expect(settings['database_url']).toEqual({ value: 'postgres://db.example.org/rpa', source: 'environment' })
  expect(settings['lease_ttl']).toEqual({ value: 300, source: 'default' })
  expect(env_file).toEqual(['OPENROUTER_API_KEY', 'RPA_CONTACT'])
  expect(folder).toBe(workspace.path)
  const readable = await workspace.rpa(['config', 'show'], env)
  expect(readable.stdout).toMatch(/^budget +7 +rpa\.yml$/m)
  expect(stdout + readable.stdout).not.toContain('geheim')
})

it('config check: every fault of every file at once', async () => {
  const workspace = await makeLightWorkspace()
  expect(await workspace.rpa(['config', 'check'])).toMatchObject({ code: 0 })
  workspace.write('rpa.yml', 'budgett: 5\nlease_ttl: long\n')
  workspace.write('config/limits.yml', 'groups: 7\n')
  const { code, stdout } = await workspace.rpa(['config', 'check'])
  expect(code).toBe(78)
  expect(stdout).toMatch(/rpa\.yml, line 1, column 1: "budgett" is not a setting\. \(Did you mean "budget"\?/)
  expect(stdout).toMatch(/rpa\.yml, line 2, column 12: lease_ttl: expected a whole number/)
  expect(stdout).toMatch(/limits\.yml/)
  expect(stdout).toMatch(/ [3-9] faults/)
})

it('a key in .env is enough for cron, which exports nothing', async () => {
  const workspace = await makeLightWorkspace()
  await workspace.seed('0000.00001')
  workspace.write('.env', 'RPA_PROFILE=offline\n')
  chmodSync(workspace.in('.env'), 0o644)
  expect((await workspace.phase(['prep'])).succeeded).toBe(1)
  if (process.platform !== 'win32')
    expect((await workspace.rpa(['prep'])).stderr).toMatch(/^warn: others .*\.env: chmod 600 .*\.env$/m)
  expect((await workspace.rpa(['prep', '--quiet'])).stderr).toBe('')
})
