import { CORE_CONTRIBUTION, REPORT_SECTIONS, type Writer } from '../core/report-sections.js'

/** Headings that models write instead of the one asked for. */
const ALIASES: Readonly<Record<string, string>> = {
  'open questions': 'Open Questions the Paper Calls Out',
  'why this works': 'Why This Works (Mechanism)',
  'why it works': 'Why This Works (Mechanism)',
  'mechanism why this works': 'Why This Works (Mechanism)',
}

const MAX_HEADING = 120
const NUMBERING =
  /^(?:section\s+)?(?:\d{1,2}(?:\.\d{1,2})*|[ivx]{1,5}|[a-k])\s*[.):\-–—]\s+|^\d{1,2}(?:\.\d{1,2})*\s+/i

/** Returns the headings a writer owes, in report order; `key_outcome` owes the core contribution first. */
export function headingsOf(writer: Writer): string[] {
  const owed = REPORT_SECTIONS.filter((section) => section.writer === writer).map((s) => s.heading)
  return writer === 'key_outcome' ? [CORE_CONTRIBUTION, ...owed] : owed
}

/** Returns the heading of the report that a line's text means, or null: case, numbering, emphasis, punctuation and plural do not matter. */
export function canonicalHeading(text: string): string | null {
  if (text.length > MAX_HEADING) return null
  const bare = text.replace(/[*_`#]+/g, ' ').trim()
  const plain = bare.replace(NUMBERING, '')
  return (
    KNOWN.get(fold(bare)) ??
    KNOWN.get(fold(plain)) ??
    KNOWN.get(fold(plain.replace(/\([^()]*\)\s*:?$/, ''))) ??
    null
  )
}

/** Returns the heading among `owed` that a longer one begins with ("Limitations and Future Work"), or null. */
export function headingBegunBy(text: string, owed: readonly string[]): string | null {
  if (text.length > MAX_HEADING) return null
  const folded = fold(
    text
      .replace(/[*_`#]+/g, ' ')
      .trim()
      .replace(NUMBERING, ''),
  )
  return owed.find((heading) => folded.startsWith(`${fold(heading)} `)) ?? null
}

/** Returns the words of a text in lower case without plural s, parted by one space; what two headings are compared by. */
export function fold(text: string): string {
  const words =
    text
      .normalize('NFKC')
      .toLowerCase()
      .replace(/&/g, ' and ')
      .match(/[\p{L}\p{N}]+/gu) ?? []
  return words.map((word) => word.replace(/(?<=[a-z]{3})s$/, '')).join(' ')
}

const KNOWN = new Map<string, string>([
  ...Object.entries(ALIASES).map(([alias, heading]): [string, string] => [fold(alias), heading]),
  ...[...REPORT_SECTIONS.map((section) => section.heading), CORE_CONTRIBUTION].map(
    (heading): [string, string] => [fold(heading), heading],
  ),
])
