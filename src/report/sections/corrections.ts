import { CORRECTION_LINE, CORRECTIONS } from '../../core/report-sections.js'
import { problemOf } from './completeness.js'
import { canonicalHeading } from '../answers/headings.js'
import { findOnce } from './loose-find.js'

/** `- Key Results: "old words" → "new words"`, the marks of evidence after it left out. */
const CORRECTION =
  /^\s*(?:[-*+]|\d{1,2}[.)])\s+(?:\*\*)?([^:*"“]{3,60}?)(?::\*\*|\*\*:|:)\s*["“](.+?)["”]\s*(?:→|->|=>)\s*["“](.*?)["”]/
/** A correction says in which words it found what; fewer could stand anywhere. */
const SHORTEST = 8
/** What takes more out of a section corrects nothing. */
const LEAST_LEFT = 0.6
/** A longer list is a report of its own. */
const MOST = 20
/** Nothing is corrected: the section says so, and goes. */
const NONE = /^\W*(?:none|nothing|no corrections?|n\/a|there is nothing to correct)\b[^\n]{0,120}$/i

/**
 * Returns the sections with the last writer's corrections carried out: each names a section, words that stand in it once,
 * and what they become ("" takes them out). One that cannot be carried out is shown at the end of the section that it names;
 * only what names none stays in the section of corrections, which goes without any. A section is never emptied.
 *
 * @param rewritten headings of sections that were written anew after the corrections: what does not stand in them any more is left out.
 */
export function applyCorrections(
  sections: ReadonlyMap<string, string>,
  rewritten: ReadonlySet<string> = new Set(),
): Map<string, string> {
  const corrected = new Map(sections)
  const body = sections.get(CORRECTIONS)
  if (body === undefined) return corrected
  const left: string[] = []
  let tried = 0
  for (const line of body.split('\n')) {
    const match = CORRECTION.exec(line)
    if (match !== null && tried++ < MOST) {
      if (carriedOut(corrected, match)) continue
      if (rewritten.has(canonicalHeading(match[1] ?? '') ?? '')) continue
      if (shown(corrected, match)) continue
    }
    if (!NONE.test(line.replace(/^\s*[-*+]\s+/, ''))) left.push(line)
  }
  const rest = left.join('\n').trim()
  if (rest === '') corrected.delete(CORRECTIONS)
  else corrected.set(CORRECTIONS, rest)
  return corrected
}

function carriedOut(
  sections: Map<string, string>,
  [, name = '', quoted = '', now = '']: RegExpExecArray,
): boolean {
  const old = quoted.trim()
  if (old.length < SHORTEST) return false
  const named = canonicalHeading(name)
  // Writers mistake the section; the words themselves tell where they stand.
  const others = [...sections.keys()].filter((heading) => heading !== named && heading !== CORRECTIONS)
  const places = [named, ...others].flatMap((heading) => {
    const body = heading === null || heading === CORRECTIONS ? undefined : sections.get(heading)
    const span = body === undefined ? null : findOnce(body, old)
    return heading === null || body === undefined || span === null ? [] : [{ heading, body, span }]
  })
  const [place] = places
  if (place === undefined || (place.heading !== named && places.length > 1)) return false
  const { heading, body, span } = place
  const changed = tidied(body.slice(0, span.from) + now.trim() + body.slice(span.to), now === '')
  if (problemOf(changed) !== null || changed.length < body.length * LEAST_LEFT) return false
  sections.set(heading, changed)
  return true
}

/** Shows a correction where what it corrects stands. */
function shown(sections: Map<string, string>, [, name = '', old = '', now = '']: RegExpExecArray): boolean {
  const heading = canonicalHeading(name)
  const body = heading === null || heading === CORRECTIONS ? undefined : sections.get(heading)
  if (heading === null || body === undefined) return false
  const said = now.trim() === '' ? `leave out "${old.trim()}"` : `"${old.trim()}" → "${now.trim()}"`
  sections.set(heading, `${body.trimEnd()}\n\n${CORRECTION_LINE} ${said}`)
  return true
}

/** What is left of a sentence that was taken out: two blanks, a mark of evidence alone in its item. */
function tidied(body: string, isCut: boolean): string {
  if (!isCut) return body
  return body
    .split('\n')
    .map((line) => line.replace(/(?<=\S) {2,}/g, ' ').trimEnd())
    .filter(
      (line) =>
        !/^\s*(?:[-*+]|\d{1,2}[.)])?\s*(?:\[p\. [\d, –-]+\])?[\s.]*$/.test(line) || line.trim() === '',
    )
    .join('\n')
}
