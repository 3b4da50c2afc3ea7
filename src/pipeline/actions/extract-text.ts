import { basename } from 'node:path'
import { PaperError } from '../../core/errors.js'
import type { JsonObject } from '../../core/json.js'
import { findInjection } from '../../text/injection.js'
import { fileStem, isLocalId } from '../../core/arxiv-id.js'
import { isWithdrawal, noticeIn } from '../../papers/notice.js'
import { otherPaper } from '../../papers/other-paper.js'
import { discardCached } from '../../papers/fetch/pdf-cache.js'
import { cutPaperText } from '../../papers/cut-text.js'
import { paperBrief } from '../../report/paper-brief.js'
import { isWholePdf } from '../../papers/fetch/pdf-file.js'
import { WithdrawnError } from '../../papers/fetch/withdrawn.js'
import type { FetchedPdf } from '../../papers/fetch/types.js'
import type { ExtractedPaper } from '../../papers/types.js'
import type { WorkNotes } from '../../db/leases/own-work.js'
import type { Action } from '../../machines/types.js'
import { objectOrEmpty, requireText, textOrNull } from './context.js'
import { ruleOf } from '../failures/rules.js'
import { fetchFor } from './fetch-pdf.js'
import type { ActionServices } from './services.js'

/** More text than any paper has: books and files that are no paper must not fill the DB. */
export const MAX_TEXT_CHARACTERS = 2_000_000

/**
 * Reads the PDF. Sets `paper_text` (paper-text format, whole: what a model has no room for is left out when it is
 * asked), `reference_count`, `paper`, what is known of the reading, and `brief`, what code tells writers about the text. Text that is there already is not read again.
 * Waiting for a reader, or for a PDF that has to be fetched again, is no work of our own.
 */
export function extractTextAction(services: ActionServices, ownWork: WorkNotes): Action {
  return async ({ context, signal }) => {
    if (textOrNull(context, 'paper_text') !== null)
      return { ...context, brief: context['brief'] ?? paperBrief(context) }
    const extractor = await services.extractor()
    const known = objectOrEmpty(context, 'pdf')
    const read = async (pdf: JsonObject): Promise<[ExtractedPaper, JsonObject]> => {
      const paper = await extractor.extract(requireText(pdf, 'path'), () => ownWork.begin())
      refuseOther(paper, pdf, context, services)
      return [paper, pdf]
    }
    const [paper, pdf] = await read(known).catch(async (error: unknown) => {
      await ownWork.end()
      if (!mendsByFetching(error, known)) throw error
      // Sound as a file, it would come from the cache again.
      if (ruleOf(error).refetch === 'anew')
        await discardCached(requireText(known, 'path'), services.pdfSources)
      const fetched = await fetchFor(services, context, signal, textOrNull(known, 'host') ?? undefined)
      return read({ ...fetched }).catch(async (again: unknown) => {
        await ownWork.end()
        throw await faultOf(again, known, fetched, services)
      })
    })
    const reading = readingOf(paper, pdf)
    return { ...context, pdf, brief: paperBrief({ ...context, ...reading }), ...reading }
  }
}

/** Throws PaperError `pdf_other_paper` where a PDF is not its paper's, or a notice of its host, and `pdf_withdrawn`. */
function refuseOther(
  paper: ExtractedPaper,
  pdf: JsonObject,
  context: JsonObject,
  { otherPdfs }: ActionServices,
): void {
  const arxivId = requireText(context, 'arxiv_id')
  if (otherPdfs === 'take' || isLocalId(arxivId)) return
  const known = { title: textOrNull(context, 'title') ?? '', authors: textOrNull(context, 'authors') ?? '' }
  if (isWithdrawal(paper)) throw new WithdrawnError(`the PDF of ${arxivId}`)
  const notice = noticeIn(known, paper)
  const found = notice === null ? otherPaper(known, paper) : null
  if (notice === null && found === null) return
  const right =
    pdf['source'] === 'local'
      ? `Put the paper's own PDF in place of ${requireText(pdf, 'path')}.`
      : `Put the paper's own PDF into the PDF folder as ${fileStem(arxivId)}.pdf.`
  const from = textOrNull(pdf, 'host')
  throw new PaperError(
    'pdf_other_paper',
    `the PDF of ${arxivId}${from === null ? '' : ` from ${from}`} is ` +
      (notice === null
        ? `of another paper, "${found}": neither "${known.title}" nor one of its authors stands on its first pages`
        : `a notice and no paper: "${notice}"`),
    { hint: `${right} If it is the right one: RPA_PDF_OTHER=take (pdf_other), and rpa retry ${arxivId}.` },
  )
}

/** What a reading of a PDF gives the machine. */
export interface Reading extends JsonObject {
  /** In the paper-text format, whole. */
  paper_text: string
  reference_count: number
  paper: JsonObject
}

/** Returns what a machine gets of a PDF that was read. */
export function readingOf(paper: ExtractedPaper, pdf: JsonObject): Reading {
  const { text, cut } = cutPaperText(paper.text, MAX_TEXT_CHARACTERS)
  return {
    paper_text: text,
    reference_count: paper.references.length,
    paper: {
      pages: paper.pages,
      extractor: paper.extractor,
      sha256: pdf['sha256'] ?? null,
      source: pdf['source'] ?? null,
      sections: paper.sections.length,
      hidden_characters: paper.hiddenCharacters,
      injection: findInjection(paper.text, paper.hiddenText),
      text_cut: cut,
    },
  }
}

/**
 * What a host gave twice and nobody can read: the same bytes with an end are the paper's own; others, or such as break off, may
 * be the host's trouble.
 */
async function faultOf(
  error: unknown,
  before: JsonObject,
  { path, sha256, host }: FetchedPdf,
  { pdfSources }: ActionServices,
): Promise<unknown> {
  if (!(error instanceof PaperError) || !isOfDownloads(error) || host === undefined) return error
  if (sha256 === before['sha256'] && (await isWholePdf(path))) return error
  return (await pdfSources.gate?.failed(host, basename(path), error)) ?? error
}

/** A file that somebody put there is not ours to replace. */
function mendsByFetching(error: unknown, pdf: JsonObject): boolean {
  return ruleOf(error).refetch === 'always' || (isOfDownloads(error) && pdf['source'] !== 'local')
}

function isOfDownloads(error: unknown): boolean {
  const { refetch } = ruleOf(error)
  return refetch === 'downloads' || refetch === 'anew'
}
