import { readArxivId, type ArxivId } from '../../core/arxiv-id.js'
import { RpaError } from '../../core/errors.js'
import { oneLine } from '../papers.js'
import { RecordError } from './types.js'

/** No record of arXiv's comes near; longer "records" are broken files. */
export const MAX_RECORD_BYTES = 16 * 1024 * 1024

/** What a record is that would be stored with other letters than it was written with. */
export const NO_UTF8 = 'not in UTF-8'

/** Returns text on one line, null for none. */
export function textOrNull(value: unknown): string | null {
  if (typeof value !== 'string') return null
  const text = oneLine(value)
  return text === '' ? null : text
}

/** Returns the id of a record. Throws RecordError for none. */
export function requireId(value: unknown): ArxivId {
  try {
    return readArxivId(value)
  } catch (error) {
    if (!(error instanceof RpaError)) throw error
    const shown = JSON.stringify(value ?? null).slice(0, 60)
    throw new RecordError(`no arXiv id: ${shown}`, { cause: error, reason: 'no arXiv id' })
  }
}

/** `Mon, 2 Apr 2007 19:18:42 GMT` (RFC 822), `2008-11-26` or ISO text → ISO text with `Z`; null for anything else. */
export function isoOrNull(text: string | null): string | null {
  const moment = text === null ? Number.NaN : Date.parse(text)
  return Number.isNaN(moment) ? null : new Date(moment).toISOString().replace('.000Z', 'Z')
}

/** `v2`, `2` or 2 → 2; null for anything else. */
export function versionNumber(name: unknown): number | null {
  const match = /^v?([1-9]\d{0,2})$/i.exec(
    typeof name === 'string' || typeof name === 'number' ? String(name).trim() : '',
  )
  return match === null ? null : Number(match[1])
}

/** `Ralowski, Robert` → `Robert Ralowski`; `Doe Jr., Jane` and `Jane Doe, Jr.` keep their suffix behind the surname. */
export function firstNameFirst(name: string): string {
  const [last = '', first = '', ...more] = name.split(/,\s*/)
  if (first === '' || more.length > 0) return name
  return /^(?:jr|sr|i{2,3}|iv)\.?$/i.test(first) ? `${last} ${first}` : `${first} ${last}`
}
