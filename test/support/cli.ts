import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** The package's own folder. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const RUN = join(ROOT, 'bin', 'run.js')

/** No command of a test takes near as long; a hung one must not hold the suite. */
const LONGEST_MS = 50_000

/** No test reaches beyond this machine. */
const NO_ARXIV = { RPA_ARXIV_API_URL: 'http://127.0.0.1:9/api', RPA_OAI_URL: 'http://127.0.0.1:9/oai' }

/** The clock of this run, where it is not the machine's: `faketime -f +8h npx vitest run` tries the hours around midnight. */
const CLOCK = Object.fromEntries(
  ['LD_PRELOAD', 'FAKETIME', 'FAKETIME_DONT_FAKE_MONOTONIC', 'FAKETIME_SHARED'].flatMap((name) => {
    const value = process.env[name]
    return value === undefined || process.env['FAKETIME'] === undefined ? [] : [[name, value]]
  }),
)

export interface Ended {
  /** Null when a signal ended the process. */
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
  /** Returns the one JSON document on stdout; throws where there is anything else. */
  json: <T = Record<string, unknown>>() => T
}

export interface CliOptions {
  cwd: string
  env?: Record<string, string> | undefined
  /** Runs the process as this user; only root may ask for that. */
  uid?: number | undefined
  /** A shell script in which `"$@"` is the command line, e.g. `ulimit -f 8; exec "$@"`. */
  shell?: string | undefined
}

export interface Running {
  /** 0 if it could not be started. */
  pid: number
  ended: Promise<Ended>
  kill(signal: NodeJS.Signals): void
  /** Resolves as soon as stderr holds the text; rejects if the process ends without it. */
  says(text: string): Promise<void>
}

/** Runs `rpa` to its end: a real process, no terminal, and nothing of this environment but PATH and its clock. */
export async function runCli(args: readonly string[], options: CliOptions): Promise<Ended> {
  return startCli(args, options).ended
}

let started = 0

/** Each process gets chance of its own, decided by the seed of the run and its place among those that were started. */
function nextSeed(): string {
  started += 1
  return String(Number(process.env['RPA_TEST_SEED']) + started)
}

/** Starts `rpa`; see {@link runCli}. */
export function startCli(args: readonly string[], { cwd, env = {}, uid, shell }: CliOptions): Running {
  ensureBuilt()
  const own = [process.execPath, RUN, ...args]
  const [command = '', ...rest] = shell === undefined ? own : ['sh', '-c', shell, 'sh', ...own]
  const child = spawn(command, rest, {
    cwd,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: cwd,
      RPA_TEST_SEED: nextSeed(),
      RPA_LOG_FORMAT: 'text',
      ...NO_ARXIV,
      ...CLOCK,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  })
  let stdout = ''
  let stderr = ''
  const waiting = new Set<() => void>()
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk
    for (const check of waiting) check()
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), LONGEST_MS)
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      resolve({ code, signal, stdout, stderr, json: <T>() => JSON.parse(stdout) as T })
    })
  })
  return {
    pid: child.pid ?? 0,
    ended,
    kill: (signal) => void child.kill(signal),
    says: (text) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (!stderr.includes(text)) return
          waiting.delete(check)
          resolve()
        }
        waiting.add(check)
        check()
        void ended.then((end) => reject(new Error(`ended with ${end.code} without "${text}": ${end.stderr}`)))
      }),
  }
}

/** Returns whether this machine lets a process have mounts of its own. */
export function canMount(): boolean {
  return spawnSync('unshare', ['-rm', 'true']).status === 0
}

let built = false

/** Builds once if dist/ is older than the sources; files of tests that run side by side share one build. */
export function ensureBuilt(): void {
  if (built) return
  const lock = join(tmpdir(), `rpa-build-${ROOT.replace(/\W+/g, '-')}`)
  takeLock(lock)
  try {
    if (isStale()) execFileSync(process.execPath, [join(ROOT, 'scripts', 'build.js')], { stdio: 'pipe' })
    built = true
  } finally {
    rmSync(lock, { recursive: true, force: true })
  }
}

function takeLock(lock: string): void {
  for (;;) {
    try {
      mkdirSync(lock)
      return
    } catch (error) {
      const held = statSync(lock, { throwIfNoEntry: false })
      // Whoever held it for a minute was killed.
      if (held !== undefined && Date.now() - held.mtimeMs > 60_000)
        rmSync(lock, { recursive: true, force: true })
      else if (held !== undefined) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50)
      else if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

function isStale(): boolean {
  const product = join(ROOT, 'oclif.manifest.json')
  if (!existsSync(product) || !existsSync(join(ROOT, 'dist', 'rpa.cjs'))) return true
  const made = statSync(product).mtimeMs
  return readdirSync(join(ROOT, 'src'), { recursive: true, withFileTypes: true }).some(
    (entry) => entry.isFile() && statSync(join(entry.parentPath, entry.name)).mtimeMs > made,
  )
}

/** Waits until a condition holds, looking again every few milliseconds; throws after `within` ms, naming it. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  within = 20_000,
): Promise<void> {
  const deadline = Date.now() + within
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited ${within} ms in vain until ${what}`)
    await delay(20)
  }
}
