import { isObject } from '../../core/json.js'
import { markCode } from '../markdown/fences.js'
import { frontmatterLength, normaliseLines, readFrontmatter } from '../frontmatter/read-frontmatter.js'

const COMMENT = /<!--[\s\S]*?(?:-->|$)/g

/** What code says of a report in the report: how it was made, what is not to be relied on. */
const BANNER = /^>\s*(?:\*{0,2}Made offline\b|\*{0,2}Mixed: made offline\b|\*\*Not to be relied on:\*\*)/i
/** A fact that tells whose report it is or of which paper, in the dress of a list or without. */
const TELLING =
  /^\s*(?:[-*+]\s+)?(?:\*\*|__)?(?:arxiv(?:[ _]?(?:id|url|link))?|paper(?:[ _]?(?:id|url))?|source(?:[ _]url)?|url|models?|(?:llm|ai|writing) models?|writers?|authoring model|requests|generator|generated|written by|created(?:[ _](?:at|on|by))?|pipeline|(?:report|rpa)?[ _]?version|duration|cost|tokens)\s*(?:\*\*|__)?\s*:/i
const SIGNATURE =
  /^[\s>*_(-]*(?:(?:report|analysis|summary|review|this report|this analysis)\s+(?:was\s+)?)?(?:generated|written|produced|created|made|analy[sz]ed)\s+(?:by|with|using|on)\b/i
/** A signature stands in so many lines at the end. */
const LAST_LINES = 3

/**
 * Returns a report as one can judge it that must not know whose it is: without frontmatter, comments, banners of code, the
 * facts at its top that name model, requests or paper, and a signature; the paper's own id and the ids of models that the frontmatter names
 * become words.
 *
 * @param arxivId of the paper, without a version; null where it has none.
 */
export function blindReport(markdown: string, arxivId: string | null): string {
  const text = normaliseLines(markdown)
  const body = withoutFrontmatter(text).replace(COMMENT, '')
  return withoutIds(withoutTelling(body).join('\n'), arxivId, modelsIn(text))
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

/** Where its end is missing, all before the first heading is taken for it. */
function withoutFrontmatter(text: string): string {
  if (!text.startsWith('---\n')) return text
  const end = frontmatterLength(text)
  if (end > 0) return text.slice(end)
  const heading = text.search(/^#{1,2} /m)
  return heading < 0 ? '' : text.slice(heading)
}

function withoutTelling(body: string): string[] {
  const marked = markCode(body.trimEnd().split('\n'))
  const facts = factsEnd(marked.map(({ text, code }) => (code ? '' : text)))
  return marked.flatMap(({ text, code }, at) => {
    if (code) return [text]
    const isOutside = at < facts || at >= marked.length - LAST_LINES
    const isDropped =
      BANNER.test(text) || (at < facts && TELLING.test(text)) || (isOutside && SIGNATURE.test(text))
    return isDropped ? [] : [text]
  })
}

/** Returns the line where the facts at the top end: the heading after Quick Facts, or the first one. */
function factsEnd(lines: readonly string[]): number {
  const headings = lines.flatMap((line, at) => (/^##\s/.test(line) ? [at] : []))
  const [first, second] = headings
  if (first === undefined) return lines.length
  return /^##\s+(?:quick facts|metadata|paper)\b/i.test(lines[first] ?? '') ? (second ?? lines.length) : first
}

function withoutIds(text: string, arxivId: string | null, models: readonly string[]): string {
  const unsigned = models.reduce((left, model) => left.replaceAll(model, 'a model'), text)
  if (arxivId === null) return unsigned
  const id = arxivId.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
  const address = `https?://(?:www\\.|export\\.)?arxiv\\.org/(?:abs|pdf|html)/${id}(?:v\\d+)?(?:\\.pdf)?`
  const named = new RegExp(
    `\\[[^\\]\\n]*\\]\\(${address}\\)|${address}|(?:arXiv:\\s?)?(?<![\\d.])${id}(?:v\\d+)?(?!\\d)`,
    'gi',
  )
  return unsigned.replace(named, 'the paper')
}

/** Ids of models as endpoints know them (`vendor/name:free`); a plain name may be what the paper is about. */
function modelsIn(text: string): string[] {
  const { model, models } = readFrontmatter(text) ?? {}
  const named = [model, ...(isObject(models) ? Object.values(models) : [])]
  const ids = named.flatMap((one) => (typeof one === 'string' ? one.split(/,\s*/) : []))
  return ids.filter((id) => id.includes('/')).sort((one, other) => other.length - one.length)
}
