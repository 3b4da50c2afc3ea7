import { withoutTex } from '../../text/tex-accents.js'
import { RecordError, type ImportedPaper } from './types.js'
import { isoOrNull, requireId, textOrNull } from './values.js'
import { isWithdrawal } from './withdrawal.js'
import { childOf, childrenOf, textOf, type XmlElement } from './xml-elements.js'

/** Returns the paper of an `entry`. Throws RecordError for an error in a paper's place, and where id or title lack. */
export function parseEntry(entry: XmlElement): ImportedPaper {
  const text = (name: string): string | null => textOrNull(textOf(childOf(entry, name)))
  const error = errorOf(entry)
  if (error !== null) throw new RecordError(`arXiv says: ${error}`, { reason: 'an error of arXiv’s' })
  const { base: id, version } = requireId(text('id'))
  const title = text('title')
  if (title === null) throw new RecordError(`${id} has no title`, { reason: 'no title' })
  const abstract = text('summary') ?? ''
  const primary = childOf(entry, 'primary_category')?.attributes['term'] ?? null
  const others = childrenOf(entry, 'category').map(({ attributes }) => attributes['term'] ?? '')
  const categories = [...new Set([primary ?? '', ...others])].filter((name) =>
    /^[a-z-]+(\.[A-Za-z-]+)?$/.test(name),
  )
  const comment = text('comment')
  return {
    arxiv_id: id,
    version,
    title,
    abstract,
    authors: withoutTex(
      childrenOf(entry, 'author')
        .flatMap((author) => textOrNull(textOf(childOf(author, 'name'))) ?? [])
        .join(', '),
    ),
    categories: categories.join(' '),
    primary_category: categories[0] ?? null,
    published_at: isoOrNull(text('published')),
    updated_at: isoOrNull(text('updated')),
    changed_at: null,
    doi: text('doi'),
    journal_ref: text('journal_ref'),
    comment,
    license: null,
    withdrawn: isWithdrawal(title, abstract, comment),
  }
}

/** Returns what an entry says went wrong with the request, null for an entry that is a paper. */
export function errorOf(entry: XmlElement): string | null {
  if (!/\/api\/errors/.test(textOf(childOf(entry, 'id')))) return null
  return textOrNull(textOf(childOf(entry, 'summary'))) ?? 'an error'
}
