import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { isoTime, type Clock } from '../../core/clock.js'
import { ConfigError, EXIT, messageOf, RpaError, systemCode } from '../../core/errors.js'
import type { Logger } from '../../core/logging.js'
import { abortableSleep } from '../../core/sleep.js'
import { gapOf, gateOf } from '../../db/hosts/gates.js'
import { beginRequest, bookRequest, endRequest, holdRequests } from '../../db/hosts/request-gate.js'
import type { Db } from '../../db/engine/prepared.js'
import { Connections, type HttpResponse } from '../../http/connections.js'
import { ProxyError, unreachableCode } from '../../http/proxy.js'
import { tlsFault } from '../../http/tls.js'
import { retryAfterMs } from '../../http/retry-after.js'

/** What requests for metadata go through. */
export interface HostAccess {
  /** Holds the gate that all processes share. */
  db: Db
  clock: Clock
  log: Logger
  userAgent: string
  /** Seconds between two requests; null: what the host asks for. */
  gapSeconds: number | null
  signal?: AbortSignal | undefined
  /** Waits some milliseconds; default the time of this machine. */
  sleep?: (ms: number, signal?: AbortSignal) => Promise<void>
}

/** What is special of some hosts of metadata. */
export interface HostKind {
  /** Begins the codes of errors: `arxiv_busy`. */
  code: string
  /** Media types that are asked for. */
  accept: string
  /** Status codes that ask for patience. */
  refusals: ReadonlySet<number>
  /** The settings that hold the address, for hints. */
  settings: string
  /** Returns what an answer without a whole document means, null where it is worth asking again. */
  refused?(url: URL, status: number): RpaError | null
}

