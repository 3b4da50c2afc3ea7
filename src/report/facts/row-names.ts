import type { Comparison } from './comparison.js'
import type { ReadNumber } from '../numbers/numbers.js'
import type { PaperIndex, Place } from '../paper/paper-index.js'

/** A row's name where a statement has it. */
interface Mention {
  name: string
  at: number
  /** "against NAME": what something else is compared with. */
  isRival: boolean
}

const VERSUS =
  /^[^\d.;]{0,60}\b(?:vs\.?|versus|against|compared (?:with|to)|where|while)(?!\p{L})[^\d]{0,40}$/iu
const BEFORE_RIVAL =
  /\b(?:vs\.?|versus|against|than|over|compared (?:with|to)|unlike|beats?|outperforms?|surpass(?:es)?)\s(?:the |its )?$/i
const BOUND = /^\s?(?:%|points?)?,?\s?\(?(?:for|of|with|by|in|from)?\s?(?:the )?/i
const LONGEST_NAME = 60
const MAX_NAMES = 200

/**
 * Returns whether two numbers side by side ("A, against B: 0.61 against 0.31") stand in the rows of tables whose names the
 * statement gives to each other's number.
 */
export function areRowsTurned(
  { index, statement, pages }: Comparison,
  one: ReadNumber,
  other: ReadNumber,
  onePlaces: readonly Place[],
  otherPlaces: readonly Place[],
): boolean {
  if (!VERSUS.test(statement.slice(one.end, other.at))) return false
  const [rowsOfOne, rowsOfOther] = [rowNames(index, onePlaces), rowNames(index, otherPlaces)]
  if (rowsOfOne.size === 0 || rowsOfOther.size === 0) return false
  const mentions = mentionsIn(statement, namesOf(index, pages))
  const alone = (name: string, own: ReadonlySet<string>, others: ReadonlySet<string>): boolean =>
    own.has(name) && !others.has(name)
  for (const [number, own, others] of [
    [one, rowsOfOne, rowsOfOther],
    [other, rowsOfOther, rowsOfOne],
  ] as const) {
    const bound = boundTo(statement, number, mentions)
    if (bound !== null) return alone(bound, others, own)
  }
  const before = mentions.filter(({ at }) => at < one.at)
  const [subject, rival] = [
    before.findLast(({ isRival }) => !isRival),
    before.findLast(({ isRival }) => isRival),
  ]
  if (rival !== undefined) return alone(rival.name, rowsOfOne, rowsOfOther)
  return subject !== undefined && before.length === 1 && alone(subject.name, rowsOfOther, rowsOfOne)
}

/** The name that stands right behind a number: `0.80 for GPT-4o`. */
function boundTo(statement: string, { end }: ReadNumber, mentions: readonly Mention[]): string | null {
  const from = end + (BOUND.exec(statement.slice(end, end + 20))?.[0].length ?? 0)
  return mentions.find(({ at }) => at === from)?.name ?? null
}

function rowNames({ passages }: PaperIndex, places: readonly Place[]): Set<string> {
  return new Set(places.flatMap(({ passage }) => nameOf(passages[passage]?.text ?? '') ?? []))
}

function nameOf(text: string): string | null {
  if (!text.startsWith('> |')) return null
  const name = text.slice(3, text.indexOf('|', 3)).trim().toLowerCase()
  return name.length < 2 || name.length > LONGEST_NAME || !/\p{L}{2}/u.test(name) ? null : name
}

/** The names of all rows on the pages claimed, the longest first: a name may be part of another. */
function namesOf({ passages }: PaperIndex, pages: ReadonlySet<number>): string[] {
  const names = passages.flatMap(({ page, text }) => (pages.has(page) ? (nameOf(text) ?? []) : []))
  return [...new Set(names)].slice(0, MAX_NAMES).sort((one, other) => other.length - one.length)
}

function mentionsIn(statement: string, names: readonly string[]): Mention[] {
  let text = statement.toLowerCase()
  const mentions: Mention[] = []
  for (const name of names) {
    for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + name.length)) {
      const [before, after] = [text.charAt(at - 1), text.charAt(at + name.length)]
      if (/[\p{L}\p{N}-]/u.test(before + after)) continue
      mentions.push({ name, at, isRival: BEFORE_RIVAL.test(statement.slice(Math.max(0, at - 30), at)) })
      text = text.slice(0, at) + ' '.repeat(name.length) + text.slice(at + name.length)
    }
  }
  return mentions.sort((one, other) => one.at - other.at)
}
