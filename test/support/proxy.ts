import type { IncomingHttpHeaders } from 'node:http'
import { createServer, request } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { connect } from 'node:net'
import { onTestFinished } from 'vitest'

export interface Passed {
  /** CONNECT, or the method of a request that is handed on as it is. */
  method: string
  /** As asked for: `host:port`, or a whole URL. */
  target: string
  headers: IncomingHttpHeaders
}

export interface ProxyServer {
  port: number
  passed: Passed[]
  /** Refuses everything with this status from now on; undefined: nothing. */
  refuse(status?: number): void
  close(): Promise<void>
}

/** Starts a proxy on the loopback that finds the hosts named at these ports of the loopback, and no others. */
export async function proxyServer(hosts: Record<string, number>): Promise<ProxyServer> {
  const passed: Passed[] = []
  let refusal: number | undefined
  const sockets = new Set<Socket>()
  const server = createServer((incoming, response) => {
    const { method = '', url: target = '', headers } = incoming
    passed.push({ method, target, headers })
    const url = new URL(target)
    const port = hosts[url.hostname]
    if (refusal !== undefined || port === undefined) {
      response.writeHead(refusal ?? 502).end('not by me')
      return
    }
    const path = `${url.pathname}${url.search}`
    const onward = request({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    incoming.pipe(onward)
  })
  server.on('connect', ({ method = '', url: target = '', headers }, socket: Socket) => {
    passed.push({ method, target, headers })
    const port = hosts[target.replace(/:\d+$/, '')]
    if (refusal !== undefined || port === undefined) {
      socket.end(`HTTP/1.1 ${refusal ?? 502} Not by me\r\n\r\n`)
      return
    }
    const onward = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      socket.pipe(onward).pipe(socket)
    })
    for (const end of [socket, onward]) {
      sockets.add(end)
      end.on('error', () => end.destroy())
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  let closed: Promise<void> | undefined
  const proxy: ProxyServer = {
    port: (server.address() as AddressInfo).port,
    passed,
    refuse: (status) => void (refusal = status),
    close: () =>
      (closed ??= new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
        for (const socket of sockets) socket.destroy()
      })),
  }
  onTestFinished(() => proxy.close())
  return proxy
}
