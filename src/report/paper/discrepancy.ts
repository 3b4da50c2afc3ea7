/** Something of a paper that may not add up, for a reader to judge: code sees numbers, not what they mean. */
export interface Discrepancy {
  kind: 'abstract' | 'gain' | 'sum' | 'count' | 'share' | 'equated' | 'twins'
  /** One line, with pages. */
  text: string
}

/** Says on which page a character of the text stands. */
export type PageAt = (offset: number) => number | null

/** Returns the mark of a page, with a blank before it; '' where it is not known. */
export function mark(page: number | null): string {
  return page === null ? '' : ` [p. ${page}]`
}
