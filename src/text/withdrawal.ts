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

/** Returns whether running text, such as a page, says somewhere that a paper was withdrawn. */
export function saysWithdrawn(text: string): boolean {
  return PAGE.test(oneLine(text))
}

/** Returns whether a paper's metadata are a notice of its withdrawal: authors put it in place of the abstract. */
export function isWithdrawnNotice(title: string, abstract: string): boolean {
  return TITLE.test(oneLine(title)) || ABSTRACT.test(oneLine(abstract))
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}
