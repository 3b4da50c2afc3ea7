import type { FetchPdfsResult } from '../../pipeline/fetch-pdfs.js'

const WHY: Record<NonNullable<FetchPdfsResult['stopped']>, string> = {
  hosts: 'the hosts ask for patience or are in trouble; not asked',
  time: 'its time is over',
  signal: 'it was asked to',
}

/** Returns what a person reads after fetching. */
export function renderFetch({ downloaded, present, failed, stopped, retry_at }: FetchPdfsResult): string {
  const line = `fetch: ${downloaded} downloaded, ${present} already there, ${failed} without a PDF`
  if (stopped === null) return line
  return `${line}\nstopped: ${WHY[stopped]}${retry_at === undefined ? '' : ` until ${retry_at}`}; run it again to go on`
}
