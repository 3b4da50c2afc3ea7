import type { Fault } from './fault.js'

const QUOTED = /["“]([^"”]{15,})["”]|(?<= )'([^'’]{10,})'/

/** What writers do to words that they set in quotation marks. */
export const QUOTATION_FAULTS: Readonly<Record<string, Readonly<Record<string, Fault>>>> = {
  'word put into a quotation': {
    'a word': (text, _paper, draw) =>
      changed(text, (words) =>
        words.toSpliced(
          1 + draw.below(Math.max(1, words.length - 1)),
          0,
          draw.one(['never', 'always', 'significantly', 'not', 'clearly', '[not]', 'only']),
        ),
      ),
  },
  'changed quotation': {
    'a word for another': (text, paper, draw) =>
      changed(text, (words) => {
        const at = draw.below(words.length)
        const other = draw.one(draw.one(sentencesOf(paper)).split(' ')).replace(/[^\p{L}]/gu, '')
        const bare = (word: string): string => word.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
        return other === '' || bare(other) === bare(words[at] ?? '') ? words : words.toSpliced(at, 1, other)
      }),
    'a word left out': (text, _paper, draw) =>
      changed(text, (words) =>
        words.length < 5 ? words : words.toSpliced(1 + draw.below(words.length - 2), 1),
      ),
    'words turned round': (text, _paper, draw) =>
      changed(text, (words) => {
        const at = draw.below(words.length - 1)
        const [one = '', other = ''] = words.slice(at, at + 2)
        return one === other ? words : words.toSpliced(at, 2, other, one)
      }),
    'three words in single quotation marks': (text, paper, draw) => {
      const words = draw
        .one(sentencesOf(paper))
        .replace(/[^\p{L}\p{N} ]/gu, '')
        .split(' ')
      const invented = [words.at(-1), words[1], words.at(-2)].join(' ')
      return words.length < 6 ? null : text.replace(/ \[p\. /, `, or '${invented}', [p. `)
    },
  },
  'spliced quotation': {
    'two halves': (text, paper, draw) => {
      const tail = draw.one(sentencesOf(paper)).replace(/["“”]/g, '').split(' ').slice(-4)
      const joint = draw.one([[], ['…']])
      return changed(text, (words) => [...words.slice(0, Math.ceil(words.length / 2)), ...joint, ...tail])
    },
  },
}

function sentencesOf(paper: Parameters<Fault>[1]): string[] {
  return paper.pages.flatMap(({ sentences }) => sentences)
}

function changed(text: string, change: (words: string[]) => string[]): string | null {
  const match = QUOTED.exec(text)
  const inside = match?.[1] ?? match?.[2]
  if (inside === undefined) return null
  const made = change(inside.split(' ')).join(' ')
  return made === inside ? null : text.replace(inside, () => made)
}
