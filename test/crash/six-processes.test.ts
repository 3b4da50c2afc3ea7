import { copyFileSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, it, onTestFinished } from 'vitest'
import { ROOT, type Ended } from '../support/cli.js'
import { KEY, makeLightWorkspace, removeWorkspaces, type Workspace } from '../support/workspace.js'
import { expectAtRest, expectBooksAgree, WRITERS } from './books.js'
import { questionKey, startModelLog } from './model-log.js'

const PAPERS = 20
const WITHIN_MS = 150_000

afterAll(removeWorkspaces)

it('six processes at once on one new DB: no paper twice, and nobody hears of a lock', async () => {
  const log = await startModelLog()
  onTestFinished(() => log.close())
  log.think(() => 20)
  const { workspace, ids } = await manyPapers()
  workspace.env = { OPENROUTER_API_KEY: KEY, OPENROUTER_BASE_URL: log.url, RPA_LEASE_TTL: '1' }

  const ended: Ended[] = []
  const began = Date.now()
  const analyzed = (): boolean => {
    const statuses = Object.values(workspace.statuses())
    return statuses.length === PAPERS && statuses.every((status) => status === 'analyzed')
  }
  let done = false
  /** As cron would: the same command again and again, until all is done. */
  const again = async (...command: string[]): Promise<void> => {
    while (!done) {
      ended.push(await workspace.rpa([...command, '--json']))
      if (Date.now() - began > WITHIN_MS)
        throw new Error(`not done within ${WITHIN_MS} ms: ${JSON.stringify(workspace.statuses())}`)
      done ||= analyzed()
    }
  }
  await Promise.all([
    again('seed', '--limit', '7', ...ids.flatMap((id) => ['--id', id])),
    again('prep', '--workers', '3', '--limit', '6'),
    again('prep', '--workers', '3', '--limit', '6'),
    again('analyze', '--workers', '3', '--limit', '8'),
    again('reap'),
    again('prune', '--older-than', '0s'),
  ])

  expect(ended.filter(({ code, stderr }) => code !== 0 || stderr !== '')).toEqual([])
  for (const { stdout } of ended) expect(stdout).not.toMatch(/SQLITE|locked|busy/i)
  const times = new Map<string, number>()
  for (const { title, writer } of log.arrivals) {
    const question = questionKey(title, writer)
    times.set(question, (times.get(question) ?? 0) + 1)
  }
  expect([...times].filter(([, count]) => count > 1)).toEqual([])
  expect(times.size).toBe(PAPERS * WRITERS.filter((writer) => writer !== 'limits_confidence').length)
  expect(workspace.query('select * from execution_leases where fencing_token <> 2')).toEqual([])
  expectAtRest(workspace)
  expectBooksAgree(workspace, log)
}, 240_000)

/** A workspace in which so many papers of the corpus have a PDF: those of the samples, under their ids. */
async function manyPapers(): Promise<{ workspace: Workspace; ids: string[] }> {
  const workspace = await makeLightWorkspace({ pdf_dir: 'pdf' })
  const samples = join(ROOT, 'samples', 'pdf')
  const pdfs = readdirSync(samples)
  let ids: string[] = []
  workspace.corpus((db) => {
    ids = db.prepare('select arxiv_id from papers order by arxiv_id limit ?').pluck().all(PAPERS) as string[]
  })
  mkdirSync(workspace.in('pdf'))
  for (const [index, id] of ids.entries()) {
    const pdf = join(samples, pdfs[index % pdfs.length] ?? '')
    copyFileSync(pdf, workspace.in('pdf', `${id.replace('/', '_')}.pdf`))
  }
  return { workspace, ids }
}
