import { knownFreeModels, saveFreeModels } from '../../db/calls/free-models.js'
import type { ModelProfile } from '../../llm/provider.js'
import type { Resources } from '../resources/resources.js'

/** Whether a profile's model costs nothing at its endpoint, as far as is known by now. */
export type IsFree = (profile: Pick<ModelProfile, 'baseUrl' | 'model'>) => boolean

type Needs = Pick<Resources, 'db' | 'clock' | 'pdfSources'> & Partial<Pick<Resources, 'closing'>>

/** The list changes by a few models a week. */
const FRESH_MS = 24 * 3_600_000

/**
 * Returns how to tell free models: by their names, else by the provider's list as it was last kept. A list older than a
 * day is asked for once more; nobody waits for it, and what it says counts from when it comes.
 *
 * @param asked profiles at endpoints that keep such a list.
 */
export async function freeModels(resources: Needs, asked: readonly ModelProfile[]): Promise<IsFree> {
  const known = new Map<string, ReadonlySet<string>>()
  const unclear = asked.filter(({ model }) => !isFreeByName(model))
  for (const endpoint of new Set(unclear.flatMap(({ baseUrl }) => baseUrl ?? []))) {
    const kept = await knownFreeModels(resources.db, endpoint)
    known.set(endpoint, new Set(kept?.models))
    if (kept === null || resources.clock.now() - kept.checkedAt > FRESH_MS) {
      void refresh(resources, endpoint).then(
        (models) => known.set(endpoint, new Set(models ?? kept?.models)),
        () => undefined,
      )
    }
  }
  return ({ baseUrl, model }) => isFreeByName(model) || known.get(baseUrl ?? '')?.has(model) === true
}

/** Processes and phases that begin together ask once. */
const underWay = new WeakMap<object, Map<string, Promise<readonly string[] | null>>>()

function refresh(resources: Needs, endpoint: string): Promise<readonly string[] | null> {
  const { db, clock, pdfSources, closing } = resources
  const requests = underWay.get(db) ?? new Map<string, Promise<readonly string[] | null>>()
  underWay.set(db, requests)
  const begun = requests.get(endpoint)
  if (begun !== undefined) return begun
  const asked = import('../../llm/model-list.js')
    .then(({ listFreeModels }) =>
      listFreeModels(endpoint, { userAgent: pdfSources.userAgent, signal: closing }),
    )
    .then(async (models) => {
      if (models !== null && closing?.aborted !== true)
        await saveFreeModels(db, endpoint, models, clock.now())
      return models
    })
  requests.set(endpoint, asked)
  return asked
}

/** Returns whether the name alone tells that a model costs nothing on OpenRouter. */
export function isFreeByName(model: string): boolean {
  return model.endsWith(':free') || model === 'openrouter/free'
}
