import { homedir } from 'node:os'
import nodePath, { type PlatformPath } from 'node:path'
import { baseUrlFault, publicUrl } from '../public-url.js'
import { sqliteFile } from '../database-url.js'

// What settings may look like. Each function returns the value, or throws a plain Error that says what is expected.

/** Hosts of PDFs: the public bucket, arXiv's mirror for programs, and arXiv itself. */
export const REMOTE_PDF_SOURCES = ['bucket', 'export', 'arxiv'] as const
export type RemotePdfSource = (typeof REMOTE_PDF_SOURCES)[number]
export const PDF_SOURCES = ['local', 'cache', ...REMOTE_PDF_SOURCES] as const
export type PdfSourceName = (typeof PDF_SOURCES)[number]

/** What becomes of a paper that is done when the corpus holds a later version of it. */
export const NEW_VERSIONS = ['ignore', 'flag', 'redo'] as const
export type NewVersions = (typeof NEW_VERSIONS)[number]

export const OTHER_PDFS = ['refuse', 'take'] as const
export type OtherPdfs = (typeof OTHER_PDFS)[number]

/** Returns whether a source is a host. */
export function isRemote(source: PdfSourceName): source is RemotePdfSource {
  return source !== 'local' && source !== 'cache'
}

/** Text that is not blank, without the blanks around it. */
export function text(value: unknown): string {
  if (typeof value !== 'string' || value.trim() === '') throw new Error('expected text')
  return value.trim()
}

/** An absolute path; a relative one starts at `base`, `~` is the home folder. */
export function path(value: unknown, base: string, paths: PlatformPath = nodePath): string {
  const raw = text(value)
  const home = raw === '~' || raw.startsWith('~/') || raw.startsWith(`~${paths.sep}`)
  const expanded = home ? paths.join(homedir(), raw.slice(1)) : raw
  return paths.isAbsolute(expanded) ? expanded : paths.resolve(base, expanded)
}

/** A relative `sqlite:` path starts where other paths start, not where the command happens to be run. */
export function databaseUrl(value: unknown, base: string, paths: PlatformPath = nodePath): string {
  const url = text(value)
  const file = sqliteFile(url, paths)
  return file === null ? url : path(file, base, paths)
}

/** A whole number, also as text. */
export function integer(value: unknown, min: number): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < min) {
    throw new Error(`expected a whole number of at least ${min}, got "${String(value)}"`)
  }
  return number
}

/** A URL; what is shown of a wrong one holds no credentials. */
export function httpUrl(value: unknown): string {
  const url = text(value)
  const protocol = URL.canParse(url) ? new URL(url).protocol : ''
  if (protocol !== 'http:' && protocol !== 'https:')
    throw new Error(`expected an http or https URL, got "${publicUrl(url)}"`)
  return url
}

/** The address of a model endpoint: http or https, its path included, without credentials and query. */
export function endpointUrl(value: unknown): string {
  const url = text(value)
  const fault = baseUrlFault(url)
  if (fault !== null) throw new Error(fault)
  return url
}

/** What a template may have places for. */
const PLACES = /\{(arxiv_id|yymm|version|archive|number)\}/g

/** A URL with a place for the id. */
export function pdfTemplate(value: unknown): string {
  const url = text(value)
  if (!url.includes('{arxiv_id}') && !url.includes('{number}'))
    throw new Error('expected a URL with {arxiv_id} in it')
  return template(url)
}

/** The root of a bucket, or a URL with places for what its paths are made of. */
export function bucketUrl(value: unknown): string {
  const url = text(value)
  return url.includes('{') ? pdfTemplate(url) : httpUrl(url)
}

function template(url: string): string {
  const plain = url.replace(PLACES, 'x')
  const stray = /\{[^}]*\}?/.exec(plain)?.[0]
  if (stray !== undefined)
    throw new Error(`expected {arxiv_id}, {yymm}, {version}, {archive} or {number}, got "${stray}"`)
  httpUrl(plain)
  return url
}

/** Returns the host of a template, with its port if that is not the usual one. */
export function hostOf(template: string): string {
  const url = template.replace(PLACES, 'x')
  return URL.canParse(url) ? new URL(url).host : ''
}

/** A list in YAML, or words parted by commas. */
function list(value: unknown): string[] {
  const items: unknown[] = Array.isArray(value) ? value : text(value).split(',')
  const words = items.map(text)
  if (words.length === 0) throw new Error('expected at least one, got none')
  return [...new Set(words)]
}

/** Sources in the order given. */
export function pdfSources(value: unknown): PdfSourceName[] {
  return list(value).map((word) => {
    const known = PDF_SOURCES.find((source) => source === word)
    if (known === undefined) throw new Error(`expected some of ${PDF_SOURCES.join(', ')}, got "${word}"`)
    return known
  })
}

/** Patterns of hosts, in lower case. */
export function hosts(value: unknown): string[] {
  return list(value).map((word) => {
    if (/^(\*\.)?[\w.-]+(:\d+)?$|^\[[\da-f:.]+\](:\d+)?$/i.test(word)) return word.toLowerCase()
    throw new Error(`expected hosts like arxiv.org, *.arxiv.org or 127.0.0.1:8080, got "${word}"`)
  })
}

/** Seconds, also as text, with a fraction or without. */
export function seconds(value: unknown, max: number): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof number !== 'number' || !(number >= 0 && number <= max)) {
    throw new Error(`expected seconds from 0 to ${max}, got "${String(value)}"`)
  }
  return number
}

/** Returns a reader of one word of a few. */
export function oneOf<T extends string>(words: readonly T[]): (value: unknown) => T {
  return (value) => {
    const known = words.find((word) => word === value)
    if (known !== undefined) return known
    throw new Error(`expected ${words.slice(0, -1).join(', ')} or ${words.at(-1)}, got "${String(value)}"`)
  }
}