const TIMEOUT_MS = 120_000
const MAX_BYTES = 128 * 1024 * 1024
/** Tries of a request whose connection breaks or whose answer is nonsense. */
const TRIES = 4
const MAX_REDIRECTS = 3
/** Whoever is asked to wait longer than this in all has better things to do. */
const PATIENCE_MS = 15 * 60_000
/** A wait that a person would wonder about. */
const TOLD_FROM_MS = 10_000
/** Asks hosts for metadata: one request at a time, in the turn that all processes on the database share. */
export class HostClient {
  readonly #access: HostAccess
  readonly #kind: HostKind
  readonly #connections = new Connections({
    connectTimeout: 30_000,
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
  })

  constructor(access: HostAccess, kind: HostKind) {
    this.#access = access
    this.#kind = kind
  }

  /**
   * Returns what a whole answer holds. What is cut off or nonsense is asked for again; the host is left alone for as long as it
   * asks, up to a quarter of an hour in all. No message holds more of the URL than its path.
   *
   * @param read returns null for an answer that is not whole.
   * @throws RpaError `…_unreachable` (exit 69), `…_busy` (exit 75); ConfigError `proxy_invalid`, `…_url_wrong`; what `refused` says.
   */
  async ask<T extends object>(
    url: URL,
    read: (body: Buffer) => T | null,
  ): Promise<{ status: number; content: T }> {
    const { clock } = this.#access
    const patientUntil = clock.now() + PATIENCE_MS
    let failure: unknown = null
    for (let tries = 0; tries < TRIES;) {
      await this.#turn(url, patientUntil)
      try {
        const answer = await this.#send(url)
        if (answer === 'refused') continue
        const content = read(answer.body)
        if (content !== null) {
          await endRequest(this.#access.db, gateOf(url), this.#gap(url), clock.now())
          return { status: answer.status, content }
        }
        const refusal = this.#kind.refused?.(url, answer.status) ?? null
        if (refusal !== null) throw refusal
        if (answer.status === 404 || answer.status === 410) throw this.#wrongAddress(url, answer.status)
        failure = new Error(`it answered with HTTP ${answer.status} and no whole document`)
      } catch (error) {
        this.#access.signal?.throwIfAborted()
        if (error instanceof RpaError) throw error
        failure = error
      }
      tries += 1
    }
    throw this.#unreachable(url, failure)
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    await this.#connections.destroy()
  }

  #gap(url: URL): number {
    return gapOf(gateOf(url), this.#access.gapSeconds)
  }

  async #turn(url: URL, patientUntil: number): Promise<void> {
    const { db, clock, log, signal, sleep = abortableSleep } = this.#access
    const gate = gateOf(url)
    let turn = await bookRequest(db, gate, this.#gap(url), clock.now())
    while (turn.state !== 'begun') {
      const wait = turn.at - clock.now()
      if (turn.at > patientUntil) throw this.#busy(url, turn.at)
      if (wait >= TOLD_FROM_MS) log.info(`${url.host} is not to be asked before ${isoTime(turn.at)}: waiting`)
      const ended = log.waits(`the turn at ${url.host}`, turn.at)
      try {
        await sleep(Math.max(1, wait), signal)
      } finally {
        ended()
      }
      turn =
        turn.state === 'busy'
          ? await bookRequest(db, gate, this.#gap(url), clock.now())
          : await beginRequest(db, gate, this.#gap(url), clock.now())
    }
  }

  /** All processes leave the host alone for as long as it asks. */
  async #send(start: URL): Promise<{ status: number; body: Buffer } | 'refused'> {
    const { db, clock, signal } = this.#access
    let url = start
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      const response = await this.#request(url)
      const { statusCode, headers } = response
      if (this.#kind.refusals.has(statusCode)) {
        await response.body.dump()
        await holdRequests(db, gateOf(url), retryAfterMs(headers['retry-after'], clock.now()), clock.now())
        return 'refused'
      }
      const next = this.#redirectOf(response, url)
      if (next === null) return { status: statusCode, body: await bodyOf(response) }
      await response.body.dump()
      signal?.throwIfAborted()
      url = next
    }
    throw new Error(`it redirects more than ${MAX_REDIRECTS} times`)
  }

  async #request(url: URL): Promise<HttpResponse> {
    const deadline = AbortSignal.timeout(TIMEOUT_MS)
    const { signal, userAgent } = this.#access
    return this.#connections.request(url, {
      signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
      headers: {
        'user-agent': userAgent,
        accept: this.#kind.accept,
        'accept-encoding': 'gzip',
      },
    })
  }

  #redirectOf({ statusCode, headers }: HttpResponse, from: URL): URL | null {
    if (![301, 302, 303, 307, 308].includes(statusCode)) return null
    const location = headers['location']
    const target =
      typeof location === 'string' && URL.canParse(location, from.href) ? new URL(location, from) : null
    const isSafe = target !== null && (target.protocol === 'https:' || target.protocol === from.protocol)
    if (target !== null && isSafe && gateOf(target) === gateOf(from)) return target
    throw new ConfigError(
      `${this.#kind.code}_url_wrong`,
      `${from.host} sends to ${target?.host ?? 'nowhere'}, which is not followed.`,
      { hint: `Set the new address as ${this.#kind.settings}.` },
    )
  }

  #wrongAddress(url: URL, status: number): ConfigError {
    return new ConfigError(
      `${this.#kind.code}_url_wrong`,
      `There is nothing at ${url.origin}${url.pathname} (HTTP ${status}).`,
      { hint: `Check ${this.#kind.settings}.` },
    )
  }

  #busy(url: URL, until: number): RpaError {
    return new RpaError(`${this.#kind.code}_busy`, `${url.host} asks for patience until ${isoTime(until)}.`, {
      hint: 'Run the same command again then: it goes on where it stopped.',
      exitCode: EXIT.tempfail,
    })
  }

  #unreachable(url: URL, cause: unknown): RpaError {
    const code = unreachableCode(cause) ?? systemCode(cause)
    const tls = tlsFault(cause)
    const why = tls?.words ?? (cause instanceof ProxyError || code === null ? messageOf(cause) : code)
    return new RpaError(`${this.#kind.code}_unreachable`, `${url.host} gave no metadata: ${why}.`, {
      hint: tls?.hint ?? 'Check the network connection, and proxy and address in the settings.',
      exitCode: EXIT.unavailable,
      cause,
    })
  }
}

const unpack = promisify(gunzip)

async function bodyOf({ body, headers }: HttpResponse): Promise<Buffer> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of body) {
    size += parts[parts.push(part as Buffer) - 1]?.length ?? 0
    if (size > MAX_BYTES) throw new Error(`its answer is longer than ${MAX_BYTES} bytes`)
  }
  const whole = Buffer.concat(parts)
  const isPacked = whole[0] === 0x1f && whole[1] === 0x8b
  return isPacked || headers['content-encoding'] === 'gzip'
    ? unpack(whole, { maxOutputLength: MAX_BYTES })
    : whole
}
