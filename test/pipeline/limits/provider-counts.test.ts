import { describe, expect, it } from 'vitest'
import { utcDay } from '../../../src/core/clock.js'
import { createLogger } from '../../../src/core/logging.js'
import { providerCounts } from '../../../src/db/calls/limit-states.js'
import type { Db } from '../../../src/db/engine/prepared.js'
import type { LimitGroup } from '../../../src/llm/limits.js'
import { parseLimits } from '../../../src/llm/limits.js'
import { toModelProfile } from '../../../src/llm/profiles.js'
import type { ModelProfile } from '../../../src/llm/provider.js'
import { limitGroupFor } from '../../../src/pipeline/limits/limit-groups.js'
import { askProviders, differenceLine, reconcile } from '../../../src/pipeline/limits/provider-counts.js'
import { call } from '../../db/calls/calls.js'
import { addPapers, mustClaim, NOON, openTestDatabase } from '../../support/database.js'
import { accountOf, modelServer } from '../../support/model-server.js'

const KEY = 'sk-or-v1-0123456789abcdef'
const MIDNIGHT = Date.UTC(2026, 2, 4)

const groupsOf = (...groups: object[]): readonly LimitGroup[] => parseLimits({ groups }, 'limits.yml').groups
const FREE = { name: 'openrouter-free', host: 'openrouter.ai', models: '*:free', requests_per_minute: 20 }
const GROUPS = groupsOf(FREE, { name: 'local', host: '127.0.0.1', models: 'local/*', requests_per_minute: 5 })

function profile(changes: object = {}, baseUrl = 'https://openrouter.ai/api/v1'): ModelProfile {
  const raw = { name: 'vendor/model:free', provider: 'openai', api_key_env: 'TEST_KEY', ...changes }
  return toModelProfile('cheap', raw, baseUrl)
}

async function resources(now = NOON, env: NodeJS.ProcessEnv = { TEST_KEY: KEY }) {
  const { db } = await openTestDatabase()
  const lines: string[] = []
  const log = createLogger('info', (_, message) => void lines.push(message))
  const pdfSources = { userAgent: 'rpa/1.2.3' } as Parameters<typeof reconcile>[0]['pdfSources']
  return { db, lines, env, log, pdfSources, clock: { now: () => now } }
}

async function sent(db: Db, count: number): Promise<void> {
  await addPapers(db, 1)
  const { lease } = await mustClaim(db)
  for (let n = 0; n < count; n += 1)
    await call(db, { lease, group: 'openrouter-free', now: NOON + 30_000, result: {} })
}

