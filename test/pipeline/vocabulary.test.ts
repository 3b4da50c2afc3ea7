import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { renderVocabulary } from '../../src/cli/render/vocabulary.js'
import type { Settings } from '../../src/core/settings/settings.js'
import { insertExecutions } from '../../src/db/executions/executions.js'
import { storeReport } from '../../src/db/executions/reports.js'
import { corpusVocabulary } from '../../src/pipeline/vocabulary.js'
import { NOON, openTestDatabase } from '../support/database.js'
import { temporaryFolder } from '../support/temp.js'

const TAGS = [
  '["large language models", "adapter tuning"]',
  '["LLM", "adaptor tuning", "graph neural networks"]',
  '["LLMs", "GNNs"]',
]

function report(id: string, tags: string, text = ''): string {
  return `---\narxiv_id: "${id}"\ntags: ${tags}\npaper:\n  categories: ["cs.CL", "xx.YY"]\n---\n\n## Key Results\n\n${text}\n`
}

async function filled(): Promise<Awaited<ReturnType<typeof openTestDatabase>>['db']> {
  const { db } = await openTestDatabase()
  const ids = TAGS.map((_, n) => `2401.0000${n}`)
  const about = { title: 'T', authors: '', abstract: '', priority: 0 }
  await insertExecutions(
    db,
    ids.map((arxiv_id, paper_id) => ({ arxiv_id, paper_id, ...about })),
    NOON,
  )
  for (const [n, id] of ids.entries()) {
    const text = n === 2 ? 'A graph neural network (GNN) is used.' : ''
    const stored = await storeReport(db, report(id, TAGS[n] ?? '', text))
    await db
      .updateTable('executions')
      .set({ report: stored, status: 'done' })
      .where('arxiv_id', '=', id)
      .execute()
  }
  return db
}

function workspace(terminology: string): Settings {
  const configDir = join(temporaryFolder(), 'config')
  mkdirSync(configDir, { recursive: true })
  writeFileSync(join(configDir, 'terminology.yml'), terminology)
  return { configDir } as Settings
}

it('the terms of all reports have one name each, by the file of the workspace and what the reports say', async () => {
  const db = await filled()
  const own = workspace('terms: { adapter tuning: [adaptor tuning], large language model: [LLM] }')
  const vocabulary = await corpusVocabulary(db, own)
  expect(vocabulary.terms.map(({ term, reports }) => [term, reports])).toEqual([
    ['large language model', 3],
    ['adapter tuning', 2],
    ['graph neural network', 2],
  ])
  expect(vocabulary.domains).toEqual([
    { domain: 'cs.CL', reports: 3 },
    { domain: 'xx.YY', reports: 3 },
  ])
  expect(renderVocabulary(vocabulary)).toContain('3 terms in 3 reports; 6 other forms merged into them')
  const packaged = await corpusVocabulary(db, { configDir: null } as Settings)
  expect(packaged.domains[0]).toEqual({ domain: 'Computation and Language', reports: 3 })
})

it('terms that stand for one another are refused; a damaged report is named, and the others are read', async () => {
  const db = await filled()
  await expect(
    corpusVocabulary(db, workspace('terms: { alpha: [beta], beta: [alpha] }')),
  ).rejects.toMatchObject({ code: 'terminology_cycle' })
  await db.updateTable('executions').set({ report: '{broken' }).where('arxiv_id', '=', '2401.00001').execute()
  const vocabulary = await corpusVocabulary(db, { configDir: null } as Settings)
  expect(vocabulary).toMatchObject({ reports: 2, unreadable: [{ arxiv_id: '2401.00001' }] })
})
