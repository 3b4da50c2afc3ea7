import { LONGEST_WAIT_MS } from '../../core/clock.js'
import { spanMs } from './spans.js'

const N = String.raw`(\d[\d,_]*)`

/**
 * Returns the tokens that a refusal for tokens a minute names, or null: `Limit 6000, Requested 13250` (Groq, OpenAI; with
 * `Used 900` between them, what is left is less).
 */
export function toldTokens(words: string): { limit: number; requested: number } | null {
  const limit = numberIn(new RegExp(`limit:? ${N}`, 'i'), words)
  const requested = numberIn(new RegExp(`requested:? (?:about )?${N}`, 'i'), words)
  return limit === null || requested === null || limit === 0 ? null : { limit, requested }
}

/** Returns how many tokens of answer the credit is good for (OpenRouter's "can only afford 2666"), or null. */
export function toldAffordable(words: string): number | null {
  return numberIn(new RegExp(`can only afford ${N}`, 'i'), words)
}

/** Returns the wait that a sentence names ("Please try again in 7m12.5s", "retry in 39.2s", "after 40 seconds"), ms, or null. */
export function toldWait(words: string): number | null {
  const [, span] =
    /(?:(?:try again|retry|again|available|resets?)(?: your request)? (?:in|after|for)|wait(?: (?:in|after|for))?) (?:about )?((?:\d+(?:\.\d+)? ?(?:ms|milliseconds?|d(?:ays?)?|h(?:ours?|rs?)?|m(?:in(?:ute)?s?)?|s(?:ec(?:ond)?s?)?)(?:,? (?:and )?)?)+)/i.exec(
      words,
    ) ?? []
  return span === undefined ? toldClockSpan(words) : spanMs(span)
}

/** As Azure's API Management says it: "Quota will be replenished in 12:34:56". */
function toldClockSpan(words: string): number | null {
  const [, hours, minutes, seconds] =
    /(?:replenished|again|resets?) (?:in|after) (\d{1,3}):(\d\d):(\d\d)\b/i.exec(words) ?? []
  return hours === undefined ? null : ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000
}

/** Where a server does not say whose time it names: that of the Chinese ones, and UTC. */
const UNTOLD_ZONES = ['+08:00', 'Z']

/**
 * Returns the moment that a sentence names ("You will regain access on 2026-12-01 at 00:00 UTC", "will reset at 2026-11-30
 * 20:24:31"), epoch milliseconds, or null where it names none that is to come within 26 hours. Without a zone the earliest it may mean.
 */
export function toldMoment(words: string, now: number): number | null {
  const [, day, time, zone] =
    /(?:reset|regain access|available|again|until)\w{0,2}(?: again)? (?:(?:at|on) )?(\d{4}-\d\d-\d\d)(?:T| at | )(\d\d:\d\d(?::\d\d)?)(?:\.\d+)? ?(Z|UTC|GMT)?/i.exec(
      words,
    ) ?? []
  if (day === undefined || time === undefined) return null
  const moments = (zone === undefined ? UNTOLD_ZONES : ['Z']).map((one) => Date.parse(`${day}T${time}${one}`))
  return moments.find((one) => one > now && one <= now + LONGEST_WAIT_MS) ?? null
}

function numberIn(pattern: RegExp, words: string): number | null {
  const found = pattern.exec(words)?.[1]
  return found === undefined ? null : Number(found.replace(/[,_]/g, ''))
}
