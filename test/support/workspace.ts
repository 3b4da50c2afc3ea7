import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
  cpSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { importCorpus } from '../../src/corpus/importing/import.js'
import type { PhaseResult } from '../../src/pipeline/result.js'
import { ENGINE, keptDatabase } from './postgres.js'
import { copyDatabase, queryPostgres } from './raw-postgres.js'
import { writeShortPapers } from './short-papers.js'
import { ROOT, runCli, startCli, type CliOptions, type Ended, type Running } from './cli.js'

/** The sample papers that have a PDF, in the order of their ids. */
export const SAMPLES = [1, 2, 3, 4, 5, 6, 7].map((n) => `0000.0000${n}`)

/** No key looks like another: what is searched for must not stand there by chance. */
export const KEY = 'sk-or-v1-4f1c9e0a7d5b4c2f8e3a'

type Env = Record<string, string>
type Options = Partial<Omit<CliOptions, 'cwd'>>

/** A folder in which `rpa` is run, with a corpus and a settings file of its own. */
export class Workspace {
  /** Settings of every command run here; commands may add to it. */
  env: Env = {}
  /** URL of the executions DB; null: it is a file. */
  server: string | null = null

  constructor(readonly path: string) {}

  /** Has the executions DB on a server, instead of in a file. */
  useServer(url: string): void {
    this.server = url
    const settings = readFileSync(this.in('rpa.yml'), 'utf8').replace(/^database_url:.*\n/m, '')
    this.write('rpa.yml', `${settings}database_url: ${JSON.stringify(url)}\n`)
  }

  in(...parts: string[]): string {
    return join(this.path, ...parts)
  }

  rpa(args: readonly string[], env: Env = {}, options: Options = {}): Promise<Ended> {
    return runCli(args, { cwd: this.path, ...options, env: { ...this.env, ...env } })
  }

  start(args: readonly string[], env: Env = {}, options: Options = {}): Running {
    return startCli(args, { cwd: this.path, ...options, env: { ...this.env, ...env } })
  }

  /** Runs a phase with --json and returns its result; throws where the exit code is another than expected. */
  async phase(args: readonly string[], env: Env = {}, code = 0): Promise<PhaseResult> {
    const end = await this.rpa([...args, '--json'], env)
    if (end.code !== code)
      throw new Error(`rpa ${args.join(' ')}: exit ${end.code ?? end.signal}\n${end.stdout}\n${end.stderr}`)
    return end.json<PhaseResult>()
  }

  async seed(...ids: string[]): Promise<void> {
    const end = await this.rpa(['seed', ...ids.flatMap((id) => ['--id', id])])
    if (end.code !== 0) throw new Error(end.stderr)
  }

  /** Runs a query on the executions DB, beside our own code. */
  query<T = Record<string, unknown>>(sql: string, ...parameters: unknown[]): T[] {
    if (this.server !== null) return queryPostgres(this.server, sql, parameters) as T[]
    const db = new BetterSqlite3(this.in('data', 'executions.sqlite'))
    try {
      return db.prepare(sql).all(...parameters) as T[]
    } finally {
      db.close()
    }
  }

  /** Changes the executions DB, beside our own code. */
  change(sql: string, ...parameters: unknown[]): void {
    if (this.server !== null) return void queryPostgres(this.server, sql, parameters)
    const db = new BetterSqlite3(this.in('data', 'executions.sqlite'))
    try {
      db.prepare(sql).run(...parameters)
    } finally {
      db.close()
    }
  }

  /** Returns arXiv id → status. */
  statuses(): Record<string, string> {
    const rows = this.query<{ arxiv_id: string; status: string }>(
      'select arxiv_id, status from executions order by arxiv_id',
    )
    return Object.fromEntries(rows.map((row) => [row.arxiv_id, row.status]))
  }

  title(id: string): string {
    return (
      this.query<{ title: string }>('select title from executions where arxiv_id = ?', id)[0]?.title ?? ''
    )
  }

  /** Returns `ok` for a sound executions DB. */
  integrity(): unknown {
    if (this.server !== null) return 'ok'
    return this.query<{ integrity_check: string }>('pragma integrity_check')[0]?.integrity_check
  }

  /** Names of the finished reports; anything else in the folder shows up too. */
  reports(): string[] {
    const folder = this.in('data', 'reports')
    return existsSync(folder) ? readdirSync(folder).sort() : []
  }

  report(id: string): string {
    const name = this.reports().find((one) => one.startsWith(`${id.replace('/', '_')}_`))
    if (name === undefined) throw new Error(`no report of ${id}: ${this.reports().join(', ')}`)
    return readFileSync(this.in('data', 'reports', name), 'utf8')
  }

  write(path: string, text: string): void {
    mkdirSync(join(this.in(path), '..'), { recursive: true })
    writeFileSync(this.in(path), text)
  }

  /** Changes the corpus of this workspace. */
  corpus(change: (db: BetterSqlite3.Database) => void): void {
    const db = new BetterSqlite3(this.in('data', 'arxiv.sqlite'))
    try {
      change(db)
    } finally {
      db.close()
    }
  }

  /** Every byte of every file below this folder, for a search. */
  files(below = this.path): { path: string; bytes: Buffer }[] {
    return readdirSync(below, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => ({ path, bytes: readFileSync(path) }))
  }

  /** Returns a new workspace with a copy of all that is here. */
  copy(): Workspace {
    const copy = new Workspace(newFolder())
    cpSync(this.path, copy.path, { recursive: true })
    copy.env = { ...this.env }
    if (this.server !== null) copy.useServer(copyDatabase(this.server))
    return copy
  }
}

const folders: string[] = []
let corpus: Promise<string> | undefined
let shortPapers: string | undefined

/** Returns a workspace whose corpus holds the samples, and which finds their PDFs on disk; null leaves a setting out. */
export async function makeWorkspace(settings: Record<string, string | null> = {}): Promise<Workspace> {
  corpus ??= importSamples()
  const workspace = new Workspace(newFolder())
  mkdirSync(workspace.in('data'))
  cpSync(await corpus, workspace.in('data', 'arxiv.sqlite'))
  const lines = Object.entries({ data_dir: 'data', pdf_dir: join(ROOT, 'samples', 'pdf'), ...settings })
    .filter(([, value]) => value !== null)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
  workspace.write('rpa.yml', lines.join(''))
  if (ENGINE === 'postgres') workspace.useServer(await keptDatabase())
  return workspace
}

/** As {@link makeWorkspace}, for what is not about the text of papers: their PDFs have one page. */
export function makeLightWorkspace(settings: Record<string, string | null> = {}): Promise<Workspace> {
  shortPapers ??= writeShortPapers(newFolder())
  return makeWorkspace({ pdf_dir: shortPapers, ...settings })
}

/** Removes every workspace of this test file; call it in `afterAll`. */
export function removeWorkspaces(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
  corpus = undefined
  shortPapers = undefined
}

async function importSamples(): Promise<string> {
  const path = join(newFolder(), 'arxiv.sqlite')
  await importCorpus(path, [join(ROOT, 'samples', 'metadata.jsonl')])
  return path
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rpa-e2e-'))
  folders.push(folder)
  return folder
}
