import { expect, it } from 'vitest'
import { freeModels } from '../../../src/pipeline/limits/is-free.js'
import { NOON, openTestDatabase } from '../../support/database.js'
import { modelServer } from '../../support/model-server.js'
import { PROFILE } from '../../llm/client.js'

const DAY_MS = 24 * 3_600_000

async function bench() {
  const server = await modelServer()
  const { db } = await openTestDatabase()
  const pdfSources = { userAgent: 'rpa/1.2.3' } as Parameters<typeof freeModels>[0]['pdfSources']
  const profile = (model: string) => ({ ...PROFILE, baseUrl: server.url, model })
  const at = (now: number, models: readonly string[]) =>
    freeModels({ db, pdfSources, clock: { now: () => now } }, models.map(profile))
  return { server, profile, at }
}

it('a model is free by its price alone, for the runs after too, and the list is asked for once a day', async () => {
  const { server, profile, at } = await bench()
  server.models([
    { id: 'vendor/gift', price: 0 },
    { id: 'vendor/dear', price: 0.000001 },
    { id: 'vendor/varies', price: -1 },
  ])
  const isFree = await at(NOON, ['vendor/gift', 'vendor/dear', 'vendor/varies'])
  await expect.poll(() => isFree(profile('vendor/gift'))).toBe(true)
  expect(['vendor/dear', 'vendor/varies', 'vendor/unlisted'].map((name) => isFree(profile(name)))).toEqual([
    false,
    false,
    false,
  ])
  const later = await at(NOON + DAY_MS, ['vendor/gift'])
  expect(later(profile('vendor/gift'))).toBe(true)
  expect(server.modelsAsked).toBe(1)
})

it('a price is believed only at the endpoint that names it', async () => {
  const { server, profile, at } = await bench()
  server.models([{ id: 'vendor/gift', price: 0 }])
  const isFree = await at(NOON, ['vendor/gift'])
  await expect.poll(() => isFree(profile('vendor/gift'))).toBe(true)
  expect(isFree({ baseUrl: 'https://elsewhere.example/v1', model: 'vendor/gift' })).toBe(false)
})

it('names that say it need no list', async () => {
  const { server, profile, at } = await bench()
  const isFree = await at(NOON, ['vendor/model:free', 'openrouter/free'])
  expect([isFree(profile('vendor/model:free')), isFree(profile('openrouter/free'))]).toEqual([true, true])
  expect(server.modelsAsked).toBe(0)
})
