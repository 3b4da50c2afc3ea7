import { expect, it } from 'vitest'
import { Connections } from '../../src/http/connections.js'
import { isHttpsPort, tlsFault } from '../../src/http/tls.js'
import { failureOf } from '../../src/papers/fetch/http-answer.js'
import { modelServer } from '../support/model-server.js'
import { temporaryFolder } from '../support/temp.js'
import { tlsInFrontOf } from '../support/tls-server.js'

/** Returns what a request to a URL fails with. */
async function failing(url: string): Promise<unknown> {
  const connections = new Connections()
  const signal = AbortSignal.timeout(10_000)
  try {
    await connections.request(url, { method: 'POST', body: 'x', signal, headers: {} })
  } catch (error) {
    return error
  } finally {
    await connections.destroy()
  }
  throw new Error('it was answered')
}

const coded = (code: string): Error => Object.assign(new Error('x'), { code })

it.each([
  ['SELF_SIGNED_CERT_IN_CHAIN', /not trusted/, /NODE_EXTRA_CA_CERTS/],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', /not trusted/, /NODE_EXTRA_CA_CERTS/],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /not trusted/, /NODE_EXTRA_CA_CERTS/],
  ['CERT_HAS_EXPIRED', /not valid now/, /clock/],
  ['CERT_NOT_YET_VALID', /not valid now/, /clock/],
  ['ERR_TLS_CERT_ALTNAME_INVALID', /another name/, /name/],
  ['ERR_SSL_WRONG_VERSION_NUMBER', /speaks http, not https/, /http:/],
  ['EPROTO', /no form of TLS/, /TLS 1\.2/],
])('%s says what is wrong and what to do', (code, words, hint) => {
  for (const error of [coded(code), new Error('y', { cause: coded(code) })]) {
    expect(tlsFault(error)?.words).toMatch(words)
    expect(tlsFault(error)?.hint).toMatch(hint)
  }
})

it.each(['ECONNRESET', 'ECONNREFUSED', 'UND_ERR_SOCKET'])('%s is no fault of TLS', (code) => {
  expect(tlsFault(coded(code))).toBeNull()
})

it('servers with a certificate of their own, with http on the port of https and the other way round are told apart', async () => {
  const plain = await modelServer()
  const port = Number(new URL(plain.url).port)
  const safe = await tlsInFrontOf(port, 'localhost', temporaryFolder())
  const untrusted = await failing(`https://localhost:${safe.port}/v1`)
  expect(tlsFault(untrusted)?.words).toMatch(/not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\)/)
  expect(tlsFault(await failing(`https://127.0.0.1:${port}/v1`))?.words).toMatch(/speaks http/)
  const url = new URL(`http://127.0.0.1:${safe.port}/v1`)
  expect(await isHttpsPort(url, await failing(url.href))).toBe(true)
  plain.queue({ reset: 'before' })
  const reset = await failing(`${plain.url}/chat/completions`)
  expect(await isHttpsPort(new URL(plain.url), reset)).toBe(false)
  expect(failureOf(untrusted, new URL('https://pdfs.test/1'))).toMatchObject({
    code: 'pdf_source_unreachable',
    hint: expect.stringContaining('NODE_EXTRA_CA_CERTS') as string,
  })
})

it('an alert of TLS, where an answer of http is due, is one of a port of https', async () => {
  const alert = Object.assign(new Error('Parse Error'), { data: '\u0015\u0003\u0001\u0000\u0002\u0002F' })
  expect(await isHttpsPort(new URL('http://models.test/v1'), alert)).toBe(true)
  expect(await isHttpsPort(new URL('https://models.test/v1'), alert)).toBe(false)
})
