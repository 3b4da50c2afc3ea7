import { categoryList } from '../papers.js'
import { withoutTex } from '../../text/tex-accents.js'
import { RecordError, type ImportedPaper, type MetadataRecord } from './types.js'
import { firstNameFirst, isoOrNull, requireId, textOrNull, versionNumber } from './values.js'
import { isWithdrawal } from './withdrawal.js'
import { childOf, childrenOf, textOf, type XmlElement } from './xml-elements.js'

/** Returns what a `record` says. Throws RecordError where it holds none of arXiv's formats, or id or title lack. */
export function parseRecord(record: XmlElement): MetadataRecord {
  const header = childOf(record, 'header')
  const id = requireId(textOf(childOf(header, 'identifier'))).base
  if (header?.attributes['status'] === 'deleted') return { removed: id }
  const [content] = (childOf(record, 'metadata')?.nodes ?? []).filter((node) => typeof node !== 'string')
  const read = content === undefined ? undefined : PARSERS[content.name]
  if (content === undefined || read === undefined) {
    throw new RecordError(`${id} is in no format of arXiv’s: ${content?.name ?? 'without metadata'}`, {
      reason: 'in no format of arXiv’s',
    })
  }
  const paper = read(content, id)
  const changed = isoOrNull(textOrNull(textOf(childOf(header, 'datestamp'))))
  return { ...paper, authors: withoutTex(paper.authors), changed_at: changed }
}

type Content = Omit<ImportedPaper, 'changed_at'>

const PARSERS: Readonly<Record<string, (content: XmlElement, id: string) => Content>> = {
  arXiv: parseArxiv,
  arXivRaw: parseRaw,
  dc: parseDublinCore,
}

function reader(content: XmlElement): (name: string) => string | null {
  return (name) => textOrNull(textOf(childOf(content, name)))
}

function requireTitle(title: string | null, id: string): string {
  if (title === null) throw new RecordError(`${id} has no title`, { reason: 'no title' })
  return title
}

/** What the formats arXiv and arXivRaw write alike. */
function commonParts(content: XmlElement, id: string): Pick<Content, CommonPart> {
  const text = reader(content)
  const title = requireTitle(text('title'), id)
  const abstract = text('abstract') ?? ''
  const categories = categoryList(text('categories'))
  const comment = text('comments')
  return {
    arxiv_id: id,
    title,
    abstract,
    categories: categories.join(' '),
    primary_category: categories[0] ?? null,
    doi: text('doi'),
    journal_ref: text('journal-ref'),
    comment,
    license: text('license'),
    withdrawn: isWithdrawal(title, abstract, comment),
  }
}

type CommonPart = Exclude<keyof Content, 'version' | 'authors' | 'published_at' | 'updated_at'>

/** Every version with its date; `source_type` I and a source of no size are what is left of one that was withdrawn. */
function parseRaw(content: XmlElement, id: string): Content {
  const versions = childrenOf(content, 'version')
    .map((version) => {
      const text = reader(version)
      return {
        version: versionNumber(version.attributes['version']),
        created: isoOrNull(text('date')),
        withdrawn: /I/.test(text('source_type') ?? '') || /^0\s*kb$/i.test(text('size') ?? ''),
      }
    })
    .sort((a, b) => (a.version ?? 0) - (b.version ?? 0))
  const last = versions.at(-1)
  if (last === undefined || versions.some(({ version }) => version === null)) {
    throw new RecordError(`${id} has a version without number`, { reason: 'a version without number' })
  }
  const common = commonParts(content, id)
  return {
    ...common,
    version: last.version,
    authors: reader(content)('authors') ?? '',
    published_at: versions[0]?.created ?? null,
    updated_at: last.created,
    withdrawn: common.withdrawn || last.withdrawn,
  }
}

/** Days instead of versions: without `updated` there is only one. */
function parseArxiv(content: XmlElement, id: string): Content {
  const text = reader(content)
  const updated = text('updated')
  const authors = childrenOf(childOf(content, 'authors'), 'author').map((author) => {
    const parts = ['forenames', 'keyname', 'suffix'].map(reader(author))
    return parts.filter((part) => part !== null).join(' ')
  })
  return {
    ...commonParts(content, id),
    version: updated === null ? 1 : null,
    authors: authors.filter((name) => name !== '').join(', '),
    published_at: isoOrNull(text('created')),
    updated_at: isoOrNull(updated ?? text('created')),
  }
}

/** Dublin Core: subjects are spelled out, the comment stands among the descriptions, DOI and journal among the identifiers. */
function parseDublinCore(content: XmlElement, id: string): Content {
  const texts = (name: string): string[] =>
    childrenOf(content, name).flatMap((element) => textOrNull(textOf(element)) ?? [])
  const title = requireTitle(texts('title')[0] ?? null, id)
  const [abstract = '', ...remarks] = texts('description')
  const comment = remarks.find((remark) => /^comment:/i.test(remark))?.replace(/^comment:\s*/i, '') ?? null
  const dates = texts('date')
    .flatMap((date) => isoOrNull(date) ?? [])
    .sort()
  const identifiers = texts('identifier')
  return {
    arxiv_id: id,
    version: dates.length > 1 ? null : 1,
    title,
    abstract,
    authors: texts('creator').map(firstNameFirst).join(', '),
    categories: '',
    primary_category: null,
    published_at: dates[0] ?? null,
    updated_at: dates.at(-1) ?? null,
    doi: identifiers.find((one) => /^doi:/i.test(one))?.slice(4) ?? null,
    journal_ref: identifiers.find((one) => !/^(?:doi:|https?:)/i.test(one)) ?? null,
    comment,
    license: texts('rights')[0] ?? null,
    withdrawn: isWithdrawal(title, abstract, comment),
  }
}
