import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { PdfSources } from '../../../src/papers/fetch/types.js'
import { temporaryFolder } from '../../support/temp.js'

export type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** Starts a host that ends with the running test. */
export async function serve(handler: Handler): Promise<{ origin: string; requests: IncomingMessage[] }> {
  const requests: IncomingMessage[] = []
  // A wrong length is what some tests are about.
  const server = createServer((request, response) => {
    response.strictContentLength = false
    requests.push(request)
    handler(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests }
}

/** All sources, with the loopback as the only host. */
export function sources({
  urlTemplate = 'http://127.0.0.1:1/{arxiv_id}',
  ...changes
}: Partial<PdfSources> & { urlTemplate?: string } = {}): PdfSources {
  return {
    order: ['local', 'cache', 'arxiv'],
    dir: null,
    cacheDir: join(temporaryFolder(), 'pdf'),
    templates: { bucket: 'http://127.0.0.1:1', export: urlTemplate, arxiv: urlTemplate },
    hosts: ['127.0.0.1'],
    userAgent: 'rpa-test/1 (mailto:nobody@example.org)',
    timeoutMs: 10_000,
    maxBytes: 1_000_000,
    gate: null,
    debug: () => undefined,
    ...changes,
  }
}
