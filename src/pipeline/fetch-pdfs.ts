import { EXIT, PaperError, RpaError } from '../core/errors.js'
import { countWantedPdfs, wantedPdfs, type WantedPdf } from '../db/executions/wanted-pdfs.js'
import type { FetchedPdf } from '../papers/fetch/types.js'
import { SourceBusyError, SourceTroubleError } from '../papers/fetch/host-turn.js'
import { isoTime } from '../core/clock.js'
import { fetchFor } from './actions/fetch-pdf.js'
import type { ActionServices } from './actions/services.js'
import { ruleOf } from './failures/rules.js'

export interface FetchPdfsOptions {
  /** Only these papers, whether they are seeded or not; empty: all that are pending. */
  ids: readonly string[]
  /** PDFs that are downloaded at most; undefined: all. */
  limit: number | undefined
  /** Ends the fetching; what is under way is thrown away. */
  stop: AbortSignal
  /** Ends it too: its time is over. */
  late: AbortSignal
  /** @param papers how many there are in all. */
  onDone(result: FetchPdfsResult, papers: number): void
}

/** What `fetch` prints with --json. */
export interface FetchPdfsResult {
  considered: number
  downloaded: number
  /** Were on this machine already. */
  present: number
  failed: number
  /** Why it ended before all was done: every host asked for patience, is in trouble or cannot be reached, its time was over, or a signal came. */
  stopped: 'hosts' | 'time' | 'signal' | null
  /** When it is worth going on; only where it was the hosts, and they can be reached. */
  retry_at?: string
  /** What the host met last said, one line; only where it was the hosts. */
  reason?: string
  papers: {
    arxiv_id: string
    source: FetchedPdf['source'] | null
    bytes: number
    error?: { code: string; message: string }
  }[]
}

/** Papers whose PDFs are fetched at the same time; each host has its gate besides. */
const LANES = 2

/**
 * Brings PDFs into the cache ahead of `prep`, in the order in which papers will be claimed. What is there is not fetched
 * again, so that the next call goes on where this one stopped. A paper without a PDF is named; the others go on.
 *
 * @throws RpaError with exit code 69 where no host can be reached, and nothing was downloaded.
 */
export async function fetchPdfs(
  services: ActionServices,
  options: FetchPdfsOptions,
): Promise<FetchPdfsResult> {
  const { stop, late, limit = Infinity } = options
  const result: FetchPdfsResult = {
    considered: 0,
    downloaded: 0,
    present: 0,
    failed: 0,
    stopped: null,
    papers: [],
  }
  const { ids } = options
  const papers = ids.length > 0 ? named(ids) : wantedPdfs(services.db)
  const total = ids.length > 0 ? ids.length : await countWantedPdfs(services.db)
  options.onDone(result, total)
  const ends = AbortSignal.any([stop, late])
  const away: RpaError[] = []
  let begun = 0
  const lane = async (): Promise<void> => {
    while (result.stopped === null && result.downloaded + begun < limit) {
      if (ends.aborted) {
        result.stopped = stop.aborted ? 'signal' : 'time'
        return
      }
      const next = await papers.next()
      if (next.done === true) return
      begun += 1
      const met = await fetchOne(services, next.value, ends, result).catch((error: unknown) => {
        if (!ends.aborted) throw error
        result.stopped ??= stop.aborted ? 'signal' : 'time'
        return null
      })
      if (met !== null) away.push(met)
      begun -= 1
      options.onDone(result, total)
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  await papers.return(undefined)
  const [gone] = away
  if (gone !== undefined && result.downloaded === 0 && result.stopped === 'hosts') throw gone
  return result
}

type Named = Pick<WantedPdf, 'arxiv_id'> & Partial<WantedPdf>

async function* named(ids: readonly string[]): AsyncGenerator<Named> {
  for (const arxiv_id of ids) yield { arxiv_id }
}

/** Returns what ends the command if nothing else came of it: no host can be reached; else null. */
async function fetchOne(
  services: ActionServices,
  { arxiv_id, paper_id, title, abstract }: Named,
  ends: AbortSignal,
  result: FetchPdfsResult,
): Promise<RpaError | null> {
  const context = { arxiv_id, paper_id: paper_id ?? null, title: title ?? '', abstract: abstract ?? '' }
  result.considered += 1
  try {
    const { source, bytes } = await fetchFor(services, context, ends)
    if (source === 'download') result.downloaded += 1
    else result.present += 1
    result.papers.push({ arxiv_id, source, bytes })
  } catch (error) {
    if (!(error instanceof PaperError)) throw error
    if (error instanceof SourceBusyError || error instanceof SourceTroubleError) {
      result.stopped ??= 'hosts'
      result.retry_at ??= isoTime(error.retryAt)
      result.reason = error.message
      return null
    }
    const { code, message, hint } = error
    result.papers.push({ arxiv_id, source: null, bytes: 0, error: { code, message } })
    // That nothing is reached says nothing of the paper, and the next one would find the same.
    if (ruleOf(error).host?.kind === 'away') {
      result.stopped ??= 'hosts'
      result.reason = message
      return new RpaError(code, message, {
        exitCode: EXIT.unavailable,
        cause: error,
        ...(hint === undefined ? {} : { hint }),
      })
    }
    result.failed += 1
  }
  return null
}
