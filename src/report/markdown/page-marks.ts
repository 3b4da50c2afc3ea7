const MARK = /\[p\. (\d{1,4}(?:(?:, |–|-)\d{1,4}){0,20})\]/
const MARKS = new RegExp(`${MARK.source}(?:\\s?${MARK.source})*`, 'g')
/** What is not the paper's has no page: a mark after it must not cover it. */
const OWN_WORDS = /\b(?:Inference|Assumption|computed)\b/i

/**
 * Returns a section's Markdown with one mark for a run of statements from one page, at the run's end: `a [p. 4]; b [p. 4]`
 * becomes `a; b [p. 4]`, and marks side by side become one, `[p. 4, 7]`. Runs do not reach over lines, nor over what a writer
 * infers.
 */
export function joinMarks(markdown: string): string {
  return markdown.split('\n').map(joinLine).join('\n')
}

function joinLine(line: string): string {
  const merged = line.replace(MARKS, (run) => {
    const pages = [...run.matchAll(new RegExp(MARK.source, 'g'))].flatMap(([, list = '']) => list.split(', '))
    return `[p. ${[...new Set(pages)].join(', ')}]`
  })
  const marks = [...merged.matchAll(new RegExp(MARK.source, 'g'))]
  let text = ''
  let from = 0
  for (const [index, mark] of marks.entries()) {
    const next = marks[index + 1]
    const end = mark.index + mark[0].length
    const between = next === undefined ? '' : merged.slice(end, next.index)
    const goesOn =
      next !== undefined && next[1] === mark[1] && !OWN_WORDS.test(between) && !between.includes('|')
    text += merged.slice(from, goesOn ? mark.index : end).replace(goesOn ? /\s+$/ : /(?!)/, '')
    from = end
  }
  return text + merged.slice(from)
}
