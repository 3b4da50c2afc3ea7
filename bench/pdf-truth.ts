import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Truth {
  /** Paragraphs, headings and captions as the PDF prints them; null if unknown. */
  text: string[] | null
  /** True if the text holds the list of references. */
  hasReferences: boolean
  /** True if the text begins with the first section: pandoc leaves title, authors and abstract out. */
  bodyOnly: boolean
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
    const truth = truths.get(name) ?? {
      text: null,
      hasReferences: false,
      bodyOnly: false,
      sections: null,
      references: null,
    }
    const body = readFileSync(join(dir, file), 'utf8')
    if (kind === 'tei.xml') {
      truth.text = teiParagraphs(body)
      truth.hasReferences = body.includes('type="raw_reference"')
      truth.sections = teiSections(body)
      truth.references = /<biblStruct[^>]*xml:id="b\d/.test(body)
        ? (body.match(/<biblStruct[^>]*xml:id="b\d/g)?.length ?? 0)
        : null
    } else if (kind === 'refs.json') truth.references = countReferences(body)
    else {
      truth.text = kind === 'latex.txt' ? latexParagraphs(body) : printedParagraphs(body)
      truth.bodyOnly = kind === 'latex.txt'
      truth.hasReferences = /^\s*(references|bibliography|literatur(verzeichnis)?)\s*$/im.test(body)
    }
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

/** A text copied by hand from the page holds its running heads, marks of pictures and the arXiv stamp. */
function printedParagraphs(body: string): string[] {
  const lines = body.split('\n')
  const times = new Map<string, number>()
  for (const line of lines) times.set(headOf(line), (times.get(headOf(line)) ?? 0) + 1)
  return lines
    .filter((l) => !(/^\d+ .*\p{Lu}{3}|\p{Lu}{3}.* \d+$/u.test(l) && times.get(headOf(l))! > 1))
    .filter((l) => !/^arXiv:\d|^\[IMAGE\]$/.test(l))
    .join('\n')
    .split(/\n\s*\n/)
}

function headOf(line: string): string {
  return line.replace(/[\d\s.]+/g, '').toLowerCase()
}

/**
 * What pandoc made of LaTeX holds things that no page shows (names of labels, formulas in TeX) and lost others
 * (citations): runs of words do not cross such a place, nor the border of a table's cell.
 */
function latexParagraphs(body: string): string[] {
  return body
    .replace(/^.*(?:&.*){3,}$/gm, (row) => row.replaceAll('&', '\n\n'))
    .replace(/\$\$?[^$]*\$\$?/g, '\n\n')
    .replace(/\[(?:image|[A-Za-z]+[:_][^\]]*|[A-Z]{2,}\w*|\d+)\]/g, '\n\n')
    .replace(/ {2,}(?=\S)/g, '\n\n')
    .split(/\n\s*\n/)
    .filter((p) => /\p{L}{2}/u.test(p))
}

function teiParagraphs(xml: string): string[] {
  const title = /<title level="a" type="main"[^>]*>([^<]*)/.exec(xml)?.[1] ?? ''
  const abstract = /<abstract>([\s\S]*?)<\/abstract>/.exec(xml)?.[1] ?? ''
  const body = /<body>([\s\S]*?)<\/body>/.exec(xml)?.[1] ?? ''
  const back = /<back>([\s\S]*?)<\/back>/.exec(xml)?.[1] ?? ''
  const references = [...back.matchAll(/<note type="raw_reference">([\s\S]*?)<\/note>/g)].map((m) => m[1]!)
  const appendix = back.replace(/<listBibl[\s\S]*?<\/listBibl>/g, '')
  return [title, abstract, body, appendix, ...references]
    .join('<p>')
    .replace(/<formula[\s\S]*?<\/formula>/g, '<p>')
    .split(/<\/?(?:p|head|figure|figDesc|label|row|cell|note|div)\b[^>]*>/)
    .map(strip)
    .filter((p) => /\p{L}{2}/u.test(p))
}

function teiSections(xml: string): string[] {
  const body = /<body>([\s\S]*?)<\/body>/.exec(xml)?.[1] ?? ''
  const heads = body.replace(/<figure[\s\S]*?<\/figure>/g, '').matchAll(/<head([^>]*)>([\s\S]*?)<\/head>/g)
  const back = /<back>([\s\S]*?)<\/back>/.exec(xml)?.[1] ?? ''
  const appendix = back.matchAll(/<div type="annex">[\s\S]*?<head[^>]*>([\s\S]*?)<\/head>/g)
  return [
    ...[...heads].filter((m) => /n="(\d+|[IVX]+)\.?"/.test(m[1]!)).map((m) => strip(m[2]!)),
    ...[...appendix].map((m) => strip(m[1]!).replace(/^Appendix [A-Z]\W+/u, '')),
  ]
}

function strip(xml: string): string {
  return xml
    .replace(/<[^>]+>/g, ' ')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&apos;|&#39;/g, "'")
    .replace(/&amp;/g, '&')
}
