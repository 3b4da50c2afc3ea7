import { momentText } from '../../core/clock.js'
import type { PaperErrorClass, RpaError } from '../../core/errors.js'
import { PaperError } from '../../core/errors.js'
import { abortableSleep } from '../../core/sleep.js'
import { gateOf } from '../../db/hosts/gates.js'
import type { Turn } from '../../db/hosts/request-gate.js'

/** One gate in front of each host, shared by all processes. */
export interface RequestGate {
  /** Epoch milliseconds. */
  now(): number
  /** Notes that the host's turn is waited for; returns what ends the note. */
  waits(host: string, until: number): () => void
  book(host: string): Promise<Turn>
  begin(host: string): Promise<Turn>
  /** Keeps all away from the host; returns until when, epoch milliseconds. */
  hold(host: string, retryAfterMs: number | null): Promise<number>
  /** The host gave what it was asked for, as far as its end tells, or says that the paper has no PDF. */
  served(host: string): Promise<void>
  /** It did not; returns what is thrown for it. */
  failed(host: string, paper: string, error: PaperError): Promise<RpaError>
}

/** The host gave no PDF of a paper; whether it or the paper is at fault, later tries tell. */
export class SourceTroubleError extends PaperError {
  constructor(
    error: PaperError,
    /** Epoch milliseconds at which it is worth asking again. */
    readonly retryAt: number,
  ) {
    super(error.code, error.message, {
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      cause: error,
    })
  }
}

/** The host asks for patience, or is left alone for a while; nothing is wrong with the paper. */
export class SourceBusyError extends PaperError {
  constructor(
    message: string,
    /** Epoch milliseconds at which it is worth asking again. */
    readonly retryAt: number,
    code: PaperErrorClass = 'pdf_rate_limited',
  ) {
    super(code, message, {
      hint: `Run the same command again after ${momentText(retryAt)}; it goes on by itself then.`,
    })
  }
}

/**
 * Waits until a request to the URL's host may begin.
 *
 * @throws SourceBusyError where that is too far off to wait for; AbortError when the signal aborts.
 */
export async function awaitTurn(gate: RequestGate, url: URL, signal?: AbortSignal): Promise<void> {
  const host = gateOf(url)
  let turn = await gate.book(host)
  while (turn.state === 'wait') {
    const ended = gate.waits(host, turn.at)
    await abortableSleep(Math.max(1, turn.at - gate.now()), signal).finally(ended)
    turn = await gate.begin(host)
  }
  if (turn.state === 'busy') {
    throw new SourceBusyError(`${url.host} is not to be asked before ${momentText(turn.at)}`, turn.at)
  }
}
