import { momentText } from '../../core/clock.js'
import type { FetchPdfsResult } from '../../pipeline/fetch-pdfs.js'
import type { ProgressState } from './progress.js'

const WHY: Record<NonNullable<FetchPdfsResult['stopped']>, string> = {
  hosts: 'no host gives PDFs for now',
  time: 'its time is over',
  signal: 'it was asked to',
}

/**
 * Returns how fetching is getting on.
 *
 * @param papers how many there are.
 * @param limit downloads at most.
 */
export function fetchedProgress(
  { considered, downloaded, present, failed }: FetchPdfsResult,
  papers: number,
  limit: number | undefined,
): ProgressState {
  const isLimited = limit !== undefined && limit < papers
  return {
    doing: 'fetch',
    ...(isLimited ? { done: downloaded, total: limit } : { done: considered, total: papers }),
    unit: 'PDFs',
    more: [...(failed > 0 ? [`${failed} failed`] : []), ...(present > 0 ? [`${present} there already`] : [])],
  }
}

/** Returns what a person reads after fetching. */
export function renderFetch({
  downloaded,
  present,
  failed,
  stopped,
  retry_at,
  reason,
}: FetchPdfsResult): string {
  const line = `fetch: ${downloaded} downloaded, ${present} already there, ${failed} without a PDF`
  if (stopped === null) return line
  return `${line}\nstopped: ${reason ?? WHY[stopped]}${retry_at === undefined ? '' : `; not asked until ${momentText(retry_at)}`}; run it again to go on`
}
