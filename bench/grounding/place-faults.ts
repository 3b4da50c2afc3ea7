import { pagesOf, type Fault } from './fault.js'

const MARK = /\[p\. (\d+)\]/g

/** What writers do to the marks that say where a statement stands. */
export const PLACE_FAULTS: Readonly<Record<string, Readonly<Record<string, Fault>>>> = {
  'wrong page': {
    'two pages off or more': (text, paper, draw) => wrongPage(text, paper, draw, (apart) => apart > 1),
  },
  'no such anchor': {
    'page, table, figure, section': (text, paper, draw) =>
      text.replace(
        /\[(?:p\.|Table|Figure|§)[^\]]*\]/,
        draw.one([
          `[p. ${paper.pages.length + 20 + draw.below(400)}]`,
          `[Table ${41 + draw.below(40)}]`,
          `[Figure ${61 + draw.below(30)}]`,
          `[§${21 + draw.below(9)}.${1 + draw.below(9)}]`,
        ]),
      ),
    'no corpus was given': (text) => text.replace(/\[p\. [^\]]*\]/, '[corpus]'),
    'in the text': (text, _paper, draw) =>
      text.replace(/ \[p\. /, ` (see ${draw.one(['Table', 'Figure'])} ${41 + draw.below(40)}) [p. `),
  },
  'not in the abstract': {
    'of a page further on': (text, paper) =>
      Math.min(...pagesOf(text)) < Math.max(4, paper.pages.length / 3)
        ? null
        : text.replace(/\[p\. [^\]]*\]/, '[abstract]'),
  },
}

function wrongPage(
  text: string,
  paper: Parameters<Fault>[1],
  draw: Parameters<Fault>[2],
  isWanted: (apart: number) => boolean,
): string | null {
  const marks = [...text.matchAll(MARK)]
  const cited = pagesOf(text)
  const others = paper.pages
    .map(({ page }) => page)
    .filter((page) => isWanted(Math.min(...cited.map((one) => Math.abs(one - page)))))
  if (marks.length === 0 || others.length === 0) return null
  const mark = draw.one(marks)
  return `${text.slice(0, mark.index)}[p. ${draw.one(others)}]${text.slice(mark.index + mark[0].length)}`
}
