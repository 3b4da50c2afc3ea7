import type { ExtractedPaper } from './types.js'

/** Returns the text of a paper in the paper-text format. */
export function paperText(paper: ExtractedPaper): string {
  return paper.text
}

interface Part {
  title: string
  /** The heading line and everything up to the next level-1 heading, as paragraphs. */
  paragraphs: string[]
  shortened: boolean
}

/** What goes first when a text is too long; what stands in no class goes last. */
const DROP_FIRST =
  /^(acknowledge?ments?|funding|author contributions?|appendi(x|ces)|supplement|competing|conflicts? of)/i
const APPENDIX_NUMBER = /^(appendix\b|[A-Z](\.\d+)*[.:]?\s+\S)/
const DROP_SECOND = /^(related|previous|prior) works?|^background|^preliminaries/i

/**
 * Returns the text with at most `maxChars` characters, and the titles of the sections that were cut. First go
 * acknowledgements and appendices, then related work, then the ends of the longest sections, at paragraph borders;
 * the abstract stays whole. A line `[… section "X" shortened …]` stands where something is missing.
 */
export function cutPaperText(text: string, maxChars: number): { text: string; cut: string[] } {
  if (text.length <= maxChars) return { text, cut: [] }
  const parts = partsOf(text)
  const size = (): number => parts.reduce((n, p) => n + sizeOf(p), -2)
  for (const isTarget of [dropsFirst, dropsSecond]) {
    for (const part of [...parts].reverse()) {
      if (size() <= maxChars) break
      if (isTarget(part, parts)) shorten(part, 1)
    }
  }
  while (size() > maxChars) {
    const longest = longestOf(parts)
    if (longest === null) break
    shorten(longest, longest.paragraphs.length - 1)
  }
  return {
    text: parts.map(textOf).join('\n\n'),
    cut: parts.filter((p) => p.shortened).map((p) => p.title),
  }
}

function partsOf(text: string): Part[] {
  const parts: Part[] = []
  for (const paragraph of text.split('\n\n')) {
    const heading = /^## (.*)$/u.exec(paragraph)
    if (heading !== null || parts.length === 0) {
      parts.push({ title: heading?.[1] ?? '', paragraphs: [], shortened: false })
    }
    parts.at(-1)!.paragraphs.push(paragraph)
  }
  return parts
}

function dropsFirst(part: Part, parts: readonly Part[]): boolean {
  if (DROP_FIRST.test(part.title.replace(/^\S+\s+/u, '')) || DROP_FIRST.test(part.title)) return true
  return (
    APPENDIX_NUMBER.test(part.title) && !/^I\.? /.test(part.title) && parts.indexOf(part) > parts.length / 3
  )
}

function dropsSecond(part: Part): boolean {
  return DROP_SECOND.test(part.title) || DROP_SECOND.test(part.title.replace(/^[\dIVX.]+\s+/u, ''))
}

function longestOf(parts: readonly Part[]): Part | null {
  let longest: Part | null = null
  for (const part of parts) {
    if (part.title === 'Abstract' || part.paragraphs.length < 2) continue
    if (longest === null || sizeOf(part) > sizeOf(longest)) longest = part
  }
  return longest
}

/** Keeps the first paragraphs; page marks further down are lost with their text. */
function shorten(part: Part, keep: number): void {
  part.paragraphs.length = Math.min(part.paragraphs.length, keep)
  part.shortened = true
}

function textOf(part: Part): string {
  const lines = [...part.paragraphs]
  if (part.shortened) lines.push(`[… section "${part.title}" shortened …]`)
  return lines.join('\n\n')
}

function sizeOf(part: Part): number {
  return textOf(part).length + 2
}
