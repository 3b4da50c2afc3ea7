import { readFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { ROOT } from './cli.js'

/** How the host answers for one paper; `{ file }` is sent as the PDF. */
export type PdfAnswer =
  | 'pdf'
  | 'missing'
  | 'html'
  | 'truncated'
  | 'truncated once'
  | 'empty'
  | 'busy'
  | 'hang'
  | 'redirect'
  | { file: Buffer }

export interface PdfServer {
  /** What RPA_PDF_URL is set to. */
  template: string
  /** Ids in the order in which they were asked for. */
  asked: string[]
  answer(id: string, answer: PdfAnswer): void
  close(): Promise<void>
}

/** Starts a host for PDFs on the loopback: the sample papers, and what goes wrong with a PDF host. */
export async function startPdfServer(): Promise<PdfServer> {
  const answers = new Map<string, PdfAnswer>()
  const asked: string[] = []
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://host').pathname)
    const moved = path.startsWith('/moved/')
    const id = path.replace(/^\/(?:pdf|moved)\//, '')
    if (!moved) asked.push(id)
    respond(response, id, moved ? 'pdf' : (answers.get(id) ?? 'pdf'))
    if (answers.get(id) === 'truncated once') answers.delete(id)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    template: `http://127.0.0.1:${port}/pdf/{arxiv_id}`,
    asked,
    answer: (id, answer) => void answers.set(id, answer),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function respond(response: ServerResponse, id: string, answer: PdfAnswer): void {
  switch (answer) {
    case 'hang':
      return
    case 'missing':
      response.writeHead(404, { 'content-type': 'text/html' }).end('<html><body>No such paper</body></html>')
      return
    case 'busy':
      response.writeHead(503, { 'retry-after': '300' }).end('busy')
      return
    case 'redirect':
      response.writeHead(302, { location: `/moved/${id}` }).end()
      return
    case 'html':
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end(
          '<!DOCTYPE html>\n<html><head><title>reCAPTCHA</title></head><body>Are you a robot?</body></html>',
        )
      return
    case 'empty':
      sendPdf(response, Buffer.alloc(0))
      return
    case 'truncated':
    case 'truncated once':
      sendPdf(response, samplePdf('0000.00001').subarray(0, 4096))
      return
    case 'pdf': {
      const file = samplePdf(id)
      sendPdf(response, file)
      return
    }
    default:
      sendPdf(response, answer.file)
  }
}

function sendPdf(response: ServerResponse, bytes: Buffer): void {
  response.writeHead(200, { 'content-type': 'application/pdf', 'content-length': bytes.length }).end(bytes)
}

/** Returns a sample paper's PDF; ids that are no sample's get the first one's. */
export function samplePdf(id: string): Buffer {
  const known = /^0000\.0000[1-7]$/.test(id) ? id : '0000.00001'
  return readFileSync(join(ROOT, 'samples', 'pdf', `${known}.pdf`))
}
