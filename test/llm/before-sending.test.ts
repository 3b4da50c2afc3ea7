import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { modelServer } from '../support/model-server.js'
import { clientOf } from './client.js'

it('a request asks whether it may be sent when its connection is open and no byte of it has gone out', async () => {
  const model = await modelServer()
  const { seen, url } = await relayTo(Number(new URL(model.url).port))
  const client = clientOf({ ...model, url: model.url.replace(/:\d+/, `:${url.port}`) })
  let asked = 0
  const beforeSending = async (): Promise<void> => {
    asked += 1
    await expect.poll(() => seen.connections).toBe(1)
    expect(seen.bytes).toBe(0)
  }
  await client.ask({}, { beforeSending })
  expect(asked).toBe(1)
  expect(model.calls).toHaveLength(1)
})

it('nothing of it is sent where it may not, and the next one goes out', async () => {
  const model = await modelServer()
  const { seen, url } = await relayTo(Number(new URL(model.url).port))
  const client = clientOf({ ...model, url: model.url.replace(/:\d+/, `:${url.port}`) })
  const beforeSending = (): Promise<void> => Promise.reject(new Error('too late'))
  await expect(client.ask({}, { beforeSending })).rejects.toThrow('too late')
  expect(seen.bytes).toBe(0)
  await client.ask()
  expect(model.calls).toHaveLength(1)
})

/** Counts what comes, and passes it on. */
async function relayTo(port: number) {
  const seen = { connections: 0, bytes: 0 }
  const sockets = new Set<Socket>()
  const relay = createServer((socket) => {
    seen.connections += 1
    const onward = connect(port, '127.0.0.1')
    for (const one of [socket, onward]) sockets.add(one.on('error', () => undefined))
    socket.on('data', (chunk) => (seen.bytes += chunk.length))
    socket.pipe(onward).pipe(socket)
  })
  relay.listen(0, '127.0.0.1')
  await once(relay, 'listening')
  const cut = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  onTestFinished(() => {
    cut()
    relay.close()
  })
  return { seen, cut, url: relay.address() as AddressInfo }
}

it('it hears of a connection that ended while it asked', async () => {
  const model = await modelServer()
  const { seen, url, cut } = await relayTo(Number(new URL(model.url).port))
  const client = clientOf({ ...model, url: model.url.replace(/:\d+/, `:${url.port}`) })
  let heard = false
  const beforeSending = async (isGone: () => boolean): Promise<void> => {
    await expect.poll(() => seen.connections).toBe(1)
    expect(isGone()).toBe(false)
    cut()
    await expect.poll(isGone).toBe(true)
    heard = true
  }
  expect((await client.fail({}, { beforeSending })).errorClass).toBe('connection_failed')
  await expect.poll(() => heard).toBe(true)
  expect(seen.bytes).toBe(0)
})
