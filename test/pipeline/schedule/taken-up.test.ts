import { join } from 'node:path'
import { expect, it } from 'vitest'
import { utcDay } from '../../../src/core/clock.js'
import { createLogger } from '../../../src/core/logging.js'
import { PHASES } from '../../../src/core/phases.js'
import { resolveSettings } from '../../../src/core/settings/resolve-settings.js'
import { insertExecutions } from '../../../src/db/executions/executions.js'
import { openKeeper, preparePhase } from '../../../src/pipeline/prepare-phase.js'
import { openResources } from '../../../src/pipeline/resources/resources.js'
import { makeCrawlerCorpus } from '../../support/corpus.js'
import { paper } from '../../support/database.js'
import { phaseBench } from '../../support/phase-bench.js'

const SMALL = 'vendor/small:free'

it('a pipeline that no paper had when a command began is taken up with its first paper: whom it asks, and whether that may be asked', async () => {
  const cheap = { provider: 'openai', name: SMALL, role: 'cheap', max_tokens: 1000, context_length: 16_000 }
  const bench = await phaseBench({ profiles: { cheap } })
  const corpus = join(bench.folder, 'corpus.sqlite')
  makeCrawlerCorpus(corpus, [])
  const env = { ...bench.env, RPA_BUDGET: '1', RPA_CORPUS_DB: corpus }
  const { settings } = await resolveSettings({}, env, bench.folder)
  const log = createLogger('error', () => undefined)
  const resources = await openResources(settings, log, { workers: 1, env })
  try {
    const now = resources.clock.now()
    bench.change("update executions set pipeline = 'lean'")
    bench.change(`insert into daily_usage values ('${utcDay(now)}', 1, 1, 0)`)
    const prep = await preparePhase(resources, PHASES.prep)
    const keeper = openKeeper(resources, [prep], { keeps: false, windowMs: 0 })
    const stands = async () => {
      const [state] = (await keeper.availabilities(['prep'])).values()
      return { asks: prep.chains.flat().map(({ model }) => model), billable: prep.billable, ...state }
    }
    expect(await stands()).toMatchObject({ asks: [], billable: false, state: 'open' })

    await insertExecutions(resources.db, [paper(2)], now)
    expect((await prep.machineFor('full')).pipeline).toBe('full')
    expect(prep.pipelines).toEqual(['lean', 'full'])
    expect(await stands()).toMatchObject({ asks: [SMALL], billable: true, state: 'closed', soon: false })
    const [asked] = prep.chains.flat()
    expect(asked === undefined ? null : prep.limitGroup(asked)?.name).toBe('free')
  } finally {
    await resources.close()
  }
})
