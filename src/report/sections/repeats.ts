import { splitSentences } from '../../text/sentences.js'
import { contentStems } from '../../text/words.js'
import { claimedNumbers } from '../numbers/numbers.js'

export interface Repeats {
  /** Numbers that stand more often than a reader needs, the most frequent first. */
  numbers: { number: string; times: number; sections: string[] }[]
  /** Caveats that several sections hold: the first wording, and where. */
  caveats: { text: string; sections: string[] }[]
}

/** A number has a home, and one or two places that need it to be understood. */
const MOST_TIMES = 3
const MOST_LISTED = 12
const LONGEST = 160
/** Two caveats that share this much of their words are one. */
const SAME = 0.5
const FEWEST_STEMS = 5
const CAVEAT =
  /\b(?:no|not|only|without|lacks?|missing|unreported|never|neither|nor|none|cannot|limited|unclear|untested|single|leaves? out|excludes?)\b/i
/** A short number is not always the same one. */
const LEAST_DIGITS = /(?:\d[.,]?){3}|\d\d.*(?:%|\p{L})/u
/** Results stand in their table however often they are spoken of. */
const TABLE_ROW = /^\s*\|.*\|\s*$/gm

/** Returns what a report says more often than once is enough: numbers over three times, caveats in more than one section. */
export function findRepeats(sections: ReadonlyMap<string, string>): Repeats {
  return { numbers: repeatedNumbers(sections), caveats: repeatedCaveats(sections) }
}

function repeatedNumbers(sections: ReadonlyMap<string, string>): Repeats['numbers'] {
  const counts = new Map<string, { times: number; sections: Set<string> }>()
  for (const [heading, body] of sections) {
    const told = claimedNumbers(body.replace(TABLE_ROW, ' ').replace(/\[p\. [\d, –-]+\]/g, ' '))
    for (const { text } of told.filter((number) => LEAST_DIGITS.test(number.text))) {
      const known = counts.get(text) ?? { times: 0, sections: new Set() }
      counts.set(text, { times: known.times + 1, sections: known.sections.add(heading) })
    }
  }
  return [...counts]
    .filter(([, { times }]) => times > MOST_TIMES)
    .sort(([, one], [, other]) => other.times - one.times)
    .slice(0, MOST_LISTED)
    .map(([number, { times, sections: where }]) => ({ number, times, sections: [...where] }))
}

interface Caveat {
  text: string
  stems: ReadonlySet<string>
  sections: Set<string>
}

function repeatedCaveats(sections: ReadonlyMap<string, string>): Repeats['caveats'] {
  const caveats: Caveat[] = []
  for (const [heading, body] of sections) {
    for (const text of sentencesOf(body)) {
      const stems = new Set(contentStems(text))
      if (stems.size < FEWEST_STEMS || !CAVEAT.test(text)) continue
      const same = caveats.find((caveat) => overlap(caveat.stems, stems) >= SAME)
      if (same === undefined) caveats.push({ text, stems, sections: new Set([heading]) })
      else same.sections.add(heading)
    }
  }
  return caveats
    .filter((caveat) => caveat.sections.size > 1)
    .slice(0, MOST_LISTED)
    .map(({ text, sections: where }) => ({ text: text.slice(0, LONGEST), sections: [...where] }))
}

function sentencesOf(body: string): string[] {
  return body
    .replace(TABLE_ROW, ' ')
    .split('\n')
    .flatMap((line) => splitSentences(line.replace(/^\s*(?:[-*+]|\d{1,2}[.)])\s+/, '').replace(/\*\*/g, '')))
    .map(({ text }) => text.replace(/\[p\. [\d, –-]+\]/g, '').trim())
}

function overlap(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  let common = 0
  for (const stem of one) if (other.has(stem)) common++
  return common / (one.size + other.size - common)
}
