import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Truth {
  text: string | null
  /** Titles of level-1 sections; null if unknown. */
  sections: string[] | null
  references: number | null
}

/** Reads `truth/` beside the PDFs: `.txt`, `.tei.xml` (GROBID) and `.refs.json`. */
export function readTruths(folder: string): Map<string, Truth> {
  const truths = new Map<string, Truth>()
  const dir = join(folder, 'truth')
  for (const file of readdirSync(dir)) {
    const match = /^(.+?)\.(pypdfbench\.txt|latex\.txt|txt|tei\.xml|refs\.json)$/.exec(file)
    if (match === null) continue
    const [, name, kind] = match as unknown as [string, string, string]
    const truth = truths.get(name) ?? { text: null, sections: null, references: null }
    const body = readFileSync(join(dir, file), 'utf8')
    if (kind === 'tei.xml') {
      truth.text = teiText(body)
      truth.sections = teiSections(body)
      truth.references = body.split('<biblStruct xml:id="b').length - 1
    } else if (kind === 'refs.json') truth.references = countReferences(body)
    else truth.text = body
    truths.set(name, truth)
  }
  return truths
}

/** One of the hand-made lists goes over from JSON to plain lines half way. */
function countReferences(body: string): number {
  try {
    return (JSON.parse(body) as unknown[]).length
  } catch {
    const raw = body.split('"raw"').length - 1
    const end = body.lastIndexOf('"raw"')
    const plain = body.slice(body.indexOf('\n', end)).split('\n')
    return raw + plain.filter((l) => /^\s*\p{Lu}\S*,? .*\d{4}/u.test(l)).length
  }
}

function teiText(xml: string): string {
  const title = /<title level="a" type="main"[^>]*>([^<]*)/.exec(xml)?.[1] ?? ''
  const abstract = /<abstract>([\s\S]*?)<\/abstract>/.exec(xml)?.[1] ?? ''
  const body = /<body>([\s\S]*?)<\/body>/.exec(xml)?.[1] ?? ''
  return strip(`${title}\n${abstract}\n${body.replace(/<figure[\s\S]*?<\/figure>/g, '')}`)
}

function teiSections(xml: string): string[] {
  const body = /<body>([\s\S]*?)<\/body>/.exec(xml)?.[1] ?? ''
  const heads = body.replace(/<figure[\s\S]*?<\/figure>/g, '').matchAll(/<head([^>]*)>([\s\S]*?)<\/head>/g)
  return [...heads].filter((m) => /n="(\d+|[IVX]+)\.?"/.test(m[1]!)).map((m) => strip(m[2]!))
}

function strip(xml: string): string {
  return xml
    .replace(/<head[^>]*>/g, '\n')
    .replace(/<\/(p|head|formula)>/g, '\n')
    .replace(/<[^>]+>/g, ' ')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&apos;|&#39;/g, "'")
    .replace(/&amp;/g, '&')
}
