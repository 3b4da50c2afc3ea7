/** Writes what a well-behaved model would: every heading asked for, with sentences of the paper under it. */
export function writeAnswer(prompt: string): string {
  const headings = [...prompt.matchAll(/^[ \t]*- (## .+?)\s*$/gm)].map(([, heading]) => heading ?? '')
  const paper = /<paper>(.*)<\/paper>/s.exec(prompt)?.[1] ?? prompt
  // What the prompt says of the paper, and headings, are no words of its text.
  const evidence = sentencesWithPages(paper.replace(/^(?:Title|Authors|Published): .*|^#+ .*/gm, ''))
  if (headings.length === 0) return bullets(evidence, 0, 3)
  return headings.map((heading, index) => `${heading}\n\n${bullets(evidence, index * 4, 4)}`).join('\n\n')
}

/** Sentences that stand alone, each with the mark of its page where the text has marks. */
function sentencesWithPages(paper: string): string[] {
  let page = ''
  return paper.split(/(\[p\. \d+\])/).flatMap((part) => {
    if (/^\[p\. \d+\]$/.test(part)) {
      page = ` ${part}`
      return []
    }
    return part
      .replace(/\s+/g, ' ')
      .trim()
      .split(/(?<=[.!?]) (?=\p{Lu})/u)
      .filter((sentence) => sentence.length >= 40 && sentence.length <= 300 && /[.!?]$/.test(sentence))
      .map((sentence) => `"${sentence.replaceAll('"', "'")}"${page}`)
  })
}

function bullets(evidence: readonly string[], from: number, count: number): string {
  const chosen = Array.from(
    { length: count },
    (_, index) => evidence[(from + index) % (evidence.length || 1)],
  )
  return chosen
    .map(
      (sentence, index) =>
        `- The paper says: ${sentence ?? `nothing that could serve as point ${from + index}.`}`,
    )
    .join('\n')
}
