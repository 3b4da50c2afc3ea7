/** A paper as a metadata file describes it: its newest version, texts on one line, times as ISO text in UTC. */
export interface ImportedPaper {
  arxiv_id: string
  /** Null: the metadata do not say which version they describe. */
  version: number | null
  title: string
  abstract: string
  authors: string
  /** Space-separated, the primary one first. */
  categories: string
  primary_category: string | null
  published_at: string | null
  updated_at: string | null
  /** When arXiv last changed these metadata, at least the day; null where they do not say. */
  changed_at: string | null
  doi: string | null
  journal_ref: string | null
  comment: string | null
  /** Address of the licence. */
  license: string | null
  /** Whether there is nothing to read of this version: its authors or arXiv took it back. */
  withdrawn: boolean
}

/** What a record of a file says. */
export type MetadataRecord = ImportedPaper | Removal

/** arXiv no longer has the paper. */
export interface Removal {
  removed: string
}

/** What was found in a file, or what is wrong with it. `line` counts from 1. */
export type Found<T> = { line: number; content: T } | Rejected

/** What cannot be read. `problem` says what is wrong with this one, `reason` what it is called of all of its kind. */
export interface Rejected {
  line: number
  problem: string
  reason: string
}

/** Cuts a byte stream into records; holds at most one record. */
export interface RecordScanner<T> {
  push(chunk: Buffer): Found<T>[]
  /** What is found here has no end of its own. */
  end(): Found<T>[]
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
  scanner(): RecordScanner<MetadataRecord>
}

/** A record that cannot be imported; the others can. `reason`: as in {@link Rejected}, default the message. */
export class RecordError extends Error {
  readonly reason: string

  constructor(message: string, options: ErrorOptions & { reason?: string } = {}) {
    super(message, options)
    this.reason = options.reason ?? message
  }
}

/** Returns a scanner that reads what another one finds; a RecordError of `read` becomes the record's problem. */
export function readingScanner<T, R>(scanner: RecordScanner<T>, read: (content: T) => R): RecordScanner<R> {
  const readOne = (found: Found<T>): Found<R> => {
    if ('problem' in found) return found
    try {
      return { line: found.line, content: read(found.content) }
    } catch (error) {
      if (error instanceof RecordError)
        return { line: found.line, problem: error.message, reason: error.reason }
      throw error
    }
  }
  return { push: (chunk) => scanner.push(chunk).map(readOne), end: () => scanner.end().map(readOne) }
}
