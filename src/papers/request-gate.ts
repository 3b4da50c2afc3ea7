import { isoTime } from '../core/clock.js'
import { PaperError } from '../core/errors.js'
import { abortableSleep } from '../core/sleep.js'
import type { Turn } from '../db/hosts/request-gate.js'

/** One gate in front of each host, shared by all processes. */
export interface RequestGate {
  /** Epoch milliseconds. */
  now(): number
  book(host: string): Promise<Turn>
  begin(host: string): Promise<Turn>
  /** Keeps all away from the host; returns until when, epoch milliseconds. */
  hold(host: string, retryAfterMs: number | null): Promise<number>
  /** The host has answered. */
  served(host: string): Promise<void>
}

/** The host asks for patience; nothing is wrong with the paper. */
export class SourceBusyError extends PaperError {
  constructor(
    message: string,
    /** Epoch milliseconds at which it is worth asking again. */
    readonly retryAt: number,
  ) {
    super('pdf_rate_limited', message, {
      hint: `Run the same command again after ${isoTime(retryAt)}; it goes on by itself then.`,
    })
  }
}

/** Returns the name of the gate a URL lies behind: its host, and one for all of arXiv's. */
export function gateOf({ hostname }: URL): string {
  return hostname === 'arxiv.org' || hostname.endsWith('.arxiv.org') ? 'arxiv.org' : hostname
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
    await abortableSleep(Math.max(1, turn.at - gate.now()), signal)
    turn = await gate.begin(host)
  }
  if (turn.state === 'busy') {
    throw new SourceBusyError(`${url.host} is not to be asked before ${isoTime(turn.at)}`, turn.at)
  }
}
