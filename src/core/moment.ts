import { isoTime, utcDay } from './clock.js'
import { parseDuration } from './duration.js'

const FORM = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?\s*(Z|[+-]\d{2}:?\d{2})?)?$/i

/** Returns the epoch milliseconds of ISO text in any of its forms (day alone, with a blank, without zone), null for anything else. */
export function momentOf(text: string): number | null {
  const [, day, time, zone = 'Z'] = FORM.exec(text.trim()) ?? []
  if (day === undefined) return null
  const start = Date.parse(day)
  // 31 February would roll over into March.
  if (Number.isNaN(start) || utcDay(start) !== day) return null
  if (time === undefined) return start
  const moment = Date.parse(`${day}T${time}${zone.toUpperCase()}`)
  return Number.isNaN(moment) ? null : moment
}

/** Returns the UTC day (`YYYY-MM-DD`) of such text, null for anything else. */
export function utcDayOf(text: string | null): string | null {
  const moment = momentOf(text ?? '')
  return moment === null ? null : utcDay(moment)
}

/**
 * Returns the moment that somebody gives, epoch milliseconds: a day (its beginning, UTC), a time, or how long ago it was
 * (`7d`, `24h`); null for anything else.
 */
export function givenMoment(text: string, now: number): number | null {
  const ago = parseDuration(text)
  const moment = ago === null ? momentOf(text) : now - ago
  return moment === null || !isWritable(moment) ? null : moment
}

/** How long ago may be longer than time is. */
function isWritable(moment: number): boolean {
  try {
    return isoTime(moment).length === 24
  } catch {
    return false
  }
}
