// Bytes that one paper takes in the executions DB: while all its checkpoints are there, after `prune`, and after
// `vacuum`; beside the same checkpoints with the text in each. Each paper has a text of 80 KB (or --text), nine
// checkpoints in three phases, and the outputs of two. Usage: npx tsx bench/size.ts [--papers 500] [--text 80]
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { storeJson } from '../src/db/checkpoints/blobs.js'
import { TransitionLog } from '../src/db/checkpoints/transition-log.js'
import { insertExecutions } from '../src/db/executions/executions.js'
import { claim } from '../src/db/executions/claims.js'
import { finishExecution } from '../src/db/leases/finish.js'
import { openDatabase } from '../src/db/engine/open.js'
import { prune } from '../src/db/maintenance/prune.js'
import { vacuumInPlace } from '../src/db/maintenance/vacuum.js'
import { printTable } from './pair.js'
import { prose } from './prose.js'

const { values } = parseArgs({ options: { papers: { type: 'string' }, text: { type: 'string' } } })
const PAPERS = Number(values.papers ?? 500)
const KILOBYTES = Number(values.text ?? 80)
const NOW = Date.UTC(2026, 0, 1)
const MACHINES = ['prep', 'prep', 'prep', 'analyze', 'analyze', 'analyze', 'wrap', 'wrap', 'wrap']

const folder = mkdtempSync(join(tmpdir(), 'rpa-bench-'))
try {
  const path = join(folder, 'executions.sqlite')
  const inline = await fill(path)
  const full = statSync(path).size
  const { db, close } = await openDatabase(path)
  const started = performance.now()
  const pruned = await prune(db, { keep: 'purge_all', endedBefore: NOW, now: NOW, dryRun: false })
  const seconds = (performance.now() - started) / 1000
  await close()
  const { after_bytes: compact } = await vacuumInPlace(path)
  const line = (name: string, bytes: number): string[] => [
    name,
    (bytes / 1e6).toFixed(1),
    (bytes / PAPERS / 1000).toFixed(1),
  ]
  printTable([
    [`${PAPERS} papers, text ${KILOBYTES} KB`, 'MB', 'KB a paper'],
    line('text in each checkpoint', inline),
    line('as stored', full),
    line('pruned and compacted', compact),
  ])
  console.log(
    `prune: ${pruned.checkpoints} checkpoints, ${pruned.blobs} texts, ${(pruned.bytes / 1e6).toFixed(1)} MB in ${seconds.toFixed(1)} s`,
  )
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** Takes every paper through its life. Returns the bytes that all documents would have with their texts inside. */
async function fill(path: string): Promise<number> {
  const { db, close } = await openDatabase(path)
  let inline = 0
  await insertExecutions(
    db,
    Array.from({ length: PAPERS }, (_, n) => ({
      arxiv_id: `2401.${n}`,
      paper_id: n,
      title: `Paper ${n}`,
      authors: 'A. Author',
      abstract: prose(n, 1.4),
      priority: 0,
    })),
    NOW,
  )
  for (let n = 0; n < PAPERS; n += 1) {
    const taken = await claim(db, {
      phase: 'prep',
      from: 'pending',
      busy: 'prepping',
      ownerId: 'bench',
      ttl: 300,
      now: NOW,
    })
    if (taken === null) throw new Error('nothing to claim')
    const id = taken.lease.executionId
    const context: Record<string, unknown> = {
      title: taken.execution.title,
      section_text: prose(n, KILOBYTES),
      notes: prose(-n, 2),
    }
    const log = new TransitionLog(db, taken.lease)
    for (const [step, machine] of MACHINES.entries()) {
      context[`answer_${step}`] = prose(n + step, 0.7)
      const document = {
        execution_id: id,
        machine_name: machine,
        event: 'execute',
        current_state: `state_${step}`,
        created_at: new Date(NOW).toISOString(),
        context: { ...context },
      }
      inline += JSON.stringify(document).length
      await log.save(document, NOW)
    }
    await db.transaction().execute(async (trx) => {
      const prep = await storeJson(trx, { section_text: context['section_text'], notes: context['notes'] })
      const expensive = await storeJson(trx, {
        why_hypotheses: prose(n, 2),
        reproduction_notes: prose(n + 1, 2),
        open_questions: prose(n + 2, 2),
      })
      await finishExecution(
        trx,
        taken.lease,
        { status: 'done', prep_output: prep, expensive_output: expensive, attempts: 'reset' },
        NOW,
      )
    })
  }
  await close()
  return inline
}
