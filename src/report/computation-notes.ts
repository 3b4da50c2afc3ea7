const OPENING = /[ \t]*\(computed:[ \t]*/gi
/** Longer ones are no computation; a bracket that nobody closed would take the rest of its line along. */
const LONGEST = 400
const DEFINITION = /^\[\^(c\d+)\]: (.*)$/gm
const REFERENCE = /\[\^(c\d+)\](?!:)/g

/**
 * Moves the computations of a section, `(computed: 0.6 / 0.3 = 2.0)`, out of its sentences into footnotes `[^c1]` below it,
 * in the form that Markdown readers show small, and leaves in them what comes out; {@link withComputations} is the way back.
 *
 * @param first the number of the section's first note.
 * @returns the section, and how many notes it has.
 */
export function noteComputations(markdown: string, first: number): { markdown: string; count: number } {
  const notes: string[] = []
  let text = ''
  let from = 0
  for (const match of markdown.matchAll(OPENING)) {
    const start = match.index + match[0].length
    const end = closingOf(markdown, start)
    if (end === null || match.index < from) continue
    const label = `[^c${first + notes.length}]`
    const note = markdown.slice(start, end).trim()
    notes.push(`${label}: ${note}`)
    text += markdown.slice(from, match.index)
    text += resultLeftIn(text, note) + label
    from = end + 1
  }
  if (notes.length === 0) return { markdown, count: 0 }
  return { markdown: `${text}${markdown.slice(from)}\n\n${notes.join('\n')}`, count: notes.length }
}

/** Returns a section with its computations where the sentences are that they belong to. */
export function withComputations(section: string): string {
  const notes = new Map(
    [...section.matchAll(DEFINITION)].map(([, label = '', note = '']): [string, string] => [label, note]),
  )
  if (notes.size === 0) return section
  return section
    .replace(DEFINITION, '')
    .replace(REFERENCE, (reference, label: string) => {
      const note = notes.get(label)
      return note === undefined ? reference : ` (computed: ${note})`
    })
    .trimEnd()
}

const RESULT = /[=≈]\s*(?:about |some |roughly |~)?([−-]?\d[\d,.]*\d|\d)(?=\s?(%?))[^=≈;]*$/
const NUMBER = /\d(?:[\d,.]*\d)?/g
const SENTENCE = 300

/** Returns the results in brackets where the sentence before does not tell them: what decides belongs there, not into a note. */
function resultLeftIn(before: string, note: string): string {
  const told = new Set(before.slice(-SENTENCE).split('\n').at(-1)?.match(NUMBER))
  const results = note.split(';').flatMap((part) => {
    const [, value, percent = ''] = RESULT.exec(part) ?? []
    return value === undefined ? [] : [{ value, shown: `${value}${percent}` }]
  })
  const isTold = results.some(({ value }) => told.has(value.replace(/^[−-]/, '')))
  return results.length === 0 || isTold ? '' : ` (${results.map(({ shown }) => shown).join('; ')})`
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
