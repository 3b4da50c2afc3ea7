/** A paper as a metadata file describes it: its newest version, texts on one line, times as ISO text in UTC. */
export interface ImportedPaper {
  arxiv_id: string
  version: number
  title: string
  abstract: string
  authors: string
  /** Space-separated, the primary one first. */
  categories: string
  primary_category: string | null
  published_at: string | null
  updated_at: string | null
  pdf_url: string
  doi: string | null
  journal_ref: string | null
  comment: string | null
}

/** The text of one record of a file, or what is wrong with it. `line` counts from 1. */
export type RawRecord = { line: number; text: string } | { line: number; problem: string }

/** Cuts a byte stream into records; holds at most one record. */
export interface RecordScanner {
  push(chunk: Buffer): RawRecord[]
  end(): RawRecord[]
}

/** The beginning of a file's (unpacked) content. */
export interface Sample {
  bytes: Buffer
  /** Whether that is all of it. */
  whole: boolean
}

/** One kind of metadata file. */
export interface MetadataFormat {
  name: string
  /** Returns whether a file that begins so is of this kind. */
  accepts(sample: Sample): boolean
  scanner(): RecordScanner
  /** Returns the paper of a record. Throws RecordError when it describes none. */
  parse(text: string): ImportedPaper
}

/** A record that cannot be imported; the others can. */
export class RecordError extends Error {}
