// How long `prune` takes in a large DB, and how long it keeps another process waiting that saves checkpoints meanwhile.
// All papers but a few thousand were pruned before: what is to be done is little, what is to be looked through is much.
// Usage: npx tsx bench/prune.ts [--papers 250000] [--dir FOLDER]
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import BetterSqlite3 from 'better-sqlite3'
import { TransitionLog } from '../src/db/checkpoints/transition-log.js'
import { claim } from '../src/db/executions/claims.js'
import { openDatabase } from '../src/db/engine/open.js'
import { TRANSITIONS_A_RUN } from '../src/db/engine/schema.js'
import { prune } from '../src/db/maintenance/prune.js'
import { printTable } from './pair.js'
import { prose } from './prose.js'

const { values } = parseArgs({
  options: { papers: { type: 'string' }, dir: { type: 'string' }, writer: { type: 'string' } },
})
const NOW = Date.UTC(2026, 0, 1)
const PAPERS = Number(values.papers ?? 250_000)
const FRESH = 5000

if (values.writer === undefined) await measure()
else await writer(values.writer)

async function measure(): Promise<void> {
  const folder = mkdtempSync(join(values.dir ?? tmpdir(), 'rpa-bench-'))
  const path = join(folder, 'executions.sqlite')
  try {
    await fill(path)
    console.log(
      `${PAPERS} papers, ${(statSync(path).size / 1e9).toFixed(2)} GB; checkpoints of ${FRESH} to prune`,
    )
    const { db, close } = await openDatabase(path)
    const rule = { keep: 'purge_all', endedBefore: NOW, now: NOW } as const
    const rows = [['', 'seconds', 'saves', 'p50 ms', 'p99 ms', 'max ms']]
    const watch = async (name: string, work: () => Promise<unknown>): Promise<void> => {
      const { stop } = await startWriter(path)
      const started = performance.now()
      const result = await work()
      const seconds = ((performance.now() - started) / 1000).toFixed(1)
      rows.push([name, seconds, ...(await stop())])
      if (result !== undefined) console.log(name, JSON.stringify(result))
    }
    await watch('nothing else', () => delay(5000))
    await watch('dry run', () => prune(db, { ...rule, dryRun: true }))
    await watch('prune', () => prune(db, { ...rule, dryRun: false }))
    await watch('prune again', () => prune(db, { ...rule, dryRun: false }))
    await close()
    printTable(rows)
    console.log(`memory ${(process.memoryUsage.rss() / 1e6).toFixed(0)} MB`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function fill(path: string): Promise<void> {
  await (await openDatabase(path)).close()
  const handle = new BetterSqlite3(path)
  handle.pragma('synchronous = OFF')
  handle.function('prose', (seed: number, length: number) => prose(seed, length / 1000))
  const time = new Date(NOW).toISOString()
  const numbers = (count: number): string =>
    `with recursive n(i) as (select 1 union all select i + 1 from n where i < ${count})`
  handle.exec(`
    create temp table page (text text);
    insert into page values (prose(1, 9000));
    ${numbers(PAPERS + FRESH)} insert into executions
      (execution_id, arxiv_id, paper_id, abstract, status, created_at, updated_at, prep_output, expensive_output)
      select printf('e%06d', i), 'a' || i, i, substr(text, 1, 1400), iif(i > ${PAPERS}, 'failed', 'done'), '${time}', '${time}',
        iif(i > ${PAPERS}, null, '{"text":{"$blob":"' || printf('%064x', i * 7919) || '"},"notes":"' || substr(text, 1, 2000) || '"}'),
        iif(i > ${PAPERS}, null, '{"why":"' || substr(text, 1, 6000) || '"}') from n, page;
    ${numbers(PAPERS + FRESH)} insert into blobs (hash, codec, size, data)
      select printf('%064x', i * 7919), 'deflate', 80000, randomblob(iif(i > ${PAPERS}, 28000, 1000)) from n order by 1;
    ${numbers(FRESH)} insert into machine_runs (run_id, execution_id, machine_name, created_at)
      select i, printf('e%06d', ${PAPERS} + i), 'prep', '${time}' from n;
    ${numbers(FRESH * 20)} insert into machine_transitions (transition_id, created_at, checksum, delta)
      select (1 + (i - 1) / 20) * ${TRANSITIONS_A_RUN} + (i - 1) % 20, '${time}', 0,
        '{"+":{"text":{"$blob":"' || printf('%064x', (${PAPERS} + 1 + (i - 1) / 20) * 7919) || '"},"notes":"' || substr(text, 1, 4000) || '"}}' from n, page;
    insert into executions (execution_id, arxiv_id, paper_id, status) select 'w' || paper_id, 'w' || paper_id, paper_id, 'pending' from executions limit 10`)
  handle.close()
}

async function startWriter(path: string): Promise<{ stop: () => Promise<string[]> }> {
  const script = fileURLToPath(import.meta.url)
  const child = spawn(process.execPath, [...process.execArgv, script, '--writer', path], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (chunk) => (output += String(chunk)))
  await once(child.stdout, 'data')
  return {
    async stop() {
      child.stdin.end()
      await once(child, 'close')
      return (output.split('\n')[1] ?? '').split(' ')
    },
  }
}

/** Saves checkpoints with a short pause after each until its input is closed, and prints how long they took. */
async function writer(path: string): Promise<void> {
  const { db, close } = await openDatabase(path)
  const taken = await claim(db, {
    phase: 'prep',
    from: 'pending',
    busy: 'prepping',
    ownerId: 'w',
    ttl: 300,
    now: NOW,
  })
  if (taken === null) throw new Error('nothing to claim')
  const id = taken.lease.executionId
  const log = new TransitionLog(db, taken.lease)
  const times: number[] = []
  let open = true
  process.stdin.on('end', () => (open = false)).resume()
  console.log('ready')
  for (let step = 0; open; step += 1) {
    const document = {
      execution_id: id,
      machine_name: 'prep',
      event: 'execute',
      current_state: 's',
      created_at: '',
      text: prose(step % 20, 20),
    }
    const started = performance.now()
    await log.save(document, NOW)
    times.push(performance.now() - started)
    await delay(3)
  }
  times.sort((a, b) => a - b)
  const at = (share: number): string => (times[Math.floor(share * (times.length - 1))] ?? 0).toFixed(1)
  await close()
  console.log(times.length, at(0.5), at(0.99), at(1))
}
