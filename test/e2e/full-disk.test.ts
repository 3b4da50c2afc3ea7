import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { expectErrorDocument } from '../support/clear-error.js'
import type { Ended } from '../support/cli.js'
import type { ModelQuestions } from '../support/model-questions.js'
import { startModels } from '../support/model-questions.js'
import { SmallDisk, noSmallDisk } from '../support/small-disk.js'
import type { Workspace } from '../support/workspace.js'
import { KEY, makeWorkspace, removeWorkspaces, SAMPLES } from '../support/workspace.js'

const PRUNE = ['prune', '--older-than', '0s', '--keep', 'purge_all', '--json']
/** Room for the reserve, and for what must be left beside it. */
const MEGABYTES = 40
const why = noSmallDisk()
if (why !== null) process.stderr.write(`full disks were not tried: ${why}\n`)

let models: ModelQuestions
let prepped: Workspace
/** Three papers are done, two analyzed, two prepped. */
let halfway: Workspace
let disk: SmallDisk | undefined

beforeAll(async () => {
  models = await startModels()
  prepped = await makeWorkspace()
  prepped.env = { OPENROUTER_API_KEY: KEY, OPENROUTER_BASE_URL: models.url }
  await prepped.seed(...SAMPLES)
  await prepped.phase(['prep'])
  halfway = prepped.copy()
  await halfway.phase(['analyze', '--limit', '5'])
  await halfway.phase(['wrap', '--limit', '3'])
})
afterEach(() => {
  disk?.end()
  models.reset()
})
afterAll(async () => {
  await models.close()
  removeWorkspaces()
})

async function onSmallDisk(from: Workspace): Promise<SmallDisk> {
  models.reset()
  disk = await SmallDisk.mount(from.copy(), MEGABYTES)
  return disk
}

function rpa({ workspace, shell }: SmallDisk, ...args: string[]): Promise<Ended> {
  return workspace.rpa(args, {}, { shell })
}

const FULL = { exit: 1, code: 'disk_full', message: /executions\.sqlite/, hint: /[Ff]ree some space/ }

describe.skipIf(why !== null)('a disk without a free byte', () => {
  it('prune makes room in the DB, says how much, and the phases go on', async () => {
    const full = await onSmallDisk(halfway)
    expect(await rpa(full, 'wrap', '--limit', '1')).toMatchObject({ code: 0 })
    full.fill()
    expect(full.freeBytes).toBe(0)

    expect(await rpa(full, 'status')).toMatchObject({ code: 0 })
    const asked = models.requests.length
    for (const phase of ['analyze', 'wrap']) expectErrorDocument(await rpa(full, phase, '--json'), FULL)
    expect(models.requests).toHaveLength(asked)

    const pruned = await rpa(full, ...PRUNE)
    expect(pruned).toMatchObject({ code: 0, stderr: '' })
    const { checkpoints, bytes } = pruned.json<{ checkpoints: number; bytes: number }>()
    expect(checkpoints).toBeGreaterThan(50)
    expect(bytes).toBeGreaterThan(50_000)
    for (const phase of ['analyze', 'wrap'])
      expect(await rpa(full, phase, '--json')).toMatchObject({ code: 0 })
    full.unmount()
    expect(full.workspace.integrity()).toBe('ok')
    expect(new Set(Object.values(full.workspace.statuses()))).toEqual(new Set(['done']))
  })

  it('an import says so, and is completed once there is room', async () => {
    const full = await onSmallDisk(halfway)
    full.fill()
    const path = 'data/new/arxiv.sqlite'
    const command = ['corpus', 'import', 'metadata.jsonl', '--json']
    const record = { id: '1111.00001', title: 'One', abstract: 'More.', authors: 'A', categories: 'cs.CL' }
    full.workspace.write('metadata.jsonl', JSON.stringify(record))
    for (const corpus of ['data/arxiv.sqlite', path]) {
      const end = await rpa(full, ...command, '--corpus', corpus)
      expectErrorDocument(end, { ...FULL, message: /arxiv\.sqlite/ })
    }
    const seed = await rpa(full, 'seed', '--corpus', path, '--json')
    expectErrorDocument(seed, { exit: 78, code: 'corpus_missing', message: /new/, hint: /import/ })
    full.clear()
    for (const [corpus, papers] of [
      ['data/arxiv.sqlite', 40],
      [path, 1],
    ] as const) {
      const end = await rpa(full, ...command, '--corpus', corpus)
      expect(end.json(), end.stderr).toMatchObject({ papers })
    }
  })
})

describe.skipIf(why !== null)('a disk that fills up', () => {
  it('while answers are under way: they are kept, and none is asked for again', async () => {
    const full = await onSmallDisk(prepped)
    let answer = (): void => undefined
    const until = new Promise<void>((resolve) => (answer = resolve))
    models.script(() => ({ until }))
    const { workspace, shell } = full
    const running = workspace.start(['analyze', '--workers', '2', '--json'], {}, { shell })
    await models.until(() => models.requests.length === 6)
    full.fill()
    answer()
    await running.ended
    full.clear()
    models.script()
    expect(await rpa(full, 'analyze', '--json')).toMatchObject({ code: 0 })
    full.unmount()
    expect(new Set(Object.values(workspace.statuses()))).toEqual(new Set(['analyzed']))
    const questions = models.requests.map(({ call }) => call.prompt)
    expect(questions).toHaveLength(SAMPLES.length * 3)
    expect(new Set(questions).size).toBe(questions.length)
  })

  it('down to its last megabytes: the phases stop before they send, and go on once there is room', async () => {
    const full = await onSmallDisk(prepped)
    expect(await rpa(full, 'analyze', '--limit', '1')).toMatchObject({ code: 0 })
    const asked = models.requests.length
    for (const kilobytes of [100, 1500]) {
      full.clear()
      full.fill(kilobytes * 1024)
      expectErrorDocument(await rpa(full, 'analyze', '--json'), FULL)
    }
    expect(models.requests).toHaveLength(asked)
    full.clear()
    expect(await rpa(full, 'analyze', '--json')).toMatchObject({ code: 0 })
    full.unmount()
    expect(full.workspace.integrity()).toBe('ok')
    expect(new Set(Object.values(full.workspace.statuses()))).toEqual(new Set(['analyzed']))
    expect(models.requests).toHaveLength(SAMPLES.length * 3)
  })
})
