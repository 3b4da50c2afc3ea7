export interface PaperSection {
  /** Heading text without its number. */
  title: string
  /** 1 = section, 2 = subsection, 3 = below. */
  level: number
  /** `3.1`, `IV`, `A`; null where headings carry none. */
  number: string | null
  /** Page on which the heading stands, from 1. */
  page: number
  /** Running text up to the next heading of any level, paragraphs parted by a blank line. */
  text: string
}

/** What was read from one PDF. */
export interface ExtractedPaper {
  pages: number
  title: string | null
  /** As printed below the title, without marks; [] where none could be told. */
  authors: string[]
  affiliations: string[]
  abstract: string | null
  /** The authors' own. */
  keywords: string[]
  /** In small letters; null where the first page names none, or several. */
  doi: string | null
  /** Id and version that arXiv has stamped on the margin of the first page; null: there is no stamp. */
  arxivStamp: string | null
  /** Title, authors and affiliations as printed, one line; '' where none stand before the text. */
  front: string
  /** The whole running text without references, in reading order, in the paper-text format (see `paperText`). */
  text: string
  sections: PaperSection[]
  /** Figure and table captions, kept apart from the running text. */
  captions: { label: string; page: number; text: string }[]
  references: string[]
  /** Characters left out because nobody could see them (white, tiny, off the page). */
  hiddenCharacters: number
  /** The first of them, as text; '' or left out where there are none. For looking at, never for a prompt. */
  hiddenText?: string
  /** Name and version of the reader, for provenance. */
  extractor: string
}

export interface ExtractLimits {
  maxBytes: number
  maxPages: number
  /** Deadline per document; the worker is killed at it. */
  timeoutMs: number
}
