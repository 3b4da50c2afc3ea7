import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { isoTime } from '../../../src/core/clock.js'
import { until } from '../../support/cli.js'
import { addPapers, dump, openRaw, openTestDatabase } from '../../support/database.js'
import { bundleProgram } from '../../support/processes.js'
import { startProgram } from '../../support/started-program.js'
import { temporaryFolder } from '../../support/temp.js'

interface Held {
  name: string
  response: ServerResponse
}

/** A server that answers nothing by itself. */
async function holdingServer(): Promise<{ url: string; held: Held[] }> {
  const held: Held[] = []
  const server = createServer((request, response) => {
    let name = ''
    request.on('data', (chunk) => (name += String(chunk)))
    request.on('end', () => void held.push({ name, response }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, held }
}

/** A DB whose circuit opened a minute ago, and is to be probed now. */
async function openedCircuit(papers: number) {
  const folder = temporaryFolder()
  const program = await bundleProgram('test/db/processes/probe.ts', folder)
  const { db, path } = await openTestDatabase(join(folder, 'executions.sqlite'))
  await addPapers(db, papers)
  openRaw(path)
    .prepare(
      "insert into circuits (name, state, opened_at, retry_at, reason, error_class, needs_probe, openings) values ('model:m', 'open', ?, ?, 'it failed', 'server_error', 1, 1)",
    )
    .run(isoTime(Date.now() - 60_000), isoTime(Date.now() - 1))
  return { program, path }
}

it('four processes at a half-open circuit send one request, and all of them once it is answered', async () => {
  const { program, path } = await openedCircuit(4)
  const { url, held } = await holdingServer()
  const started = await Promise.all(
    ['p1', 'p2', 'p3', 'p4'].map((name) => startProgram(program, [path, name, url, '60000'])),
  )
  const waits = (): number => started.filter(({ said }) => said().includes('waits')).length
  await until('three wait for the one that probes', () => held.length === 1 && waits() === 3)
  // Each of the three asks again many times more.
  const asked = (): number =>
    Math.min(...started.map(({ said }) => (said().match(/waits/g) ?? [3, 3, 3]).length))
  await until('they have asked three times', () => asked() >= 3)
  expect(held).toHaveLength(1)
  expect(dump(path).rows['circuits']).toMatchObject([{ state: 'half_open' }])
  held[0]!.response.end('well')
  await until('the others have sent theirs', () => held.length === 4)
  for (const { response } of held.slice(1)) response.end('well')
  expect(await Promise.all(started.map(({ ended }) => ended))).toEqual([0, 0, 0, 0])
  expect(dump(path).rows['circuits']).toMatchObject([{ state: 'closed', openings: 0 }])
  expect(new Set(held.map(({ name }) => name)).size).toBe(4)
})

it('when the process that probes is killed, the next one does after its deadline', async () => {
  const { program, path } = await openedCircuit(2)
  const { url, held } = await holdingServer()
  const first = await startProgram(program, [path, 'p1', url, '1500'])
  await until('the first probes', () => held.length === 1)
  await first.kill()
  const [row] = dump(path).rows['circuits'] as { state: string; retry_at: string }[]
  expect(row).toMatchObject({ state: 'half_open' })
  const second = await startProgram(program, [path, 'p2', url, '1500'])
  await until('the second probes', () => held.length === 2)
  expect(held.map(({ name }) => name)).toEqual(['p1', 'p2'])
  expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(row!.retry_at))
  held[1]!.response.end('well')
  expect(await second.ended).toBe(0)
  expect(dump(path).rows['circuits']).toMatchObject([{ state: 'closed' }])
})
