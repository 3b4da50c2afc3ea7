import { isUtf8 } from 'node:buffer'
import { RpaError } from '../../core/errors.js'
import { arrayScanner, lineScanner } from './json-records.js'
import { kaggleArray, kaggleLines, kaggleObjects, sampleObjects } from './kaggle.js'
import type { MetadataFormat, RecordScanner, Sample } from './types.js'
import { atom, oaiPmh } from './xml.js'
import { rootOf } from './xml-root.js'

/** The formats an import reads; the first that accepts a file reads it. */
const FORMATS: readonly MetadataFormat[] = [kaggleLines, kaggleObjects, kaggleArray, atom, oaiPmh]

const MAGIC: readonly (readonly [prefix: string, description: string])[] = [
  ['PK\x03\x04', 'a zip archive (unpack it, or pipe it: `unzip -p FILE.zip | rpa corpus import -`)'],
  ['\xfd7zXZ', 'an xz archive (pipe it: `xz -dc FILE | rpa corpus import -`)'],
  ['BZh', 'a bzip2 archive (pipe it: `bzip2 -dc FILE | rpa corpus import -`)'],
  ['\x28\xb5\x2f\xfd', 'a zstd archive (pipe it: `zstd -dc FILE | rpa corpus import -`)'],
  ['%PDF-', 'a PDF'],
  ['SQLite format 3\0', 'an SQLite file (give it as --corpus instead)'],
  ['\xff\xfe', 'text in UTF-16 (convert it to UTF-8)'],
  ['\xfe\xff', 'text in UTF-16 (convert it to UTF-8)'],
  ...['{', '[', '<'].flatMap((sign): [string, string][] => [
    [`${sign}\0`, 'text in UTF-16 (convert it to UTF-8)'],
    [`\0${sign}`, 'text in UTF-16 (convert it to UTF-8)'],
  ]),
  ['\x1f\x8b', 'gzip packed twice (pipe it: `gunzip -c FILE | rpa corpus import -`)'],
]

/** Returns the format of a file by its content. Throws RpaError `import_format` naming what the file looks like. */
export function formatOf(file: string, sample: Sample): MetadataFormat {
  const format = FORMATS.find((candidate) => candidate.accepts(sample))
  if (format !== undefined) return format
  throw new RpaError('import_format', `${file} is no arXiv metadata: it looks like ${describe(sample)}.`, {
    hint: 'Metadata are read from Kaggle’s arxiv-metadata-oai-snapshot.json (JSON lines or one JSON array), from answers of arXiv’s API (Atom) and of its OAI-PMH server, gzip too.',
  })
}

function describe(sample: Sample): string {
  if (sample.bytes.length === 0) return 'an empty file'
  const head = sample.bytes.subarray(0, 4096).toString('latin1')
  const known = MAGIC.find(([prefix]) => head.startsWith(prefix))
  if (known !== undefined) return known[1]
  const text = sample.bytes
    .subarray(0, 4096)
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart()
  if (text.startsWith('{')) return describeJson('JSON lines', sample, lineScanner())
  if (text.startsWith('[')) return describeJson('a JSON array', sample, arrayScanner())
  if (text.startsWith('<')) return describeXml(text, rootOf(sample))
  // eslint-disable-next-line no-control-regex -- control characters are what tells binary data
  if (/[\0-\x08\x0e-\x1a]/.test(text)) return 'binary data'
  return text === '' ? 'blank text' : `text that begins ${JSON.stringify(text.slice(0, 40))}`
}

function describeJson(kind: string, sample: Sample, scanner: RecordScanner<string>): string {
  const first = sampleObjects(sample, scanner)[0]
  if (first === undefined) {
    const line = sample.bytes.subarray(0, sample.bytes.indexOf('\n') + 1)
    return isUtf8(line) && (line.length > 0 || !sample.whole || isUtf8(sample.bytes))
      ? `${kind}, but no record in it can be read`
      : `${kind} that are not in UTF-8 (convert them: \`iconv -f LATIN1 -t UTF-8 FILE | rpa corpus import -\`)`
  }
  const keys = Object.keys(first).filter((key) => key.trim() !== '')
  const shown = keys.slice(0, 8).join(', ').slice(0, 200)
  const which = keys.length === 0 ? 'without keys' : `with the ${keys.length === 1 ? 'key' : 'keys'} ${shown}`
  return `${kind} ${which} (id, title and abstract are needed)`
}

function describeXml(text: string, root: string | null): string {
  return root?.toLowerCase() === 'html' || /^<!doctype html/i.test(text)
    ? 'a web page'
    : `XML (${root ?? 'without an element'})`
}
