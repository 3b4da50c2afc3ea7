import { systemCode } from '../core/errors.js'
import { proxyFor } from './proxy.js'

/** Why no encrypted connection came about, in words that follow "cannot be reached: ", and what to do. */
export interface TlsFault {
  words: string
  hint: string
}

const UNTRUSTED =
  /^(?:SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_GET_ISSUER_CERT(?:_LOCALLY)?|UNABLE_TO_VERIFY_LEAF_SIGNATURE|CERT_UNTRUSTED|CERT_REVOKED|CERT_REJECTED|CERT_SIGNATURE_FAILURE|CERT_CHAIN_TOO_LONG|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED)$/
const OUT_OF_TIME = /^CERT_(?:HAS_EXPIRED|NOT_YET_VALID)$/
const OTHER_NAME = /^(?:ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH)$/
const NO_TLS = /^ERR_SSL_(?:WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST)$/
const NONE_AGREED = /^(?:EPROTO|ERR_SSL_.*)$/

/** Returns what is wrong with the other side's certificate or TLS, which no waiting mends; null for any other error. */
export function tlsFault(error: unknown): TlsFault | null {
  const cause = error instanceof Error ? error.cause : null
  const inside: unknown[] = error instanceof AggregateError ? error.errors : []
  const codes = [error, cause, ...inside].map(systemCode)
  for (const code of codes) {
    const fault = code === null ? null : faultOf(code)
    if (fault !== null) return fault
  }
  return null
}

function faultOf(code: string): TlsFault | null {
  if (UNTRUSTED.test(code))
    return {
      words: `its certificate is not trusted (${code})`,
      hint: 'Where a proxy opens encrypted connections, or the server has a certificate of its own making, set NODE_EXTRA_CA_CERTS to a file with the certificate (PEM) of whoever signed it, before rpa starts.',
    }
  if (OUT_OF_TIME.test(code))
    return {
      words: `its certificate is not valid now (${code})`,
      hint: 'Check the clock of this machine; if it is right, whoever runs the server has to renew the certificate.',
    }
  if (OTHER_NAME.test(code))
    return {
      words: `its certificate is for another name (${code})`,
      hint: 'Use the name that the certificate is for, or have NODE_EXTRA_CA_CERTS name a certificate that holds this one.',
    }
  if (NO_TLS.test(code))
    return {
      words: 'its port speaks http, not https',
      hint: 'Begin the address with http://, or name the port of https in it.',
    }
  return NONE_AGREED.test(code)
    ? {
        words: `it agrees on no form of TLS (${code})`,
        hint: 'Look at what the server offers (TLS 1.2 or later is needed), and whether its port is the one of https.',
      }
    : null
}

/** Returns whether the parser of HTTP stumbled over an alert of TLS: the port speaks https. */
function isTlsAlert(error: unknown): boolean {
  const data = error instanceof Error && 'data' in error ? String(error.data) : ''
  return data.startsWith('\u0015\u0003')
}

/** Whoever hung up before anything was said to them did not mind what was said. */
function hasSent(error: unknown): boolean {
  const socket =
    error instanceof Error && 'socket' in error ? (error.socket as { bytesWritten?: number }) : null
  return (socket?.bytesWritten ?? 0) > 0
}

const HELLO_MS = 2000

/**
 * Returns whether a connection of http broke because its port speaks https: it answered with an alert of TLS, or hung up at once and
 * greets whoever speaks TLS to it.
 */
export async function isHttpsPort(url: URL, error: unknown): Promise<boolean> {
  if (url.protocol !== 'http:') return false
  if (isTlsAlert(error)) return true
  if (systemCode(error) !== 'UND_ERR_SOCKET' || !hasSent(error) || proxyFor(url, process.env) !== null)
    return false
  const { connect } = await import('node:tls')
  const host = url.hostname.replace(/^\[|\]$/g, '')
  // Only the greeting counts; nothing is sent over it, whoever it is from.
  const socket = connect({ host, port: Number(url.port || 80), rejectUnauthorized: false })
  socket.setTimeout(HELLO_MS)
  return new Promise((resolve) => {
    const end = (greeted: boolean) => (): void => {
      socket.destroy()
      resolve(greeted)
    }
    socket.once('secureConnect', end(true)).once('timeout', end(false)).once('error', end(false))
    socket.once('close', end(false))
  })
}
