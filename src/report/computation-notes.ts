const OPENING = /[ \t]*\(computed:[ \t]*/gi
/** Longer ones are no computation; a bracket that nobody closed would take the rest of its line along. */
const LONGEST = 400
const DEFINITION = /^\[\^(c\d+)\]: (.*)$/gm
const REFERENCE = /\[\^(c\d+)\](?!:)/g

/**
 * Moves the computations of a section, `(computed: 0.6 / 0.3 = 2.0)`, out of its sentences, which say what comes out, into
 * footnotes `[^c1]`, in the form that Markdown readers show small; {@link withComputations} is the way back.
 *
 * @param first the number of the section's first note.
 * @returns the section, and its notes as lines for the end of the report.
 */
export function noteComputations(markdown: string, first: number): { markdown: string; notes: string[] } {
  const notes: string[] = []
  let text = ''
  let from = 0
  for (const match of markdown.matchAll(OPENING)) {
    const start = match.index + match[0].length
    const end = closingOf(markdown, start)
    if (end === null || match.index < from) continue
    const label = `[^c${first + notes.length}]`
    notes.push(`${label}: ${markdown.slice(start, end).trim()}`)
    text += markdown.slice(from, match.index) + label
    from = end + 1
  }
  return { markdown: `${text}${markdown.slice(from)}`, notes }
}

/** Returns a report with its computations where the sentences are that they belong to. */
export function withComputations(report: string): string {
  const notes = new Map(
    [...report.matchAll(DEFINITION)].map(([, label = '', note = '']): [string, string] => [label, note]),
  )
  if (notes.size === 0) return report
  return report
    .replace(DEFINITION, '')
    .replace(REFERENCE, (reference, label: string) => {
      const note = notes.get(label)
      return note === undefined ? reference : ` (computed: ${note})`
    })
    .trimEnd()
}

/** Returns where the bracket is closed that was opened before `start`; null where it is not, on its line. */
function closingOf(markdown: string, start: number): number | null {
  let depth = 1
  for (let at = start; at < markdown.length && at < start + LONGEST; at += 1) {
    const letter = markdown[at]
    if (letter === '\n') return null
    if (letter === '(') depth += 1
    if (letter === ')') depth -= 1
    if (depth === 0) return at
  }
  return null
}
