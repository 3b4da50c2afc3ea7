import { parseEntry } from './atom.js'
import { parseRecord } from './oai-pmh.js'
import { readingScanner, RecordError, type MetadataFormat, type MetadataRecord } from './types.js'
import { textOrNull } from './values.js'
import { elementScanner, textOf, type XmlElement } from './xml-elements.js'
import { rootOf } from './xml-root.js'

const RECORDS: ReadonlySet<string> = new Set(['entry', 'record', 'error'])

/** Answers of both servers that stand one behind the other in a file are all read. */
const scanner: MetadataFormat['scanner'] = () => readingScanner(elementScanner(RECORDS), parseFound)

/** What arXiv's API answers (https://info.arxiv.org/help/api/user-manual.html): one `entry` a paper. */
export const atom: MetadataFormat = {
  name: 'atom',
  accepts: (sample) => ['feed', 'entry'].includes(rootOf(sample) ?? ''),
  scanner,
}

/**
 * What arXiv's OAI-PMH server answers (https://info.arxiv.org/help/oa/), in any of its three metadata formats; also within
 * an element of those who collect them.
 */
export const oaiPmh: MetadataFormat = {
  name: 'oai-pmh',
  accepts: (sample) => {
    const root = rootOf(sample)
    return (
      ['OAI-PMH', 'ListRecords', 'GetRecord', 'record'].includes(root ?? '') ||
      (root !== null && sample.bytes.includes('oai:arXiv.org:'))
    )
  },
  scanner,
}

function parseFound(element: XmlElement): MetadataRecord {
  if (element.name === 'entry') return parseEntry(element)
  if (element.name === 'record') return parseRecord(element)
  const said = `${element.attributes['code'] ?? 'error'}: ${textOrNull(textOf(element)) ?? ''}`
  throw new RecordError(`the server says: ${said}`, { reason: 'an error of the server' })
}
