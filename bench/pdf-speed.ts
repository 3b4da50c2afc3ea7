// Pages a second with one and with two workers, cold and warm, the main thread's longest pause meanwhile, and memory
// over 300 documents, beside pdftotext and pypdf where they are installed.
// Usage: npx tsx bench/pdf-speed.ts FOLDER [--rounds 3] [--documents 300] [--python PYTHON]
import { fork, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'
import type { LongRun, SpeedOrder, SpeedRun } from './pdf-speed-run.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' },
    documents: { type: 'string', default: '300' },
    python: { type: 'string', default: 'python3' },
  },
})
const folder = positionals[0]
if (folder === undefined) throw new Error('usage: npx tsx bench/pdf-speed.ts FOLDER [--python PYTHON]')
// The largest first: else the last file, read alone, hides what two workers gain.
const files = readdirSync(folder)
  .filter((f) => f.endsWith('.pdf'))
  .map((f) => join(folder, f))
  .sort((a, b) => statSync(b).size - statSync(a).size)

await main()

async function main(): Promise<void> {
  // Beside the packages, which stay as they are.
  const built = mkdtempSync(join(root, 'node_modules', '.bench-'))
  try {
    await buildInto(built)
    const runs = new Map<number, SpeedRun[]>([
      [1, []],
      [2, []],
    ])
    // In turns, so that what else the machine does meets both; each in a process of its own, so that cold is cold.
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const [workers, list] of runs)
        list.push(await measured<SpeedRun>(built, { workers, documents: 0, files }))
    }
    report(runs, await measured<LongRun>(built, { workers: 2, documents: Number(values.documents), files }))
  } finally {
    rmSync(built, { recursive: true })
  }
}

/** Bundled as in a release: a loader of TypeScript would take memory in every thread. */
async function buildInto(outdir: string): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: { run: 'bench/pdf-speed-run.ts', 'extract-worker': 'src/papers/extract/worker.ts' },
    outdir,
    bundle: true,
    format: 'esm',
    platform: 'node',
    external: ['tinypool', '@embedpdf/pdfium'],
    logLevel: 'warning',
  })
  writeFileSync(join(outdir, 'package.json'), '{ "type": "module" }')
}

function measured<T>(built: string, order: SpeedOrder): Promise<T> {
  return new Promise((resolve, reject) => {
    const process = fork(join(built, 'run.js'), { execArgv: [] })
    process.on('message', (message) => resolve(message as T))
    process.on('exit', (code) => reject(new Error(`the measuring process ended with ${code}`)))
    process.send(order)
  })
}

function report(runs: ReadonlyMap<number, readonly SpeedRun[]>, long: LongRun): void {
  const rows = [['', 'pages/s cold', 'warm', 'pages/CPU s', 'longest pause ms', 'peak MB']]
  for (const [workers, list] of runs) {
    const rate = (pick: (r: SpeedRun) => number): string => (list[0]!.pages / best(list.map(pick))).toFixed(0)
    const pause = Math.max(...list.map((r) => r.pause)).toFixed(0)
    const peak = String(Math.max(...list.map((r) => r.peakMb)))
    rows.push([
      `rpa, ${workers} worker${workers === 1 ? '' : 's'}`,
      rate((r) => r.cold),
      rate((r) => r.warm),
      rate((r) => r.cpu),
      pause,
      peak,
    ])
  }
  const pages = runs.get(1)![0]!.pages
  rows.push(...others(pages))
  for (const row of rows) console.log(row.map((c, i) => (i === 0 ? c.padEnd(16) : c.padStart(17))).join(''))
  const ratio = (pick: (r: SpeedRun) => number): string =>
    (best(runs.get(1)!.map(pick)) / best(runs.get(2)!.map(pick))).toFixed(2)
  console.log(
    `\n${files.length} files, ${pages} pages, ${values.rounds} rounds, ${availableParallelism()} processors`,
  )
  console.log(`2 workers against 1: cold ${ratio((r) => r.cold)}, warm ${ratio((r) => r.warm)} (goal 1.6)`)
  console.log(
    `${long.documents} documents with 2 workers in ${long.seconds.toFixed(1)} s, peak MB by quarter: ${long.quarters.join(', ')} (goal 260)`,
  )
}

/** Other readers, where they are: one process for each file as their users start them, pypdf one for all. */
function others(pages: number): string[][] {
  const rows: string[][] = []
  const add = (name: string, run: () => void): void => {
    const started = performance.now()
    const cpu = childCpu()
    run()
    const wall = (performance.now() - started) / 1000
    const used = childCpu() - cpu
    rows.push([name, '', (pages / wall).toFixed(0), used > 0 ? (pages / used).toFixed(0) : '', '', ''])
  }
  if (spawnSync('pdftotext', ['-v']).error === undefined) {
    add('pdftotext', () => files.forEach((f) => spawnSync('pdftotext', [f, '-'], { maxBuffer: 1 << 28 })))
  }
  if (spawnSync(values.python, ['-c', 'import pypdf']).status === 0) {
    const script =
      'import sys,pypdf\nfor f in sys.argv[1:]:\n  for p in pypdf.PdfReader(f).pages: p.extract_text()'
    add('pypdf', () => spawnSync(values.python, ['-c', script, ...files]))
  }
  return rows
}

/** CPU seconds of ended children, from /proc; 0 where there is none. */
function childCpu(): number {
  try {
    const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]!.split(' ')
    return (Number(fields[13]) + Number(fields[14])) / 100
  } catch {
    return 0
  }
}

/** What else the machine does only adds to a time. */
function best(numbers: readonly number[]): number {
  return Math.min(...numbers)
}
