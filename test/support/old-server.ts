import { createServer } from 'node:net'
import { onTestFinished } from 'vitest'

/** Type ids of PostgreSQL. */
const [BOOL, INT8, INT4, TEXT] = [16, 20, 23, 25]

/** What a server of that version says when it is looked at. */
const looks = (version: number) =>
  [
    ['version', INT4, String(version)],
    ['replica', BOOL, 'f'],
    ['schema', TEXT, 'public'],
    ['tables', INT8, '0'],
    ['ours', BOOL, 'f'],
    ['now', TEXT, String(Date.now())],
  ] as const

/**
 * Starts what speaks as much of PostgreSQL's protocol as it takes to be asked for its version, and knows nothing else.
 *
 * @returns its URL.
 */
export async function oldServer(version: number): Promise<string> {
  const server = createServer((client) => {
    let greeted = false
    client.on('error', () => undefined)
    client.on('data', (bytes) => {
      // The first message asks to be let in; after it come questions.
      const look = greeted && bytes.toString('latin1').includes('server_version_num')
      const welcome = greeted ? [] : [message('R', int32(0))]
      greeted = true
      const answer = look ? [...table(version), message('C', text('SELECT 1'))] : []
      client.write(Buffer.concat([...welcome, ...answer, message('Z', Buffer.from('I'))]))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  return `postgres://rpa@127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/rpa`
}

/** The columns and the one row of an answer. */
function table(version: number): Buffer[] {
  const columns = looks(version)
  const described = columns.map(([name, type]) =>
    Buffer.concat([text(name), int32(0), int16(0), int32(type), int16(-1), int32(-1), int16(0)]),
  )
  const values = columns.map(([, , value]) => Buffer.concat([int32(value.length), Buffer.from(value)]))
  return [
    message('T', Buffer.concat([int16(columns.length), ...described])),
    message('D', Buffer.concat([int16(columns.length), ...values])),
  ]
}

function message(type: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body])
}

function text(value: string): Buffer {
  return Buffer.from(`${value}\0`)
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}
