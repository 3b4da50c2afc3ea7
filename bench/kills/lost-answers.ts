// What a kill costs that comes when answers are here and not yet stored, with the response cache of OpenRouter (a stand-in that
// behaves as documented) and without: `analyze` is ended with SIGKILL as answers arrive, and started again, until all is done.
// Ends with 1 where, with the cache, a question was paid twice or a paper failed.
// Usage: npx tsx bench/kills/lost-answers.ts [--kills 200] [--papers 40] [--seed 1]; needs `npm run build`.
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { seededRandom } from '../../src/core/chance.js'
import { startModelLog } from '../../test/crash/model-log.js'
import { addPrepped } from '../../test/support/prepped.js'
import type { CachingServer } from '../../test/support/response-cache.js'
import { startCachingServer, useResponseCache } from '../../test/support/response-cache.js'
import { KEY, makeWorkspace, removeWorkspaces } from '../../test/support/workspace.js'
import type { Workspace } from '../../test/support/workspace.js'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    papers: { type: 'string', default: '40' },
    seed: { type: 'string', default: '1' },
  },
})
const kills = Number(values.kills)
const papers = Number(values.papers)
const LONGEST_ANSWER_MS = 100
/** After an answer went out: within it the process reads it, and stores it. */
const LONGEST_LIFE_MS = 30

interface Sums {
  kills: number
  asked: number
  billed: number
  distinct: number
  hits: number
  failed: number
}

try {
  console.log(`${kills} kills of analyze as answers arrive, ${papers} papers at a time`)
  console.log(
    '| cache | kills | requests | paid | distinct questions | paid twice | had again | papers failed |',
  )
  console.log('|---|---|---|---|---|---|---|---|')
  for (const cached of [true, false]) {
    const sums: Sums = { kills: 0, asked: 0, billed: 0, distinct: 0, hits: 0, failed: 0 }
    for (let set = 0; sums.kills < kills; set += 1) await oneSet(cached, Number(values.seed) + set, sums)
    const twice = sums.billed - sums.distinct
    const row = [sums.kills, sums.asked, sums.billed, sums.distinct, twice, sums.hits, sums.failed]
    console.log(`| ${[cached ? 'on' : 'off', ...row].join(' | ')} |`)
    if (sums.failed > 0 || (cached && twice > 0)) process.exitCode = 1
  }
} finally {
  removeWorkspaces()
}

/** Kills until the papers are done, or there were kills enough; adds up. */
async function oneSet(cached: boolean, seed: number, sums: Sums): Promise<void> {
  const random = seededRandom(seed)
  const log = await startModelLog()
  log.think(() => random() * LONGEST_ANSWER_MS)
  const cache = await startCachingServer(log.url)
  const workspace = await makeWorkspace({ budget: '0' })
  workspace.env = { OPENROUTER_API_KEY: KEY, OPENROUTER_BASE_URL: cache.url }
  if (cached) useResponseCache(workspace)
  await addPrepped(workspace.in('data', 'executions.sqlite'), papers)
  while (sums.kills < kills && !isDone(workspace)) {
    if (await killOnce(workspace, cache, random)) sums.kills += 1
  }
  await workspace.rpa(['analyze'])
  sums.asked += cache.asked.length
  sums.billed += cache.billed.length
  sums.distinct += new Set(cache.billed.map(({ hash }) => hash)).size
  sums.hits += cache.asked.filter(({ status }) => status === 'HIT').length
  sums.failed += Object.values(workspace.statuses()).filter((status) => status !== 'analyzed').length
  await cache.close()
  await log.close()
}

/** Returns whether the signal came before the process had ended by itself. */
async function killOnce(workspace: Workspace, cache: CachingServer, random: () => number): Promise<boolean> {
  let left = 1 + Math.floor(random() * 4)
  const arrived = new Promise<void>((resolve) => {
    cache.onAnswer(() => {
      left -= 1
      if (left === 0) resolve()
    })
  })
  const running = workspace.start(['analyze', '--workers', '2'])
  await Promise.race([arrived, running.ended])
  if (random() < 0.5) await delay(random() * LONGEST_LIFE_MS)
  running.kill('SIGKILL')
  const { signal } = await running.ended
  // A request under way is not joined: whoever asks again meanwhile pays again.
  await cache.idle()
  return signal === 'SIGKILL'
}

function isDone(workspace: Workspace): boolean {
  return Object.values(workspace.statuses()).every((status) => status === 'analyzed')
}
