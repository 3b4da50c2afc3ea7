import { parseArxivId } from '../../core/arxiv-id.js'
import type { RemotePdfSource } from '../../core/settings/setting-values.js'

/**
 * Paths in the public bucket (https://www.kaggle.com/datasets/Cornell-University/arxiv): those of ids since 2007-04 under
 * `arxiv`, older ones under their archive; some of the first lie one level higher.
 */
const BUCKET_PATHS = {
  each: '/arxiv/{archive}/pdf/{yymm}/{number}v{version}.pdf',
  alsoNew: '/arxiv/pdf/{yymm}/{number}v{version}.pdf',
}

/**
 * Returns the addresses at which a source may have a paper's PDF, in the order in which they are to be tried; [] where the
 * version is needed and unknown.
 *
 * @param template with places for `{arxiv_id}`, `{yymm}`, `{version}`, `{archive}`, `{number}`; the bucket's may be its root.
 * @param version of the paper, where its id has none; null if unknown.
 */
export function pdfAddresses(
  source: RemotePdfSource,
  template: string,
  arxivId: string,
  version: number | null,
): string[] {
  const id = parseArxivId(arxivId)
  const [, archive = 'arxiv', number = id.base] = /^([a-z-]+)(?:\.[A-Z]{2})?\/(\d{7})$/.exec(id.base) ?? []
  const known = id.version ?? version
  const values: Record<string, string | null> = {
    // The whole id names its version, unless the template has a place for that.
    arxiv_id: template.includes('{version}') ? id.base : id.full,
    yymm: number.slice(0, 4),
    version: known === null ? null : String(known),
    archive,
    number,
  }
  const isRoot = source === 'bucket' && !template.includes('{')
  const root = template.replace(/\/+$/, '')
  const paths = archive === 'arxiv' ? [BUCKET_PATHS.each, BUCKET_PATHS.alsoNew] : [BUCKET_PATHS.each]
  return (isRoot ? paths.map((path) => root + path) : [template]).flatMap((one) => filled(one, values) ?? [])
}

function filled(template: string, values: Readonly<Record<string, string | null>>): string | null {
  const names = [...template.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
  if (names.some((name) => values[name] === null)) return null
  return template.replace(/\{(\w+)\}/g, (place, name: string) => values[name] ?? place)
}
