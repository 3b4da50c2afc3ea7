import { pageFinder } from '../../text/paper-text.js'
import { isOffered } from './artifact-owner.js'

export type ArtifactKind = 'code' | 'data' | 'model' | 'demo' | 'other'

export interface Artifact {
  url: string
  kind: ArtifactKind
  /** Page on which it first stands; null where the text has no pages. */
  page: number | null
  /** It is offered as the paper's own; others are what it uses or cites. */
  own: boolean
}

const MOST = 24
const MOST_READ = 400
const LONGEST = 200
/** What ends an address: the reader of a PDF may have put a blank after a slash or a hyphen at a line's end. */
const URL_IN_TEXT =
  /\bhttps?:\/\/[^\s<>"'“”|\\^`{}[\]]{4,300}|(?<![\w@./])(?:www\.|(?:github|gitlab|huggingface|zenodo|bitbucket|kaggle|figshare|osf|dataverse)\.(?:com|co|org|io)\/)[^\s<>"'“”|\\^`{}[\]]{3,300}/giu

/** Where papers are, but for prefixes of archives of data (Zenodo, Dryad, figshare, Dataverse, PANGAEA, OSF), whatever the words before say of what these are about. */
const PAPERS =
  /^(?:https?:\/\/)?(?:www\.|dx\.)?(?:arxiv\.org\/(?:abs|pdf)|doi\.org\/(?!10\.(?:5281|5061|6084|7910|1594|17605)\/)|openreview\.net|aclanthology\.org)/i
const BY_HOST: readonly (readonly [RegExp, ArtifactKind])[] = [
  [/huggingface\.co\/datasets\//i, 'data'],
  [/huggingface\.co\/spaces\//i, 'demo'],
  [/huggingface\.co\/(?!docs|papers|blog)/i, 'model'],
  [
    /(?:kaggle\.com|zenodo\.org|figshare\.com|dataverse|osf\.io|doi\.org\/10\.(?:5281|5061|6084|7910|1594|17605)\/|archive\.ics\.uci\.edu|openml\.org)/i,
    'data',
  ],
  [
    /(?:github\.com|gitlab\.\w+|bitbucket\.org|codeberg\.org|sourceforge\.net|pypi\.org|cran\.r-project)/i,
    'code',
  ],
  [/(?:youtu\.be\/|youtube\.com\/(?:watch|embed|playlist|shorts)|vimeo\.com|colab\.research)/i, 'demo'],
]
const BY_CONTEXT: readonly (readonly [RegExp, ArtifactKind])[] = [
  [/\b(?:demos?|demonstration|online at|web ?app|playground|try it)\b/i, 'demo'],
  [/\b(?:data ?sets?|corpus|data (?:is|are)|database|benchmark|download)\b/i, 'data'],
  [/\b(?:checkpoints?|pre-?trained models?|weights)\b/i, 'model'],
  [/\b(?:code|implementation|software|toolkit|repository|scripts?)\b/i, 'code'],
]
/** A sentence that offers data, and no code, at a host for code. */
const OFFERS_DATA =
  /\b(?:tasks?|data ?sets?|data|corpus|corpora|benchmarks?|annotations?)\b[^.]{0,30}\b(?:is|are|made|can be)\b[^.]{0,40}$/i
const NAMES_CODE = /\b(?:code|implementation|software|scripts?|package|library|toolkit|repository)\b[^.]*$/i
const BEFORE = 90
const ORDER: readonly ArtifactKind[] = ['code', 'data', 'model', 'demo', 'other']

/** Returns the addresses that a paper's text holds, each once, code first, then data, models, demos, others, by what lies behind them as host and words around tell. */
export function findArtifacts(paperText: string, title: string): Artifact[] {
  const pageAt = pageFinder(paperText)
  const found = new Map<string, Artifact>()
  for (const { 0: shown, index } of paperText.matchAll(URL_IN_TEXT)) {
    const url = trimmed(shown)
    const key = url.toLowerCase().replace(/^https?:\/\/(?:www\.)?|\/+$/g, '')
    if (found.has(key) || !isAddress(url)) continue
    const before = paperText.slice(Math.max(0, index - BEFORE), index)
    const own = isOffered(paperText, index, url, title)
    found.set(key, {
      url: url.slice(0, LONGEST),
      kind: kindOf(url, own ? before : null),
      page: pageAt(index),
      own,
    })
    if (found.size >= MOST_READ) break
  }
  return [...found.values()]
    .sort((one, other) => ORDER.indexOf(one.kind) - ORDER.indexOf(other.kind))
    .slice(0, MOST)
}

/** Without the punctuation of the sentence, and a bracket that was opened before it. */
function trimmed(shown: string): string {
  let url = shown.replace(/[.,;:!?*†‡]+$/, '').replace(/[¹²³⁴⁵⁶⁷⁸⁹⁰]+$/u, '')
  if (url.endsWith(')') && !url.includes('(')) url = url.slice(0, -1)
  // The next sentence begins where the reader of the PDF lost a blank, a footnote's number runs into the next address.
  url = url.replace(/(?<=[a-z])\.\d{0,2}\p{Lu}\p{Ll}.*$/u, '')
  return url.replace(/(?<=.)\d?https?:\/\/.*$/i, '').replace(/[.,;:)]+$/, '')
}

function isAddress(url: string): boolean {
  const full = /^https?:/i.test(url) ? url : `https://${url}`
  return URL.canParse(full) && new URL(full).hostname.includes('.')
}

/** @param before the words that offer it; null: none do, and the page of a company says nothing of what a paper gives. */
function kindOf(url: string, before: string | null): ArtifactKind {
  if (PAPERS.test(url)) return 'other'
  const byHost = BY_HOST.find(([pattern]) => pattern.test(url))
  if (byHost !== undefined && before === null) return byHost[1]
  if (before === null) return 'other'
  if (byHost?.[1] === 'code' && OFFERS_DATA.test(before) && !NAMES_CODE.test(before)) return 'data'
  if (byHost !== undefined) return byHost[1]
  return BY_CONTEXT.find(([pattern]) => pattern.test(before))?.[1] ?? 'other'
}
