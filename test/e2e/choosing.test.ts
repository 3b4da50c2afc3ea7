import { afterAll, expect, it } from 'vitest'
import { expectClearError } from '../support/clear-error.js'
import { addCrawledPaper } from '../support/corpus.js'
import type { Workspace } from '../support/workspace.js'
import { makeWorkspace, removeWorkspaces } from '../support/workspace.js'

afterAll(removeWorkspaces)

const LISTS = 'lists:\n  - { name: agents, weight: 2, words: [agent*] }\n'
const idOf = (n: number): string => `2501.${String(n).padStart(5, '0')}`

/** A workspace with a queue of so many papers; the one with the highest number has the highest priority. */
async function makeQueue(papers: number): Promise<Workspace> {
  const workspace = await makeWorkspace()
  workspace.corpus((db) => {
    db.exec('delete from paper_queue')
    const tables = { queue: true, enriched: false }
    db.transaction(() => {
      for (let n = 1; n <= papers; n++)
        addCrawledPaper(db, { arxiv_id: idOf(n), queue: { priority: n } }, tables)
    })()
  })
  return workspace
}

const seededIds = (workspace: Workspace): string[] =>
  workspace
    .query<{ arxiv_id: string }>('select arxiv_id from executions order by created_at, execution_id')
    .map(({ arxiv_id }) => arxiv_id)

it('seeding a queue of 10,000 four times by 500 gives 2,000 papers, best first', async () => {
  const workspace = await makeQueue(10_000)
  for (let round = 0; round < 4; round++) {
    const end = await workspace.rpa(['seed', '--limit', '500', '--json'])
    expect(end.json()).toMatchObject({ seeded: 500, already: round * 500 })
  }
  expect(seededIds(workspace)).toEqual(Array.from({ length: 2_000 }, (_, n) => idOf(10_000 - n)))
})

it('two that seed at once leave no gap and no paper twice', async () => {
  const workspace = await makeQueue(3_000)
  await workspace.seed(idOf(3_000))
  const ends = await Promise.all([1, 2].map(() => workspace.rpa(['seed', '--limit', '700', '--json'])))
  expect(ends.map((end) => end.json<{ seeded: number }>().seeded)).toEqual([700, 700])
  expect(seededIds(workspace).sort()).toEqual(Array.from({ length: 1_401 }, (_, n) => idOf(1_600 + n)))
})

it('--dry-run shows which papers and why, and writes nothing', async () => {
  const workspace = await makeQueue(3)
  await workspace.seed(idOf(3))
  workspace.corpus((db) =>
    db.exec(
      "update papers set title = 'Agents that plan', authors = 'Ada Example' where arxiv_id = '2501.00001'",
    ),
  )
  workspace.write('config/relevance.yml', LISTS)
  const wanted = [
    'seed',
    '--category',
    'cs.CL',
    '--author',
    'A. Example',
    '--order',
    'relevance',
    '--dry-run',
  ]
  const shown = await workspace.rpa(wanted)
  expect(shown.stdout).toMatch(
    /PAPER +PRIORITY +SCORE +CITED +RELEVANCE +PUBLISHED +TITLE +WHY\n2501\.00001 +1 /,
  )
  expect(shown.stdout).toContain('cs.CL; by Ada Example; agents +6 (title: agents)')
  expect((await workspace.rpa([...wanted, '--json'])).json()).toMatchObject({
    seeded: 2,
    already: 1,
    papers: [
      {
        arxiv_id: idOf(1),
        relevance: 6,
        title: 'Agents that plan',
        priority: 1,
        categories: ['cs.CL', 'cs.LG'],
      },
      { arxiv_id: idOf(2), relevance: 0, score: null, citations: null },
    ],
  })
  expect(seededIds(workspace)).toEqual([idOf(3)])
})

it('--top takes the first that fit, again and again the same', async () => {
  const workspace = await makeQueue(5)
  for (const already of [0, 2]) {
    const end = await workspace.rpa(['seed', '--top', '2', '--order', 'date', '--json'])
    expect(end.json()).toMatchObject({ seeded: 2 - already, already })
  }
})

it('a filter that fits nothing says what came nearest', async () => {
  const workspace = await makeQueue(4)
  const wanted = ['seed', '--category', 'cs.CV', '--query', 'study', '--min-score', '0.5']
  const end = await workspace.rpa(wanted)
  expect(end.code).toBe(0)
  expect(end.stdout).toMatch(/seeded 0 papers/)
  expect(end.stdout).toMatch(/none of \d+ papers fits all of this:/)
  expect(end.stdout).toMatch(/^--min-score 0\.5 +0 +0$/m)
  expect((await workspace.rpa([...wanted, '--json'])).json()).toMatchObject({
    seeded: 0,
    matched: expect.any(Number) as number,
    nearest: { conditions: [{ flag: 'pending in the queue', alone: 4 }, {}, {}, {}] },
  })
})

it('wrong wishes are refused before anything is seeded', async () => {
  const workspace = await makeQueue(1)
  expectClearError(await workspace.rpa(['seed', '--order', 'relevance']), {
    exit: 78,
    code: 'relevance_unset',
    message: /no lists of keywords/,
    hint: /relevance\.yml/,
  })
  expectClearError(await workspace.rpa(['seed', '--min-score', 'high']), {
    exit: 2,
    code: 'bad_number',
    message: /"high" is no number/,
    hint: /0\.6/,
  })
  expectClearError(await workspace.rpa(['seed', '--author', '??']), {
    exit: 2,
    code: 'bad_author',
    message: /holds no name/,
    hint: /surname/,
  })
})
