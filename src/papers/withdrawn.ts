import { PaperError } from '../core/errors.js'

const THING =
  '(?:paper|article|submission|manuscript|preprint|e-?print|work|note)s?(?: and (?:its )?abstract)?'
const DONE =
  '(?:has|have) (?:now |been |temporarily |permanently |administratively )*(?:withdrawn|removed by arxiv)'
const BY = 'withdrawn(?: by| due| because| since| for| from|[.,;:!]|$)'

const PAGE = new RegExp(`\\b${THING} ${DONE}\\b|\\bhas been withdrawn by\\b|\\bwithdrawn by arxiv admin`, 'i')
const ABSTRACT = new RegExp(`^[\\W_]*(?:(?:this|the) )?(?:${THING} )?(?:${DONE}\\b|(?:is |was )?${BY})`, 'i')
const TITLE = new RegExp(
  `^[\\W_]*(?:(?:this|the) ${THING} ${DONE}\\b|withdrawn(?:[:.\\])]|$))|[([]withdrawn[)\\]]$`,
  'i',
)

/** Returns whether a page that came in place of a PDF says that the paper was withdrawn. */
export function isWithdrawnPage(html: string): boolean {
  const text = html
    .replace(/<(script|style)\b[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&nbsp;/gi, ' ')
  return PAGE.test(oneLine(text))
}

/** Returns whether a paper's metadata are a notice of its withdrawal: authors put it in place of the abstract. */
export function isWithdrawnNotice(title: string, abstract: string): boolean {
  return TITLE.test(oneLine(title)) || ABSTRACT.test(oneLine(abstract))
}

/** Returns the PaperError `pdf_withdrawn`; `where` is what says so. */
export function withdrawn(where: string): PaperError {
  return new PaperError('pdf_withdrawn', `${where} says that the paper has been withdrawn`, {
    hint: 'There is nothing to analyze; to have an earlier version read all the same, put its PDF into the PDF folder.',
  })
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}
