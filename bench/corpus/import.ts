// How fast a dump is imported, and in how much memory: a first run, a second one that adds nothing, one that is killed half-way and
// run again, and the same papers as answers of the OAI-PMH server.
// Usage: npx tsx bench/corpus/import.ts DUMP.jsonl   (Kaggle's dump of arXiv, or a part of it)
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import BetterSqlite3 from 'better-sqlite3'
import { importCorpus } from '../../src/corpus/importing/import.js'
import { oaiAnswer, oaiRecord } from '../../test/support/arxiv-wire.js'
import { printTable } from '../pair.js'

interface Run {
  seconds: number
  /** Seconds of CPU: what others do on the machine does not count. */
  cpu: number
  peakMb: number
  read: number
  inserted: number
  unchanged: number
}

const [dump, db, killAt] = process.argv.slice(2)
if (dump === undefined) throw new Error('name a dump')
if (db === undefined) await compare(dump)
else await importInto(db, dump, Number(killAt ?? Infinity))

/** One import in this process; ends it as a kill does after some records. */
async function importInto(path: string, file: string, most: number): Promise<void> {
  const started = performance.now()
  const { files } = await importCorpus(path, [file], {
    onProgress: ({ read }) => {
      if (read >= most) process.kill(process.pid, 'SIGKILL')
    },
  })
  const seconds = (performance.now() - started) / 1000
  const { read = 0, inserted = 0, unchanged = 0 } = files[0] ?? {}
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  const cpu = (userCPUTime + systemCPUTime) / 1e6
  console.log(JSON.stringify({ seconds, cpu, peakMb: maxRSS / 1024, read, inserted, unchanged }))
}

async function compare(file: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'rpa-bench-'))
  try {
    const path = join(folder, 'arxiv.sqlite')
    const rows = [['run', 'records', 'new', 'unchanged', 's', 'CPU s', 'records/CPU s', 'peak MB']]
    const add = (name: string, run: Run | null): void => {
      if (run === null) return
      const { seconds, cpu, peakMb, read, inserted, unchanged } = run
      const numbers = [
        read,
        inserted,
        unchanged,
        seconds.toFixed(1),
        cpu.toFixed(1),
        Math.round(read / cpu),
        Math.round(peakMb),
      ]
      rows.push([name, ...numbers.map(String)])
    }
    const first = await child(file, path)
    add('first', first)
    add('second', await child(file, path))
    const killed = join(folder, 'killed.sqlite')
    await child(file, killed, Math.floor((first?.read ?? 0) / 2))
    add('after a kill half-way', await child(file, killed))
    const xml = join(folder, 'oai.xml')
    await writeOai(file, xml)
    add('OAI-PMH', await child(xml, join(folder, 'oai.sqlite')))
    console.log(`${(statSync(file).size / 1e6).toFixed(0)} MB`)
    printTable(rows)
    const counts = ['arxiv.sqlite', 'killed.sqlite', 'oai.sqlite'].map((name) => countsOf(join(folder, name)))
    console.log(`papers and indexed papers: ${counts.join(' · ')}`)
    const isSame = contentsOf(path) === contentsOf(killed)
    console.log(`what was killed and run again ${isSame ? 'holds the same rows' : 'DIFFERS'}`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function child(file: string, path: string, most = Infinity): Promise<Run | null> {
  const own = [...process.execArgv, fileURLToPath(import.meta.url), file, path, String(most)]
  const run = spawn(process.execPath, own, { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  run.stdout.on('data', (part: Buffer) => (said += part.toString()))
  await once(run, 'close')
  return said === '' ? null : (JSON.parse(said) as Run)
}

/** A digest of all that the papers' rows say, but for when they were stored. */
function contentsOf(path: string): string {
  const handle = new BetterSqlite3(path, { readonly: true })
  const digest = createHash('sha256')
  try {
    const rows = handle.prepare<[], unknown>(
      `SELECT arxiv_id, version, title, abstract, authors, categories, primary_category, published_at, updated_at, doi,
        journal_ref, comment, license, withdrawn FROM papers ORDER BY arxiv_id, version`,
    )
    for (const row of rows.iterate()) digest.update(JSON.stringify(row))
    return digest.digest('hex')
  } finally {
    handle.close()
  }
}

function countsOf(path: string): string {
  const handle = new BetterSqlite3(path)
  try {
    const papers = handle.prepare('SELECT count(*) FROM papers').pluck().get()
    return `${String(papers)}/${String(handle.prepare('SELECT count(*) FROM papers_fts_docsize').pluck().get())}`
  } finally {
    handle.close()
  }
}

async function writeOai(file: string, xml: string): Promise<void> {
  const out = createWriteStream(xml)
  const [head = '', tail = ''] = oaiAnswer('\0').split('\0')
  out.write(head)
  for await (const line of createInterface({ input: createReadStream(file) })) {
    // What a dump says is not there is no member of an answer.
    const paper = JSON.parse(line, (_, value: unknown) => value ?? undefined) as {
      id: string
      title: string
      abstract: string
      authors?: string
      categories: string
      versions: { created: string }[]
    }
    const record = oaiRecord({
      ...paper,
      authors: paper.authors === undefined ? [] : [paper.authors],
      categories: paper.categories.split(' '),
      versions: paper.versions.map(({ created }) => new Date(created).toISOString()),
    })
    if (!out.write(record)) await once(out, 'drain')
  }
  out.end(tail)
  await once(out, 'close')
}
