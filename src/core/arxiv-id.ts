import { RpaError } from './errors.js'

export interface ArxivId {
  /** The id as written, with its version if one was given. */
  full: string
  /** Without version. */
  base: string
  /** `v2` → 2; null if none was given. */
  version: number | null
}

/** `2401.01234v2` since 2007-04 (four digits after the dot until 2014-12); `0000.` is free for samples. */
const NEW_ID = /^(\d{4}\.\d{4,5})(?:v([1-9]\d{0,2}))?$/
/** `hep-th/9901001`, `math.GT/0309136v1` before that. */
const OLD_ID = /^([a-z]+(?:-[a-z]+)?(?:\.[A-Z]{2})?\/\d{7})(?:v([1-9]\d{0,2}))?$/

/**
 * Returns the parts of an arXiv identifier (https://info.arxiv.org/help/arxiv_identifier.html). Throws RpaError
 * `bad_arxiv_id` for everything else, so that an id is safe in paths and URLs.
 */
export function parseArxivId(text: string): ArxivId {
  const match = NEW_ID.exec(text) ?? OLD_ID.exec(text)
  if (match === null) {
    throw new RpaError('bad_arxiv_id', `${JSON.stringify(text.slice(0, 80))} is not an arXiv id`, {
      hint: 'Ids look like 2401.01234, 2401.01234v2, hep-th/9901001 or math.GT/0309136.',
    })
  }
  return { full: text, base: match[1]!, version: match[2] === undefined ? null : Number(match[2]) }
}

/** Returns the id as a file name without extension: `/` as `_`. Throws RpaError `bad_arxiv_id`. */
export function fileStem(id: string): string {
  return parseArxivId(id).full.replace('/', '_')
}
