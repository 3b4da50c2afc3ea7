import { spawn, spawnSync } from 'node:child_process'
import { chownSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, expect, it, onTestFinished } from 'vitest'
import { startModels } from '../support/model-questions.js'
import { freePort, otherUser, serverPrograms, startServer } from '../support/postgres-server.js'
import { temporaryFolder } from '../support/temp.js'
import { KEY, makeLightWorkspace, removeWorkspaces } from '../support/workspace.js'

afterAll(removeWorkspaces)

const HAS_PROXY = spawnSync('pgbouncer', ['--version']).status === 0
if (!HAS_PROXY) process.stdout.write('a pooling proxy: left out; no pgbouncer is installed\n')

/** Starts PgBouncer in transaction mode, with two connections for all, in front of a server; it ends with the running test. */
async function pooled(url: string): Promise<string> {
  const { hostname, port, username } = new URL(url)
  const folder = temporaryFolder()
  const own = await freePort()
  const users = join(folder, 'users.txt')
  const file = join(folder, 'pgbouncer.ini')
  writeFileSync(users, `"${username}" ""\n`)
  writeFileSync(
    file,
    `[databases]
postgres = user=${username} host=${hostname} port=${port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${own}
unix_socket_dir =
auth_type = any
auth_file = ${users}
pool_mode = transaction
default_pool_size = 2
`,
  )
  const user = otherUser()
  if (user !== null) for (const path of [folder, users, file]) chownSync(path, user.uid, user.gid)
  const proxy = spawn('pgbouncer', ['-q', file], { ...user, stdio: 'ignore' })
  onTestFinished(() => void proxy.kill())
  await expect.poll(() => answers(own), { timeout: 20_000, interval: 20 }).toBe(true)
  const through = new URL(url)
  through.port = String(own)
  return through.href
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false))
    socket.on('connect', () => socket.end())
  })
}

it.runIf(HAS_PROXY && serverPrograms() !== null)(
  'two processes at once book, send and settle through a proxy that gives each transaction another connection',
  async () => {
    const server = await startServer(serverPrograms() ?? '')
    onTestFinished(() => server.remove())
    const models = await startModels()
    onTestFinished(() => models.close())
    const workspace = await makeLightWorkspace()
    workspace.env = { OPENROUTER_API_KEY: KEY, OPENROUTER_BASE_URL: models.url }
    workspace.useServer(await pooled(server.url))
    await workspace.seed('0000.00001', '0000.00002', '0000.00003', '0000.00004')
    for (const phase of ['prep', 'analyze', 'wrap']) {
      const ends = await Promise.all([workspace.rpa([phase]), workspace.rpa([phase])])
      expect(ends.map(({ code, stderr }) => [code, stderr])).toEqual([
        [0, ''],
        [0, ''],
      ])
    }
    expect(new Set(Object.values(workspace.statuses()))).toEqual(new Set(['done']))
    const calls = workspace.query<{ outcome: string; sent_at: string | null }>(
      'select outcome, sent_at from llm_calls',
    )
    expect(calls).toHaveLength(models.requests.length)
    expect(calls.filter(({ outcome, sent_at }) => outcome !== 'ok' || sent_at === null)).toEqual([])
    expect((await workspace.rpa(['db', 'check'])).code).toBe(0)
  },
)
