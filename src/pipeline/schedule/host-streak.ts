import { EXIT, RpaError } from '../../core/errors.js'
import type { Settings } from '../../core/settings/settings.js'
import type { Verdict } from '../failures/judge.js'
import { hasLocalPdfs } from './local-pdfs.js'
import type { Stop } from './task-source.js'

/** Papers in a row that reach no host, after which it is taken for gone. */
const UNREACHABLE_PAPERS = 3

/** What papers met on the way to their PDFs, one after the other, in one command. */
export class HostStreak {
  /** Papers in a row that reached no host. */
  unreached = 0
  /** What the last of them met; null: none did. */
  away: RpaError | null = null
  /** Why the host is left alone: it is in trouble with all papers, or asks for patience; null: it gave the last one. */
  resting: Stop | null = null

  readonly #settings: Pick<Settings, 'pdfDir'>

  constructor(settings: Pick<Settings, 'pdfDir'>) {
    this.#settings = settings
  }

  /** Takes note of how `prep` of a paper ended; null: well. */
  ended(verdict: Verdict | null): void {
    if (verdict?.host !== 'away') {
      this.unreached = 0
      if (verdict === null) this.resting = null
      else if ((verdict.host === 'trouble' || verdict.host === 'busy') && verdict.refund)
        this.resting = { reason: 'circuit', retryAt: verdict.retryAt, message: verdict.message }
      return
    }
    const { errorClass, message, hint } = verdict
    this.unreached += 1
    this.away = new RpaError(errorClass, message, {
      exitCode: EXIT.unavailable,
      ...(hint === null ? {} : { hint }),
    })
  }

  /** Whether the host is gone for all papers. */
  areGone(): boolean {
    return this.unreached >= UNREACHABLE_PAPERS && !hasLocalPdfs(this.#settings)
  }
}