describe('a run that begins', () => {
  it('records what the provider counts, and tells of a difference', async () => {
    const server = await modelServer()
    server.key(accountOf(57, 1000))
    const given = await resources()
    await sent(given.db, 4)
    await reconcile(given, [profile({}, server.url)], GROUPS)
    expect(given.lines).toEqual([
      'openrouter-free: the provider counts 57 of 1000 requests today, this ledger 4: 53 were sent elsewhere',
    ])
    expect(await providerCounts(given.db)).toMatchObject([
      { group: 'openrouter-free', date: utcDay(NOON), limit: 1000, used: 57, ledger_used: 4, elsewhere: 53 },
    ])
    expect(server.keyAsked).toEqual([`Bearer ${KEY}`])
  })

  it('says nothing where both agree', async () => {
    const server = await modelServer()
    server.key(accountOf(4, 50))
    const given = await resources()
    await sent(given.db, 4)
    await reconcile(given, [profile({}, server.url)], GROUPS)
    expect(given.lines).toEqual([])
    expect(await providerCounts(given.db)).toMatchObject([{ used: 4, elsewhere: 0 }])
  })

  it('asks each endpoint once, whatever uses it, and not again for its next phase', async () => {
    const [one, two] = [await modelServer(), await modelServer()]
    one.key(accountOf(3, 50))
    const given = await resources()
    const profiles = [
      profile({}, one.url),
      profile({ name: 'other/model:free' }, one.url),
      profile({ api_key_env: 'OTHER_KEY' }, one.url),
      profile({}, two.url),
    ]
    Object.assign(given.env, { OTHER_KEY: 'another' })
    await reconcile(given, profiles, GROUPS)
    expect([...one.keyAsked].sort()).toEqual(['Bearer another', `Bearer ${KEY}`])
    expect(two.keyAsked).toHaveLength(1)
    const lines = given.lines.length
    one.key(accountOf(4, 50))
    await reconcile(given, profiles, GROUPS)
    expect(one.keyAsked).toHaveLength(2)
    expect(given.lines).toHaveLength(lines)
    expect(await providerCounts(given.db)).toMatchObject([{ used: 3 }])
  })

  it('takes the higher count of two keys', async () => {
    const [low, high] = [await modelServer(), await modelServer()]
    low.key(accountOf(3, 50))
    high.key(accountOf(30, 1000))
    const given = await resources()
    await reconcile(given, [profile({}, low.url), profile({}, high.url), profile({}, low.url)], GROUPS)
    expect(await providerCounts(given.db)).toMatchObject([{ used: 30, limit: 1000 }])
  })

  it.each([
    ['a model that is paid for', { name: 'vendor/model' }],
    ['an offline profile', { provider: 'offline' }],
    ['a missing key', { api_key_env: 'NO_SUCH_KEY' }],
    ['a key that cannot be one', { api_key_env: 'BAD_KEY' }],
  ])('records nothing for %s', async (_, changes) => {
    const server = await modelServer()
    server.key(accountOf(57, 1000))
    const given = await resources(NOON, { TEST_KEY: KEY, BAD_KEY: 'sk-…' })
    await reconcile(given, [profile(changes, server.url)], groupsOf({ ...FREE, models: '*' }))
    expect(await providerCounts(given.db)).toEqual([])
    expect(server.keyAsked).toHaveLength('name' in changes ? 1 : 0)
  })

  it('goes on where the endpoint keeps no count', async () => {
    const server = await modelServer()
    const given = await resources()
    const groupOf = await reconcile(given, [profile({}, server.url)], GROUPS)
    expect(groupOf(profile({}, server.url))).toBeNull()
    expect(given.lines).toEqual([])
  })

  it("does not take yesterday's count, which is still told right after midnight, for today's", async () => {
    const server = await modelServer()
    server.key(accountOf(990, 1000))
    const early = await resources(MIDNIGHT + 119_999)
    await reconcile(early, [profile({}, server.url)], GROUPS)
    expect(await providerCounts(early.db)).toEqual([])
    const later = await resources(MIDNIGHT + 120_000)
    await reconcile(later, [profile({}, server.url)], GROUPS)
    expect(await providerCounts(later.db)).toMatchObject([{ used: 990, date: '2026-03-04' }])
  })

  it('stops where the key is refused twice, and names its variable', async () => {
    const server = await modelServer()
    server.key({ status: 401, body: { error: { code: 401, message: 'User not found.' } } })
    const failed = reconcile(await resources(), [profile({}, server.url)], GROUPS)
    await expect(failed).rejects.toMatchObject({
      code: 'key_rejected',
      exitCode: 78,
      hint: expect.stringContaining('TEST_KEY') as string,
    })
    expect(server.keyAsked).toHaveLength(2)
  })

  it('knows a limit group that a profile names but nobody defined', async () => {
    const failed = reconcile(await resources(), [profile({ limit_group: 'mine' })], GROUPS)
    await expect(failed).rejects.toMatchObject({
      code: 'limit_group_unknown',
      exitCode: 78,
      hint: expect.stringContaining('openrouter-free, local') as string,
    })
  })
})

describe('the limit group of a profile', () => {
  const nameFor = (changes: object, baseUrl: string, speaks = false): string | null =>
    limitGroupFor(GROUPS, profile(changes, baseUrl), speaks)?.name ?? null
  const LOCAL = 'http://127.0.0.1:8080/v1'

  it.each<[string, object, string, boolean, string | null]>([
    ['of its host and model', {}, 'https://openrouter.ai/api/v1', false, 'openrouter-free'],
    ['none for another model there', { name: 'vendor/model' }, 'https://openrouter.ai/api/v1', true, null],
    ['none for a plain server', {}, LOCAL, false, null],
    ["OpenRouter's where a proxy speaks like it", {}, LOCAL, true, 'openrouter-free'],
    ['that of the host even so', { name: 'local/model:free' }, LOCAL, true, 'local'],
    ['the one it names', { limit_group: 'local' }, 'https://openrouter.ai/api/v1', true, 'local'],
    ['none offline', { provider: 'offline', limit_group: 'local' }, LOCAL, true, null],
    ['none without a URL', {}, 'no url', false, null],
  ])('is %s', (_, changes, baseUrl, speaks, expected) => {
    expect(nameFor(changes, baseUrl, speaks)).toBe(expected)
  })

  it('is learned from what the endpoint answers', async () => {
    const server = await modelServer()
    server.key({ body: { data: { is_free_tier: true } } })
    const { groupOf, counts } = await askProviders(await resources(), [profile({}, server.url)], GROUPS)
    expect(groupOf(profile({}, server.url))?.name).toBe('openrouter-free')
    expect(groupOf(profile({}, LOCAL))).toBeNull()
    expect(counts).toEqual([])
  })
})

it.each([
  [3, 2, 'g: the provider counts 3 of 50 requests today, this ledger 2: 1 was sent elsewhere'],
  [2, 4, 'g: the provider counts 2 of 50 requests today, this ledger 4: 2 are not counted there, or not yet'],
  [4, 4, null],
])('%i there and %i here are put into words', (used, ledger_used, line) => {
  const elsewhere = used - ledger_used
  expect(
    differenceLine({ group: 'g', date: '', limit: 50, used, ledger_used, elsewhere, checked_at: '' }),
  ).toBe(line)
})
